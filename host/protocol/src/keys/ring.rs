//! The parsed keys: publishing, signing, verifying.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use esignet_jose::algorithm::Algorithm;
use esignet_jose::jwk::Jwk;
use esignet_jose::signing_key::{SignError, SigningKey};
use serde_json::{Map, Value, json};

use super::{StoredKey, Times, newest_active};
use crate::word::time::Timestamp;

/// Why there is no key ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
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

struct Held {
    algorithm: Algorithm,
    public: Jwk,
    signing: Option<SigningKey>,
    times: Times,
}

/// The JWK set, and from when to before when it is the right one.
struct Published {
    from: Timestamp,
    until: Timestamp,
    document: Arc<Value>,
}

/// The keys of one generation, parsed. Parsing costs as much as signing, so it happens once.
pub struct KeyRing {
    held: Vec<Held>,
    algorithms: Vec<Algorithm>,
    published: ArcSwapOption<Published>,
}

impl KeyRing {
    /// Parses stored keys, but for those that `previous` has parsed. Only these `algorithms` sign.
    pub(super) fn open(
        stored: &[StoredKey],
        algorithms: &[Algorithm],
        now: Timestamp,
        previous: Option<&Self>,
    ) -> Result<Self, KeyRingError> {
        let parsed = stored.iter().map(|key| hold(key, algorithms, previous));
        let held: Vec<Held> = parsed.collect::<Result<_, _>>()?;
        if held.is_empty() {
            return Err(KeyRingError::Empty);
        }
        let mut ring = Self { held, algorithms: Vec::new(), published: ArcSwapOption::empty() };
        let able = Algorithm::ALL.into_iter().filter(|algorithm| ring.signing(*algorithm, now).is_some());
        ring.algorithms = able.collect();
        Ok(ring)
    }

    /// Whether these are the keys that it was opened with.
    pub(super) fn is_of(&self, stored: &[StoredKey]) -> bool {
        let same = |(held, key): (&Held, &StoredKey)| held.public == key.public && held.times == key.times;
        self.held.len() == stored.len() && self.held.iter().zip(stored).all(same)
    }

    /// The public JWK set (RFC 7517 §5). It is written anew only when a key comes into it or leaves it.
    pub fn jwks(&self, now: Timestamp) -> Arc<Value> {
        if let Some(known) = self.published.load().as_deref()
            && known.from <= now
            && now < known.until
        {
            return Arc::clone(&known.document);
        }
        let keys: Vec<Value> = self.verification_keys(now).map(Jwk::to_value).collect();
        let document = Arc::new(json!({ "keys": keys }));
        let (from, until) = self.unchanged_around(now);
        self.published.store(Some(Arc::new(Published { from, until, document: Arc::clone(&document) })));
        document
    }

    /// The stretch around a moment in which no key is published or retired.
    fn unchanged_around(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let changes = self.held.iter().flat_map(|held| [Some(held.times.publish_at), held.times.retire_at]);
        let (past, future): (Vec<Timestamp>, Vec<Timestamp>) =
            changes.flatten().partition(|change| *change <= now);
        let from = past.into_iter().max().unwrap_or(Timestamp(0));
        (from, future.into_iter().min().unwrap_or(Timestamp(u64::MAX)))
    }

    /// Public keys that verify what this server signed: those that are published. A revoked key is none of them.
    pub fn verification_keys(&self, now: Timestamp) -> impl Iterator<Item = &Jwk> {
        self.held.iter().filter(move |held| held.times.is_published(now)).map(|held| &held.public)
    }

    /// Algorithms that could sign when this ring was opened, the preferred first.
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    /// Signs claims with the active key of an algorithm.
    pub fn sign(
        &self,
        algorithm: Algorithm,
        typ: &str,
        claims: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<String, SigningFailed> {
        let key = self.signing(algorithm, now).ok_or(SigningFailed::NoActiveKey(algorithm))?;
        Ok(key.sign_claims(typ, claims)?)
    }

    fn signing(&self, algorithm: Algorithm, now: Timestamp) -> Option<&SigningKey> {
        let able = self.held.iter().filter(|held| held.algorithm == algorithm);
        newest_active(able.filter_map(|held| Some((held.signing.as_ref()?, held.times))), now)
    }
}

fn hold(key: &StoredKey, algorithms: &[Algorithm], previous: Option<&KeyRing>) -> Result<Held, KeyRingError> {
    let same = |held: &&Held| held.public == key.public && held.algorithm == key.algorithm;
    let known = previous.and_then(|ring| ring.held.iter().find(same));
    let signing = match known.and_then(|held| held.signing.as_ref()) {
        _ if key.private.is_none() || !algorithms.contains(&key.algorithm) => None,
        Some(parsed) => Some(parsed.clone()),
        None => key.signing_key()?,
    };
    let public = known.map_or_else(|| key.public.clone(), |held| held.public.clone());
    Ok(Held { algorithm: key.algorithm, public, signing, times: key.times })
}
