//! The signing keys: what is published, what signs now, what comes next, and how keys are kept (`protocol.md` 3, 55,
//! OIDC Core §10.1).
//!
//! Keys turn by clock, not by message. Each has three times that everybody who has read it knows: from `publish_at` to
//! `retire_at` it is in the JWK set, and from `activate_at` until its successor's it signs. Between publication and
//! activation lies as long as anybody may hold an older set, so no relying party ever meets a signature whose key it could
//! not have known; between a successor's activation and retirement lies as long as the last signature may be looked at.
//!
//! | what | where |
//! |---|---|
//! | how long each stretch is | `policy.rs` |
//! | what is added, retired and forgotten, as pure decisions | `plan.rs` |
//! | the parsed keys: publishing, signing, verifying | `ring.rs` |
//! | the decisions carried out over the store | `rotation.rs` |

mod plan;
mod policy;
mod ring;
mod rotation;

#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use arc_swap::ArcSwap;
use esignet_jose::algorithm::Algorithm;
use esignet_jose::base64url::{decode_base64url, encode_base64url};
use esignet_jose::jwk::Jwk;
use esignet_jose::signing_key::{KeyError, SigningKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};
use std::sync::Arc;
use zeroize::Zeroizing;

use crate::word::time::Timestamp;
pub use plan::{Plan, RevocationRefused, revoke, rotate, turn_now};
pub use policy::KeyPolicy;
pub use ring::{KeyRing, KeyRingError, SigningFailed};
pub use rotation::{Rotation, RotationFailed};

/// The life of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// From when it is in the JWK set.
    pub publish_at: Timestamp,
    /// From when it signs, until its successor does.
    pub activate_at: Timestamp,
    /// From when it is gone. Not known before there is a successor.
    pub retire_at: Option<Timestamp>,
}

impl Times {
    /// Published and signing from the same moment, as the very first keys are and the one after a revocation.
    pub const fn at_once(at: Timestamp) -> Self {
        Self { publish_at: at, activate_at: at, retire_at: None }
    }

    /// Whether the key is in the JWK set.
    pub fn is_published(&self, now: Timestamp) -> bool {
        self.publish_at <= now && !self.is_over(now)
    }

    /// Whether the key is gone.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.retire_at.is_some_and(|retire_at| retire_at <= now)
    }
}

/// PKCS#8 DER of a private key, unencrypted: the store seals it (RFC 5208 §5).
#[derive(Clone)]
pub struct Pkcs8(Zeroizing<Vec<u8>>);

impl Serialize for Pkcs8 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Zeroizing::new(encode_base64url(self.0.as_slice())).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Pkcs8 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let der = decode_base64url(&text).map_err(|_| de::Error::custom("not base64url"))?;
        Ok(Self(Zeroizing::new(der)))
    }
}

/// A signing key as the store keeps it, sealed.
#[derive(Clone, Serialize, Deserialize)]
pub struct StoredKey {
    /// What it signs with.
    pub algorithm: Algorithm,
    /// The public half, with its `kid`.
    pub public: Jwk,
    /// The private half, until it has signed for the last time: what is destroyed cannot be stolen.
    pub private: Option<Pkcs8>,
    /// Its life.
    pub times: Times,
}

impl StoredKey {
    /// A key with its life.
    pub fn new(key: &SigningKey, times: Times) -> Result<Self, KeyError> {
        Ok(Self {
            algorithm: key.algorithm(),
            public: key.public_jwk().clone(),
            private: Some(Pkcs8(key.to_pkcs8_der()?)),
            times,
        })
    }

    /// Its name in the JWK set and in the header of what it signs (RFC 7517 §4.5).
    pub fn kid(&self) -> &str {
        self.public.kid().unwrap_or_else(|| self.public.thumbprint())
    }

