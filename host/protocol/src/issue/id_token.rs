//! The id_token (OIDC Core §2, §3.1.3.6): who logged in, how and when, for this client alone.

use esignet_jose::algorithm::Algorithm;
use esignet_jose::digest;
use serde_json::{Map, Value, json};

use super::authorization_code::IssuedCode;
use crate::word::handle::AccessToken;
use crate::word::issuer::Issuer;
use crate::word::time::Timestamp;

/// The `typ` of an id_token.
pub const TYPE: &str = "JWT";

/// How long an id_token can be used, in seconds.
pub const TTL: u64 = 300;

/// Claims that state facts of the protocol: no plugin's claim ever takes their place.
pub const RESERVED: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "cnf",
    "sid",
];

/// The claims of an id_token. `released` are those that the end-user agreed to have in it (OIDC Core §5.5);
/// `at_hash` is by the hash of the algorithm that signs (OIDC Core §3.1.3.6).
pub fn claims(
    code: &IssuedCode,
    released: Map<String, Value>,
    (access_token, algorithm): (&AccessToken, Algorithm),
    issuer: &Issuer,
    now: Timestamp,
) -> Map<String, Value> {
    let mut claims = released;
    claims.retain(|name, _| !RESERVED.contains(&name.as_str()));
    let Value::Object(facts) = json!({
        "iss": issuer.as_str(),
        "sub": code.login.subject,
        "aud": code.client_id,
        "iat": now,
        "exp": now.plus(TTL),
        "auth_time": code.login.auth_time,
        "acr": code.login.acr,
        "amr": code.login.amr,
        "at_hash": digest::token_hash(algorithm, access_token.expose().as_bytes()),
    }) else {
        return Map::new();
    };
    claims.extend(facts);
    if let Some(nonce) = &code.nonce {
        claims.insert("nonce".to_owned(), Value::from(nonce.as_str()));
    }
    claims
}
