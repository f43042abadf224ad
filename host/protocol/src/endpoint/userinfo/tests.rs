use super::*;
use crate::testing::parameters;

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
    for header in ["DPoP abc.def", "dpop abc.def", "DPOP abc.def"] {
        assert_eq!(parse(&raw(&[header], &[], &[])).expect("a token").expose(), "abc.def");
    }
}

#[test]
fn a_request_without_a_token_gets_a_challenge_without_an_error() {
    assert_eq!(answer(&[], &[], &[]), (401, ErrorCode::InvalidToken, true));
}

#[test]
fn a_token_is_taken_from_one_header_and_from_nowhere_else() {
    let token = [("access_token", "abc")];
    assert_eq!(answer(&["DPoP abc"], &token, &[]).0, 400, "in the query");
    assert_eq!(answer(&[], &token, &[]).0, 400, "only in the query");
    assert_eq!(answer(&["DPoP abc"], &[], &token).0, 400, "in two places");
    assert_eq!(answer(&["DPoP abc", "DPoP abc"], &[], &[]).0, 400, "two headers");
    assert_eq!(answer(&[], &[], &token), (401, ErrorCode::InvalidToken, false), "a bearer token in the body");
    assert_eq!(answer(&["Bearer abc"], &[], &[]), (401, ErrorCode::InvalidToken, false));
    assert_eq!(answer(&["Basic abc"], &[], &[]), (401, ErrorCode::InvalidToken, true), "another scheme");
    for malformed in ["DPoP", "DPoP ", "DPoP a b", "DPoP  abc", "DPoPabc", "DPoP a,b"] {
        assert_eq!(answer(&[malformed], &[], &[]).0, 400, "{malformed:?}");
    }
}
