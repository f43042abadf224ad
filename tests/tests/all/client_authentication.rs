//! `private_key_jwt` (RFC 7523, FAPI 2.0 SP §5.3.2.1, `protocol.md` 6 and 17–21), the same at PAR and at the token endpoint.

use esignet_tests::{Call, Jwt, Key, Op, RelyingParty, login};
use serde_json::{Value, json};

type Change = fn(Jwt, &RelyingParty) -> Jwt;

const BAD_ASSERTIONS: &[(&str, Change)] = &[
    ("aud is the token endpoint", |jwt, rp| jwt.claim("aud", rp.token_endpoint())),
    ("aud is the PAR endpoint", |jwt, rp| jwt.claim("aud", rp.par_endpoint())),
    ("aud is an array with the issuer", |jwt, rp| jwt.claim("aud", json!([rp.issuer]))),
    ("aud is the issuer with a slash", |jwt, rp| jwt.claim("aud", format!("{}/", rp.issuer))),
    ("aud missing", |jwt, _| jwt.without_claim("aud")),
    ("iss missing", |jwt, _| jwt.without_claim("iss")),
    ("iss of another client", |jwt, _| jwt.claim("iss", "clinic")),
    ("sub of another client", |jwt, _| jwt.claim("sub", "clinic")),
    ("sub missing", |jwt, _| jwt.without_claim("sub")),
    ("sub no text", |jwt, _| jwt.claim("sub", 1)),
    ("exp missing", |jwt, _| jwt.without_claim("exp")),
    ("exp no number", |jwt, _| jwt.claim("exp", "tomorrow")),
    ("exp past by more than the leeway", |jwt, rp| jwt.claim("exp", (rp.now)() - 11)),
    ("exp too far ahead", |jwt, rp| jwt.claim("exp", (rp.now)() + 400)),
    ("iat a minute ahead", |jwt, rp| jwt.claim("iat", (rp.now)() + 60)),
    ("nbf a minute ahead", |jwt, rp| jwt.claim("nbf", (rp.now)() + 60)),
    ("jti missing", |jwt, _| jwt.without_claim("jti")),
    ("jti empty", |jwt, _| jwt.claim("jti", "")),
    ("jti of more than a kilobyte", |jwt, _| jwt.claim("jti", "x".repeat(1_025))),
    ("alg none", |jwt, _| jwt.header("alg", "none")),
    ("alg HS256 with the public key as secret", |jwt, _| jwt.header("alg", "HS256")),
    ("alg RS256", |jwt, _| jwt.signed_by(&Key::rsa()).header("alg", "RS256")),
    ("a key nobody registered", |jwt, _| jwt.signed_by(&Key::p256())),
    ("a key in the header", |jwt, _| {
        let key = Key::p256();
        jwt.signed_by(&key).header("jwk", key.bare_jwk()).without_header("kid")
    }),
    ("a kid nobody registered", |jwt, _| jwt.header("kid", "nobody")),
    ("crit", |jwt, _| jwt.header("crit", json!(["exp"]))),
    ("b64 false", |jwt, _| jwt.header("b64", false)),
    ("typ of a DPoP proof", |jwt, _| jwt.header("typ", "dpop+jwt")),
    ("typ of a request object", |jwt, _| jwt.header("typ", "oauth-authz-req+jwt")),
    ("typ of an access token", |jwt, _| jwt.header("typ", "at+jwt")),
];

const GOOD_ASSERTIONS: &[(&str, Change)] = &[
    ("iat ten seconds ahead", |jwt, rp| jwt.claim("iat", (rp.now)() + 10)),
    ("nbf ten seconds ahead", |jwt, rp| jwt.claim("nbf", (rp.now)() + 10)),
    ("exp past within the leeway", |jwt, rp| jwt.claim("exp", (rp.now)() - 9)),
    ("no iat", |jwt, _| jwt.without_claim("iat")),
    ("no typ", |jwt, _| jwt.without_header("typ")),
    ("typ client-authentication+jwt", |jwt, _| jwt.header("typ", "client-authentication+jwt")),
    ("no kid", |jwt, _| jwt.without_header("kid")),
    ("a jti of a kilobyte", |jwt, _| jwt.claim("jti", "x".repeat(1_024))),
    ("claims nobody knows", |jwt, _| jwt.claim("shoe_size", 43)),
    ("a jku that nobody fetches", |jwt, _| jwt.header("jku", "https://evil.example/jwks")),
];

