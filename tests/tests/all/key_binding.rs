//! A wallet has a key bound to the person who has just signed in (ADR 104, `docs/relying-parties/key-binding.md`).

use std::sync::Arc;

use esignet_jose::{Algorithm, SigningKey};
use esignet_protocol::policy::KeyBinding;
use esignet_protocol::ports::audit::AuditLog;
use esignet_protocol::word::acr::Acr;
use esignet_store::audit::{Given, Log, Terms, WhenFull, events};
use esignet_tests::login::{self, AMINA};
use esignet_tests::op::{ACR_OTP, ISSUER, Setup};
use esignet_tests::{Call, Jwt, Key, Op, RelyingParty, jwt};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The key that the ID system signs with.
fn register_key() -> SigningKey {
    SigningKey::generate(Algorithm::Es256).unwrap()
}

async fn binding_op(change: impl FnOnce(&mut KeyBinding)) -> Op {
    Setup::default().key_binding(Some(register_key()), change).start().await
}

async fn wallet(op: &Op) -> RelyingParty {
    op.register("wallet", &Key::p256(), &json!({ "key_binding": true })).await
}

/// An access token of a login with the scope.
async fn signed_in(rp: &RelyingParty, scope: &str) -> String {
    let response = login::respond(rp, rp.push().set("scope", scope), AMINA.id).await.unwrap();
    let tokens = rp.redeem(&response.parameter("code")).send().await.unwrap();
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    tokens.member("access_token")
}

/// A proof of possession, ready to be spoilt.
fn key_proof(op: &Op, key: &Key, token: &str) -> Jwt {
    let claims = json!({
        "aud": ISSUER, "iat": op.clock.seconds(), "jti": esignet_tests::key::random_text(16),
        "ath": jwt::sha256(token.as_bytes()),
    });
    Jwt::new(key, "key-binding-proof+jwt", claims).header("jwk", key.bare_jwk())
}

fn endpoint() -> String {
    format!("{ISSUER}/key-binding")
}

fn bind(rp: &RelyingParty, token: &str, proof: &Jwt) -> Call {
    let url = endpoint();
    Call::post(&rp.wire, &url)
        .set("proof", proof.encode())
        .header("authorization", &format!("DPoP {token}"))
        .proof(&rp.proof_with_token("POST", &url, token))
}

#[tokio::test]
async fn a_wallet_gets_a_credential_over_its_key_for_the_person_who_signed_in() {
    let register = register_key();
    let signer = register.public_jwk().to_value();
    let op = Setup::default().key_binding(Some(register), |_| {}).start().await;
    let rp = wallet(&op).await;
    assert_eq!(rp.metadata["key_binding_endpoint"], endpoint());
    assert!(rp.metadata["scopes_supported"].as_array().unwrap().contains(&json!("key_binding")));
    let algorithms = &rp.metadata["key_binding_signing_alg_values_supported"];
    assert!(algorithms.as_array().unwrap().contains(&json!("ES256")), "{algorithms}");
    assert_eq!(rp.metadata["key_binding_formats_supported"], json!(["jwt"]));

    let (mut browser, first) =
        login::opened_as(&rp, rp.push().set("scope", "openid key_binding")).await.unwrap();
    let question = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
    let consent = login::answer(&mut browser, &question, login::OTP).await.unwrap().page().unwrap();
    assert!(consent.text().contains("ties a key on your device to you"), "{}", consent.text());
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    let logged_in = login::finish(&rp, response).await.unwrap();
    let token = &logged_in.access_token;

    let key = Key::p256();
    let bound = bind(&rp, token, &key_proof(&op, &key, token)).send().await.unwrap();
    assert_eq!(bound.status, 200, "{}", bound.text());
    assert!(bound.header("cache-control").contains("no-store"));
    let bound = bound.json();
    assert_eq!((&bound["format"], &bound["sub"]), (&json!("jwt"), &logged_in.userinfo["sub"]));
    let credential = bound["credential"].as_str().unwrap();
    jwt::verify_es256(credential, &signer).unwrap();
    let (header, claims) = jwt::parts(credential).unwrap();
    assert_eq!(header["typ"], "key-binding+jwt");
    assert_eq!(claims["cnf"]["jwk"], key.bare_jwk());
    assert_eq!(claims["exp"], bound["expires_at"]);
    assert_ne!(claims["sub"], bound["sub"], "the ID system has its own name for the person");

    // The answer was lost: the same key again, with another proof, is the same binding.
    let again = bind(&rp, token, &key_proof(&op, &key, token)).send().await.unwrap().json();
    assert_eq!(again["id"], bound["id"]);
    let other = Key::ed25519();
    let other = bind(&rp, token, &key_proof(&op, &other, token)).send().await.unwrap().json();
    assert_ne!(other["id"], bound["id"]);
}

