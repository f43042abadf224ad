//! Signed requests and signed responses (RFC 9101, JARM, `protocol.md` 49, 50): FAPI 2.0 Message Signing.

use esignet_tests::login::{self, AMINA};
use esignet_tests::{Jwt, Key, Op, RelyingParty};
use serde_json::{Value, json};

type Change = fn(Jwt, &RelyingParty) -> Jwt;

async fn signing(op: &Op) -> RelyingParty {
    op.register("signs", &Key::p256(), &json!({ "profile": "fapi2-message-signing" })).await
}

/// The claims of the one parameter of a signed response, verified with the published keys.
async fn opened(rp: &RelyingParty, response: &login::Response) -> serde_json::Map<String, Value> {
    assert_eq!(response.names(), ["from", "response"], "nothing beside it but the registered query");
    rp.verified(&response.parameter("response")).await.unwrap()
}

#[tokio::test]
async fn a_signed_request_is_answered_by_a_signed_response_and_yields_tokens() {
    let op = Op::start().await;
    let rp = signing(&op).await;
    let response = login::respond(&rp, rp.push_signed(&rp.request_object()), AMINA.id).await.unwrap();
    let claims = opened(&rp, &response).await;
    assert_eq!((claims["iss"].as_str(), claims["aud"].as_str()), (Some(rp.issuer.as_str()), Some("signs")));
    assert_eq!(claims["state"], rp.state.as_str());
    let life = claims["exp"].as_u64().unwrap() - op.clock.seconds();
    assert!((10..=600).contains(&life), "JARM §2.1: {life} seconds");
    let tokens = rp.redeem(claims["code"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    let id_token = rp.verified(&tokens.member("id_token")).await.unwrap();
    assert_eq!(id_token["nonce"], rp.nonce.as_str());
}

#[tokio::test]
async fn errors_are_signed_too() {
    let op = Op::start().await;
    let rp = signing(&op).await;
    let silent = rp.push_signed(&rp.request_object().claim("prompt", "none"));
    let request_uri = rp.pushed_as(silent).await.unwrap();
    let response = op.browser().open(&rp.authorization_url(&request_uri)).await.unwrap().away().unwrap();
    let claims = opened(&rp, &response).await;
    assert_eq!(claims["error"], "login_required");
    assert_eq!(claims["state"], rp.state.as_str());

    let (mut browser, first) = login::opened_as(&rp, rp.push_signed(&rp.request_object())).await.unwrap();
    let cancelled = browser.press(&first, &first.form(), "cancel").await.unwrap().away().unwrap();
    assert_eq!(opened(&rp, &cancelled).await["error"], "access_denied");
}

#[tokio::test]
async fn a_signed_response_can_be_posted() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let push = rp.push().set("response_mode", "form_post.jwt").set("prompt", "none");
    let request_uri = rp.pushed_as(push).await.unwrap();
    let mut browser = op.browser();
    let page = browser.page(&rp.authorization_url(&request_uri)).await.unwrap();
    let posted = browser.press(&page, &page.form(), "").await.unwrap().away().unwrap();
    assert_eq!(posted.names(), ["response"]);
    assert_eq!(rp.verified(&posted.parameter("response")).await.unwrap()["error"], "login_required");
}

#[tokio::test]
async fn what_stands_outside_of_the_object_is_ignored() {
    let op = Op::start().await;
    let rp = signing(&op).await;
    let push = rp
        .push_signed(&rp.request_object())
        .set("state", "outside")
        .set("nonce", "outside")
        .set("redirect_uri", "https://evil.example/callback")
        .set("response_mode", "query");
    let response = login::respond(&rp, push, AMINA.id).await.unwrap();
    assert!(response.url.starts_with("https://signs.example/"), "{}", response.url);
    assert_eq!(opened(&rp, &response).await["state"], rp.state.as_str());
}

#[tokio::test]
async fn a_bad_object_is_refused_by_its_code() {
    let table: &[(&str, Change, &str)] = &[
        ("no exp", |o, _| o.without_claim("exp"), "invalid_request_object"),
        ("exp past", |o, rp| o.claim("exp", (rp.now)() - 60), "invalid_request_object"),
        ("exp 70 minutes after nbf", |o, rp| o.claim("exp", (rp.now)() + 4_200), "invalid_request_object"),
        ("no nbf", |o, _| o.without_claim("nbf"), "invalid_request_object"),
        ("nbf 70 minutes ago", |o, rp| o.claim("nbf", (rp.now)() - 4_200), "invalid_request_object"),
        ("nbf ahead", |o, rp| o.claim("nbf", (rp.now)() + 60), "invalid_request_object"),
        ("no aud", |o, _| o.without_claim("aud"), "invalid_request_object"),
        ("aud of another", |o, _| o.claim("aud", "https://other.example"), "invalid_request_object"),
        ("iss of another", |o, _| o.claim("iss", "bank"), "invalid_request_object"),
        ("no iss", |o, _| o.without_claim("iss"), "invalid_request_object"),
        ("client_id of another", |o, _| o.claim("client_id", "bank"), "invalid_request_object"),
        ("typ of a client assertion", |o, _| o.header("typ", "JWT"), "invalid_request_object"),
        ("alg none", |o, _| o.header("alg", "none"), "invalid_request_object"),
        ("alg HS256", |o, _| o.header("alg", "HS256"), "invalid_request_object"),
        ("signed by another", |o, _| o.signed_by(&Key::p256()), "invalid_request_object"),
        ("crit", |o, _| o.header("crit", json!(["exp"])), "invalid_request_object"),
        (
            "request_uri inside",
            |o, _| o.claim("request_uri", "urn:ietf:params:oauth:request_uri:x"),
            "invalid_request_object",
        ),
        ("no code_challenge", |o, _| o.without_claim("code_challenge"), "invalid_request"),
        ("plain", |o, _| o.claim("code_challenge_method", "plain"), "invalid_request"),
        (
            "redirect_uri of another",
            |o, _| o.claim("redirect_uri", "https://evil.example"),
            "invalid_request",
        ),
        ("response_mode query", |o, _| o.claim("response_mode", "query"), "invalid_request"),
        ("unknown scope", |o, _| o.claim("scope", "openid admin"), "invalid_scope"),
    ];
    let op = Op::start().await;
    let rp = signing(&op).await;
    for (what, change, code) in table {
        let reply = rp.push_signed(&change(rp.request_object(), &rp)).send().await.unwrap();
        assert_eq!(reply.verdict(), (400, (*code).to_owned()), "{what}: {}", reply.text());
    }
    let unsigned = rp.push().send().await.unwrap();
    assert_eq!(
        unsigned.verdict(),
        (400, "invalid_request".to_owned()),
        "the profile has signed requests only"
    );
}

#[tokio::test]
async fn clocks_may_differ_and_the_audience_may_be_a_list() {
    let table: &[(&str, Change)] = &[
        ("nbf 8 seconds ahead", |o, rp| o.claim("nbf", (rp.now)() + 8)),
        ("aud with others", |o, rp| o.claim("aud", json!([rp.issuer, "https://other.example"]))),
        ("typ in other letters", |o, _| o.header("typ", "OAuth-AuthZ-Req+JWT")),
        ("no typ", |o, _| o.without_header("typ")),
        ("exp an hour after nbf", |o, rp| o.claim("exp", (rp.now)() + 3_600)),
    ];
    let op = Op::start().await;
    let rp = signing(&op).await;
    for (what, change) in table {
        let reply = rp.push_signed(&change(rp.request_object(), &rp)).send().await.unwrap();
        assert_eq!(reply.status, 201, "{what}: {}", reply.text());
    }
}

#[tokio::test]
async fn a_client_of_another_profile_may_sign_and_may_ask_for_a_signed_response() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let object = rp.request_object().claim("response_mode", "jwt");
    let response = login::respond(&rp, rp.push_signed(&object), AMINA.id).await.unwrap();
    assert!(opened(&rp, &response).await.contains_key("code"));
    let plain = login::respond(&rp, rp.push_signed(&rp.request_object()), AMINA.id).await.unwrap();
    assert_eq!(plain.names(), ["code", "from", "iss", "state"]);
}
