//! DPoP proofs (RFC 9449, `protocol.md` 14, 37, 38), at PAR, at the token endpoint and at userinfo.

use esignet_tests::login::{self, AMINA};
use esignet_tests::op::{ED25519, RSA, Setup};
use esignet_tests::{Jwt, Key, Op, RelyingParty};
use serde_json::json;

type Change = fn(Jwt, &RelyingParty) -> Jwt;

const BAD_PROOFS: &[(&str, Change)] = &[
    ("typ missing", |p, _| p.without_header("typ")),
    ("typ JWT", |p, _| p.header("typ", "JWT")),
    ("alg none", |p, _| p.header("alg", "none")),
    ("alg HS256", |p, _| p.header("alg", "HS256")),
    ("alg RS256", |p, _| p.signed_by(&RSA).header("alg", "RS256").header("jwk", RSA.bare_jwk())),
    ("jwk missing", |p, _| p.without_header("jwk")),
    ("jwk of another key", |p, _| p.header("jwk", Key::p256().bare_jwk())),
    ("jwk with its private member", |p, rp| p.header("jwk", rp.dpop_key.private_jwk())),
    ("jwk symmetric", |p, _| p.header("jwk", json!({ "kty": "oct", "k": "AAAA" }))),
    ("jwk no object", |p, _| p.header("jwk", "key")),
    ("crit", |p, _| p.header("crit", json!(["jwk"]))),
    ("htm missing", |p, _| p.without_claim("htm")),
    ("htm of another method", |p, _| p.claim("htm", "PUT")),
    ("htm in small letters", |p, _| {
        let method = p.claims["htm"].as_str().unwrap_or_default().to_lowercase();
        p.claim("htm", method)
    }),
    ("htu missing", |p, _| p.without_claim("htu")),
    ("htu of another endpoint", |p, rp| p.claim("htu", format!("{}/elsewhere", rp.issuer))),
    ("htu of another host", |p, _| p.claim("htu", "https://evil.example/oauth/token")),
    ("htu no URL", |p, _| p.claim("htu", "token")),
    ("iat missing", |p, _| p.without_claim("iat")),
    ("iat no number", |p, _| p.claim("iat", "now")),
    ("iat a minute ahead", |p, rp| p.claim("iat", (rp.now)() + 60)),
    ("iat more than a minute old", |p, rp| p.claim("iat", (rp.now)() - 61)),
    ("nbf ahead", |p, rp| p.claim("nbf", (rp.now)() + 60)),
    ("exp past", |p, rp| p.claim("exp", (rp.now)() - 60)),
    ("jti missing", |p, _| p.without_claim("jti")),
    ("jti empty", |p, _| p.claim("jti", "")),
    ("jti of more than a kilobyte", |p, _| p.claim("jti", "x".repeat(1_025))),
    ("too large", |p, _| p.claim("padding", "x".repeat(9_000))),
];

const GOOD_PROOFS: &[(&str, Change)] = &[
    ("iat ten seconds ahead", |p, rp| p.claim("iat", (rp.now)() + 10)),
    ("iat ten seconds old", |p, rp| p.claim("iat", (rp.now)() - 10)),
    ("htu with query and fragment", |p, _| {
        let url = p.claims["htu"].as_str().unwrap_or_default().to_owned();
        p.claim("htu", format!("{url}?x=1#y"))
    }),
    ("htu in another spelling", |p, _| {
        let url = p.claims["htu"]
            .as_str()
            .unwrap_or_default()
            .replace("https://op.example/", "HTTPS://OP.Example:443/./");
        p.claim("htu", url)
    }),
    ("claims nobody knows", |p, _| p.claim("shoe_size", 43)),
    ("a kid, which nobody trusts", |p, _| p.header("kid", "any")),
];

#[tokio::test]
async fn every_bad_proof_is_refused_at_par() {
    let op = Op::start().await;
    let rp = op.rp().await;
    for (what, change) in BAD_PROOFS {
        let proof = change(rp.proof("POST", &rp.par_endpoint()), &rp);
        let reply = rp.push().proof(&proof).send().await.unwrap();
        assert_eq!(reply.verdict(), (400, "invalid_dpop_proof".to_owned()), "{what}: {}", reply.text());
    }
}

#[tokio::test]
async fn every_bad_proof_is_refused_at_the_token_endpoint_and_never_answered_with_a_bearer_token() {
    let op = Op::start().await;
    let rp = op.rp().await;
    for (what, change) in BAD_PROOFS {
        let code = login::to_code(&rp, AMINA.id).await.unwrap().parameter("code");
        let proof = change(rp.proof("POST", &rp.token_endpoint()), &rp);
        let reply = rp.redeem(&code).proof(&proof).send().await.unwrap();
        assert_eq!(reply.verdict(), (400, "invalid_dpop_proof".to_owned()), "{what}: {}", reply.text());
        assert_eq!(reply.member("access_token"), "", "{what}");
    }
}

