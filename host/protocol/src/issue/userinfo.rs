//! The userinfo answer (OIDC Core §5.3.2): JSON, a signed JWT, or either of them encrypted, as the client registered.

use esignet_jose::jwe::Header;
use esignet_jose::jwk::JwkSet;
use serde_json::{Map, Value, json};

use super::nested::{encrypt, nested};
use crate::client::Client;
use crate::error::Fault;
use crate::issue::claims::Unopenable;
use crate::provider::Provider;
use crate::word::time::Timestamp;

/// The `typ` of a signed answer.
const TYPE: &str = "JWT";

/// The answer.
pub enum Userinfo {
    /// `application/json`.
    Json(Map<String, Value>),
    /// `application/jwt`.
    Jwt(String),
}

/// Writes the claims as the client registered, with these keys of it.
pub fn answer(
    provider: &Provider,
    (client, keys): (&Client, &JwkSet),
    mut claims: Map<String, Value>,
    now: Timestamp,
) -> Result<Userinfo, Fault> {
    let signed = match client.userinfo_signed_response_alg {
        Some(algorithm) => {
            // OIDC Core §5.3.2: who says it, and to whom.
            claims.insert("iss".to_owned(), json!(provider.policy.issuer));
            claims.insert("aud".to_owned(), json!(client.client_id));
            Some(provider.keys.sign(algorithm, TYPE, &claims, now)?)
        }
        None => None,
    };
    match (signed, client.userinfo_encryption()) {
        (None, None) => Ok(Userinfo::Json(claims)),
        (Some(signed), None) => Ok(Userinfo::Jwt(signed)),
        (Some(signed), Some(encryption)) => Ok(Userinfo::Jwt(nested(&signed, keys, encryption)?)),
        (None, Some(encryption)) => {
            let json = serde_json::to_vec(&claims).map_err(|_| Unopenable)?;
            Ok(Userinfo::Jwt(encrypt(&json, &Header::plain(), keys, encryption)?))
        }
    }
}
