//! What a token is bound to (RFC 7800 §3): the `cnf` of access tokens and of introspection answers.

use serde::{Deserialize, Serialize};

/// The one key that an access token works with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confirmation {
    /// The key of DPoP proofs, by its thumbprint (RFC 9449 §6.1).
    #[serde(rename = "jkt")]
    Jkt(String),
    /// The client's certificate, by its SHA-256 hash (RFC 8705 §3.1).
    #[serde(rename = "x5t#S256")]
    Certificate(String),
}

/// The `token_type` of a token that is bound so, or not at all (RFC 9449 §5, RFC 8705 §3, RFC 6750 §4).
pub const fn token_type(confirmation: Option<&Confirmation>) -> &'static str {
    match confirmation {
        Some(Confirmation::Jkt(_)) => "DPoP",
        Some(Confirmation::Certificate(_)) | None => "Bearer",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_confirmation_is_written_as_the_member_cnf() {
        let by_key = Confirmation::Jkt("t".to_owned());
        assert_eq!(serde_json::to_value(&by_key).expect("serializes"), json!({ "jkt": "t" }));
        let by_certificate = Confirmation::Certificate("t".to_owned());
        assert_eq!(serde_json::to_value(&by_certificate).expect("serializes"), json!({ "x5t#S256": "t" }));
        assert_eq!(token_type(Some(&by_key)), "DPoP");
        assert_eq!(token_type(Some(&by_certificate)), "Bearer");
        assert_eq!(token_type(None), "Bearer");
    }
}