#[tokio::test]
async fn every_bad_proof_is_refused_at_userinfo_with_a_challenge() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let token = login::whole(&rp, AMINA.id).await.unwrap().access_token;
    let own: &[(&str, Change)] = &[
        ("ath missing", |p, _| p.without_claim("ath")),
        ("ath of another token", |p, _| p.claim("ath", esignet_tests::jwt::sha256(b"other"))),
        ("another key", |p, _| {
            let key = Key::p256();
            p.signed_by(&key).header("jwk", key.bare_jwk())
        }),
    ];
    for (what, change) in BAD_PROOFS.iter().chain(own) {
        let proof = change(rp.proof_with_token("GET", &rp.userinfo_endpoint(), &token), &rp);
        let reply = rp.userinfo(&token).proof(&proof).send().await.unwrap();
        assert_eq!(reply.status, 401, "{what}: {}", reply.text());
        let challenge = reply.header("www-authenticate");
        assert!(
            challenge.starts_with("DPoP ") && challenge.contains("error=\"invalid_dpop_proof\""),
            "{what}: {challenge}"
        );
    }
    assert_eq!(rp.userinfo(&token).send().await.unwrap().status, 200, "a bad proof does not harm the token");
}

#[tokio::test]
async fn proofs_within_the_rules_are_taken_everywhere() {
    let op = Op::start().await;
    let rp = op.rp().await;
    op.wait(60);
    for (what, change) in GOOD_PROOFS {
        let push = rp.push().proof(&change(rp.proof("POST", &rp.par_endpoint()), &rp));
        let code = login::respond(&rp, push, AMINA.id)
            .await
            .unwrap_or_else(|error| panic!("{what}: {error:#}"))
            .parameter("code");
        let tokens = rp
            .redeem(&code)
            .proof(&change(rp.proof("POST", &rp.token_endpoint()), &rp))
            .send()
            .await
            .unwrap();
        assert_eq!(tokens.status, 200, "{what}: {}", tokens.text());
        let token = tokens.member("access_token");
        let proof = change(rp.proof_with_token("GET", &rp.userinfo_endpoint(), &token), &rp);
        let userinfo = rp.userinfo(&token).proof(&proof).send().await.unwrap();
        assert_eq!(userinfo.status, 200, "{what}: {}", userinfo.text());
    }
}

#[tokio::test]
async fn two_proofs_in_one_request_are_refused() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let second = rp.proof("POST", &rp.par_endpoint()).encode();
    let reply = rp.push().header("dpop", &second).send().await.unwrap();
    assert_eq!(reply.verdict(), (400, "invalid_dpop_proof".to_owned()));
}

#[tokio::test]
async fn a_proof_is_good_once() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let proof = rp.proof("POST", &rp.par_endpoint());
    assert_eq!(rp.push().proof(&proof).send().await.unwrap().status, 201);
    assert_eq!(
        rp.push().proof(&proof).send().await.unwrap().verdict(),
        (400, "invalid_dpop_proof".to_owned())
    );

    let token = login::whole(&rp, AMINA.id).await.unwrap().access_token;
    let proof = rp.proof_with_token("GET", &rp.userinfo_endpoint(), &token);
    assert_eq!(rp.userinfo(&token).proof(&proof).send().await.unwrap().status, 200);
    op.wait(60);
    assert_eq!(
        rp.userinfo(&token).proof(&proof).send().await.unwrap().status,
        401,
        "remembered as long as it could count"
    );
}

#[tokio::test]
async fn a_code_that_was_bound_when_it_was_asked_for_needs_that_key() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let thief = rp.another_attempt();
    for push in [rp.push(), rp.push().unproved().set("dpop_jkt", rp.dpop_key.thumbprint())] {
        let code = login::respond(&rp, push, AMINA.id).await.unwrap().parameter("code");
        let stolen = rp.redeem(&code).proof(&thief.proof("POST", &rp.token_endpoint()));
        assert_eq!(stolen.send().await.unwrap().verdict(), (400, "invalid_dpop_proof".to_owned()));
    }
}

#[tokio::test]
async fn a_code_that_was_not_bound_yields_a_token_bound_to_the_key_that_redeems_it() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let code = login::respond(&rp, rp.push().unproved(), AMINA.id).await.unwrap().parameter("code");
    let tokens = rp.redeem(&code).send().await.unwrap();
    let claims = rp.verified(&tokens.member("access_token")).await.unwrap();
    assert_eq!(claims["cnf"]["jkt"], rp.dpop_key.thumbprint());
}

