//! Signed authorization responses (JWT Secured Authorization Response Mode §2, FAPI 2.0 Message Signing §5.4).

use esignet_jose::algorithm::Algorithm;
use serde_json::{Map, Value, json};

use crate::keys::SigningFailed;
use crate::provider::Provider;
use crate::word::client_id::ClientId;
use crate::word::issuer::Issuer;
use crate::word::time::Timestamp;

/// The `typ` of a response. JARM §2.1 names none, so it says no more than that it is a JWT.
const TYPE: &str = "JWT";

/// How long a response can be used, in seconds; JARM §2.1 recommends at most ten minutes.
pub const TTL: u64 = 300;

/// The claims of a response: its parameters, who answers, for whom, until when (JARM §2.1).
pub fn claims(
    parameters: Vec<(&'static str, String)>,
    client_id: &ClientId,
    issuer: &Issuer,
    now: Timestamp,
) -> Map<String, Value> {
    let mut claims: Map<String, Value> =
        parameters.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    claims.insert("iss".to_owned(), json!(issuer));
    claims.insert("aud".to_owned(), json!(client_id));
    claims.insert("exp".to_owned(), json!(now.plus(TTL)));
    claims
}

/// The value of `response`.
pub fn response(
    provider: &Provider,
    client_id: &ClientId,
    algorithm: Algorithm,
    parameters: Vec<(&'static str, String)>,
) -> Result<String, SigningFailed> {
    let now = provider.now();
    let claims = claims(parameters, client_id, &provider.policy.issuer, now);
    provider.keys.sign(algorithm, TYPE, &claims, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_says_who_answers_for_whom_and_until_when() {
        let issuer = Issuer::parse("https://id.example.org").expect("an issuer");
        let client = ClientId::parse("rp").expect("a client");
        let parameters = vec![("code", "c".to_owned()), ("state", "s".to_owned())];
        let claims = claims(parameters, &client, &issuer, Timestamp(1_000));
        let expected =
            json!({ "code": "c", "state": "s", "iss": "https://id.example.org", "aud": "rp", "exp": 1_300 });
        assert_eq!(Value::Object(claims), expected);
    }
}
