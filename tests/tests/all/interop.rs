//! The profile `interop` (`protocol.md` §0, 17, 18, 22–24): what it may do that nobody else may, and that it does no more.

use std::collections::BTreeSet;

use esignet_tests::login::{self, AMINA};
use esignet_tests::op::{RSA, Setup};
use esignet_tests::{Call, Key, Landing, Op, RelyingParty};
use http::Method;
use serde_json::json;

async fn started() -> (Op, RelyingParty) {
    let op = Setup::default().interop().start().await;
    let rp = op.register("old", &Key::p256(), &json!({ "profile": "interop" })).await;
    (op, rp)
}

async fn direct_login(op: &Op, request: &Call) -> esignet_tests::Away {
    let mut browser = op.browser();
    let first = browser.page(&request.link()).await.unwrap();
    login::through(&mut browser, &first, AMINA.id, login::OTP).await.unwrap()
}

fn redeem(rp: &RelyingParty, code: &str) -> Call {
    rp.redeem(code).unproved().without("code_verifier")
}

#[tokio::test]
async fn a_request_without_par_pkce_and_dpop_yields_a_bearer_token_that_opens_userinfo() {
    let (op, rp) = started().await;
    let response = direct_login(&op, &rp.direct()).await;
    assert_eq!(response.names(), ["code", "from", "iss", "state"]);
    let tokens = redeem(&rp, &response.parameter("code")).send().await.unwrap();
    assert_eq!((tokens.status, tokens.member("token_type")), (200, "Bearer".to_owned()), "{}", tokens.text());
    let token = tokens.member("access_token");
    let (_, claims) = esignet_tests::jwt::parts(&token).unwrap();
    assert!(!claims.contains_key("cnf"), "it is bound to nothing");
    let url = rp.userinfo_endpoint();
    let bearer = Call::get(&rp.wire, &url).header("authorization", &format!("Bearer {token}"));
    assert_eq!(bearer.send().await.unwrap().json()["name"], AMINA.name);
    let posted = Call::post(&rp.wire, &url).set("access_token", &token).send().await.unwrap();
    assert_eq!(posted.json()["name"], AMINA.name, "RFC 6750 §2.2");
    let as_dpop = rp.userinfo(&token).send().await.unwrap();
    assert_eq!(as_dpop.verdict(), (401, "invalid_token".to_owned()));
}

#[tokio::test]
async fn who_can_do_better_is_held_to_it() {
    let (op, rp) = started().await;
    let challenged = rp
        .direct()
        .set("code_challenge", esignet_tests::jwt::sha256(rp.code_verifier.as_bytes()))
        .set("code_challenge_method", "S256");
    let code = direct_login(&op, &challenged).await.parameter("code");
    let reply = redeem(&rp, &code).send().await.unwrap();
    assert_eq!(reply.verdict(), (400, "invalid_grant".to_owned()), "the verifier is missing");

    let code = direct_login(&op, &rp.direct()).await.parameter("code");
    let reply = rp.redeem(&code).unproved().send().await.unwrap();
    assert_eq!(reply.verdict(), (400, "invalid_grant".to_owned()), "a verifier where no challenge was sent");

    let code = direct_login(&op, &rp.direct()).await.parameter("code");
    let tokens = redeem(&rp, &code).proof(&rp.proof("POST", &rp.token_endpoint())).send().await.unwrap();
    assert_eq!(tokens.member("token_type"), "DPoP", "RFC 9449 §5: a proof binds");

    let bound = rp.direct().set("dpop_jkt", rp.dpop_key.thumbprint());
    let code = direct_login(&op, &bound).await.parameter("code");
    let reply = redeem(&rp, &code).send().await.unwrap();
    assert_eq!(reply.verdict(), (400, "invalid_dpop_proof".to_owned()), "never a bearer token instead");
}

