//! Pushed authorization requests (RFC 9126, `protocol.md` 5–15): what is taken, and what is refused with which word.

use esignet_tests::op::Setup;
use esignet_tests::{Call, Key, Op, RelyingParty};

type Change = fn(Call, &RelyingParty) -> Call;

#[tokio::test]
async fn a_good_request_is_accepted_with_a_handle_nobody_can_guess() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let reply = rp.push().send().await.unwrap();
    assert_eq!(reply.status, 201);
    assert!(reply.header("cache-control").contains("no-store"));
    assert_eq!(reply.json()["expires_in"], 60);
    let request_uri = reply.member("request_uri");
    let random = request_uri.strip_prefix("urn:ietf:params:oauth:request_uri:").expect("the URN of RFC 9126");
    assert!(random.len() >= 22, "128 bits are 22 base64url characters");
    assert_ne!(rp.pushed().await.unwrap(), request_uri);
}

#[tokio::test]
async fn every_malformed_request_has_its_own_registered_error() {
    const LONG: usize = 3_000;
    let table: &[(&str, Change, u16, &str)] = &[
        ("request_uri in it", |c, _| c.set("request_uri", "urn:x"), 400, "invalid_request"),
        ("a request object", |c, _| c.set("request", "e30.e30."), 400, "invalid_request_object"),
        ("registration", |c, _| c.set("registration", "{}"), 400, "registration_not_supported"),
        (
            "authorization_details",
            |c, _| c.set("authorization_details", "[]"),
            400,
            "invalid_authorization_details",
        ),
        ("response_type missing", |c, _| c.without("response_type"), 400, "invalid_request"),
        ("response_type empty", |c, _| c.set("response_type", ""), 400, "invalid_request"),
        ("response_type token", |c, _| c.set("response_type", "token"), 400, "unsupported_response_type"),
        (
            "response_type hybrid",
            |c, _| c.set("response_type", "code id_token"),
            400,
            "unsupported_response_type",
        ),
        ("response_mode fragment", |c, _| c.set("response_mode", "fragment"), 400, "invalid_request"),
        ("redirect_uri missing", |c, _| c.without("redirect_uri"), 400, "invalid_request"),
        (
            "redirect_uri foreign",
            |c, _| c.set("redirect_uri", "https://evil.example/"),
            400,
            "invalid_request",
        ),
        (
            "redirect_uri longer",
            |c, rp| c.set("redirect_uri", format!("{}&x=1", rp.redirect_uri)),
            400,
            "invalid_request",
        ),
        (
            "redirect_uri in other case",
            |c, rp| c.set("redirect_uri", rp.redirect_uri.to_uppercase()),
            400,
            "invalid_request",
        ),
        ("scope missing", |c, _| c.without("scope"), 400, "invalid_scope"),
        ("scope unknown", |c, _| c.set("scope", "openid payments"), 400, "invalid_scope"),
        ("scope offline_access", |c, _| c.set("scope", "openid offline_access"), 400, "invalid_scope"),
        ("challenge missing", |c, _| c.without("code_challenge"), 400, "invalid_request"),
        ("challenge method missing", |c, _| c.without("code_challenge_method"), 400, "invalid_request"),
        ("challenge method plain", |c, _| c.set("code_challenge_method", "plain"), 400, "invalid_request"),
        ("challenge short", |c, _| c.set("code_challenge", "x".repeat(42)), 400, "invalid_request"),
        ("challenge long", |c, _| c.set("code_challenge", "x".repeat(44)), 400, "invalid_request"),
        ("challenge not base64url", |c, _| c.set("code_challenge", "=".repeat(43)), 400, "invalid_request"),
        ("prompt none and login", |c, _| c.set("prompt", "none login"), 400, "invalid_request"),
        ("prompt unknown", |c, _| c.set("prompt", "please"), 400, "invalid_request"),
        ("max_age negative", |c, _| c.set("max_age", "-1"), 400, "invalid_request"),
        ("max_age no number", |c, _| c.set("max_age", "soon"), 400, "invalid_request"),
        ("claims no JSON", |c, _| c.set("claims", "{"), 400, "invalid_request"),
        ("claims no object", |c, _| c.set("claims", "[]"), 400, "invalid_request"),
        (
            "claims of a wrong shape",
            |c, _| c.set("claims", r#"{"userinfo":{"name":1}}"#),
            400,
            "invalid_request",
        ),
        (
            "claims too deep",
            |c, _| c.set("claims", format!("{}1{}", "[".repeat(99), "]".repeat(99))),
            400,
            "invalid_request",
        ),
        ("state of 1025 characters", |c, _| c.set("state", "x".repeat(1_025)), 400, "invalid_request"),
        ("state not ASCII", |c, _| c.set("state", "é"), 400, "invalid_request"),
        ("state too long", |c, _| c.set("state", "x".repeat(LONG)), 413, "invalid_request"),
        ("nonce too long", |c, _| c.set("nonce", "x".repeat(LONG)), 413, "invalid_request"),
        ("id_token_hint of nobody", |c, _| c.set("id_token_hint", "e30.e30.e30"), 400, "invalid_request"),
        ("dpop_jkt malformed", |c, _| c.set("dpop_jkt", "x"), 400, "invalid_request"),
        (
            "dpop_jkt of another key",
            |c, _| c.set("dpop_jkt", Key::p256().thumbprint()),
            400,
            "invalid_dpop_proof",
        ),
    ];
    let op = Op::start().await;
    let rp = op.rp().await;
    for (what, change, status, error) in table {
        let reply = change(rp.push(), &rp).send().await.unwrap();
        assert_eq!(reply.verdict(), (*status, (*error).to_owned()), "{what}: {}", reply.text());
        assert!(reply.header("cache-control").contains("no-store"), "{what}");
        assert_eq!(reply.header("location"), "", "{what}: an API never redirects");
    }
}

#[tokio::test]
async fn a_parameter_given_twice_is_refused_whichever_it_is() {
    let op = Op::start().await;
    let rp = op.rp().await;
    for name in [
        "client_id",
        "response_type",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "claims",
        "client_assertion",
        "client_assertion_type",
    ] {
        let reply = rp.push().doubled(name).send().await.unwrap();
        assert_eq!(reply.verdict(), (400, "invalid_request".to_owned()), "{name}");
    }
    let unknown = rp.push().also("x", "1").also("x", "2").send().await.unwrap();
    assert_eq!(
        unknown.verdict(),
        (400, "invalid_request".to_owned()),
        "unknown ones as well (RFC 6749 §3.1)"
    );
}

#[tokio::test]
async fn parameters_this_server_does_not_know_are_ignored() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let push =
        rp.push().set("display", "page").set("utm_source", "x").set("constructor", "y").set("audience", "z");
    assert_eq!(push.send().await.unwrap().status, 201);
}

