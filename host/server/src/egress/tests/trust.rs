//! Which servers are trusted, and what they are shown.

use serde_json::json;

use super::peer::{Peer, Site, request, text};
use super::*;
use crate::testing::Authority;

async fn welcoming(site: &Site, clients: Option<&Authority>) -> Peer {
    Peer::start(&site.authority, clients, |_, _| async { text(200, "welcome") }).await
}

#[tokio::test]
async fn the_operators_issuers_are_trusted_instead_of_the_systems_and_no_others() {
    let site = Site::new();
    site.secret("other.pem", &Authority::lasting("others").pem());
    let peer = welcoming(&site, None).await;
    let trusting = site.egress(&json!({ "register": { "url": peer.url, "ca_file": "@/ca.pem" } }));
    assert_eq!(trusting.fetch(request(&peer.url)).await.unwrap().body, b"welcome");

    for wary in [
        json!({ "register": { "url": peer.url, "ca_file": "@/other.pem" } }),
        json!({ "register": { "url": peer.url } }),
    ] {
        let refused = site.egress(&wary).fetch(request(&peer.url)).await;
        assert_eq!(refused, Err(FetchError::Unreachable("no connection".to_owned())));
    }
    assert_eq!(peer.seen().len(), 1, "nothing is sent to a server that is not trusted");
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_is_shown_the_one_of_its_upstream() {
    let (site, clients) = (Site::new(), Authority::lasting("clients"));
    site.client(&clients);
    let peer = welcoming(&site, Some(&clients)).await;
    let (certificate, key) = ("@/client.pem", "@/client.key");
    let with = json!({ "register": {
        "url": peer.url, "ca_file": "@/ca.pem", "client_certificate_file": certificate, "client_key_file": key,
    } });
    assert_eq!(site.egress(&with).fetch(request(&peer.url)).await.unwrap().status, 200);

    // Another upstream's certificate is not shown, though it is the same server.
    let mut two = with;
    two["other"] = json!({ "url": peer.url, "ca_file": "@/ca.pem" });
    let egress = site.egress(&two);
    let other = UpstreamRequest { upstream: "other".to_owned(), ..request(&peer.url) };
    assert!(matches!(egress.fetch(other).await, Err(FetchError::Unreachable(_))));
    assert_eq!(egress.fetch(request(&peer.url)).await.unwrap().status, 200);

    site.client(&Authority::lasting("others"));
    let stranger = site.egress(&two).fetch(request(&peer.url)).await;
    assert!(matches!(stranger, Err(FetchError::Unreachable(_))), "{stranger:?}");
}

#[tokio::test]
async fn what_is_not_connected_as_it_was_granted_is_not_sent() {
    let site = Site::new();
    let peer = welcoming(&site, None).await;
    let egress = site.egress(&json!({ "register": { "url": peer.url, "ca_file": "@/ca.pem" } }));
    for strange in [
        UpstreamRequest { plugin: "other".to_owned(), ..request(&peer.url) },
        UpstreamRequest { upstream: "other".to_owned(), ..request(&peer.url) },
        UpstreamRequest { base_url: format!("{}/elsewhere", peer.url), ..request(&peer.url) },
        UpstreamRequest { base_url: "https://127.0.0.1:1".to_owned(), ..request(&peer.url) },
    ] {
        assert!(matches!(egress.fetch(strange).await, Err(FetchError::Unreachable(_))));
    }
    assert_eq!(peer.seen().len(), 0);
}

#[tokio::test]
async fn connections_are_replaced_without_breaking_off_what_is_under_way() {
    let site = Site::new();
    let (go, gate) = tokio::sync::watch::channel(false);
    let peer = Peer::start(&site.authority, None, move |count, _| {
        let mut gate = gate.clone();
        async move {
            if count == 1 {
                gate.wait_for(|open| *open).await.unwrap();
            }
            text(200, format!("{count}"))
        }
    })
    .await;
    site.secret("other.pem", &Authority::lasting("others").pem());
    let egress = site.egress(&json!({ "register": { "url": peer.url, "ca_file": "@/ca.pem" } }));
    let under_way = {
        let (egress, request) = (Arc::clone(&egress), request(&peer.url));
        tokio::spawn(async move { egress.fetch(request).await })
    };
    while peer.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    let wary = json!({ "register": { "url": peer.url, "ca_file": "@/other.pem" } });
    egress.replace(site.connections(&wary).0);
    assert!(egress.fetch(request(&peer.url)).await.is_err(), "the new roots hold at once");
    go.send_replace(true);
    assert_eq!(under_way.await.unwrap().unwrap().body, b"1");
}
