//! Sealing of values that leave the process, with AES-256-GCM (NIST SP 800-38D).
//!
//! A sealed value is `version ‖ nonce ‖ ciphertext ‖ tag`: 1 + 12 + n + 16 bytes. The version and
//! the caller's associated data are authenticated, so a value moved to another record does not open.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use zeroize::{Zeroize as _, Zeroizing};

/// The one layout that exists.
const VERSION: u8 = 1;
const TAG_LEN: usize = 16;

/// How many bytes a sealed value is longer than the plain one.
pub const OVERHEAD: usize = 1 + NONCE_LEN + TAG_LEN;

/// A sealing key, expanded once; it cannot be printed or read back.
///
/// Nonces are drawn at random, so one key seals at most 2³² values (NIST SP 800-38D §8.3); derive
/// a key per use and per epoch with [`hkdf_sha256`](crate::digest::hkdf_sha256).
pub struct SealKey(LessSafeKey);

/// Why a value was not sealed or not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The system gave no random bytes, or the value is longer than the cipher allows.
    #[error("the value could not be sealed: the random source or the cipher failed")]
    NotSealed,
    /// The value is too short or has a layout that this release does not know.
    #[error("the sealed value has an unknown layout; was it written by a newer release?")]
    UnknownLayout,
    /// The key, the associated data or the value is not the one that was sealed.
    #[error("the sealed value does not open with this key for this use")]
    NotOpened,
}

impl SealKey {
    /// Takes the 32 bytes of a key and wipes its copy of them.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "only another length is refused, and the type has 32 bytes"
    )]
    pub fn new(mut key: [u8; 32]) -> Self {
        let expanded = UnboundKey::new(&AES_256_GCM, &key).expect("AES-256 takes 32 bytes");
        key.zeroize();
        Self(LessSafeKey::new(expanded))
    }

    /// Seals a value under a fresh nonce; `associated` says what and whose it is.
    pub fn seal(&self, associated: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| SealError::NotSealed)?;
        self.seal_under(nonce, associated, plain)
    }

    /// Opens a sealed value; the same `associated` is needed.
    pub fn open(&self, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (version, sealed) = sealed.split_first().ok_or(SealError::UnknownLayout)?;
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(SealError::UnknownLayout)?;
        if *version != VERSION || ciphertext.len() < TAG_LEN {
            return Err(SealError::UnknownLayout);
        }
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        let plain_len = self
            .0
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(versioned(associated)),
                buffer.as_mut_slice(),
            )
            .map_err(|_| SealError::NotOpened)?
            .len();
        buffer.truncate(plain_len);
        Ok(buffer)
    }

    fn seal_under(
        &self,
        nonce: [u8; NONCE_LEN],
        associated: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        const HEAD: usize = 1 + NONCE_LEN;
        let mut sealed = Vec::with_capacity(plain.len() + OVERHEAD);
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let (_, in_place) = sealed.split_at_mut(HEAD);
        let outcome = self.0.seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(versioned(associated)),
            in_place,
        );
        if let Ok(tag) = outcome {
            sealed.extend_from_slice(tag.as_ref());
            Ok(sealed)
        } else {
            sealed.zeroize();
            Err(SealError::NotSealed)
        }
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SealKey(..)")
    }
}

/// The associated data with the layout in front, so that a layout cannot be exchanged.
fn versioned(associated: &[u8]) -> Vec<u8> {
    let mut versioned = Vec::with_capacity(1 + associated.len());
    versioned.push(VERSION);
    versioned.extend_from_slice(associated);
    versioned
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{OVERHEAD, SealError, SealKey};
    use crate::base64url::encode_base64url;

    fn key(first: u8) -> SealKey {
        SealKey::new(std::array::from_fn(|at| first + u8::try_from(at).unwrap()))
    }

    #[test]
    fn the_layout_is_version_nonce_and_what_another_aes_256_gcm_makes() {
        let nonce: [u8; 12] = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let sealed = key(0).seal_under(nonce, b"transaction", b"a sealed value").unwrap();
        let (head, body) = sealed.split_at(13);
        assert_eq!(head, [1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        // Made with OpenSSL: key 00..1f, nonce 00..0b, associated data `01 ‖ "transaction"`.
        let expected = "JiKlfqSJp3-tN_bnxIyGmZtaaQEozPSnVui8pRM4";
        assert_eq!(encode_base64url(body), expected);
    }

    #[test]
    fn two_seals_of_the_same_value_differ() {
        let key = key(0);
        assert_ne!(key.seal(b"a", b"value").unwrap(), key.seal(b"a", b"value").unwrap());
    }

    #[test]
    fn a_value_does_not_open_for_another_record_or_with_another_key() {
        let sealed = key(0).seal(b"transaction/1", b"value").unwrap();
        assert_eq!(key(0).open(b"transaction/2", &sealed), Err(SealError::NotOpened));
        assert_eq!(key(1).open(b"transaction/1", &sealed), Err(SealError::NotOpened));
    }

    #[test]
    fn an_unknown_version_and_a_cut_value_are_refused() {
        let mut sealed = key(0).seal(b"", b"value").unwrap();
        for length in 0..OVERHEAD {
            assert_eq!(key(0).open(b"", &sealed[..length]), Err(SealError::UnknownLayout), "{length}");
        }
        sealed[0] = 2;
        assert_eq!(key(0).open(b"", &sealed), Err(SealError::UnknownLayout));
    }

    #[test]
    fn the_key_cannot_be_printed() {
        assert_eq!(format!("{:?}", key(0)), "SealKey(..)");
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_opens(plain in proptest::collection::vec(any::<u8>(), 0..300), associated in ".{0,20}") {
            let sealed = key(0).seal(associated.as_bytes(), &plain).unwrap();
            prop_assert_eq!(sealed.len(), plain.len() + OVERHEAD);
            prop_assert_eq!(key(0).open(associated.as_bytes(), &sealed).unwrap().to_vec(), plain);
        }

        #[test]
        fn a_changed_bit_anywhere_is_refused(at in 0_usize..34, bit in 0_u8..8) {
            let mut sealed = key(0).seal(b"a", b"value").unwrap();
            prop_assert_eq!(sealed.len(), 34);
            sealed[at] ^= 1 << bit;
            prop_assert!(key(0).open(b"a", &sealed).is_err());
        }
    }
}