#[tokio::test]
async fn each_thing_that_can_be_wrong_with_a_key_proof_is_refused() {
    type Change = fn(Jwt) -> Jwt;
    let table: &[(&str, Change)] = &[
        ("another type", |proof| proof.header("typ", "dpop+jwt")),
        ("no key", |proof| proof.without_header("jwk")),
        ("somebody else's key", |proof| proof.header("jwk", Key::p256().bare_jwk())),
        ("a private key", |proof| proof.header("jwk", Key::p256().private_jwk())),
        ("another audience", |proof| proof.claim("aud", "https://evil.example")),
        ("several audiences", |proof| proof.claim("aud", json!([ISSUER]))),
        ("another token", |proof| proof.claim("ath", "x")),
        ("no token", |proof| proof.without_claim("ath")),
        ("no name", |proof| proof.without_claim("jti")),
        ("too old", |proof| proof.claim("iat", 1)),
        ("a weak key", |proof| {
            proof.header("jwk", json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" })).header("alg", "PS256")
        }),
        ("no signature", |proof| proof.header("alg", "none")),
        ("an algorithm that is not announced", |proof| proof.signed_by(&Key::rsa()).header("alg", "RS256")),
    ];
    let op = binding_op(|terms| terms.bindings_per_person_per_hour = 1_000).await;
    let rp = wallet(&op).await;
    let token = signed_in(&rp, "openid key_binding").await;
    for (what, change) in table {
        let spoilt = change(key_proof(&op, &Key::p256(), &token));
        let reply = bind(&rp, &token, &spoilt).send().await.unwrap();
        assert_eq!(reply.verdict(), (400, "invalid_proof".to_owned()), "{what}: {}", reply.text());
    }
    let none =
        bind(&rp, &token, &key_proof(&op, &Key::p256(), &token)).without("proof").send().await.unwrap();
    assert_eq!(none.verdict(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn a_key_proof_is_good_once() {
    let op = binding_op(|_| {}).await;
    let rp = wallet(&op).await;
    let token = signed_in(&rp, "openid key_binding").await;
    let proof = key_proof(&op, &Key::p256(), &token);
    assert_eq!(bind(&rp, &token, &proof).send().await.unwrap().status, 200);
    let replayed = bind(&rp, &token, &proof).send().await.unwrap();
    assert_eq!(replayed.verdict(), (400, "invalid_proof".to_owned()));
}

#[tokio::test]
async fn a_key_proof_needs_the_nonce_of_the_server_where_dpop_proofs_do() {
    let op = Setup::default().key_binding(Some(register_key()), |_| {}).nonces().start().await;
    let rp = wallet(&op).await;
    let nonce = rp.push().send().await.unwrap().header("dpop-nonce");
    let push = rp.push().unproved().set("scope", "openid key_binding");
    let code = login::respond(&rp, push, AMINA.id).await.unwrap().parameter("code");
    let proof = rp.proof("POST", &rp.token_endpoint()).claim("nonce", nonce.clone());
    let token = rp.redeem(&code).proof(&proof).send().await.unwrap().member("access_token");

    let with_nonce = || rp.proof_with_token("POST", &endpoint(), &token).claim("nonce", nonce.clone());
    let bare = key_proof(&op, &Key::p256(), &token);
    let asked = bind(&rp, &token, &bare).proof(&with_nonce()).send().await.unwrap();
    assert_eq!(asked.verdict(), (400, "use_dpop_nonce".to_owned()));
    let nonce = asked.header("dpop-nonce");
    assert!(!nonce.is_empty());
    let good = bind(&rp, &token, &bare.claim("nonce", nonce)).proof(&with_nonce());
    assert_eq!(good.send().await.unwrap().status, 200);
}

#[tokio::test]
async fn a_token_that_is_for_something_else_binds_no_key() {
    let op = binding_op(|_| {}).await;
    let rp = wallet(&op).await;
    let token = signed_in(&rp, "openid profile").await;
    let reply = bind(&rp, &token, &key_proof(&op, &Key::p256(), &token)).send().await.unwrap();
    assert_eq!(reply.verdict(), (403, "insufficient_scope".to_owned()));
    assert!(reply.header("www-authenticate").contains("error=\"insufficient_scope\""));

    let token = signed_in(&rp, "openid key_binding").await;
    let proof = key_proof(&op, &Key::p256(), &token);
    let unknown = bind(&rp, &format!("{token}x"), &proof).send().await.unwrap();
    assert_eq!(unknown.verdict(), (401, "invalid_token".to_owned()));
    let thief = rp.another_attempt();
    let stolen = bind(&thief, &token, &proof).send().await.unwrap();
    assert_eq!(stolen.verdict(), (401, "invalid_dpop_proof".to_owned()));
    let url = endpoint();
    let bearer = Call::post(&rp.wire, &url)
        .set("proof", proof.encode())
        .header("authorization", &format!("Bearer {token}"));
    assert_eq!(bearer.send().await.unwrap().verdict(), (401, "invalid_token".to_owned()));
}

#[tokio::test]
async fn a_bearer_token_binds_no_key() {
    let op = Setup::default().interop().key_binding(Some(register_key()), |_| {}).start().await;
    let members = json!({ "key_binding": true, "profile": "interop" });
    let rp = op.register("loose", &Key::p256(), &members).await;
    let response =
        login::respond(&rp, rp.push().unproved().set("scope", "openid key_binding"), AMINA.id).await.unwrap();
    let redeemed = rp.redeem(&response.parameter("code")).without_header("dpop");
    let token = redeemed.send().await.unwrap().member("access_token");
    let reply = Call::post(&rp.wire, &endpoint())
        .set("proof", key_proof(&op, &Key::p256(), &token).encode())
        .header("authorization", &format!("Bearer {token}"))
        .send()
        .await
        .unwrap();
    assert_eq!(reply.verdict(), (401, "invalid_token".to_owned()), "{}", reply.text());
}

#[tokio::test]
async fn a_login_that_is_too_old_or_too_weak_is_to_be_done_anew() {
    let op = binding_op(|terms| terms.max_login_age = 60).await;
    let rp = wallet(&op).await;
    let token = signed_in(&rp, "openid key_binding").await;
    op.wait(61);
    let stale = bind(&rp, &token, &key_proof(&op, &Key::p256(), &token)).send().await.unwrap();
    assert_eq!(stale.verdict(), (401, "insufficient_user_authentication".to_owned()));
    assert!(stale.header("www-authenticate").ends_with(", max_age=\"60\""), "RFC 9470 §3");

    let op = Setup::default()
        .key_binding(Some(register_key()), |terms| terms.acr_values = vec![Acr("strong".to_owned())])
        .start()
        .await;
    let rp = wallet(&op).await;
    let token = signed_in(&rp, "openid key_binding").await;
    let weak = bind(&rp, &token, &key_proof(&op, &Key::p256(), &token)).send().await.unwrap();
    assert_eq!(weak.verdict(), (401, "insufficient_user_authentication".to_owned()));
    assert!(weak.header("www-authenticate").contains("acr_values=\"strong\""));
    assert_ne!(ACR_OTP, "strong");
}

#[tokio::test]
async fn only_a_client_that_is_registered_as_a_wallet_may_ask() {
    let op = binding_op(|_| {}).await;
    let bank = op.rp().await;
    let refused = bank.push().set("scope", "openid key_binding").send().await.unwrap();
    assert_eq!(refused.verdict(), (400, "invalid_scope".to_owned()));
}

#[tokio::test]
async fn where_no_keys_are_bound_there_is_nothing_of_it() {
    let op = Op::start().await;
    let rp = wallet(&op).await;
    assert!(rp.metadata.get("key_binding_endpoint").is_none());
    assert!(!rp.metadata["scopes_supported"].as_array().unwrap().contains(&json!("key_binding")));
    let token = signed_in(&rp, "openid").await;
    let reply = bind(&rp, &token, &key_proof(&op, &Key::p256(), &token)).send().await.unwrap();
    assert_eq!(reply.status, 404);
    let request_uri = rp.pushed_as(rp.push().set("scope", "openid key_binding")).await.unwrap();
    let answer = op.browser().open(&rp.authorization_url(&request_uri)).await.unwrap().away().unwrap();
    assert_eq!(answer.parameter("error"), "invalid_scope");
}

#[tokio::test]
async fn a_binder_that_fails_is_the_servers_fault_and_too_many_bindings_are_too_many() {
    let op = Setup::default().key_binding(None, |_| {}).start().await;
    let rp = wallet(&op).await;
    let token = signed_in(&rp, "openid key_binding").await;
    let failed = bind(&rp, &token, &key_proof(&op, &Key::p256(), &token)).send().await.unwrap();
    assert_eq!(failed.verdict(), (500, "server_error".to_owned()));

    let op = binding_op(|terms| terms.bindings_per_person_per_hour = 1).await;
    let rp = wallet(&op).await;
    let token = signed_in(&rp, "openid key_binding").await;
    let once = bind(&rp, &token, &key_proof(&op, &Key::p256(), &token));
    assert_eq!(once.send().await.unwrap().status, 200);
    let twice = bind(&rp, &token, &key_proof(&op, &Key::p256(), &token)).send().await.unwrap();
    assert_eq!(twice.verdict(), (429, "temporarily_unavailable".to_owned()));
}

#[tokio::test]
async fn it_is_recorded_that_a_key_was_bound_and_that_one_was_not() {
    let place = TempDir::new().unwrap();
    let terms = Terms {
        directory: place.path().join("audit"),
        sinks: Vec::new(),
        spool_bytes: 1 << 20,
        when_full: WhenFull::RefuseLogins,
        keep_bytes: 1 << 20,
    };
    let log: Arc<dyn AuditLog> = Arc::new(Log::open(terms.clone(), || 1).unwrap().0);
    let op = Setup::default().key_binding(Some(register_key()), |_| {}).audit(log).start().await;
    let rp = wallet(&op).await;
    let token = signed_in(&rp, "openid key_binding").await;
    let key = Key::p256();
    let proof = key_proof(&op, &key, &token);
    assert_eq!(bind(&rp, &token, &proof).send().await.unwrap().status, 200);
    assert_eq!(bind(&rp, &token, &proof).send().await.unwrap().status, 400);
    let mut told: Vec<Value> = Vec::new();
    let walked = events(&terms.directory, |given| {
        if let Given::Event(event) = given
            && event.action == "key-binding"
        {
            told.push(serde_json::to_value(event).unwrap());
        }
        Ok(())
    });
    walked.unwrap();
    assert_eq!(told.iter().map(|event| event["outcome"].clone()).collect::<Vec<_>>(), ["success", "refused"]);
    assert!(told[0]["person"].is_string() && told[0]["person"] == told[1]["person"]);
    let x = key.bare_jwk()["x"].as_str().unwrap().to_owned();
    assert!(!json!(told).to_string().contains(&x), "the key is no part of it");
}

#[tokio::test]
async fn a_binder_that_lies_binds_nothing() {
    for (behaviour, status, error) in [
        ("good", 200, ""),
        ("other-format", 500, "server_error"),
        ("large-credential", 500, "server_error"),
        ("steering-credential", 500, "server_error"),
        ("long-over", 500, "server_error"),
        ("trap", 500, "server_error"),
        ("down", 503, "temporarily_unavailable"),
        ("no", 403, "access_denied"),
        ("weak-algorithms", 400, "invalid_proof"),
    ] {
        let plugin = |terms: &mut KeyBinding| terms.plugin = "misbehaving-records".to_owned();
        let setup = Setup::default().misbehaving_records(behaviour).key_binding(None, plugin);
        let op = setup.start().await;
        let rp = wallet(&op).await;
        let token = signed_in(&rp, "openid key_binding").await;
        let reply = bind(&rp, &token, &key_proof(&op, &Key::p256(), &token)).send().await.unwrap();
        assert_eq!(reply.verdict(), (status, error.to_owned()), "{behaviour}: {}", reply.text());
    }
}
