//! Keys for plugins that ask for some, where a test does not bring its own.

use std::sync::Arc;

use esignet_jose::jwe::{DecryptionKey, KeyManagement};
use esignet_jose::seal::SealKey;
use esignet_jose::signing_key::SigningKey;
use esignet_jose::{Algorithm, digest};
use esignet_sandbox::{KeyHandle, KeyUse};
use zeroize::Zeroizing;

/// A secret for HMAC.
pub fn hmac(secret: &[u8]) -> KeyHandle {
    KeyHandle::Hmac(Zeroizing::new(secret.to_vec()))
}

/// A key of that kind. Those of HMAC and of sealing are the same in every run; those of pairs are not.
pub(crate) fn made_up(name: &str, purpose: KeyUse) -> Result<KeyHandle, String> {
    let secret = digest::hmac_sha256(b"a key of the harness", name.as_bytes());
    Ok(match purpose {
        KeyUse::Hmac => hmac(&secret),
        KeyUse::Seal => KeyHandle::Seal(Arc::new(SealKey::new(secret))),
        KeyUse::Sign => {
            let key = SigningKey::generate(Algorithm::Es256).map_err(|error| error.to_string())?;
            KeyHandle::Signing(key, Vec::new())
        }
        KeyUse::Decrypt => {
            let key =
                DecryptionKey::generate(KeyManagement::RsaOaep256).map_err(|error| error.to_string())?;
            KeyHandle::Decrypting(key)
        }
    })
}
