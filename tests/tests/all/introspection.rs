//! Introspection and revocation (RFC 7662, RFC 9701, RFC 7009, `protocol.md` 21, 47, 48).

use esignet_tests::login::{self, AMINA};
use esignet_tests::{Call, Key, Op, RelyingParty};
use http::Method;
use serde_json::{Value, json};

async fn signed_in() -> (Op, RelyingParty, String) {
    let op = Op::start().await;
    let rp = op.rp().await;
    let token = login::whole(&rp, AMINA.id).await.unwrap().access_token;
    (op, rp, token)
}

async fn introspect(rp: &RelyingParty, token: &str) -> Value {
    let reply = rp.about("introspection_endpoint", token).send().await.unwrap();
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(reply.header("cache-control").contains("no-store"));
    reply.json()
}

#[tokio::test]
async fn a_client_learns_of_its_own_token_what_the_token_says() {
    let (_op, rp, token) = signed_in().await;
    let answer = introspect(&rp, &token).await;
    let (_, claims) = esignet_tests::jwt::parts(&token).unwrap();
    assert_eq!(answer["active"], true);
    assert_eq!(answer["token_type"], "DPoP");
    for member in ["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "acr", "auth_time", "scope", "cnf"]
    {
        assert_eq!(answer[member], claims[member], "{member}");
    }
}

#[tokio::test]
async fn of_everything_else_it_learns_that_it_is_not_active() {
    let (op, rp, token) = signed_in().await;
    let nothing = json!({ "active": false });
    let clinic = op.client("clinic").await;
    assert_eq!(introspect(&clinic, &token).await, nothing, "another client's token");
    assert_eq!(introspect(&rp, "unknown").await, nothing);
    assert_eq!(introspect(&rp, &"x".repeat(5_000)).await, nothing, "longer than any token");
    op.wait(301);
    assert_eq!(introspect(&rp, &token).await, nothing, "expired");
}

#[tokio::test]
async fn a_signed_answer_comes_on_request() {
    let (op, rp, token) = signed_in().await;
    let call = rp.about("introspection_endpoint", &token);
    let reply = call.header("accept", "application/token-introspection+jwt").send().await.unwrap();
    assert_eq!(reply.header("content-type"), "application/token-introspection+jwt");
    let (header, _) = esignet_tests::jwt::parts(&reply.text()).unwrap();
    assert_eq!(header["typ"], "token-introspection+jwt");
    let claims = rp.verified(&reply.text()).await.unwrap();
    assert_eq!((claims["iss"].as_str(), claims["aud"].as_str()), (Some(rp.issuer.as_str()), Some("bank")));
    assert_eq!(claims["iat"].as_u64(), Some(op.clock.seconds()));
    assert_eq!(claims["token_introspection"]["active"], true);
    assert!(!claims.contains_key("sub") && !claims.contains_key("exp"), "RFC 9701 §5");
}

#[tokio::test]
async fn a_revoked_token_is_dead_everywhere_at_once() {
    let (_op, rp, token) = signed_in().await;
    let revoked =
        rp.about("revocation_endpoint", &token).set("token_type_hint", "refresh_token").send().await.unwrap();
    assert_eq!((revoked.status, revoked.text().as_str()), (200, ""));
    assert_eq!(introspect(&rp, &token).await, json!({ "active": false }));
    let userinfo = rp.userinfo(&token).send().await.unwrap();
    assert_eq!(userinfo.verdict(), (401, "invalid_token".to_owned()));
    let again = rp.about("revocation_endpoint", &token).send().await.unwrap();
    assert_eq!(again.status, 200, "RFC 7009 §2.2");
}

#[tokio::test]
async fn another_clients_token_is_not_revoked_and_the_answer_does_not_tell() {
    let (op, rp, token) = signed_in().await;
    let clinic = op.client("clinic").await;
    for any in [token.as_str(), "unknown"] {
        let reply = clinic.about("revocation_endpoint", any).send().await.unwrap();
        assert_eq!((reply.status, reply.text().as_str()), (200, ""));
    }
    assert_eq!(introspect(&rp, &token).await["active"], true);
}

#[tokio::test]
async fn both_endpoints_authenticate_the_client_as_the_others_do() {
    type Change = fn(Call, &RelyingParty) -> Call;
    let table: &[(&str, Change, u16, &str)] = &[
        ("nothing", |c, _| c.unauthenticated(), 400, "invalid_client"),
        (
            "a client_id alone",
            |c, rp| c.unauthenticated().set("client_id", &rp.client_id),
            400,
            "invalid_client",
        ),
        ("another key", |c, rp| c.assertion(&rp.assertion().signed_by(&Key::p256())), 401, "invalid_client"),
        (
            "aud the endpoint",
            |c, rp| c.assertion(&rp.assertion().claim("aud", rp.endpoint("introspection_endpoint"))),
            401,
            "invalid_client",
        ),
        ("token missing", |c, _| c.without("token"), 400, "invalid_request"),
        ("token twice", |c, _| c.doubled("token"), 400, "invalid_request"),
    ];
    let (_op, rp, token) = signed_in().await;
    for endpoint in ["introspection_endpoint", "revocation_endpoint"] {
        for (what, change, status, code) in table {
            let reply = change(rp.about(endpoint, &token), &rp).send().await.unwrap();
            assert_eq!(reply.verdict(), (*status, (*code).to_owned()), "{endpoint}: {what}");
        }
        let got = rp.about(endpoint, &token).method(Method::GET).send().await.unwrap();
        assert_eq!((got.status, got.header("allow")), (405, "POST".to_owned()), "{endpoint}");
    }
}
