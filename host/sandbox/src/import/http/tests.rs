use std::time::Duration;

use async_trait::async_trait;
use http::Host as _;
use tokio::sync::Barrier;

use super::*;
use crate::import::testing::{Nobody, call};

fn granted() -> crate::grant::Grant {
    serde_json::from_value(serde_json::json!({
        "upstreams": {"register": {"url": "https://register.example", "methods": ["GET"], "path_prefixes": ["/"]}},
        "limits": {"response_kib": 1, "upstream_calls": 3}
    }))
    .unwrap()
}

fn request(upstream: &str, path: &str) -> Request {
    Request {
        upstream: upstream.to_owned(),
        method: "GET".to_owned(),
        path: path.to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Vec::new(),
        timeout_ms: None,
    }
}

/// Answers with the path, once two requests are there.
struct InPairs(Barrier);

#[async_trait]
impl Fetch for InPairs {
    async fn fetch(&self, request: UpstreamRequest) -> Result<UpstreamResponse, FetchError> {
        self.0.wait().await;
        Ok(UpstreamResponse { status: 200, headers: Vec::new(), body: request.path.into_bytes() })
    }
}

/// Answers with this many bytes, whatever it was told.
struct Bytes(usize);

#[async_trait]
impl Fetch for Bytes {
    async fn fetch(&self, _: UpstreamRequest) -> Result<UpstreamResponse, FetchError> {
        Ok(UpstreamResponse { status: 200, headers: Vec::new(), body: vec![0; self.0] })
    }
}

#[tokio::test]
async fn requests_at_once_run_in_parallel_and_are_answered_in_their_order() {
    let mut call = call(&granted(), InPairs(Barrier::new(2)));
    let requests = vec![request("register", "/a"), request("other", "/b"), request("register", "/c")];
    let answers = tokio::time::timeout(Duration::from_secs(5), call.fetch_all(requests)).await.unwrap();
    let [Ok(first), Err(Error::Denied(rule)), Ok(third)] = answers.as_slice() else {
        panic!("{answers:?}");
    };
    assert_eq!((first.body.as_slice(), third.body.as_slice()), (&b"/a"[..], &b"/c"[..]));
    assert!(rule.contains("[plugins.\"tested\".upstreams]"), "{rule}");
    assert_eq!(call.denials, 1);
}

#[tokio::test]
async fn a_response_over_the_limit_is_too_large_even_if_the_port_lets_it_pass() {
    assert!(call(&granted(), Bytes(1024)).fetch(request("register", "/")).await.is_ok());
    let large = call(&granted(), Bytes(1025)).fetch(request("register", "/")).await;
    assert!(matches!(large, Err(Error::TooLarge(1024))));
}

#[tokio::test]
async fn one_call_makes_as_many_requests_as_it_may() {
    let mut call = call(&granted(), Nobody);
    for _ in 0..3 {
        assert!(matches!(call.fetch(request("register", "/")).await, Err(Error::Unreachable(_))));
    }
    assert!(matches!(call.fetch(request("register", "/")).await, Err(Error::Denied(_))));
}

#[test]
fn requests_are_counted_in_all_and_for_each_upstream() {
    let mut count = Count::default();
    assert!(count.admit("a", Some(1), 3).is_ok());
    assert!(matches!(count.admit("a", Some(1), 3), Err(Error::Denied(rule)) if rule.contains("`calls`")));
    assert!(count.admit("b", None, 3).is_ok());
    assert!(count.admit("b", None, 3).is_ok());
    assert!(matches!(count.admit("b", None, 3), Err(Error::Denied(rule)) if rule.contains("upstream_calls")));
}

#[test]
fn a_plugin_sees_no_cookies_and_no_flood_of_headers() {
    let mut headers = vec![("Set-Cookie".to_owned(), "s=1".to_owned())];
    headers.extend((0..100).map(|n| (format!("x-{n}"), "v".repeat(1000))));
    let seen = shown(UpstreamResponse { status: 200, headers, body: Vec::new() });
    assert_eq!(seen.headers.len(), 16);
    assert_eq!(seen.headers[0].0, "x-0");
}

/// Does not answer, and counts who asked.
#[derive(Clone, Default)]
struct Down(Arc<std::sync::atomic::AtomicUsize>);

#[async_trait]
impl Fetch for Down {
    async fn fetch(&self, _: UpstreamRequest) -> Result<UpstreamResponse, FetchError> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Err(FetchError::Timeout)
    }
}

#[tokio::test]
async fn an_upstream_that_is_down_is_asked_no_more_for_a_while() {
    let down = Down::default();
    let mut grant = granted();
    grant.limits.upstream_calls = Some(16);
    let mut call = call(&grant, down.clone());
    for _ in 0..5 {
        assert!(matches!(call.fetch(request("register", "/")).await, Err(Error::Timeout)));
    }
    let refused = call.fetch(request("register", "/")).await;
    assert!(matches!(&refused, Err(Error::Unreachable(why)) if why.contains("circuit")), "{refused:?}");
    assert_eq!(down.0.load(std::sync::atomic::Ordering::Relaxed), 5);
}
