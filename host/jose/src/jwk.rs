//! A public key for verifying signatures, parsed once and cheap to clone (RFC 7517).

mod encryption;
pub(crate) mod material;
mod set;
mod thumbprint;
mod verifier;

#[cfg(test)]
mod tests;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use jsonwebtoken::crypto::JwtVerifier;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::json::{self, ObjectFault};
pub use encryption::EncryptionKey;
use material::Material;
pub use set::{JwkSet, MAX_KEYS};
use verifier::HeldVerifier;

/// The members that only a private or symmetric key has (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
pub(crate) const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A public key for verifying signatures.
///
/// P-256, Ed25519 and RSA of 2048 to 4096 bits exist (FAPI 2.0 SP §5.4.1). Two keys are equal when
/// their thumbprints are, whatever their `kid`.
#[derive(Clone)]
pub struct Jwk(Arc<Parsed>);

#[derive(Clone)]
struct Parsed {
    material: Material,
    verifiers: Vec<HeldVerifier>,
    algorithms: Vec<Algorithm>,
    kid: Option<String>,
    alg: Option<Algorithm>,
    signs: bool,
    thumbprint: String,
}

/// Why a JWK is not a public key that this host verifies with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// Not a JSON object.
    #[error("the key or key set is not a JSON object")]
    NotObject,
    /// A member name stands twice.
    #[error("a member of the key or key set stands twice")]
    DuplicateMember,
    /// Objects and arrays inside each other beyond the limit.
    #[error("the key or key set is nested too deeply")]
    TooDeep,
    /// A private member is present. The key has leaked: replace it and send the public part only.
    #[error("the key has a private member; replace the key and send the public part only")]
    PrivateMember,
    /// The key type is `oct`.
    #[error("the key is symmetric; signatures need a key pair")]
    SymmetricKey,
    /// The key type is not `EC`, `OKP` or `RSA`.
    #[error("the key type is not EC, OKP or RSA")]
    UnknownKeyType,
    /// The curve is not P-256 for `EC` or Ed25519 for `OKP`.
    #[error("the curve is not P-256 (EC) or Ed25519 (OKP)")]
    UnknownCurve,
    /// A required member is absent or not of its type.
    #[error("the member `{member}` is missing or does not have its type")]
    MissingMember {
        /// The name of the member.
        member: &'static str,
    },
    /// An optional member does not have its type.
    #[error("the member `{member}` does not have its type")]
    WrongType {
        /// The name of the member.
        member: &'static str,
    },
    /// A member is not base64url without padding.
    #[error("the member `{member}` is not base64url without padding")]
    NotBase64Url {
        /// The name of the member.
        member: &'static str,
    },
    /// A member has too many or too few octets, or a leading zero octet in a number.
    #[error("the member `{member}` does not have the length of its key type")]
    WrongLength {
        /// The name of the member.
        member: &'static str,
    },
    /// The octets are no public key of their curve.
    #[error("the octets are not a public key of the curve")]
    NotOnCurve,
    /// The RSA modulus is shorter than 2048 or longer than 4096 bits.
    #[error("the RSA modulus does not have 2048 to 4096 bits")]
    RsaModulusSize,
    /// The RSA exponent is not 3 or 65537.
    #[error("the RSA exponent is not 3 or 65537")]
    RsaExponent,
    /// `alg` names an algorithm that this key type or this host does not have.
    #[error("the member `alg` names an algorithm that the key cannot be used with")]
    AlgorithmMismatch,
    /// `use` or `key_ops` says that the key is not for verifying signatures.
    #[error("the members `use` or `key_ops` do not allow verifying signatures")]
    NotForSignatures,
    /// `use` and `alg` do not say that the key is for encryption.
    #[error("the members `use` and `alg` do not say that the key is for encryption")]
    NotForEncryption,
    /// More keys than [`MAX_KEYS`].
    #[error("the key set has more than {MAX_KEYS} keys")]
    TooManyKeys,
}

impl From<ObjectFault> for JwkError {
    fn from(fault: ObjectFault) -> Self {
        match fault {
            ObjectFault::NotObject => Self::NotObject,
            ObjectFault::DuplicateMember => Self::DuplicateMember,
            ObjectFault::TooDeep => Self::TooDeep,
        }
    }
}

impl Jwk {
    /// Reads a key from its JSON text and refuses duplicate members (RFC 7517 §4).
    pub fn from_json(text: &str) -> Result<Self, JwkError> {
        Self::from_members(&json::object(text.as_bytes())?)
    }

    /// Reads a key from a JSON value; members that are not known are ignored (RFC 7517 §4).
    pub fn from_value(value: &Value) -> Result<Self, JwkError> {
        Self::from_members(value.as_object().ok_or(JwkError::NotObject)?)
    }

    fn from_members(members: &Map<String, Value>) -> Result<Self, JwkError> {
        if members.get("kty").and_then(Value::as_str) == Some("oct") {
            return Err(JwkError::SymmetricKey);
        }
        if PRIVATE_MEMBERS.iter().any(|member| members.contains_key(*member)) {
            return Err(JwkError::PrivateMember);
        }
        let signs = for_signatures(members)?;
        let material = Material::from_members(members)?;
        let kid = optional_text(members, "kid")?.map(str::to_owned);
        let alg = optional_text(members, "alg")?
            .map(|name| Algorithm::named(name).map_err(|_| JwkError::AlgorithmMismatch))
            .transpose()?;
        Self::build(material, kid, alg, signs)
    }

