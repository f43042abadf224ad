//! The encryption of the content with AES-256-GCM (RFC 7518 §5.3).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use super::JweError;

/// How many octets the authentication tag has.
pub(super) const TAG_LEN: usize = 16;
/// The initialization vector of one message.
pub(super) type Iv = [u8; NONCE_LEN];

/// The key that encrypts the content of one message, the CEK.
pub(super) struct ContentKey(Zeroizing<[u8; 32]>);

impl ContentKey {
    /// A content key that another derivation made.
    pub(super) fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }

    /// Draws a content key; `None` when the system has no random bytes.
    pub(super) fn generate() -> Option<Self> {
        random::<32>().map(|key| Self(Zeroizing::new(key)))
    }

    /// The key when there is one of the right length, and otherwise the one that was drawn before anybody knew:
    /// it fails at the tag, as a wrong key of any other origin does (RFC 7516 §11.5).
    pub(super) fn or_substitute(found: Option<&[u8]>, substitute: Self) -> Self {
        let found = found.and_then(|octets| <[u8; 32]>::try_from(octets).ok());
        found.map_or(substitute, |key| Self(Zeroizing::new(key)))
    }

    /// The octets, for wrapping.
    pub(super) fn octets(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Encrypts in place under a fresh initialization vector and gives it with the tag.
    pub(super) fn seal(&self, protected: &str, content: &mut [u8]) -> Option<(Iv, [u8; TAG_LEN])> {
        let iv = random::<NONCE_LEN>()?;
        let tag = self
            .cipher()?
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(iv),
                Aad::from(protected.as_bytes()),
                content,
            )
            .ok()?;
        Some((iv, tag.as_ref().try_into().ok()?))
    }

    /// Decrypts `ciphertext ‖ tag` in place.
    pub(super) fn open(
        &self,
        protected: &str,
        iv: Iv,
        mut content: Zeroizing<Vec<u8>>,
    ) -> Result<Zeroizing<Vec<u8>>, JweError> {
        let length = self
            .cipher()
            .ok_or(JweError::NotDecrypted)?
            .open_in_place(
                Nonce::assume_unique_for_key(iv),
                Aad::from(protected.as_bytes()),
                content.as_mut_slice(),
            )
            .map_err(|_| JweError::NotDecrypted)?
            .len();
        content.truncate(length);
        Ok(content)
    }

    fn cipher(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, self.octets()).ok().map(LessSafeKey::new)
    }
}

fn random<const LENGTH: usize>() -> Option<[u8; LENGTH]> {
    let mut octets = [0; LENGTH];
    SystemRandom::new().fill(&mut octets).ok().map(|()| octets)
}
