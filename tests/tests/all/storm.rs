//! One-time things under a storm (`protocol.md` 16, 18, 34, 37; REL-19): of ten thousand attempts over sixty-four clients at
//! once exactly one succeeds, and what it yielded dies with the replay.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use esignet_tests::login::{self, AMINA};
use esignet_tests::{Call, Op, RelyingParty, Reply};

const CLIENTS: usize = 64;
const ATTEMPTS: usize = 10_000;

/// Sends as many calls as there are attempts, from as many tasks as there are clients; tells what came of each.
async fn storm<F>(call: F) -> Vec<Reply>
where
    F: Fn() -> Call + Send + Sync + 'static,
{
    let (call, begun) = (Arc::new(call), Arc::new(AtomicUsize::new(0)));
    let mut tasks = Vec::new();
    for _ in 0..CLIENTS {
        let (call, begun) = (Arc::clone(&call), Arc::clone(&begun));
        tasks.push(tokio::spawn(async move {
            let mut replies = Vec::new();
            while begun.fetch_add(1, Ordering::Relaxed) < ATTEMPTS {
                replies.push(call().send().await.unwrap());
            }
            replies
        }));
    }
    let mut replies = Vec::new();
    for task in tasks {
        replies.extend(task.await.unwrap());
    }
    assert_eq!(replies.len(), ATTEMPTS);
    replies
}

fn successes(replies: &[Reply]) -> Vec<&Reply> {
    replies.iter().filter(|reply| reply.status < 300).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_yields_tokens_once_and_they_die_with_the_replay() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let code = login::to_code(&rp, AMINA.id).await.unwrap().parameter("code");
    let storming = rp.clone();
    let replies = storm(move || storming.redeem(&code)).await;
    let good = successes(&replies);
    assert_eq!(good.len(), 1);
    for reply in replies.iter().filter(|reply| reply.status >= 300) {
        assert_eq!(reply.verdict(), (400, "invalid_grant".to_owned()), "{}", reply.text());
    }
    let userinfo = rp.userinfo(&good[0].member("access_token")).send().await.unwrap();
    assert_eq!(userinfo.verdict(), (401, "invalid_token".to_owned()), "RFC 6749 §4.1.2");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_assertion_is_good_once() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let assertion = rp.assertion();
    let storming = rp.clone();
    let replies = storm(move || storming.about("introspection_endpoint", "any").assertion(&assertion)).await;
    assert_eq!(successes(&replies).len(), 1);
    let refused =
        replies.iter().filter(|reply| reply.verdict() == (401, "invalid_client".to_owned())).count();
    assert_eq!(refused, ATTEMPTS - 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_proof_is_good_once() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let token = login::whole(&rp, AMINA.id).await.unwrap().access_token;
    let call = rp.userinfo(&token);
    let replies = storm(move || call.clone()).await;
    assert_eq!(successes(&replies).len(), 1);
    let refused =
        replies.iter().filter(|reply| reply.verdict() == (401, "invalid_dpop_proof".to_owned())).count();
    assert_eq!(refused, ATTEMPTS - 1);
}

/// A pushed request is answered once, in however many browsers it is open (five may be).
#[tokio::test(flavor = "multi_thread")]
async fn one_request_uri_is_answered_once() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let mut answers = 0;
    for _ in 0..20 {
        let request_uri = rp.pushed().await.unwrap();
        let tasks = (0..5).map(|_| tokio::spawn(to_the_end(rp.clone(), request_uri.clone())));
        let mut answered = 0;
        for task in tasks.collect::<Vec<_>>() {
            answered += usize::from(task.await.unwrap());
        }
        assert_eq!(answered, 1);
        answers += answered;
        let late = op.browser().page(&rp.authorization_url(&request_uri)).await.unwrap();
        assert_eq!(late.status(), 400, "it is spent");
    }
    assert_eq!(answers, 20);
}

/// Whether this browser came back with a code.
async fn to_the_end(rp: RelyingParty, request_uri: String) -> bool {
    let mut browser = esignet_tests::Browser::new(&rp.wire);
    let Ok(first) = browser.page(&rp.authorization_url(&request_uri)).await else { return false };
    if first.status() != 200 {
        return false;
    }
    let away = login::through(&mut browser, &first, AMINA.id, login::OTP).await;
    away.is_ok_and(|away| !away.parameter("code").is_empty())
}
