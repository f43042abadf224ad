use super::*;
use crate::testing::{access_grant, parameters};

fn raw(authorization: &[&str], query: &[(&str, &str)], body: &[(&str, &str)]) -> RawUserinfo {
    RawUserinfo {
        method: "POST",
        query: Ok(parameters(query)),
        body: Ok(parameters(body)),
        dpop: Vec::new(),
        authorization: authorization.iter().map(|header| (*header).to_owned()).collect(),
        client_certificate: None,
    }
}

fn answer(authorization: &[&str], query: &[(&str, &str)], body: &[(&str, &str)]) -> (u16, ErrorCode, bool) {
    let refusal = parse(&raw(authorization, query, body)).expect_err("refused");
    let refused = Refused::from(refusal);
    (refused.status, refused.code, refused.challenge == Some(Challenge::Bare))
}

#[test]
fn the_scheme_is_read_in_any_case() {
    for (header, expected) in [
        ("DPoP abc.def", Scheme::Dpop),
        ("dpop abc.def", Scheme::Dpop),
        ("DPOP abc.def", Scheme::Dpop),
        ("bEARER abc.def", Scheme::Bearer),
    ] {
        let (scheme, token) = parse(&raw(&[header], &[], &[])).expect("a token");
        assert_eq!((scheme, token.expose()), (expected, "abc.def"));
    }
}

#[test]
fn a_request_without_a_token_gets_a_challenge_without_an_error() {
    assert_eq!(answer(&[], &[], &[]), (401, ErrorCode::InvalidToken, true));
}

#[test]
fn a_token_is_taken_from_one_place_and_never_from_the_query() {
    let token = [("access_token", "abc")];
    assert_eq!(answer(&["DPoP abc"], &token, &[]).0, 400, "in the query");
    assert_eq!(answer(&[], &token, &[]).0, 400, "only in the query");
    assert_eq!(answer(&["DPoP abc"], &[], &token).0, 400, "in two places");
    assert_eq!(answer(&["DPoP abc", "DPoP abc"], &[], &[]).0, 400, "two headers");
    assert_eq!(answer(&["Basic abc"], &[], &[]), (401, ErrorCode::InvalidToken, true), "another scheme");
    for malformed in ["DPoP", "DPoP ", "DPoP a b", "DPoP  abc", "DPoPabc", "DPoP a,b"] {
        assert_eq!(answer(&[malformed], &[], &[]).0, 400, "{malformed:?}");
    }
}

fn grant(confirmation: &Value) -> AccessGrant {
    let confirmation = serde_json::from_value(confirmation.clone()).expect("a confirmation");
    AccessGrant { confirmation, ..access_grant() }
}

#[test]
fn a_token_is_sent_under_the_scheme_of_what_it_is_bound_to() {
    let by_key = grant(&serde_json::json!({ "jkt": "t" }));
    let by_certificate = grant(&serde_json::json!({ "x5t#S256": "t" }));
    let unbound = grant(&Value::Null);
    assert!(decide_scheme(&by_key, Scheme::Dpop).is_ok());
    assert!(matches!(decide_scheme(&by_key, Scheme::Bearer), Err(Refusal::NotAsBearer)));
    for token in [&by_certificate, &unbound] {
        assert!(decide_scheme(token, Scheme::Bearer).is_ok());
        assert!(matches!(decide_scheme(token, Scheme::Dpop), Err(Refusal::NotByDpop)));
    }
}

#[test]
fn a_token_bound_to_a_certificate_is_worth_nothing_without_it() {
    let bound = grant(&serde_json::json!({ "x5t#S256": "t" }));
    let shown = |certificate| decide(&bound, Possession { proof: None, certificate });
    assert!(shown(Some("t")).is_ok());
    for other in [None, Some("u"), Some("")] {
        assert!(matches!(shown(other), Err(Refusal::OtherCertificate)), "{other:?}");
    }
    let by_key = decide(&grant(&serde_json::json!({ "jkt": "t" })), Possession::default());
    assert!(matches!(by_key, Err(Refusal::Dpop(DpopRefusal::Missing))));
}
