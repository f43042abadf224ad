//! Access tokens: how they are asked for, how often, and what becomes of a failure.

use esignet_jose::base64url::decode_base64url;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::peer::{Peer, Seen, Site, key_pem, request, text};
use super::*;

fn issued(token: &str, lifetime: u64) -> axum::response::Response {
    let answer = json!({ "access_token": token, "token_type": "Bearer", "expires_in": lifetime });
    text(200, answer.to_string())
}

/// A token endpoint that numbers its tokens.
async fn issuer(site: &Site, lifetime: u64) -> Peer {
    Peer::start(&site.authority, None, move |count, _| async move {
        issued(&format!("canary-token-{count}"), lifetime)
    })
    .await
}

/// An upstream that refuses some tokens by their number.
async fn register(site: &Site, refuses: impl Fn(&str) -> bool + Clone + Send + Sync + 'static) -> Peer {
    Peer::start(&site.authority, None, move |_, seen: Seen| {
        let is_wrong = refuses(&seen.authorization[0]);
        async move { if is_wrong { text(401, "no") } else { text(200, "done") } }
    })
    .await
}

fn by_secret(site: &Site, tokens: &Peer) -> Value {
    site.secret("secret", "canary-secret\n");
    json!({
        "kind": "client-credentials", "token_url": format!("{}/token", tokens.url), "client_id": "us",
        "client_secret_file": "@/secret", "scope": "register read",
    })
}

fn sent(peer: &Peer) -> Vec<String> {
    peer.seen().iter().map(|seen| seen.authorization.join(" and ")).collect()
}

#[tokio::test]
async fn fifty_calls_at_once_ask_for_one_token() {
    let site = Site::new();
    let (tokens, register) = (issuer(&site, 300).await, register(&site, |_| false).await);
    let egress = site.logging_in(&register.url, &by_secret(&site, &tokens));
    let mut calls = JoinSet::new();
    for _ in 0..50 {
        let (egress, request) = (Arc::clone(&egress), request(&register.url));
        calls.spawn(async move { egress.fetch(request).await.unwrap().status });
    }
    assert_eq!(calls.join_all().await, [200; 50]);
    assert_eq!(sent(&register), ["Bearer canary-token-1"; 50]);
    let asked = tokens.seen();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].path, "/token");
    assert_eq!(asked[0].body, "grant_type=client_credentials&scope=register+read");
    // base64("us:canary-secret")
    assert_eq!(asked[0].authorization, ["Basic dXM6Y2FuYXJ5LXNlY3JldA=="]);
}

#[tokio::test]
async fn a_client_with_a_key_signs_an_assertion_for_the_token_endpoint() {
    let site = Site::new();
    let (tokens, register) = (issuer(&site, 300).await, register(&site, |_| false).await);
    site.secret("key", &key_pem());
    let token_url = format!("{}/token", tokens.url);
    let by_key = json!({
        "kind": "client-credentials", "token_url": token_url, "client_id": "us", "key_file": "@/key",
    });
    site.logging_in(&register.url, &by_key).fetch(request(&register.url)).await.unwrap();
    let asked = tokens.seen().remove(0);
    assert_eq!(asked.authorization, Vec::<String>::new());
    let form: BTreeMap<String, String> = form_urlencoded::parse(asked.body.as_bytes()).into_owned().collect();
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(form["client_id"], "us");
    assert_eq!(form["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    assert!(!form.contains_key("scope"));
    let payload = decode_base64url(form["client_assertion"].split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    // RFC 7523 §3.
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!("us"), &json!("us")));
    assert_eq!(claims["aud"], token_url);
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 60);
}

#[tokio::test]
async fn a_token_is_exchanged_shortly_before_it_expires_and_a_new_secret_is_used_for_it() {
    let site = Site::new();
    let (tokens, register) = (issuer(&site, 100).await, register(&site, |_| false).await);
    let egress = site.logging_in(&register.url, &by_secret(&site, &tokens));
    for pass in [0, 89, 1] {
        site.clock.pass(pass);
        site.secret("secret", &format!("secret-{pass}"));
        egress.fetch(request(&register.url)).await.unwrap();
    }
    let expected = ["Bearer canary-token-1", "Bearer canary-token-1", "Bearer canary-token-2"];
    assert_eq!(sent(&register), expected);
    assert_ne!(sent(&tokens)[0], sent(&tokens)[1]);
}

#[tokio::test]
async fn a_token_that_the_upstream_refuses_is_exchanged_once_and_the_body_is_sent_again() {
    let site = Site::new();
    let (tokens, register) = (issuer(&site, 300).await, register(&site, |token| token.ends_with('1')).await);
    let egress = site.logging_in(&register.url, &by_secret(&site, &tokens));
    let post =
        UpstreamRequest { method: "POST".to_owned(), body: b"all of it".to_vec(), ..request(&register.url) };
    assert_eq!(egress.fetch(post).await.unwrap().status, 200);
    let bodies: Vec<String> = register.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(bodies, ["all of it", "all of it"]);
    assert_eq!(sent(&register), ["Bearer canary-token-1", "Bearer canary-token-2"]);
}

