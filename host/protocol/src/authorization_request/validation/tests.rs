use super::*;
use crate::testing::{CHALLENGE, client, key, parameters, request_with};

fn decide_with(changes: &[(&str, Option<&str>)]) -> Result<AuthorizationRequest, ErrorCode> {
    let client = client(&key());
    let hint = |_: &str| Err(HintRefusal::NotOurs);
    decide(&request_with(changes), &client, None, hint).map_err(|refusal| refusal.code())
}

#[test]
fn a_complete_request_is_taken_as_it_is() {
    let request = decide_with(&[
        ("claims", Some(r#"{"userinfo":{"name":{"essential":true}}}"#)),
        ("acr_values", Some("b a")),
        ("ui_locales", Some("fr en")),
        ("unknown_parameter", Some("is ignored")),
    ])
    .expect("taken");
    assert_eq!(request.state.expect("state").as_str(), "af0ifjsldkj");
    assert_eq!(request.nonce.expect("nonce").as_str(), "n-0S6_WzA2Mj");
    assert!(request.claims.userinfo["name"].essential);
    assert_eq!(request.ui_locales, ["fr", "en"]);
    assert_eq!(request.response_mode, ResponseMode::Query);
}

#[test]
fn what_is_wrong_with_a_request_is_told_by_its_registered_code() {
    use ErrorCode::{
        InvalidAuthorizationDetails, InvalidRequest, InvalidScope, RegistrationNotSupported,
        RequestNotSupported, UnsupportedResponseType,
    };
    let table: &[(&str, Option<&str>, ErrorCode)] = &[
        ("response_type", None, InvalidRequest),
        ("response_type", Some("token"), UnsupportedResponseType),
        ("response_type", Some("code id_token"), UnsupportedResponseType),
        ("redirect_uri", None, InvalidRequest),
        ("redirect_uri", Some("https://rp.example/cb/"), InvalidRequest),
        ("redirect_uri", Some("https://rp.example/cb?x=1"), InvalidRequest),
        ("redirect_uri", Some("https://RP.example/cb"), InvalidRequest),
        ("redirect_uri", Some("https://evil.example/cb"), InvalidRequest),
        ("response_mode", Some("fragment"), InvalidRequest),
        ("response_mode", Some("fragment.jwt"), InvalidRequest),
        ("scope", None, InvalidScope),
        ("scope", Some("openid payments"), InvalidScope),
        ("code_challenge", None, InvalidRequest),
        ("code_challenge", Some("too-short"), InvalidRequest),
        ("code_challenge_method", None, InvalidRequest),
        ("code_challenge_method", Some("plain"), InvalidRequest),
        ("prompt", Some("none login"), InvalidRequest),
        ("max_age", Some("-1"), InvalidRequest),
        ("max_age", Some("1.5"), InvalidRequest),
        ("claims", Some("{"), InvalidRequest),
        ("dpop_jkt", Some("short"), InvalidRequest),
        ("id_token_hint", Some("not.a.token"), InvalidRequest),
        ("request_uri", Some("urn:ietf:params:oauth:request_uri:x"), InvalidRequest),
        ("request", Some("eyJ"), RequestNotSupported),
        ("registration", Some("{}"), RegistrationNotSupported),
        ("authorization_details", Some("[]"), InvalidAuthorizationDetails),
    ];
    for (name, value, code) in table {
        assert_eq!(decide_with(&[(name, *value)]).err(), Some(*code), "{name}={value:?}");
    }
}

#[test]
fn state_and_nonce_come_whole_or_not_at_all() {
    let long = "n".repeat(1024);
    let nonce = decide_with(&[("nonce", Some(&long))]).expect("taken").nonce.expect("nonce");
    assert_eq!(nonce.as_str(), long);
    let longer = "n".repeat(1025);
    for name in ["state", "nonce"] {
        assert_eq!(decide_with(&[(name, Some(&longer))]).err(), Some(ErrorCode::InvalidRequest), "{name}");
    }
}

#[test]
fn the_key_of_a_proof_or_dpop_jkt_binds_the_code_and_the_two_must_agree() {
    let client = client(&key());
    let bound = |jkt: Option<&str>, proof: Option<&str>| {
        decide(&request_with(&[("dpop_jkt", jkt)]), &client, proof, |_| Err(HintRefusal::NotOurs))
            .map(|request| request.dpop_jkt)
            .map_err(|refusal| refusal.code())
    };
    let other = CHALLENGE.to_lowercase();
    assert_eq!(bound(None, None), Ok(None));
    assert_eq!(bound(Some(CHALLENGE), None), Ok(Some(CHALLENGE.to_owned())));
    assert_eq!(bound(None, Some(CHALLENGE)), Ok(Some(CHALLENGE.to_owned())));
    assert_eq!(bound(Some(CHALLENGE), Some(CHALLENGE)), Ok(Some(CHALLENGE.to_owned())));
    assert_eq!(bound(Some(CHALLENGE), Some(&other)), Err(ErrorCode::InvalidDpopProof));
}

#[test]
fn an_empty_request_misses_its_response_type_first() {
    let refusal =
        decide(&parameters(&[]), &client(&key()), None, |_| Err(HintRefusal::NotOurs)).expect_err("refused");
    assert!(matches!(refusal, Refusal::ResponseTypeMissing));
}

#[test]
fn a_client_of_signed_responses_gets_no_others() {
    let mut client = client(&key());
    client.profile = Profile::Fapi2MessageSigning;
    let mode = |asked: Option<&str>| {
        decide(&request_with(&[("response_mode", asked)]), &client, None, |_| Err(HintRefusal::NotOurs))
            .map(|request| request.response_mode)
            .map_err(|refusal| refusal.code())
    };
    assert_eq!(mode(None), Ok(ResponseMode::QueryJwt));
    assert_eq!(mode(Some("jwt")), Ok(ResponseMode::QueryJwt));
    assert_eq!(mode(Some("form_post.jwt")), Ok(ResponseMode::FormPostJwt));
    assert_eq!(mode(Some("query")), Err(ErrorCode::InvalidRequest));
    assert_eq!(mode(Some("form_post")), Err(ErrorCode::InvalidRequest));
}

#[test]
fn only_an_interop_client_does_without_a_challenge_and_then_not_without_a_nonce() {
    let mut client = client(&key());
    let bare: &[(&str, Option<&str>)] = &[("code_challenge", None), ("code_challenge_method", None)];
    let without_nonce = [bare, &[("nonce", None)]].concat();
    let judged = |client: &Client, changes: &[(&str, Option<&str>)]| {
        decide(&request_with(changes), client, None, |_| Err(HintRefusal::NotOurs))
            .map(|request| request.code_challenge.is_some())
    };
    assert!(judged(&client, bare).is_err());
    client.profile = Profile::Interop;
    assert!(matches!(judged(&client, bare), Ok(false)));
    assert!(matches!(judged(&client, &without_nonce), Err(Refusal::NeitherChallengeNorNonce)));
    let without_id_token = [bare, &[("scope", Some("profile"))]].concat();
    assert!(matches!(judged(&client, &without_id_token), Err(Refusal::NeitherChallengeNorNonce)));
    assert!(matches!(judged(&client, &[]), Ok(true)));
    // Half of PKCE is a mistake, and `plain` does not exist for anybody.
    for half in
        [("code_challenge", None), ("code_challenge_method", None), ("code_challenge_method", Some("plain"))]
    {
        assert!(matches!(judged(&client, &[half]), Err(Refusal::CodeChallenge)), "{half:?}");
    }
}

#[test]
fn a_target_is_only_what_is_registered() {
    let client = client(&key());
    assert!(target(&request_with(&[("scope", None), ("response_type", None)]), &client).is_ok());
    for elsewhere in [None, Some("https://evil.example/cb"), Some("https://rp.example/cb/")] {
        assert!(target(&request_with(&[("redirect_uri", elsewhere)]), &client).is_err(), "{elsewhere:?}");
    }
    let target = target(&request_with(&[("response_mode", Some("fragment"))]), &client).expect("a target");
    assert_eq!(target.mode, ResponseMode::Query);
}