#[tokio::test]
async fn every_bad_assertion_is_an_invalid_client_at_every_endpoint() {
    let op = Op::start().await;
    let rp = op.rp().await;
    for (what, change) in BAD_ASSERTIONS {
        let bad = change(rp.assertion(), &rp);
        for call in [rp.push(), rp.redeem("any")] {
            let reply = call.assertion(&bad).send().await.unwrap();
            assert_eq!(reply.verdict(), (401, "invalid_client".to_owned()), "{what}: {}", reply.text());
        }
    }
}

#[tokio::test]
async fn assertions_within_the_rules_are_taken() {
    let op = Op::start().await;
    let rp = op.rp().await;
    // An assertion without `iat` may be as old as an assertion can be, and so may be from before this start.
    op.wait(320);
    for (what, change) in GOOD_ASSERTIONS {
        let reply = rp.push().assertion(&change(rp.assertion(), &rp)).send().await.unwrap();
        assert_eq!(reply.status, 201, "{what}: {}", reply.text());
    }
}

#[tokio::test]
async fn an_assertion_is_good_once_and_not_at_another_endpoint_either() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let assertion = rp.assertion();
    assert_eq!(rp.push().assertion(&assertion).send().await.unwrap().status, 201);
    for call in [rp.push(), rp.redeem("any")] {
        let replay = call.assertion(&assertion).send().await.unwrap();
        assert_eq!(replay.verdict(), (401, "invalid_client".to_owned()));
    }
    op.wait(60);
    let late = rp.push().assertion(&assertion).send().await.unwrap();
    assert_eq!(late.status, 401, "at the edge of its life it is still remembered");
}

#[tokio::test]
async fn two_clients_may_choose_the_same_jti() {
    let op = Op::start().await;
    for client in ["bank", "clinic"] {
        let rp = op.client(client).await;
        let reply = rp.push().assertion(&rp.assertion().claim("jti", "1")).send().await.unwrap();
        assert_eq!(reply.status, 201, "{client}");
    }
}

#[tokio::test]
async fn an_id_token_never_passes_as_an_assertion() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let logged_in = login::whole(&rp, login::AMINA.id).await.unwrap();
    for token in [&logged_in.id_token, &logged_in.access_token] {
        let reply = rp.push().set("client_assertion", token).send().await.unwrap();
        assert_eq!(reply.verdict(), (401, "invalid_client".to_owned()));
    }
}

#[tokio::test]
async fn a_client_uses_one_method_and_the_one_that_exists() {
    type Change = fn(Call) -> Call;
    let table: &[(&str, Change, u16, &str)] = &[
        ("nothing", Call::unauthenticated, 400, "invalid_client"),
        ("no type", |c| c.without("client_assertion_type"), 401, "invalid_client"),
        (
            "another type",
            |c| c.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"),
            401,
            "invalid_client",
        ),
        ("no assertion", |c| c.without("client_assertion"), 401, "invalid_client"),
        ("no JWT", |c| c.set("client_assertion", "hello"), 401, "invalid_client"),
        ("a secret", |c| c.unauthenticated().set("client_secret", "s"), 401, "invalid_client"),
        (
            "a password",
            |c| c.unauthenticated().header("authorization", "Basic YmFuazpz"),
            401,
            "invalid_client",
        ),
        ("assertion and secret", |c| c.set("client_secret", "s"), 400, "invalid_request"),
        ("assertion and password", |c| c.header("authorization", "Basic YmFuazpz"), 400, "invalid_request"),
        ("client_id of another", |c| c.set("client_id", "clinic"), 400, "invalid_request"),
    ];
    let op = Op::start().await;
    let rp = op.rp().await;
    for (what, change, status, error) in table {
        for call in [rp.push(), rp.redeem("any")] {
            let reply = change(call).send().await.unwrap();
            assert_eq!(reply.verdict(), (*status, (*error).to_owned()), "{what}: {}", reply.text());
        }
    }
}

#[tokio::test]
async fn a_client_nobody_registered_looks_like_a_client_with_a_wrong_key() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let mut stranger = rp.clone();
    stranger.client_id = "nobody".to_owned();
    let unknown = stranger.push().send().await.unwrap();
    let wrong_key = rp.push().assertion(&rp.assertion().signed_by(&Key::p256())).send().await.unwrap();
    let without_incident = |reply: &esignet_tests::Reply| {
        let Value::Object(mut members) = reply.json() else { panic!("an error is JSON") };
        members.retain(|name, _| name == "error" || name == "error_description");
        (reply.status, members)
    };
    assert_eq!(without_incident(&unknown), without_incident(&wrong_key));
}
