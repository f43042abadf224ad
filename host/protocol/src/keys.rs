//! The signing keys: what is published, what signs now, and how keys are kept (`protocol.md` 3, OIDC Core §10.1).

use esignet_jose::algorithm::Algorithm;
use esignet_jose::jwk::Jwk;
use esignet_jose::signing_key::{SignError, SigningKey};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::word::time::Timestamp;

/// A signing key as the store keeps it, sealed.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct StoredKey {
    /// What it signs with.
    #[zeroize(skip)]
    pub algorithm: Algorithm,
    /// PKCS#8 DER.
    pub pkcs8: Vec<u8>,
    /// From when it may sign.
    #[zeroize(skip)]
    pub active_from: Timestamp,
}

/// Why there is no key ring.
#[derive(Debug, thiserror::Error)]
pub enum KeyRingError {
    /// A stored key cannot be parsed.
    #[error("a stored signing key is not a valid PKCS#8 key of its algorithm")]
    Unreadable,
    /// There is no key at all.
    #[error("there is no signing key")]
    Empty,
}

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningFailed {
    /// There is no key of that algorithm, or none that is active yet.
    #[error("there is no active key for {0}")]
    NoActiveKey(Algorithm),
    /// The key failed.
    #[error(transparent)]
    Key(#[from] SignError),
}

/// The parsed keys of this server. Parsing costs as much as signing, so it happens once.
pub struct KeyRing {
    keys: Vec<(Timestamp, SigningKey)>,
    published: Value,
}

impl KeyRing {
    /// Parses stored keys.
    pub fn open(stored: &[StoredKey]) -> Result<Self, KeyRingError> {
        let keys = stored
            .iter()
            .map(|key| Ok((key.active_from, SigningKey::from_pkcs8_der(key.algorithm, &key.pkcs8)?)))
            .collect::<Result<Vec<_>, esignet_jose::signing_key::KeyError>>()
            .map_err(|_| KeyRingError::Unreadable)?;
        if keys.is_empty() {
            return Err(KeyRingError::Empty);
        }
        let public: Vec<Value> = keys.iter().map(|(_, key)| key.public_jwk().to_value()).collect();
        Ok(Self { keys, published: json!({ "keys": public }) })
    }

    /// The public JWK set (RFC 7517 §5).
    pub fn jwks(&self) -> &Value {
        &self.published
    }

    /// Public keys that verify what this server signed.
    pub fn verification_keys(&self) -> impl Iterator<Item = &Jwk> {
        self.keys.iter().map(|(_, key)| key.public_jwk())
    }

    /// Algorithms there are keys for.
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let mut algorithms: Vec<_> = self.keys.iter().map(|(_, key)| key.algorithm()).collect();
        algorithms.sort_unstable();
        algorithms.dedup();
        algorithms
    }

    /// Signs claims with the newest active key of an algorithm.
    pub fn sign(
        &self,
        algorithm: Algorithm,
        typ: &str,
        claims: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<String, SigningFailed> {
        let active = self.keys.iter().filter(|(from, key)| key.algorithm() == algorithm && *from <= now);
        let (_, key) = active.max_by_key(|(from, _)| *from).ok_or(SigningFailed::NoActiveKey(algorithm))?;
        Ok(key.sign_claims(typ, claims)?)
    }
}
