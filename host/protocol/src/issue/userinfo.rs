//! The userinfo answer (OIDC Core §5.3.2): JSON, or a signed JWT, as the client registered.

use serde_json::{Map, Value, json};

use crate::client::Client;
use crate::keys::SigningFailed;
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

/// Writes the claims as the client registered.
pub fn answer(
    provider: &Provider,
    client: &Client,
    mut claims: Map<String, Value>,
    now: Timestamp,
) -> Result<Userinfo, SigningFailed> {
    let Some(algorithm) = client.userinfo_signed_response_alg else {
        return Ok(Userinfo::Json(claims));
    };
    // OIDC Core §5.3.2: who says it, and to whom.
    claims.insert("iss".to_owned(), json!(provider.policy.issuer));
    claims.insert("aud".to_owned(), json!(client.client_id));
    Ok(Userinfo::Jwt(provider.keys.sign(algorithm, TYPE, &claims, now)?))
}