#[tokio::test]
async fn every_algorithm_that_is_published_signs_proofs() {
    let op = Op::start().await;
    let published = op.rp().await.metadata["dpop_signing_alg_values_supported"].clone();
    assert_eq!(published, json!(["ES256", "PS256", "EdDSA", "Ed25519"]));
    for key in [Key::p256(), ED25519.clone(), RSA.clone()] {
        let rp = RelyingParty { dpop_key: key.clone(), ..op.rp().await };
        let logged_in = login::whole(&rp, AMINA.id).await.unwrap();
        let claims = rp.verified(&logged_in.access_token).await.unwrap();
        assert_eq!(claims["cnf"]["jkt"], key.thumbprint(), "{}", key.algorithm());
    }
    let rp = RelyingParty { dpop_key: ED25519.clone(), ..op.rp().await };
    let proof = rp.proof("POST", &rp.par_endpoint()).header("alg", "Ed25519");
    assert_eq!(rp.push().proof(&proof).send().await.unwrap().status, 201, "RFC 9864 §2.2");
}

#[tokio::test]
async fn where_nonces_are_asked_for_every_endpoint_gives_one_and_the_retry_works() {
    let op = Setup::default().nonces().start().await;
    let rp = op.rp().await;
    let pushed = rp.push().send().await.unwrap();
    assert_eq!(pushed.verdict(), (400, "use_dpop_nonce".to_owned()));
    let nonce = pushed.header("dpop-nonce");
    let with_nonce = |method: &str, url: &str| rp.proof(method, url).claim("nonce", nonce.clone());
    let push = rp.push().proof(&with_nonce("POST", &rp.par_endpoint()));
    let code = login::respond(&rp, push, AMINA.id).await.unwrap().parameter("code");

    let asked = rp.redeem(&code).send().await.unwrap();
    assert_eq!(asked.verdict(), (400, "use_dpop_nonce".to_owned()));
    assert!(!asked.header("dpop-nonce").is_empty());
    let tokens = rp.redeem(&code).proof(&with_nonce("POST", &rp.token_endpoint())).send().await.unwrap();
    assert_eq!(tokens.status, 200, "being asked spends no code: {}", tokens.text());
    let replayed = rp.redeem(&code).proof(&with_nonce("POST", &rp.token_endpoint())).send().await.unwrap();
    assert_eq!(replayed.verdict(), (400, "invalid_grant".to_owned()), "the retry revives none");

    let code = login::respond(&rp, rp.push().unproved(), AMINA.id).await.unwrap().parameter("code");
    let token = {
        let proof = with_nonce("POST", &rp.token_endpoint());
        rp.redeem(&code).proof(&proof).send().await.unwrap().member("access_token")
    };
    let asked = rp.userinfo(&token).send().await.unwrap();
    assert_eq!(asked.verdict(), (401, "use_dpop_nonce".to_owned()));
    let challenge = asked.header("www-authenticate");
    assert!(challenge.starts_with("DPoP error=\"use_dpop_nonce\""), "{challenge}");
    let url = rp.userinfo_endpoint();
    let proof = rp.proof_with_token("GET", &url, &token).claim("nonce", asked.header("dpop-nonce"));
    assert_eq!(rp.userinfo(&token).proof(&proof).send().await.unwrap().status, 200);
}

#[tokio::test]
async fn with_a_nonce_a_slow_clock_does_not_matter_and_an_old_nonce_is_none() {
    let op = Setup::default().nonces().start().await;
    let rp = op.rp().await;
    let nonce = rp.push().send().await.unwrap().header("dpop-nonce");
    let slow =
        rp.proof("POST", &rp.par_endpoint()).claim("nonce", nonce.clone()).claim("iat", (rp.now)() - 3_600);
    assert_eq!(rp.push().proof(&slow).send().await.unwrap().status, 201);
    assert_eq!(rp.push().proof(&slow).send().await.unwrap().error(), "invalid_dpop_proof", "it is replayed");
    op.wait(301);
    let late = rp.proof("POST", &rp.par_endpoint()).claim("nonce", nonce);
    assert_eq!(rp.push().proof(&late).send().await.unwrap().error(), "use_dpop_nonce");
    let code = login::respond(&rp, rp.push().unproved(), AMINA.id).await.unwrap().parameter("code");
    let without = rp.redeem(&code).unproved().send().await.unwrap();
    assert_eq!(without.error(), "invalid_dpop_proof", "there is no proof to put a nonce into");
}
