//! A set of public keys and the choice among them (RFC 7517 §5).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value, json};

use super::{EncryptionKey, Jwk, JwkError};
use crate::algorithm::Algorithm;
use crate::json;
use crate::jwe::KeyManagement;

/// How many keys a set may hold; each may cost a verification when a token names no `kid`.
pub const MAX_KEYS: usize = 20;

/// The public keys of one party.
///
/// Keys that verify and keys to encrypt to are held apart. Keys that this host has no use for (another key type, values
/// out of range) are left out as RFC 7517 §5 asks, and counted in [`skipped`](Self::skipped). A private or
/// symmetric key is an error: its owner must learn that it has leaked.
#[derive(Debug, Clone, Default)]
pub struct JwkSet {
    keys: Vec<Jwk>,
    encryption_keys: Vec<EncryptionKey>,
    skipped: Vec<JwkError>,
}

impl JwkSet {
    /// A set of keys that are already parsed.
    pub fn new(keys: Vec<Jwk>) -> Self {
        Self { keys, ..Self::default() }
    }

    /// Reads a set from its JSON text and refuses duplicate members.
    pub fn from_json(text: &str) -> Result<Self, JwkError> {
        Self::from_members(&json::object(text.as_bytes())?)
    }

    /// Reads a set from a JSON value.
    pub fn from_value(value: &Value) -> Result<Self, JwkError> {
        Self::from_members(value.as_object().ok_or(JwkError::NotObject)?)
    }

    fn from_members(members: &Map<String, Value>) -> Result<Self, JwkError> {
        let values = members
            .get("keys")
            .and_then(Value::as_array)
            .ok_or(JwkError::MissingMember { member: "keys" })?;
        if values.len() > MAX_KEYS {
            return Err(JwkError::TooManyKeys);
        }
        let mut set = Self::default();
        for value in values {
            let read = if EncryptionKey::is_meant(value) {
                EncryptionKey::from_value(value).map(|key| set.encryption_keys.push(key))
            } else {
                Jwk::from_value(value).map(|key| set.keys.push(key))
            };
            match read {
                Ok(()) => {}
                Err(error @ (JwkError::PrivateMember | JwkError::SymmetricKey)) => return Err(error),
                Err(error) => set.skipped.push(error),
            }
        }
        Ok(set)
    }

    /// The keys that verify, in the order in which they were written.
    pub fn iter(&self) -> std::slice::Iter<'_, Jwk> {
        self.keys.iter()
    }

    /// Why keys were left out, in the order in which they stood.
    pub fn skipped(&self) -> &[JwkError] {
        &self.skipped
    }

    /// Whether no key is here at all, whatever it is for.
    pub fn is_blank(&self) -> bool {
        self.keys.is_empty() && self.encryption_keys.is_empty()
    }

    /// Whether there is a key to encrypt to with this algorithm.
    pub fn encrypts(&self, algorithm: KeyManagement) -> bool {
        self.encryption_key(algorithm).is_some()
    }

    /// The first key to encrypt to with this algorithm: its owner puts the one it prefers first.
    pub fn encryption_key(&self, algorithm: KeyManagement) -> Option<&EncryptionKey> {
        self.encryption_keys.iter().find(|key| key.algorithms().contains(&algorithm))
    }

    /// Whether no key is here that verifies.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many usable keys are here.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// The keys that may verify a token with this `kid` and `alg`, chosen before its payload is read.
    ///
    /// A `kid` picks the keys that carry it and no other; a token without one may be of any key
    /// that fits the algorithm (RFC 7515 §4.1.4).
    pub fn find(&self, kid: Option<&str>, alg: Algorithm) -> impl Iterator<Item = &Jwk> {
        self.keys
            .iter()
            .filter(move |key| kid.is_none() || key.kid() == kid)
            .filter(move |key| key.algorithms().contains(&alg))
    }

    /// The set as JSON, public members only.
    pub fn to_value(&self) -> Value {
        let encryption_keys = self.encryption_keys.iter().map(EncryptionKey::to_value);
        json!({ "keys": self.keys.iter().map(Jwk::to_value).chain(encryption_keys).collect::<Vec<_>>() })
    }
}

impl FromIterator<Jwk> for JwkSet {
    fn from_iter<I: IntoIterator<Item = Jwk>>(keys: I) -> Self {
        Self::new(keys.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a JwkSet {
    type Item = &'a Jwk;
    type IntoIter = std::slice::Iter<'a, Jwk>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Serialize for JwkSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JwkSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
