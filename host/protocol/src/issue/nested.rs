//! Nested JWTs (RFC 7519 §5.2): what was signed, encrypted to the client (OIDC Core §10.2: signed first, then encrypted).

use esignet_jose::jwe::{ContentEncryption, Header, JweError, KeyManagement};
use esignet_jose::jwk::JwkSet;

/// How a client wants something encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encryption {
    /// How the content key is told.
    pub alg: KeyManagement,
    /// How the content is encrypted.
    pub enc: ContentEncryption,
}

/// Why nothing was encrypted. Nothing goes out in the clear instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncryptionFailed {
    /// Its registered keys have none for this algorithm any more.
    #[error("the client has no key to encrypt to with {0}")]
    NoKey(KeyManagement),
    /// The encryption itself.
    #[error(transparent)]
    Jwe(#[from] JweError),
}

/// Encrypts a signed JWT to the client.
pub fn nested(jwt: &str, keys: &JwkSet, encryption: Encryption) -> Result<String, EncryptionFailed> {
    encrypt(jwt.as_bytes(), &Header::nested(), keys, encryption)
}

/// Encrypts bytes to the client.
pub fn encrypt(
    content: &[u8],
    header: &Header<'_>,
    keys: &JwkSet,
    encryption: Encryption,
) -> Result<String, EncryptionFailed> {
    let Encryption { alg, enc } = encryption;
    let key = keys.encryption_key(alg).ok_or(EncryptionFailed::NoKey(alg))?;
    Ok(key.encrypt(alg, enc, header, content)?)
}
