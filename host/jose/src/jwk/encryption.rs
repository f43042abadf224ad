//! A public key to encrypt to, parsed once and cheap to clone (RFC 7517 §4.2, `use` = `enc`).

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::material::Material;
use super::{JwkError, PRIVATE_MEMBERS, optional_text, thumbprint};
use crate::jwe::KeyManagement;

/// A public key for encryption: P-256, or RSA of 2048 to 4096 bits.
///
/// A key is for one thing (RFC 7517 §4.2): it is never verified with, and [`Jwk`](super::Jwk) never encrypted to.
#[derive(Clone)]
pub struct EncryptionKey(Arc<Parsed>);

struct Parsed {
    material: Material,
    algorithms: Vec<KeyManagement>,
    kid: Option<String>,
    alg: Option<KeyManagement>,
    thumbprint: String,
}

impl EncryptionKey {
    /// Whether its owner means the key for encryption: `use` says so, or without it `alg`.
    pub(super) fn is_meant(value: &Value) -> bool {
        let text = |member: &str| value.get(member).and_then(Value::as_str);
        let by_algorithm = || text("alg").is_some_and(|alg| alg.parse::<KeyManagement>().is_ok());
        text("use").map_or_else(by_algorithm, |purpose| purpose == "enc")
    }

    /// Reads a key from a JSON value; members that are not known are ignored (RFC 7517 §4).
    pub fn from_value(value: &Value) -> Result<Self, JwkError> {
        let members: &Map<String, Value> = value.as_object().ok_or(JwkError::NotObject)?;
        if PRIVATE_MEMBERS.iter().any(|member| members.contains_key(*member)) {
            return Err(JwkError::PrivateMember);
        }
        if !Self::is_meant(value) {
            return Err(JwkError::NotForEncryption);
        }
        let material = Material::from_members(members)?;
        let kid = optional_text(members, "kid")?.map(str::to_owned);
        let alg = optional_text(members, "alg")?
            .map(|name| name.parse::<KeyManagement>().map_err(|_| JwkError::AlgorithmMismatch))
            .transpose()?;
        Self::build(material, kid, alg)
    }

    /// A key that this host holds the private half of; `kid` is the thumbprint unless given.
    pub(crate) fn of_recipient(
        material: Material,
        kid: Option<String>,
        alg: Option<KeyManagement>,
    ) -> Result<Self, JwkError> {
        let kid = kid.unwrap_or_else(|| thumbprint::of(&material));
        Self::build(material, Some(kid), alg)
    }

    fn build(material: Material, kid: Option<String>, alg: Option<KeyManagement>) -> Result<Self, JwkError> {
        let able: &[KeyManagement] = match &material {
            Material::P256 { .. } => &[KeyManagement::EcdhEsA256Kw, KeyManagement::EcdhEs],
            Material::Rsa { .. } => &[KeyManagement::RsaOaep256],
            Material::Ed25519 { .. } => &[],
        };
        let algorithms: Vec<_> =
            able.iter().copied().filter(|able| alg.is_none_or(|alg| alg == *able)).collect();
        if algorithms.is_empty() {
            return Err(JwkError::AlgorithmMismatch);
        }
        material.check()?;
        let thumbprint = thumbprint::of(&material);
        Ok(Self(Arc::new(Parsed { material, algorithms, kid, alg, thumbprint })))
    }

    /// The name that its owner gave the key.
    pub fn kid(&self) -> Option<&str> {
        self.0.kid.as_deref()
    }

    /// What can be encrypted to it with, narrowed by `alg`; never empty.
    pub fn algorithms(&self) -> &[KeyManagement] {
        &self.0.algorithms
    }

    /// The one algorithm that its owner allows, when one was named.
    pub fn alg(&self) -> Option<KeyManagement> {
        self.0.alg
    }

    /// The public octets.
    pub(crate) fn material(&self) -> &Material {
        &self.0.material
    }

    /// The SHA-256 thumbprint as base64url (RFC 7638).
    pub fn thumbprint(&self) -> &str {
        &self.0.thumbprint
    }

    /// The key as JSON, public members only, with `use` and with `kid` and `alg` where they are known.
    pub fn to_value(&self) -> Value {
        let mut members = self.0.material.to_map();
        members.insert("use".to_owned(), "enc".into());
        let kid = self.0.kid.clone().map(|kid| ("kid", kid));
        let alg = self.0.alg.map(|alg| ("alg", alg.as_str().to_owned()));
        for (name, value) in [kid, alg].into_iter().flatten() {
            members.insert(name.to_owned(), value.into());
        }
        Value::Object(members)
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EncryptionKey")
            .field("algorithms", &self.0.algorithms)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn p256() -> Value {
        json!({
            "kty": "EC", "crv": "P-256", "use": "enc", "kid": "e1",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        })
    }

    #[test]
    fn a_key_for_encryption_reads_back_from_its_json() {
        let key = EncryptionKey::from_value(&p256()).unwrap();
        assert_eq!(key.kid(), Some("e1"));
        assert_eq!(key.algorithms(), [KeyManagement::EcdhEsA256Kw, KeyManagement::EcdhEs]);
        assert_eq!(key.to_value(), p256());
    }

    #[test]
    fn its_owner_says_what_it_is_for() {
        let mut by_algorithm = p256();
        by_algorithm.as_object_mut().unwrap().remove("use");
        assert_eq!(EncryptionKey::from_value(&by_algorithm).err(), Some(JwkError::NotForEncryption));
        by_algorithm["alg"] = "ECDH-ES".into();
        assert_eq!(EncryptionKey::from_value(&by_algorithm).unwrap().algorithms(), [KeyManagement::EcdhEs]);
        by_algorithm["use"] = "sig".into();
        assert_eq!(EncryptionKey::from_value(&by_algorithm).err(), Some(JwkError::NotForEncryption));
    }

    #[test]
    fn a_key_that_does_not_fit_its_algorithm_or_its_curve_is_refused() {
        let changed = |member: &str, value: &str| {
            let mut key = p256();
            key[member] = value.into();
            EncryptionKey::from_value(&key).err()
        };
        assert_eq!(changed("alg", "RSA-OAEP-256"), Some(JwkError::AlgorithmMismatch));
        assert_eq!(changed("alg", "RSA1_5"), Some(JwkError::AlgorithmMismatch));
        assert_eq!(changed("y", "AAAAzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"), Some(JwkError::NotOnCurve));
        assert_eq!(changed("d", "AA"), Some(JwkError::PrivateMember));
        let edwards = json!({ "kty": "OKP", "crv": "Ed25519", "use": "enc", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
        assert_eq!(EncryptionKey::from_value(&edwards).err(), Some(JwkError::AlgorithmMismatch));
    }
}
