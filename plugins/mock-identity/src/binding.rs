//! Keys of made-up people: a JWT over the key (RFC 7800), signed by the key that the operator granted as `binding`.

use esignet_sdk::prelude::*;
use serde_json::{Value, json};

/// The key that signs.
pub(crate) const KEY: &str = "binding";
/// The `typ` of what it signs.
pub(crate) const TYPE: &str = "key-binding+jwt";
/// The format of what is answered.
pub(crate) const FORMAT: &str = "jwt";
/// JWS algorithms whose keys are bound.
pub(crate) const ALGORITHMS: [&str; 3] = ["ES256", "EdDSA", "PS256"];

const SECONDS_A_DAY: u64 = 86_400;

/// What is said of one key.
pub(crate) struct Statement {
    /// What the operator calls this register.
    pub(crate) issuer: String,
    /// For how many days a binding is good.
    pub(crate) days: u32,
    /// Seconds since 1970.
    pub(crate) now: u64,
    /// SHA-256.
    pub(crate) sha256: fn(&[u8]) -> Vec<u8>,
}

impl Statement {
    /// When a binding of now ends.
    pub(crate) fn expires_at(&self) -> u64 {
        self.now + u64::from(self.days) * SECONDS_A_DAY
    }

    /// Names the binding: the same for the same key of the same person.
    pub(crate) fn id(&self, subject: &str, public_jwk: &str) -> String {
        crypto::hex(&(self.sha256)(format!("{subject}\n{public_jwk}").as_bytes()))
    }

    /// The claims of the JWT (RFC 7800 §3.2).
    pub(crate) fn claims(&self, subject: &str, public_jwk: &str) -> Result<Vec<u8>, Failure> {
        let jwk: Value = serde_json::from_str(public_jwk)
            .map_err(|_| Failure::internal("the host gave a key that is no JSON"))?;
        let claims = json!({
            "iss": self.issuer,
            "sub": subject,
            "jti": self.id(subject, public_jwk),
            "iat": self.now,
            "exp": self.expires_at(),
            "cnf": { "jwk": jwk },
        });
        Ok(claims.to_string().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement() -> Statement {
        Statement {
            issuer: "https://register.example".to_owned(),
            days: 10,
            now: 1_000,
            sha256: <[u8]>::to_vec,
        }
    }

    #[test]
    fn a_binding_states_the_key_and_its_end() {
        let claims = statement().claims("person", r#"{"kty":"EC"}"#).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["cnf"]["jwk"]["kty"], "EC");
        assert_eq!((&claims["sub"], &claims["exp"]), (&json!("person"), &json!(865_000)));
    }

    #[test]
    fn the_same_key_of_the_same_person_keeps_its_name() {
        let id = statement().id("person", "key");
        assert_eq!(id, statement().id("person", "key"));
        assert_ne!(id, statement().id("person", "other"));
        assert_ne!(id, statement().id("somebody", "key"));
    }
}
