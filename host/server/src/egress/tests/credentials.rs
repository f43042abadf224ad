//! Credentials arrive once and come back never.

use esignet_jose::base64url::decode_base64url;
use serde_json::{Value, json};

use super::peer::{Peer, Seen, Site, key_pem, request, text};
use super::*;

async fn upstream(site: &Site) -> Peer {
    Peer::start(&site.authority, None, |_, _| async { text(200, "done") }).await
}

fn only(seen: &Seen) -> &str {
    assert_eq!(seen.authorization.len(), 1, "{seen:?}");
    &seen.authorization[0]
}

#[tokio::test]
async fn a_token_from_a_file_is_sent_and_exchanging_the_file_exchanges_the_token() {
    let site = Site::new();
    let peer = upstream(&site).await;
    site.secret("token", "first-token\n");
    let egress = site.logging_in(&peer.url, &json!({ "kind": "bearer", "token_file": "@/token" }));
    egress.fetch(request(&peer.url)).await.unwrap();
    site.secret("token", "other-token\n");
    egress.fetch(request(&peer.url)).await.unwrap();
    std::fs::remove_file(site.file("token")).unwrap();
    egress.fetch(request(&peer.url)).await.unwrap();
    let sent: Vec<String> = peer.seen().iter().map(|seen| only(seen).to_owned()).collect();
    assert_eq!(sent, ["Bearer first-token", "Bearer other-token", "Bearer other-token"]);
}

#[tokio::test]
async fn a_user_name_and_a_password_are_sent_in_utf_8() {
    let site = Site::new();
    let peer = upstream(&site).await;
    site.secret("password", "123£\r\n");
    let basic = json!({ "kind": "basic", "user": "test", "password_file": "@/password" });
    site.logging_in(&peer.url, &basic).fetch(request(&peer.url)).await.unwrap();
    // RFC 7617 §2.1.
    assert_eq!(only(&peer.seen()[0]), "Basic dGVzdDoxMjPCow==");
}

fn claims(jwt: &str) -> (Value, Value) {
    let mut parts = jwt.split('.').map(|part| decode_base64url(part).unwrap());
    let mut json = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (json(), json())
}

#[tokio::test]
async fn a_jwt_is_signed_once_and_anew_before_it_ends_or_when_the_key_is_another() {
    let site = Site::new();
    let peer = upstream(&site).await;
    site.secret("key", &key_pem());
    let jwt = json!({
        "kind": "jwt", "key_file": "@/key", "issuer": "us", "audience": "them", "ttl_seconds": 100,
    });
    let egress = site.logging_in(&peer.url, &jwt);
    for pass in [0, 69, 1, 0] {
        site.clock.pass(pass);
        egress.fetch(request(&peer.url)).await.unwrap();
    }
    site.secret("key", &key_pem());
    egress.fetch(request(&peer.url)).await.unwrap();
    let sent: Vec<String> = peer.seen().iter().map(|seen| only(seen).to_owned()).collect();
    assert_eq!(sent[0], sent[1]);
    assert_ne!(sent[1], sent[2], "30 seconds before the end");
    assert_eq!(sent[2], sent[3]);
    assert_ne!(sent[3], sent[4], "another key");

    let (header, first) = claims(sent[0].strip_prefix("Bearer ").unwrap());
    let (_, second) = claims(sent[2].strip_prefix("Bearer ").unwrap());
    assert_eq!((&header["alg"], &header["typ"]), (&json!("ES256"), &json!("JWT")));
    assert_eq!((&first["iss"], &first["sub"], &first["aud"]), (&json!("us"), &json!("us"), &json!("them")));
    assert_eq!(first["exp"].as_u64().unwrap() - first["iat"].as_u64().unwrap(), 100);
    assert_ne!(first["jti"], second["jti"]);
}

#[tokio::test]
async fn a_plugin_cannot_log_in_beside_the_host() {
    let site = Site::new();
    let peer = upstream(&site).await;
    site.secret("token", "the-hosts-token");
    let egress = site.logging_in(&peer.url, &json!({ "kind": "bearer", "token_file": "@/token" }));
    let headers = vec![("Authorization".to_owned(), "Bearer forged".to_owned())];
    let forged = egress.fetch(UpstreamRequest { headers, ..request(&peer.url) }).await;
    assert!(matches!(forged, Err(FetchError::Invalid(_))));
    assert_eq!(peer.seen().len(), 0);
}

#[tokio::test]
async fn an_upstream_that_sends_credentials_back_does_not_reach_the_plugin_with_them() {
    let site = Site::new();
    site.secret("token", "canary-token");
    let bearer = json!({ "kind": "bearer", "token_file": "@/token" });
    let echo = |_, seen: Seen| async move {
        let mut response = text(200, "fine");
        let value = seen.authorization[0].parse().unwrap();
        response.headers_mut().insert("x-you-sent", value);
        response.headers_mut().insert("x-fine", "yes".parse().unwrap());
        response
    };
    let peer = Peer::start(&site.authority, None, echo).await;
    let response = site.logging_in(&peer.url, &bearer).fetch(request(&peer.url)).await.unwrap();
    assert!(response.headers.iter().any(|(name, _)| name == "x-fine"));
    assert!(!format!("{response:?}").contains("canary"), "{response:?}");

    let in_body = |_, seen: Seen| async move { text(400, format!("bad: {:?}", seen.authorization)) };
    let peer = Peer::start(&site.authority, None, in_body).await;
    let refused = site.logging_in(&peer.url, &bearer).fetch(request(&peer.url)).await.unwrap_err();
    assert!(!refused.to_string().contains("canary"), "{refused}");
}
