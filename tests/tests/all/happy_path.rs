//! A login that works, and everything that is promised of what it yields.

use esignet_tests::login::{self, AMINA};
use esignet_tests::op::{ACR_OTP, ISSUER};
use esignet_tests::{Landing, Op, jwt};
use serde_json::{Value, json};

#[tokio::test]
async fn a_person_signs_in_with_three_pages_and_the_relying_party_gets_their_claims() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let mut browser = op.browser();

    let request_uri = rp.pushed().await.unwrap();
    let first = browser.page(&rp.authorization_url(&request_uri)).await.unwrap();
    assert!(
        first.text().contains("The bank <b>&amp;</b> Sons"),
        "names of clients are text: {}",
        first.text()
    );
    let question = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
    assert!(!question.text().contains(AMINA.id), "a page never repeats the identifier");
    let consent = login::answer(&mut browser, &question, login::OTP).await.unwrap().page().unwrap();
    assert!(consent.form().has_button("allow") && consent.form().has_button("deny"));
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    assert!(browser.cookies.is_empty(), "the login cookie is gone with the login");

    let logged_in = login::finish(&rp, response).await.unwrap();
    assert_eq!(logged_in.userinfo["name"], AMINA.name);
    assert_eq!(logged_in.userinfo["email"], "amina.benali@mail.example");
}

#[tokio::test]
async fn the_authorization_response_carries_code_state_and_issuer_and_the_registered_query() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let response = login::to_code(&rp, AMINA.id).await.unwrap();

    assert_eq!(response.names(), ["code", "from", "iss", "state"]);
    assert_eq!(response.parameter("iss"), ISSUER);
    assert_eq!(response.parameter("state"), rp.state);
    assert_eq!(response.parameter("from"), "op", "a query part of the registered redirect_uri is kept");
    assert!(response.parameter("code").len() >= 22, "128 bits are 22 base64url characters");
    assert_eq!(response.url, "https://bank.example/callback");
    assert_eq!(response.reply.status, 303);
    assert_eq!(response.reply.header("referrer-policy"), "no-referrer");
    assert_eq!(response.reply.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_token_response_is_dpop_bound_complete_and_never_stored() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let code = login::to_code(&rp, AMINA.id).await.unwrap().parameter("code");
    let reply = rp.redeem(&code).send().await.unwrap();

    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "application/json");
    assert!(reply.header("cache-control").contains("no-store"));
    let answer = reply.json();
    assert_eq!(answer["token_type"], "DPoP");
    assert_eq!(answer["expires_in"], 300);
    assert_eq!(answer["scope"], "email openid profile");
    assert!(answer.get("refresh_token").is_none(), "refresh tokens do not exist here");
}

#[tokio::test]
async fn the_access_token_is_a_signed_jwt_for_this_client_and_this_key_alone() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let logged_in = login::whole(&rp, AMINA.id).await.unwrap();

    let (header, _) = jwt::parts(&logged_in.access_token).unwrap();
    assert_eq!(header["typ"], "at+jwt");
    assert_eq!(header["alg"], "ES256");
    assert!(header["kid"].is_string());
    let claims = rp.verified(&logged_in.access_token).await.unwrap();
    let now = op.clock.seconds();
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["aud"], ISSUER);
    assert_eq!(claims["client_id"], "bank");
    assert_eq!(claims["sub"], logged_in.userinfo["sub"]);
    assert_eq!(claims["iat"], now);
    assert_eq!(claims["exp"], now + 300);
    assert_eq!(claims["auth_time"], now);
    assert_eq!(claims["acr"], ACR_OTP);
    assert_eq!(claims["scope"], "email openid profile");
    assert!(claims["jti"].as_str().is_some_and(|jti| jti.len() >= 22));
    assert_eq!(claims["cnf"], json!({ "jkt": rp.dpop_key.thumbprint() }));
    assert!(!Value::Object(claims).to_string().contains("Amina"), "an access token names nobody");
}

