//! AES-256-GCM with a key and a nonce of someone else's choosing (NIST SP 800-38D), for protocols of partners.
//!
//! What this host keeps for itself is sealed by [`seal`](crate::seal), which chooses its nonces.

use aes_gcm::aead::array::typenum::{U12, U16};
use aes_gcm::aead::array::{Array, ArraySize};
use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{AesGcm, aes::Aes256};

/// Why nothing was encrypted or decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AesGcmError {
    /// Not AES-256.
    #[error("the key does not have 32 bytes")]
    KeyLength,
    /// Neither the usual length nor that of a block, which some protocols use.
    #[error("the nonce has neither 12 nor 16 bytes")]
    NonceLength,
    /// Longer than the cipher allows.
    #[error("the value is too long")]
    TooLong,
    /// Another key, nonce or associated data, or the value was changed.
    #[error("the value does not decrypt with this key, nonce and associated data")]
    NotDecrypted,
}

/// What a message is encrypted under. The same nonce must never be used twice under a key.
#[derive(Clone, Copy)]
pub struct Under<'a> {
    /// 32 bytes.
    pub key: &'a [u8],
    /// 12 or 16 bytes.
    pub nonce: &'a [u8],
    /// Authenticated with the message and not part of it.
    pub associated: &'a [u8],
}

impl Under<'_> {
    /// The ciphertext with the tag of 16 bytes behind it.
    pub fn encrypt(self, plain: &[u8]) -> Result<Vec<u8>, AesGcmError> {
        let payload = Payload { msg: plain, aad: self.associated };
        match self.nonce.len() {
            12 => cipher::<U12>(self.key)?.encrypt(&nonce(self.nonce)?, payload),
            16 => cipher::<U16>(self.key)?.encrypt(&nonce(self.nonce)?, payload),
            _ => return Err(AesGcmError::NonceLength),
        }
        .map_err(|_| AesGcmError::TooLong)
    }

    /// What was encrypted, from the ciphertext with the tag behind it.
    pub fn decrypt(self, ciphertext_and_tag: &[u8]) -> Result<Vec<u8>, AesGcmError> {
        let payload = Payload { msg: ciphertext_and_tag, aad: self.associated };
        match self.nonce.len() {
            12 => cipher::<U12>(self.key)?.decrypt(&nonce(self.nonce)?, payload),
            16 => cipher::<U16>(self.key)?.decrypt(&nonce(self.nonce)?, payload),
            _ => return Err(AesGcmError::NonceLength),
        }
        .map_err(|_| AesGcmError::NotDecrypted)
    }
}

fn cipher<N: ArraySize>(key: &[u8]) -> Result<AesGcm<Aes256, N>, AesGcmError> {
    AesGcm::new_from_slice(key).map_err(|_| AesGcmError::KeyLength)
}

fn nonce<N: ArraySize>(nonce: &[u8]) -> Result<Array<u8, N>, AesGcmError> {
    Array::try_from(nonce).map_err(|_| AesGcmError::NonceLength)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    /// Test case 16 of the specification that was submitted to NIST.
    #[test]
    fn a_published_vector_is_met() {
        let key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
        let under = Under {
            key: &key,
            nonce: &hex("cafebabefacedbaddecaf888"),
            associated: &hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
        };
        let plain = hex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        );
        let encrypted = under.encrypt(&plain).unwrap();
        let expected = hex(
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662\
             76fc6ece0f4e1768cddf8853bb2d551b",
        );
        assert_eq!(encrypted, expected);
        assert_eq!(under.decrypt(&encrypted).unwrap(), plain);
    }

    /// Made with `cryptography` 48 for Python.
    #[test]
    fn sixteen_octets_of_nonce_are_hashed_as_the_specification_says() {
        let octets: Vec<u8> = (0..32).collect();
        let under = Under { key: &octets, nonce: octets.get(..16).unwrap(), associated: b"associated" };
        let encrypted = under.encrypt(b"plain text").unwrap();
        assert_eq!(encrypted, hex("1700c11f57c43e4de58b79119a386bb8b8f365b0aa823d01079d"));
    }

    #[test]
    fn a_nonce_of_a_block_is_taken_and_other_lengths_are_refused() {
        let under = |nonce: &'static [u8]| Under { key: &[7; 32], nonce, associated: b"a" };
        let encrypted = under(&[1; 16]).encrypt(b"plain").unwrap();
        assert_eq!(under(&[1; 16]).decrypt(&encrypted).unwrap(), b"plain");
        assert_eq!(under(&[2; 16]).decrypt(&encrypted), Err(AesGcmError::NotDecrypted));
        assert_eq!(under(&[1; 13]).encrypt(b""), Err(AesGcmError::NonceLength));
        let short = Under { key: &[7; 16], ..under(&[1; 12]) };
        assert_eq!(short.encrypt(b""), Err(AesGcmError::KeyLength));
        let moved = Under { associated: b"b", ..under(&[1; 16]) };
        assert_eq!(moved.decrypt(&encrypted), Err(AesGcmError::NotDecrypted));
    }
}
