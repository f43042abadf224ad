//! The token endpoint (RFC 6749 §4.1.3, RFC 7636 §4.6, `protocol.md` 33–36, 46).

use std::sync::Arc;

use esignet_tests::login::{self, AMINA};
use esignet_tests::{Call, Key, Op, RelyingParty};

type Change = fn(Call, &RelyingParty) -> Call;

async fn fresh_code(rp: &RelyingParty) -> String {
    login::to_code(rp, AMINA.id).await.unwrap().parameter("code")
}

#[tokio::test]
async fn a_bad_token_request_has_the_right_error_and_spends_the_code_of_its_client() {
    let table: &[(&str, Change, &str)] = &[
        ("verifier missing", |c, _| c.without("code_verifier"), "invalid_grant"),
        ("verifier wrong", |c, _| c.set("code_verifier", "x".repeat(43)), "invalid_grant"),
        ("verifier short", |c, _| c.set("code_verifier", "x".repeat(42)), "invalid_grant"),
        ("verifier long", |c, _| c.set("code_verifier", "x".repeat(129)), "invalid_grant"),
        (
            "verifier of other characters",
            |c, rp| c.set("code_verifier", format!("{}!", rp.code_verifier)),
            "invalid_grant",
        ),
        (
            "the challenge as verifier",
            |c, rp| c.set("code_verifier", esignet_tests::jwt::sha256(rp.code_verifier.as_bytes())),
            "invalid_grant",
        ),
        ("redirect_uri missing", |c, _| c.without("redirect_uri"), "invalid_grant"),
        ("redirect_uri other", |c, _| c.set("redirect_uri", "https://bank.example/"), "invalid_grant"),
        ("no proof", |c, _| c.unproved(), "invalid_dpop_proof"),
    ];
    let op = Op::start().await;
    let rp = op.rp().await;
    for (what, change, error) in table {
        let code = fresh_code(&rp).await;
        let bad = change(rp.redeem(&code), &rp).send().await.unwrap();
        assert_eq!(bad.verdict(), (400, (*error).to_owned()), "{what}: {}", bad.text());
        assert!(bad.header("cache-control").contains("no-store"), "{what}");
        let good = rp.redeem(&code).send().await.unwrap();
        assert_eq!(good.verdict(), (400, "invalid_grant".to_owned()), "{what}: the code is spent");
    }
}

#[tokio::test]
async fn a_request_that_never_gets_to_the_code_does_not_spend_it() {
    let table: &[(&str, Change, u16, &str)] = &[
        ("no authentication", |c, _| c.unauthenticated(), 400, "invalid_client"),
        (
            "failed authentication",
            |c, rp| c.assertion(&rp.assertion().signed_by(&Key::p256())),
            401,
            "invalid_client",
        ),
        ("grant_type missing", |c, _| c.without("grant_type"), 400, "invalid_request"),
        (
            "grant_type refresh_token",
            |c, _| c.set("grant_type", "refresh_token"),
            400,
            "unsupported_grant_type",
        ),
        ("grant_type password", |c, _| c.set("grant_type", "password"), 400, "unsupported_grant_type"),
        (
            "grant_type client_credentials",
            |c, _| c.set("grant_type", "client_credentials"),
            400,
            "unsupported_grant_type",
        ),
        ("code missing", |c, _| c.without("code"), 400, "invalid_request"),
        ("code twice", |c, _| c.doubled("code"), 400, "invalid_request"),
        ("code of nobody", |c, _| c.set("code", "x".repeat(43)), 400, "invalid_grant"),
    ];
    let op = Op::start().await;
    let rp = op.rp().await;
    let code = fresh_code(&rp).await;
    for (what, change, status, error) in table {
        let bad = change(rp.redeem(&code), &rp).send().await.unwrap();
        assert_eq!(bad.verdict(), (*status, (*error).to_owned()), "{what}: {}", bad.text());
    }
    assert_eq!(rp.redeem(&code).send().await.unwrap().status, 200);
}

#[tokio::test]
async fn another_clients_code_is_worth_nothing_and_stays_good_for_its_own() {
    let op = Op::start().await;
    let (bank, clinic) = (op.rp().await, op.client("clinic").await);
    let code = fresh_code(&bank).await;
    let thief = clinic
        .redeem(&code)
        .set("redirect_uri", &bank.redirect_uri)
        .set("code_verifier", &bank.code_verifier);
    assert_eq!(thief.send().await.unwrap().verdict(), (400, "invalid_grant".to_owned()));
    assert_eq!(bank.redeem(&code).send().await.unwrap().status, 200);
}

#[tokio::test]
async fn a_code_lives_for_less_than_a_minute() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let code = fresh_code(&rp).await;
    op.wait(59);
    assert_eq!(rp.redeem(&code).send().await.unwrap().status, 200);
    let code = fresh_code(&rp).await;
    op.wait(60);
    assert_eq!(rp.redeem(&code).send().await.unwrap().verdict(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn a_code_redeemed_twice_revokes_its_tokens() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let logged_in = login::whole(&rp, AMINA.id).await.unwrap();
    let bystander = login::whole(&rp.another_attempt(), AMINA.id).await.unwrap();

    let replay = rp.redeem(&logged_in.response.parameter("code")).send().await.unwrap();
    assert_eq!(replay.verdict(), (400, "invalid_grant".to_owned()));
    let refused = rp.userinfo(&logged_in.access_token).send().await.unwrap();
    assert_eq!(refused.status, 401);
    assert!(refused.header("www-authenticate").contains("error=\"invalid_token\""));
    assert_ne!(bystander.access_token, logged_in.access_token);
}

#[tokio::test]
async fn a_code_replayed_long_after_it_expired_still_revokes_its_token() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let logged_in = login::whole(&rp, AMINA.id).await.unwrap();
    op.wait(200);
    assert_eq!(rp.userinfo(&logged_in.access_token).send().await.unwrap().status, 200);
    rp.redeem(&logged_in.response.parameter("code")).send().await.unwrap();
    assert_eq!(rp.userinfo(&logged_in.access_token).send().await.unwrap().status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_parallel_redemptions_one_wins_and_its_token_is_revoked() {
    let op = Op::start().await;
    let rp = Arc::new(op.rp().await);
    let code = fresh_code(&rp).await;
    let start = Arc::new(tokio::sync::Barrier::new(50));
    let mut attempts = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (rp, code, start) = (Arc::clone(&rp), code.clone(), Arc::clone(&start));
        attempts.spawn(async move {
            let call = rp.redeem(&code);
            start.wait().await;
            call.send().await.unwrap()
        });
    }
    let replies = attempts.join_all().await;
    let (won, lost): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 49));
    assert!(lost.iter().all(|reply| reply.verdict() == (400, "invalid_grant".to_owned())));
    let token = won[0].member("access_token");
    assert_eq!(rp.userinfo(&token).send().await.unwrap().status, 401, "the others were replays");
}

#[tokio::test]
async fn an_access_token_lives_as_long_as_it_says() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let logged_in = login::whole(&rp, AMINA.id).await.unwrap();
    op.wait(299);
    assert_eq!(rp.userinfo(&logged_in.access_token).send().await.unwrap().status, 200);
    op.wait(2);
    assert_eq!(rp.userinfo(&logged_in.access_token).send().await.unwrap().status, 401);
}
