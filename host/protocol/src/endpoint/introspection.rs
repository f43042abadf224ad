//! Token introspection (RFC 7662), and its signed answer on request (RFC 9701).
//!
//! A client sees its own tokens and no others: a token of somebody else is answered like one that never was.

use serde_json::{Map, Value, json};

use super::RawRequest;
use super::revocation::{self, Refusal};
use crate::client_auth;
use crate::error::{Fault, Refused};
use crate::issue::AccessGrant;
use crate::issue::confirmation::token_type;
use crate::provider::Provider;
use crate::word::client_id::ClientId;
use crate::word::issuer::Issuer;
use crate::word::time::Timestamp;

/// The media type of a signed answer (RFC 9701 §4), also the `typ` of its JWT, without `application/`.
pub const SIGNED: &str = "token-introspection+jwt";

/// The answer.
pub enum Introspection {
    /// `application/json` (RFC 7662 §2.2).
    Json(Map<String, Value>),
    /// `application/token-introspection+jwt` (RFC 9701 §5).
    Jwt(String),
}

/// What is told of a token: nothing but `active` unless it is good and the client's own (RFC 7662 §2.2, §4).
pub fn decide(grant: Option<&AccessGrant>, client: &ClientId, issuer: &Issuer) -> Map<String, Value> {
    let mut answer = Map::new();
    let own = revocation::decide(grant, client);
    answer.insert("active".to_owned(), Value::Bool(own.is_some()));
    let Some(grant) = own else { return answer };
    let facts = json!({
        "iss": issuer,
        "aud": issuer,
        "sub": grant.login.subject,
        "client_id": grant.client_id,
        "scope": grant.scope,
        "token_type": token_type(grant.confirmation.as_ref()),
        "iat": grant.issued_at,
        "exp": grant.expires_at,
        "jti": grant.jti,
        "auth_time": grant.login.auth_time,
        "acr": grant.login.acr,
    });
    if let Value::Object(facts) = facts {
        answer.extend(facts);
    }
    // RFC 9449 §6.2, RFC 8705 §3.2: a resource must know what the token is bound to.
    if let Some(confirmation) = &grant.confirmation {
        answer.insert("cnf".to_owned(), json!(confirmation));
    }
    answer
}

/// The claims of a signed answer (RFC 9701 §5): who says it, to whom, when, and the answer in a member of its own, so that
/// it can never pass as an access token (RFC 9701 §8.1).
pub fn signed(
    answer: Map<String, Value>,
    client: &ClientId,
    issuer: &Issuer,
    now: Timestamp,
) -> Map<String, Value> {
    let mut claims = Map::new();
    claims.insert("iss".to_owned(), json!(issuer));
    claims.insert("aud".to_owned(), json!(client));
    claims.insert("iat".to_owned(), json!(now));
    claims.insert("token_introspection".to_owned(), Value::Object(answer));
    claims
}

/// Whether the client asked for a signed answer (RFC 9701 §4).
fn wants_signed(accept: &[String]) -> bool {
    let ranges = accept.iter().flat_map(|line| line.split(','));
    let mut types = ranges.map(|range| range.split(';').next().unwrap_or_default().trim());
    types.any(|media_type| {
        media_type.strip_prefix("application/").is_some_and(|rest| rest.eq_ignore_ascii_case(SIGNED))
    })
}

/// Authenticates the client, looks, tells.
pub async fn handle(provider: &Provider, raw: RawRequest) -> Result<Introspection, Refused> {
    let now = provider.now();
    let parameters = raw.parameters.as_ref().map_err(|error| Refusal::from(*error))?;
    let client = client_auth::authenticate(provider, parameters, &raw, now).await?;
    let grant = match revocation::parse(parameters)? {
        Some(token) => provider.stores.grants.token(&token.hash(), now).await.map_err(Fault::from)?,
        None => None,
    };
    let issuer = &provider.policy.issuer;
    let answer = decide(grant.as_ref(), &client.client_id, issuer);
    if !wants_signed(&raw.accept) {
        return Ok(Introspection::Json(answer));
    }
    let claims = signed(answer, &client.client_id, issuer, now);
    let algorithm = client.introspection_signed_response_alg;
    let jwt = provider.keys.sign(algorithm, SIGNED, &claims, now).map_err(Fault::from)?;
    Ok(Introspection::Jwt(jwt))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::Confirmation;
    use crate::testing::access_grant;

    fn told(grant: Option<&AccessGrant>, client: &str) -> Map<String, Value> {
        let client = ClientId::parse(client).expect("a client id");
        decide(grant, &client, &Issuer::parse("https://id.example.org").expect("an issuer"))
    }

    #[test]
    fn a_client_learns_everything_of_its_own_token_and_nothing_of_another() {
        let grant = access_grant();
        let own = told(Some(&grant), "rp");
        assert_eq!(own["active"], true);
        assert_eq!(own["token_type"], "DPoP");
        assert_eq!(own["cnf"], json!({ "jkt": "t" }));
        assert_eq!((own["acr"].as_str(), own["auth_time"].as_u64()), (Some("a"), Some(1)));
        let nothing = json!({ "active": false });
        assert_eq!(Value::Object(told(Some(&grant), "other")), nothing);
        assert_eq!(Value::Object(told(None, "rp")), nothing);
    }

    #[test]
    fn what_is_bound_to_nothing_has_no_confirmation() {
        let mut grant = access_grant();
        grant.confirmation = None;
        let told_of = told(Some(&grant), "rp");
        assert_eq!((told_of["token_type"].as_str(), told_of.get("cnf")), (Some("Bearer"), None));
        grant.confirmation = Some(Confirmation::Certificate("c".to_owned()));
        assert_eq!(told(Some(&grant), "rp")["cnf"], json!({ "x5t#S256": "c" }));
    }

    #[test]
    fn a_signed_answer_cannot_be_taken_for_an_access_token() {
        let client = ClientId::parse("rp").expect("a client id");
        let issuer = Issuer::parse("https://id.example.org").expect("an issuer");
        let claims = signed(told(Some(&access_grant()), "rp"), &client, &issuer, Timestamp(5));
        assert_eq!(claims["token_introspection"]["active"], true);
        assert_eq!((claims["aud"].as_str(), claims["iat"].as_u64()), (Some("rp"), Some(5)));
        for top_level in ["sub", "exp", "scope", "client_id", "cnf"] {
            assert!(!claims.contains_key(top_level), "{top_level} (RFC 9701 section 5)");
        }
    }

    #[test]
    fn a_signed_answer_is_for_who_asks_for_it() {
        let asked = |line: &str| wants_signed(&[line.to_owned()]);
        assert!(asked("application/token-introspection+jwt"));
        assert!(asked("application/json;q=0.5, application/Token-Introspection+JWT;q=1"));
        assert!(!asked("application/json"));
        assert!(!asked("*/*"));
        assert!(!wants_signed(&[]));
    }
}