#[tokio::test]
async fn what_is_wrong_goes_to_the_registered_redirect_uri_with_its_code() {
    type Change = fn(Call) -> Call;
    let table: &[(&str, Change, &str)] = &[
        ("response_type missing", |c| c.without("response_type"), "invalid_request"),
        ("response_type token", |c| c.set("response_type", "token"), "unsupported_response_type"),
        ("scope unknown", |c| c.set("scope", "openid admin"), "invalid_scope"),
        ("neither challenge nor nonce", |c| c.without("nonce"), "invalid_request"),
        ("plain", |c| c.set("code_challenge", "x".repeat(43)), "invalid_request"),
        ("repeated scope", |c| c.doubled("scope"), "invalid_request"),
        ("prompt none", |c| c.set("prompt", "none"), "login_required"),
        ("prompt none login", |c| c.set("prompt", "none login"), "invalid_request"),
        ("request", |c| c.set("request", "eyJhbGciOiJub25lIn0.e30."), "request_not_supported"),
        ("request_uri", |c| c.set("request_uri", "https://old.example/r.jwt"), "request_uri_not_supported"),
        ("registration", |c| c.set("registration", "{}"), "registration_not_supported"),
        ("claims", |c| c.set("claims", "{"), "invalid_request"),
        (
            "essential acr",
            |c| c.set("claims", r#"{"id_token":{"acr":{"essential":true,"value":"none"}}}"#),
            "unmet_authentication_requirements",
        ),
    ];
    let (op, rp) = started().await;
    for (what, change, code) in table {
        let landing = op.browser().open(&change(rp.direct()).link()).await.unwrap();
        let Landing::Away(away) = landing else { panic!("{what}: a page") };
        assert_eq!(away.parameter("error"), *code, "{what}");
        assert_eq!(away.url, "https://old.example/callback", "{what}");
        assert_eq!(
            (away.parameter("iss"), away.parameter("state")),
            (rp.issuer.clone(), rp.state.clone()),
            "{what}"
        );
        assert!(away.parameter("error_uri").ends_with(&format!("/errors/{code}")), "{what}");
        assert_eq!(away.reply.status, 303, "{what}");
    }
}

#[tokio::test]
async fn what_names_no_registered_place_is_a_page() {
    type Change = fn(Call) -> Call;
    let table: &[(&str, Change)] = &[
        ("redirect_uri missing", |c| c.without("redirect_uri")),
        ("redirect_uri of another", |c| c.set("redirect_uri", "https://evil.example/callback")),
        ("redirect_uri twice", |c| c.doubled("redirect_uri")),
        ("client_id twice", |c| c.doubled("client_id")),
        ("client_id unknown", |c| c.set("client_id", "nobody")),
        ("foreign request_uri and no redirect_uri", |c| {
            c.without("redirect_uri").set("request_uri", "https://old.example/r.jwt")
        }),
    ];
    let (op, rp) = started().await;
    for (what, change) in table {
        let page = op.browser().page(&change(rp.direct()).link()).await.unwrap();
        assert_eq!(page.status(), 400, "{what}");
        assert!(!page.reply.text().contains("evil.example"), "{what}: nothing is reflected");
    }
}

#[tokio::test]
async fn the_request_can_be_posted() {
    let (op, rp) = started().await;
    let mut browser = op.browser();
    let reply = browser
        .request("POST", &rp.endpoint("authorization_endpoint"), Some(&rp.direct().encoded()), &[])
        .await
        .unwrap();
    assert_eq!(reply.status, 200);
    let page = esignet_tests::Page { url: rp.endpoint("authorization_endpoint"), reply };
    assert!(page.form().has_button("continue"), "{}", page.text());
}

#[tokio::test]
async fn older_assertions_are_taken_of_it_and_of_nobody_else() {
    let (op, rp) = started().await;
    let strict = op.rp().await;
    let aud = |rp: &RelyingParty| rp.push().assertion(&rp.assertion().claim("aud", rp.token_endpoint()));
    let long = |rp: &RelyingParty| rp.push().assertion(&rp.assertion().claim("exp", (rp.now)() + 3_000));
    let rs256 = |rp: &RelyingParty| {
        let rp = RelyingParty { key: RSA.clone(), ..rp.clone() };
        // The registered key says PS256, so the client registers one without `alg` for RS256.
        rp.push().assertion(&rp.assertion().header("alg", "RS256"))
    };
    for (what, call) in [("aud", aud(&rp)), ("exp", long(&rp))] {
        assert_eq!(call.send().await.unwrap().status, 201, "{what}");
    }
    for (what, call) in [("aud", aud(&strict)), ("exp", long(&strict)), ("alg", rs256(&strict))] {
        assert_eq!(call.send().await.unwrap().verdict(), (401, "invalid_client".to_owned()), "{what}");
    }
    let mut bare = RSA.bare_jwk();
    bare["kid"] = "any".into();
    let keys = json!({ "profile": "interop", "jwks": { "keys": [bare] } });
    let mut key = RSA.clone();
    key.kid = "any".to_owned();
    let oldest = op.register("oldest", &key, &keys).await;
    assert_eq!(
        rs256(&oldest).assertion(&oldest.assertion().header("alg", "RS256")).send().await.unwrap().status,
        201
    );
}

#[tokio::test]
async fn a_floor_holds_for_a_client_that_was_registered_below_it() {
    let op = Op::start().await;
    let rp = op.register("old", &Key::p256(), &json!({ "profile": "interop" })).await;
    let page = op.browser().page(&rp.direct().link()).await.unwrap();
    assert_eq!(page.status(), 400, "it has to push");
    let reply = rp.push().without("code_challenge").without("code_challenge_method").send().await.unwrap();
    assert_eq!(reply.verdict(), (400, "invalid_request".to_owned()), "PKCE is required");
    let code = login::to_code(&rp, AMINA.id).await.unwrap().parameter("code");
    let reply = rp.redeem(&code).unproved().send().await.unwrap();
    assert_eq!(reply.verdict(), (400, "invalid_dpop_proof".to_owned()), "no bearer tokens");
}

#[tokio::test]
async fn metadata_says_what_the_weakest_profile_may() {
    let (_op, rp) = started().await;
    assert_eq!(rp.metadata["require_pushed_authorization_requests"], false);
    let names: BTreeSet<&str> = rp.metadata["token_endpoint_auth_signing_alg_values_supported"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|name| name.as_str())
        .collect();
    assert!(names.contains("RS256"));
    let head = Call::get(&rp.wire, &rp.direct().link()).method(Method::HEAD).send().await.unwrap();
    assert_eq!(head.status, 405, "a link preview opens no login");
}