#[tokio::test]
async fn what_the_specifications_allow_is_taken() {
    let table: &[(&str, Change)] = &[
        ("scopes in another order", |c, _| c.set("scope", "email profile openid")),
        ("no state", |c, _| c.without("state")),
        ("no nonce", |c, _| c.without("nonce")),
        ("a nonce of 64 characters", |c, _| c.set("nonce", "n".repeat(64))),
        ("an opaque state", |c, _| c.set("state", "a b+c&d=%\"<>")),
        ("max_age 0", |c, _| c.set("max_age", "0")),
        ("prompt login consent", |c, _| c.set("prompt", "login consent")),
        ("acr_values nobody knows", |c, _| c.set("acr_values", "urn:x urn:y")),
        ("ui_locales nobody reads", |c, _| c.set("ui_locales", "tlh x-y")),
        ("unknown members of claims", |c, _| {
            c.set("claims", r#"{"userinfo":{"shoe_size":null},"verified":{}}"#)
        }),
        ("dpop_jkt and no proof", |c, rp| c.unproved().set("dpop_jkt", rp.dpop_key.thumbprint())),
        ("dpop_jkt and its proof", |c, rp| c.set("dpop_jkt", rp.dpop_key.thumbprint())),
        ("neither dpop_jkt nor proof", |c, _| c.unproved()),
        ("no client_id beside the assertion", |c, _| c.without("client_id")),
    ];
    let op = Op::start().await;
    let rp = op.rp().await;
    for (what, change) in table {
        let reply = change(rp.push(), &rp).send().await.unwrap();
        assert_eq!(reply.status, 201, "{what}: {}", reply.text());
    }
}

#[tokio::test]
async fn a_client_that_pushes_without_end_is_told_to_stop_and_others_are_not() {
    let op = Setup::default().bounds(|bounds| bounds.pushed_requests_per_minute = 3).start().await;
    let (bank, clinic) = (op.rp().await, op.client("clinic").await);
    for _ in 0..3 {
        bank.pushed().await.unwrap();
    }
    assert_eq!(bank.push().send().await.unwrap().verdict(), (429, "temporarily_unavailable".to_owned()));
    clinic.pushed().await.unwrap();
    op.wait(60);
    bank.pushed().await.unwrap();
}