    /// A key that this host holds the private half of: `use` is `sig`, `kid` the thumbprint unless given.
    pub(crate) fn of_signer(
        material: Material,
        kid: Option<String>,
        alg: Algorithm,
    ) -> Result<Self, JwkError> {
        let kid = kid.unwrap_or_else(|| thumbprint::of(&material));
        Self::build(material, Some(kid), Some(alg), true)
    }

    fn build(
        material: Material,
        kid: Option<String>,
        alg: Option<Algorithm>,
        signs: bool,
    ) -> Result<Self, JwkError> {
        let algorithms: Vec<Algorithm> =
            material.algorithms().iter().copied().filter(|able| alg.is_none_or(|alg| alg == *able)).collect();
        if algorithms.is_empty() {
            return Err(JwkError::AlgorithmMismatch);
        }
        let verifiers =
            algorithms.iter().map(|algorithm| material.verifier(*algorithm)).collect::<Result<_, _>>()?;
        let thumbprint = thumbprint::of(&material);
        Ok(Self(Arc::new(Parsed { material, verifiers, algorithms, kid, alg, signs, thumbprint })))
    }

    /// The name that its owner gave the key.
    pub fn kid(&self) -> Option<&str> {
        self.0.kid.as_deref()
    }

    /// The one algorithm that its owner allows, when one was named.
    pub fn alg(&self) -> Option<Algorithm> {
        self.0.alg
    }

    /// What the key can verify, narrowed by `alg`; never empty.
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.0.algorithms
    }

    /// The SHA-256 thumbprint as base64url (RFC 7638), as in `jkt` (RFC 9449 §6.1).
    pub fn thumbprint(&self) -> &str {
        &self.0.thumbprint
    }

    /// The same key under another `kid`.
    #[must_use]
    pub fn with_kid(self, kid: impl Into<String>) -> Self {
        let mut parsed = Arc::unwrap_or_clone(self.0);
        parsed.kid = Some(kid.into());
        Self(Arc::new(parsed))
    }

    /// The same key for one algorithm only.
    pub fn with_alg(self, alg: Algorithm) -> Result<Self, JwkError> {
        let mut parsed = Arc::unwrap_or_clone(self.0);
        parsed.algorithms.retain(|able| *able == alg);
        parsed.verifiers.retain(|verifier| verifier.held_algorithm() == alg);
        if parsed.algorithms.is_empty() {
            return Err(JwkError::AlgorithmMismatch);
        }
        parsed.alg = Some(alg);
        Ok(Self(Arc::new(parsed)))
    }

    /// The key as JSON, public members only, with `kid`, `use` and `alg` where they are known.
    pub fn to_value(&self) -> Value {
        let mut members = self.0.material.to_map();
        let kid = self.0.kid.clone().map(|kid| ("kid", kid));
        let signs = self.0.signs.then(|| ("use", "sig".to_owned()));
        let alg = self.0.alg.map(|alg| ("alg", alg.as_str().to_owned()));
        for (name, value) in [kid, signs, alg].into_iter().flatten() {
            members.insert(name.to_owned(), value.into());
        }
        Value::Object(members)
    }

    /// The key as JSON with the members that make it up and nothing else, for a `jwk` header
    /// (RFC 9449 §4.2).
    pub fn to_bare_value(&self) -> Value {
        self.0.material.members().into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The public octets.
    pub(crate) fn material(&self) -> &Material {
        &self.0.material
    }

    /// The parsed key as a verifier; `None` when the key is not for this algorithm.
    pub fn verifier(&self, algorithm: Algorithm) -> Option<&dyn JwtVerifier> {
        let held = self.0.verifiers.iter().find(|held| held.held_algorithm() == algorithm)?;
        Some(held)
    }
}

/// Whether `use` names signatures; refused when `use` or `key_ops` excludes verifying (RFC 7517 §4.2, §4.3).
fn for_signatures(members: &Map<String, Value>) -> Result<bool, JwkError> {
    let purpose = optional_text(members, "use")?;
    if purpose.is_some_and(|purpose| purpose != "sig") {
        return Err(JwkError::NotForSignatures);
    }
    match members.get("key_ops") {
        None => {}
        Some(Value::Array(operations)) if operations.iter().any(|operation| operation == "verify") => {}
        Some(Value::Array(_)) => return Err(JwkError::NotForSignatures),
        Some(_) => return Err(JwkError::WrongType { member: "key_ops" }),
    }
    Ok(purpose.is_some())
}

fn optional_text<'a>(
    members: &'a Map<String, Value>,
    member: &'static str,
) -> Result<Option<&'a str>, JwkError> {
    members.get(member).map(|value| value.as_str().ok_or(JwkError::WrongType { member })).transpose()
}

impl fmt::Debug for Jwk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Jwk").field("algorithms", &self.0.algorithms).finish_non_exhaustive()
    }
}

impl PartialEq for Jwk {
    fn eq(&self, other: &Self) -> bool {
        self.0.thumbprint == other.0.thumbprint
    }
}

impl Eq for Jwk {}

impl Hash for Jwk {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.thumbprint.hash(state);
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
