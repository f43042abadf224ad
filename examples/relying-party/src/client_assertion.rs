//! Step 3: we prove who we are with a signature instead of a shared secret (RFC 7523 §2.2, OIDC Core §9
//! `private_key_jwt`).

use jsonwebtoken::get_current_timestamp;
use serde_json::json;

use crate::error::SignInError;
use crate::key::{Key, random_text};

/// The one value of `client_assertion_type`.
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A fresh assertion. It is for this provider alone (`aud` is its issuer), for a minute, and for one use (`jti`).
pub(crate) fn assertion(key: &Key, client_id: &str, issuer: &str) -> Result<String, SignInError> {
    let now = get_current_timestamp();
    let claims = json!({
        "iss": client_id,
        "sub": client_id,
        "aud": issuer,
        "iat": now,
        "exp": now + 60,
        "jti": random_text()?,
    });
    key.sign("JWT", &claims)
}
