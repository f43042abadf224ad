//! The state of a challenge: until when, and an HMAC that only the right answer makes again. Nothing of the question is in it.

/// The octets that make two challenges with the same answer different.
pub(crate) const NONCE_BYTES: usize = 16;
/// The octets of an HMAC-SHA-256.
const MAC_BYTES: usize = 32;
/// The version of the state that this version of the plugin writes and reads.
const VERSION: u8 = 1;

/// What is open in the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// Seconds since 1970.
    pub(crate) expires_at: u64,
    pub(crate) nonce: [u8; NONCE_BYTES],
}

impl Ticket {
    /// What the HMAC is over: this ticket, the login it is for, and an answer.
    pub(crate) fn covered(&self, transaction: &str, answer: u32) -> Vec<u8> {
        let mut covered = b"esignet captcha-question 1\0".to_vec();
        covered.extend_from_slice(&self.expires_at.to_be_bytes());
        covered.extend_from_slice(&self.nonce);
        covered.extend_from_slice(&answer.to_be_bytes());
        covered.extend_from_slice(transaction.as_bytes());
        covered
    }

    /// The state.
    pub(crate) fn written(&self, mac: &[u8]) -> Vec<u8> {
        let mut state = vec![VERSION];
        state.extend_from_slice(&self.expires_at.to_be_bytes());
        state.extend_from_slice(&self.nonce);
        state.extend_from_slice(mac);
        state
    }

    /// A state as it was written, with its HMAC.
    pub(crate) fn read(state: &[u8]) -> Option<(Self, &[u8])> {
        let (version, rest) = state.split_first()?;
        let (expires_at, rest) = rest.split_first_chunk()?;
        let (nonce, mac) = rest.split_first_chunk()?;
        let ticket = Self { expires_at: u64::from_be_bytes(*expires_at), nonce: *nonce };
        (*version == VERSION && mac.len() == MAC_BYTES).then_some((ticket, mac))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICKET: Ticket = Ticket { expires_at: 1_800_000_180, nonce: [7; NONCE_BYTES] };

    #[test]
    fn a_state_reads_back_and_anything_else_is_no_state() {
        let state = TICKET.written(&[9; MAC_BYTES]);
        assert_eq!(Ticket::read(&state), Some((TICKET, [9; MAC_BYTES].as_slice())));
        assert_eq!(Ticket::read(&state[..state.len() - 1]), None);
        assert_eq!(Ticket::read(&[]), None);
        assert_eq!(Ticket::read(&[&[2], &state[1..]].concat()), None);
    }

    #[test]
    fn another_login_answer_time_or_nonce_is_another_thing_to_sign() {
        let covered = TICKET.covered("t", 12);
        assert_ne!(covered, TICKET.covered("u", 12));
        assert_ne!(covered, TICKET.covered("t", 13));
        assert_ne!(covered, Ticket { expires_at: 1_800_000_181, ..TICKET }.covered("t", 12));
        assert_ne!(covered, Ticket { nonce: [8; NONCE_BYTES], ..TICKET }.covered("t", 12));
    }
}