#[tokio::test]
async fn an_upstream_that_refuses_every_token_makes_no_flood_of_the_token_endpoint() {
    let site = Site::new();
    let (tokens, register) = (issuer(&site, 300).await, register(&site, |_| true).await);
    let egress = site.logging_in(&register.url, &by_secret(&site, &tokens));
    for _ in 0..10 {
        assert_eq!(egress.fetch(request(&register.url)).await.unwrap().status, 401);
    }
    assert_eq!((tokens.seen().len(), register.seen().len()), (2, 11));
    site.clock.pass(5);
    assert_eq!(egress.fetch(request(&register.url)).await.unwrap().status, 401);
    assert_eq!((tokens.seen().len(), register.seen().len()), (3, 13));
}

#[tokio::test]
async fn calls_that_meet_the_same_refused_token_share_one_new_one() {
    let site = Site::new();
    let (tokens, register) = (issuer(&site, 300).await, register(&site, |token| token.ends_with('1')).await);
    let egress = site.logging_in(&register.url, &by_secret(&site, &tokens));
    let mut calls = JoinSet::new();
    for _ in 0..20 {
        let (egress, request) = (Arc::clone(&egress), request(&register.url));
        calls.spawn(async move { egress.fetch(request).await.unwrap().status });
    }
    assert_eq!(calls.join_all().await, [200; 20]);
    assert_eq!(tokens.seen().len(), 2);
}

#[tokio::test]
async fn no_answer_of_a_token_endpoint_but_a_token_becomes_more_than_unreachable() {
    for answer in [
        (400, "{\"error\":\"invalid_client\",\"error_description\":\"canary-secret\"}".to_owned()),
        (500, "canary".to_owned()),
        (302, String::new()),
        (200, "canary".to_owned()),
        (200, json!({ "access_token": "canary", "token_type": "DPoP" }).to_string()),
        (
            200,
            json!({ "access_token": "canary", "token_type": "Bearer", "x": "y".repeat(16_384) }).to_string(),
        ),
    ] {
        let site = Site::new();
        let (status, body) = answer.clone();
        let tokens = Peer::start(&site.authority, None, move |_, _| {
            let body = body.clone();
            async move { text(status, body) }
        })
        .await;
        let register = register(&site, |_| false).await;
        let egress = site.logging_in(&register.url, &by_secret(&site, &tokens));
        let error = egress.fetch(request(&register.url)).await.unwrap_err();
        let words = "no access token was obtained for the upstream";
        assert_eq!(error, FetchError::Unreachable(words.to_owned()), "{answer:?}");
        // The failure is shared for a moment, and then it is tried again.
        egress.fetch(request(&register.url)).await.unwrap_err();
        assert_eq!(tokens.seen().len(), 1);
        site.clock.pass(1);
        egress.fetch(request(&register.url)).await.unwrap_err();
        assert_eq!((tokens.seen().len(), register.seen().len()), (2, 0));
    }
}

#[tokio::test]
async fn a_token_endpoint_that_is_down_is_unreachable() {
    let site = Site::new();
    let register = register(&site, |_| false).await;
    let mut credentials = by_secret(&site, &register);
    credentials["token_url"] = json!("https://127.0.0.1:1/canary");
    let egress = site.logging_in(&register.url, &credentials);
    let error = egress.fetch(request(&register.url)).await.unwrap_err();
    assert!(matches!(&error, FetchError::Unreachable(text) if !text.contains("canary")), "{error}");
    assert_eq!(register.seen().len(), 0);
}

#[tokio::test]
async fn a_call_that_gives_up_leaves_the_token_to_those_who_wait() {
    let site = Site::new();
    let (go, gate) = watch::channel(false);
    let tokens = Peer::start(&site.authority, None, move |_, _| {
        let mut gate = gate.clone();
        async move {
            gate.wait_for(|open| *open).await.unwrap();
            issued("late", 300)
        }
    })
    .await;
    let register = register(&site, |_| false).await;
    let egress = site.logging_in(&register.url, &by_secret(&site, &tokens));
    let impatient = UpstreamRequest { timeout_ms: 50, ..request(&register.url) };
    assert_eq!(egress.fetch(impatient).await, Err(FetchError::Timeout), "the wait counts");
    go.send_replace(true);
    assert_eq!(egress.fetch(request(&register.url)).await.unwrap().status, 200);
    assert_eq!(tokens.seen().len(), 1);
}
