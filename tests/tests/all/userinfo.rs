//! The userinfo endpoint (OIDC Core §5.3, RFC 6750, `protocol.md` 42–46).

use esignet_tests::login::{self, AMINA};
use esignet_tests::{Call, Op, RelyingParty};
use http::Method;

async fn signed_in() -> (Op, RelyingParty, String) {
    let op = Op::start().await;
    let rp = op.rp().await;
    let token = login::whole(&rp, AMINA.id).await.unwrap().access_token;
    (op, rp, token)
}

#[tokio::test]
async fn get_and_post_answer_alike_and_are_not_stored() {
    let (_op, rp, token) = signed_in().await;
    let got = rp.userinfo(&token).send().await.unwrap();
    let url = rp.userinfo_endpoint();
    let post = rp.userinfo(&token).method(Method::POST).proof(&rp.proof_with_token("POST", &url, &token));
    let posted = post.send().await.unwrap();
    assert_eq!((got.status, posted.status), (200, 200), "{}", posted.text());
    assert_eq!(got.json(), posted.json());
    for reply in [got, posted] {
        assert!(reply.header("content-type").starts_with("application/json"));
        assert!(reply.header("cache-control").contains("no-store"));
    }
}

#[tokio::test]
async fn the_name_of_the_scheme_may_be_written_in_any_case() {
    let (_op, rp, token) = signed_in().await;
    for scheme in ["dpop", "DPOP", "DPoP"] {
        let call = rp
            .userinfo(&token)
            .without_header("authorization")
            .header("authorization", &format!("{scheme} {token}"));
        assert_eq!(call.send().await.unwrap().status, 200, "{scheme}");
    }
}

#[tokio::test]
async fn without_a_token_the_challenge_has_no_error_code() {
    let (_op, rp, token) = signed_in().await;
    let reply = rp.userinfo(&token).without_header("authorization").send().await.unwrap();
    assert_eq!(reply.status, 401);
    assert_eq!(reply.header("www-authenticate"), "DPoP algs=\"ES256 PS256 EdDSA Ed25519\"");
    assert_eq!(reply.error(), "", "RFC 6750 §3.1: no error information either");

    let basic = rp.userinfo(&token).without_header("authorization").header("authorization", "Basic YTpi");
    let reply = basic.send().await.unwrap();
    assert_eq!((reply.status, reply.error()), (401, String::new()), "another scheme is no token");
}

#[tokio::test]
async fn a_token_that_is_sent_in_another_way_is_refused() {
    type Change = fn(Call, &str) -> Call;
    let table: &[(&str, Change, u16, &str)] = &[
        (
            "as Bearer",
            |c, t| c.without_header("authorization").header("authorization", &format!("Bearer {t}")),
            401,
            "invalid_token",
        ),
        (
            "scheme alone",
            |c, _| c.without_header("authorization").header("authorization", "DPoP"),
            400,
            "invalid_request",
        ),
        ("two headers", |c, t| c.header("authorization", &format!("DPoP {t}")), 400, "invalid_request"),
        (
            "in the query",
            |c, t| c.without_header("authorization").set("access_token", t),
            400,
            "invalid_request",
        ),
        ("in query and header", |c, t| c.set("access_token", t), 400, "invalid_request"),
        (
            "not a token",
            |c, _| c.without_header("authorization").header("authorization", "DPoP a b"),
            400,
            "invalid_request",
        ),
        (
            "unknown",
            |c, _| c.without_header("authorization").header("authorization", "DPoP abc"),
            401,
            "invalid_token",
        ),
        (
            "with a letter more",
            |c, t| c.without_header("authorization").header("authorization", &format!("DPoP {t}x")),
            401,
            "invalid_token",
        ),
    ];
    let (_op, rp, token) = signed_in().await;
    for (what, change, status, error) in table {
        let reply = change(rp.userinfo(&token), &token).send().await.unwrap();
        assert_eq!(reply.status, *status, "{what}: {}", reply.text());
        let challenge = reply.header("www-authenticate");
        assert!(challenge.contains(&format!("error=\"{error}\"")), "{what}: {challenge}");
    }
}

#[tokio::test]
async fn a_token_in_the_body_is_refused_with_or_without_the_header() {
    let (_op, rp, token) = signed_in().await;
    let url = rp.userinfo_endpoint();
    let post = || {
        let proof = rp.proof_with_token("POST", &url, &token);
        Call::post(&rp.wire, &url).set("access_token", &token).proof(&proof)
    };
    assert_eq!(post().send().await.unwrap().status, 401, "there are no bearer tokens here");
    let both = post().header("authorization", &format!("DPoP {token}")).send().await.unwrap();
    assert_eq!(both.status, 400);
}

#[tokio::test]
async fn an_id_token_or_a_code_is_no_access_token() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let logged_in = login::whole(&rp, AMINA.id).await.unwrap();
    for other in [logged_in.id_token, logged_in.response.parameter("code")] {
        let reply = rp.userinfo(&other).send().await.unwrap();
        assert_eq!(reply.status, 401);
    }
}

#[tokio::test]
async fn a_proof_for_get_is_no_proof_for_post() {
    let (_op, rp, token) = signed_in().await;
    let reply = rp.userinfo(&token).method(Method::POST).send().await.unwrap();
    assert_eq!(reply.status, 401);
}