#[tokio::test]
async fn the_id_token_states_who_how_and_when_and_belongs_to_the_access_token() {
    let op = Op::start().await;
    let rp = op.rp().await;
    op.wait(5);
    let logged_in = login::whole(&rp, AMINA.id).await.unwrap();

    let (header, _) = jwt::parts(&logged_in.id_token).unwrap();
    assert_eq!(header["alg"], "ES256");
    assert!(header["kid"].is_string());
    let claims = rp.verified(&logged_in.id_token).await.unwrap();
    let now = op.clock.seconds();
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["aud"], "bank", "one audience, as a string");
    assert_eq!(claims["nonce"], rp.nonce);
    assert_eq!(claims["iat"], now);
    assert!(claims["exp"].as_u64().is_some_and(|exp| exp > now && exp <= now + 600));
    assert_eq!(claims["auth_time"], now);
    assert_eq!(claims["acr"], ACR_OTP);
    assert_eq!(claims["amr"], json!(["otp"]));
    assert_eq!(claims["at_hash"], jwt::left_half_sha256(logged_in.access_token.as_bytes()));
    assert_eq!(claims["sub"], logged_in.userinfo["sub"]);
    let names: Vec<_> = claims.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["acr", "amr", "at_hash", "aud", "auth_time", "exp", "iat", "iss", "nonce", "sub"],
        "claims of the person are for userinfo unless they were asked for here"
    );
}

#[tokio::test]
async fn a_person_has_one_subject_at_a_relying_party_and_another_at_the_next() {
    let op = Op::start().await;
    let (bank, clinic) = (op.rp().await, op.client("clinic").await);
    let first = login::whole(&bank, AMINA.id).await.unwrap().userinfo["sub"].clone();
    let again = login::whole(&bank.another_attempt(), AMINA.id).await.unwrap().userinfo["sub"].clone();
    let elsewhere = login::whole(&clinic, AMINA.id).await.unwrap().userinfo["sub"].clone();
    let other =
        login::whole(&bank.another_attempt(), login::MOUSSA.id).await.unwrap().userinfo["sub"].clone();

    assert_eq!(first, again);
    assert_ne!(first, elsewhere);
    assert_ne!(first, other);
    let text = first.as_str().unwrap();
    assert!(text.is_ascii() && text.len() <= 255 && !text.contains(AMINA.id));
}

#[tokio::test]
async fn without_the_scope_openid_there_is_an_access_token_and_no_id_token() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let request_uri = rp.pushed_as(rp.push().set("scope", "profile")).await.unwrap();
    let mut browser = op.browser();
    let first = browser.page(&rp.authorization_url(&request_uri)).await.unwrap();
    let response = login::through(&mut browser, &first, AMINA.id, login::OTP).await.unwrap();
    let tokens = rp.redeem(&response.parameter("code")).send().await.unwrap();
    assert_eq!(tokens.status, 200);
    assert_eq!(tokens.member("id_token"), "");
    let userinfo = rp.userinfo(&tokens.member("access_token")).send().await.unwrap();
    assert_eq!(userinfo.verdict(), (403, "insufficient_scope".to_owned()));
}

#[tokio::test]
async fn form_post_brings_the_response_with_a_button_that_needs_no_script() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let request_uri = rp.pushed_as(rp.push().set("response_mode", "form_post")).await.unwrap();
    let mut browser = op.browser();
    let first = browser.page(&rp.authorization_url(&request_uri)).await.unwrap();
    let question = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
    let consent = login::answer(&mut browser, &question, login::OTP).await.unwrap().page().unwrap();
    let Landing::Page(last) = login::allow(&mut browser, &consent).await.unwrap() else {
        panic!("no page to post from")
    };
    assert_eq!(last.status(), 200);
    assert_eq!(last.reply.header("cache-control"), "no-store");
    let form = last.form();
    assert_eq!(form.method, "POST");
    assert_eq!(form.action, rp.redirect_uri);
    assert_eq!(form.buttons.len(), 1);
    let response = browser.press(&last, &form, "").await.unwrap().away().unwrap();
    assert_eq!(response.parameter("iss"), ISSUER);
    assert_eq!(response.parameter("state"), rp.state);
    login::finish(&rp, response).await.unwrap();
}
