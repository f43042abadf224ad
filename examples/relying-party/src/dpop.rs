//! Proofs that we hold the key a token is bound to, so that a stolen token is of no use (RFC 9449 §4).

use jsonwebtoken::get_current_timestamp;
use serde_json::json;

use crate::error::SignInError;
use crate::key::{Key, random_text, sha256_text};

/// A proof for one request: its method and URL, and the access token if one goes with it (RFC 9449 §4.2).
pub(crate) fn proof(
    key: &Key,
    method: &str,
    url: &str,
    access_token: Option<&str>,
) -> Result<String, SignInError> {
    let mut claims = json!({
        "htm": method,
        "htu": url,
        "iat": get_current_timestamp(),
        "jti": random_text()?,
    });
    if let (Some(token), Some(members)) = (access_token, claims.as_object_mut()) {
        members.insert("ath".to_owned(), sha256_text(token).into());
    }
    key.sign_showing_key("dpop+jwt", &claims)
}
