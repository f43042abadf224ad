//! JSON Web Encryption in its compact form (RFC 7516): what may encrypt, and nothing beyond it.
//!
//! ```text
//! EncryptionKey::encrypt(algorithm, content, header, plaintext) ──► compact JWE
//! UndecryptedJwe::parse ── header gate ──► .algorithm() .key_id() ── caller chooses the key ──►
//!     .decrypt(key) ── content key, tag ──► plaintext
//! ```
//!
//! Encryption says nothing about who wrote a JWE: anybody can encrypt to a public key. What was decrypted is trusted
//! once the JWS inside of it is verified (RFC 7519 §11.2).

pub mod algorithm;
mod concat_kdf;
mod content;
mod decrypt;
mod decryption_key;
mod encrypt;
mod header;

#[cfg(test)]
mod tests;

pub use algorithm::{ContentEncryption, KeyManagement};
pub use decrypt::UndecryptedJwe;
pub use decryption_key::DecryptionKey;
pub use header::Header;

use crate::json::ObjectFault;

/// Why nothing was encrypted, or why a JWE is refused. No text of it repeats input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JweError {
    /// Longer than the context allows.
    #[error("the JWE is longer than allowed here")]
    TooLong,
    /// Not five parts with a dot between them (RFC 7516 §7.1).
    #[error("the JWE does not have five parts")]
    NotCompact,
    /// A part is not base64url without padding, or has a second spelling (RFC 7515 §2).
    #[error("a part of the JWE is not base64url without padding and with zero trailing bits")]
    BadBase64,
    /// The header is not a JSON object.
    #[error("the header is not a JSON object")]
    HeaderNotJson,
    /// A member name stands twice in the header (RFC 7516 §4).
    #[error("a member of the header stands twice")]
    DuplicateMember,
    /// The header has too many levels.
    #[error("the header is nested too deeply")]
    TooDeep,
    /// `crit` is present; no extension is understood here (RFC 7516 §4.1.13).
    #[error("the header names critical extensions, and none is understood here")]
    UnknownCritical,
    /// `zip` is present; nothing is decompressed here, since a small JWE could become any size (RFC 8725 §3.6).
    #[error("the plaintext is compressed, and nothing is decompressed here")]
    Compressed,
    /// `alg` is missing, unknown, or not one that the caller allows (RFC 8725 §3.1, §3.2).
    #[error("the algorithm is missing or not allowed here")]
    AlgorithmNotAllowed,
    /// `enc` is missing or not A256GCM.
    #[error("the content encryption is missing or not A256GCM")]
    ContentNotAllowed,
    /// A member of the header does not have its type.
    #[error("the header member `{member}` does not have its type")]
    HeaderMemberType {
        /// The name of the member.
        member: &'static str,
    },
    /// `epk` is missing or no public key on P-256 (RFC 7518 §4.6.1.1).
    #[error("the ephemeral key is missing or not a public key on P-256")]
    EphemeralKey,
    /// Initialization vector or tag do not have the length that A256GCM gives them (RFC 7518 §5.3).
    #[error("the initialization vector does not have 12 octets or the tag not 16")]
    WrongLength,
    /// The key is not for the algorithm.
    #[error("the key is not for the algorithm")]
    KeyMismatch,
    /// The content key or the content does not decrypt with this key; which of them, nobody learns (RFC 7516 §11.5).
    #[error("the JWE does not decrypt with this key")]
    NotDecrypted,
    /// The system gave no random bytes, or the cipher refused the plaintext.
    #[error("the plaintext could not be encrypted: the random source or the cipher failed")]
    NotEncrypted,
}

impl From<ObjectFault> for JweError {
    fn from(fault: ObjectFault) -> Self {
        match fault {
            ObjectFault::NotObject => Self::HeaderNotJson,
            ObjectFault::DuplicateMember => Self::DuplicateMember,
            ObjectFault::TooDeep => Self::TooDeep,
        }
    }
}
