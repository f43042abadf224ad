//! Nonces for DPoP proofs (RFC 9449 §8, §9): a proof with one was made lately, whatever the client's clock says.
//!
//! A nonce is the time at which it was given, authenticated: nothing is stored, every node with the same key takes it, and
//! a restart forgets none.

use esignet_jose::digest;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::word::time::Timestamp;

/// How long a nonce is good, in seconds.
pub const TTL: u64 = 300;

/// How far the clocks of two nodes may differ, in seconds.
const LEEWAY: u64 = 5;
/// The octets of the time.
const TIME_LEN: usize = 8;
/// The octets of the MAC behind it.
const MAC_LEN: usize = 16;

/// The key that authenticates nonces.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct NonceKey(pub [u8; 32]);

impl NonceKey {
    /// A nonce given now: 32 base64url characters.
    pub fn issue(&self, now: Timestamp) -> String {
        let time = now.0.to_be_bytes();
        let mut octets = time.to_vec();
        octets.extend_from_slice(&self.mac(&time));
        digest::encode_base64url(octets)
    }

    /// When a nonce was given, if it is one of ours and still good.
    pub fn issued_at(&self, nonce: &str, now: Timestamp) -> Option<Timestamp> {
        let octets = digest::decode_base64url(nonce).ok()?;
        let (time, mac) = octets.split_first_chunk::<TIME_LEN>()?;
        if !digest::equal(mac, self.mac(time)) {
            return None;
        }
        let issued_at = Timestamp(u64::from_be_bytes(*time));
        let is_good = issued_at <= now.plus(LEEWAY) && now <= issued_at.plus(TTL);
        is_good.then_some(issued_at)
    }

    fn mac(&self, time: &[u8]) -> [u8; MAC_LEN] {
        let whole = digest::hmac_sha256(&self.0, time);
        let mut mac = [0; MAC_LEN];
        mac.copy_from_slice(whole.split_at(MAC_LEN).0);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000);

    #[test]
    fn a_nonce_is_good_for_its_time_and_for_its_key_only() {
        let key = NonceKey([7; 32]);
        let nonce = key.issue(NOW);
        assert_eq!(nonce.len(), 32);
        assert_eq!(key.issued_at(&nonce, NOW), Some(NOW));
        assert_eq!(key.issued_at(&nonce, NOW.plus(TTL)), Some(NOW));
        assert_eq!(key.issued_at(&nonce, NOW.plus(TTL + 1)), None);
        assert_eq!(key.issued_at(&nonce, NOW.minus(LEEWAY + 1)), None, "from the future");
        assert_eq!(NonceKey([8; 32]).issued_at(&nonce, NOW), None);
    }

    #[test]
    fn nobody_else_makes_a_nonce() {
        let key = NonceKey([7; 32]);
        let nonce = key.issue(NOW);
        for (at, letter) in nonce.char_indices() {
            let mut changed = nonce.clone();
            changed.replace_range(at..=at, if letter == 'A' { "B" } else { "A" });
            assert_eq!(key.issued_at(&changed, NOW), None, "{at}");
        }
        for bad in ["", "x", &nonce[..31], &format!("{nonce}AAAA")] {
            assert_eq!(key.issued_at(bad, NOW), None, "{bad}");
        }
    }
}