    /// Parses the private half, if there is one; it must belong to the public half.
    fn signing_key(&self) -> Result<Option<SigningKey>, KeyRingError> {
        let Some(Pkcs8(der)) = &self.private else { return Ok(None) };
        let key = SigningKey::from_pkcs8_der(self.algorithm, der).map_err(|_| KeyRingError::Unreadable)?;
        if *key.public_jwk() == self.public { Ok(Some(key)) } else { Err(KeyRingError::Unreadable) }
    }
}

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It does not sign yet.
    Next,
    /// It signs.
    Active,
    /// It signed, and what it signed may still be looked at.
    Retired,
}

impl KeyState {
    /// The word that operators read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }
}

/// Where each key is in its life, in the order given.
pub fn states(keys: &[StoredKey], now: Timestamp) -> Vec<KeyState> {
    let state = |key: &StoredKey| {
        if key.times.activate_at > now {
            return KeyState::Next;
        }
        let of_algorithm = keys.iter().filter(|other| other.algorithm == key.algorithm);
        let signs = newest_active(of_algorithm.map(|other| (other, other.times)), now);
        let is_it = signs.is_some_and(|signing| signing.public == key.public);
        if is_it && key.private.is_some() { KeyState::Active } else { KeyState::Retired }
    };
    keys.iter().map(state).collect()
}

/// Of the keys of one algorithm the one that signs: that which was activated last. There is one, or none at all.
fn newest_active<T>(keys: impl Iterator<Item = (T, Times)>, now: Timestamp) -> Option<T> {
    let active = keys.filter(|(_, times)| times.activate_at <= now && !times.is_over(now));
    // Of two that were activated in the same second the first stands, everywhere.
    active.min_by_key(|(_, times)| Reverse(times.activate_at)).map(|(key, _)| key)
}

/// The keys of a running server: the ring of this moment, and the policy that it turns by.
///
/// The ring is exchanged whole while requests go on with the one that they began with. Nothing here waits or reads.
pub struct Keys {
    policy: KeyPolicy,
    ring: ArcSwap<KeyRing>,
}

impl Keys {
    /// Parses stored keys.
    pub fn open(policy: KeyPolicy, stored: &[StoredKey], now: Timestamp) -> Result<Self, KeyRingError> {
        let ring = KeyRing::open(stored, &policy.algorithms, now, None)?;
        Ok(Self { policy, ring: ArcSwap::from_pointee(ring) })
    }

    /// Keys that never turn: for tests.
    pub fn fixed(keys: &[SigningKey]) -> Result<Self, KeyRingError> {
        let stored = keys.iter().map(|key| StoredKey::new(key, Times::at_once(Timestamp(0))));
        let stored: Vec<_> = stored.collect::<Result<_, _>>().map_err(|_| KeyRingError::Unreadable)?;
        let algorithms = keys.iter().map(SigningKey::algorithm).collect();
        Self::open(KeyPolicy { algorithms, ..KeyPolicy::default() }, &stored, Timestamp(0))
    }

    /// Takes what is stored now in place of what was, and tells whether it is anything else. Keys that are known already
    /// are not parsed again.
    pub fn install(&self, stored: &[StoredKey], now: Timestamp) -> Result<bool, KeyRingError> {
        let previous = self.ring.load();
        let ring = KeyRing::open(stored, &self.policy.algorithms, now, Some(&previous))?;
        let is_other = !previous.is_of(stored);
        self.ring.store(Arc::new(ring));
        Ok(is_other)
    }

    /// What they turn by.
    pub const fn policy(&self) -> &KeyPolicy {
        &self.policy
    }

    /// See [`KeyRing::jwks`].
    pub fn jwks(&self, now: Timestamp) -> Arc<Value> {
        self.ring.load().jwks(now)
    }

    /// See [`KeyRing::verification_keys`].
    pub fn verification_keys(&self, now: Timestamp) -> Vec<Jwk> {
        self.ring.load().verification_keys(now).cloned().collect()
    }

    /// See [`KeyRing::algorithms`].
    pub fn algorithms(&self) -> Vec<Algorithm> {
        self.ring.load().algorithms().to_vec()
    }

    /// See [`KeyRing::sign`].
    pub fn sign(
        &self,
        algorithm: Algorithm,
        typ: &str,
        claims: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<String, SigningFailed> {
        self.ring.load().sign(algorithm, typ, claims, now)
    }
}
