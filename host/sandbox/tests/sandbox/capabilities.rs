//! What was not granted is denied, and what was is counted (threats T38 to T40).

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use esignet_protocol::ports::fetch::{Fetch, FetchError, UpstreamRequest, UpstreamResponse};
use esignet_protocol::ports::plugins::{PluginError, Step};
use serde_json::json;

use crate::record;
use crate::world::{World, begin, caller, met, person};

fn register() -> serde_json::Value {
    json!({"upstreams": {"register": {
        "url": "https://register.example", "methods": ["GET"], "path_prefixes": ["/"]}},
        "limits": {"upstream_calls": 64, "cpu_ms": 5000}})
}

#[tokio::test]
async fn an_upstream_that_was_not_granted_is_denied_by_any_name() {
    let mut world = World::new();
    let bad = world.misbehaving("ask-ungranted-upstream", register()).await;
    assert_eq!(met(&bad).await, "denied");
    assert!(world.upstreams.0.lock().unwrap().is_empty());
    let log = record::of_plugin(bad.id());
    let told = |line: &String| line.contains("denied to a plugin") && line.contains("not granted");
    assert_eq!(log.iter().filter(|line| told(line)).count(), 4, "the first four are told: {log:?}");
    assert!(log.iter().any(|line| line.contains("denials=5")), "all five are counted: {log:?}");
}

#[tokio::test]
async fn a_path_or_a_method_beside_what_was_granted_is_denied() {
    let mut world = World::new();
    let mut granted = register();
    granted["upstreams"]["register"]["path_prefixes"] = json!(["/people"]);
    let bad = world.misbehaving("ask-ungranted-path", granted).await;
    assert_eq!(met(&bad).await, "denied-4-of-4");
    assert!(world.upstreams.0.lock().unwrap().is_empty());
    let log = record::of_plugin(bad.id());
    let told = |what: &str| log.iter().any(|line| line.contains("denied to a plugin") && line.contains(what));
    assert!(told("path_prefixes") && told("methods"), "{log:?}");
}

/// A server that sends whoever asks to somewhere else.
#[derive(Default)]
struct Redirecting(Mutex<Vec<String>>);

#[async_trait]
impl Fetch for Redirecting {
    async fn fetch(&self, request: UpstreamRequest) -> Result<UpstreamResponse, FetchError> {
        self.0.lock().unwrap().push(format!("{}{}", request.base_url, request.path));
        let place = "http://169.254.169.254/latest/meta-data".to_owned();
        Ok(UpstreamResponse { status: 302, headers: vec![("location".to_owned(), place)], body: Vec::new() })
    }
}

#[tokio::test]
async fn where_a_redirect_leads_a_plugin_cannot_go() {
    let server = Arc::new(Redirecting::default());
    let of_host = Arc::clone(&server);
    let mut world = World::with(|_, host| host.fetch = of_host);
    let bad = world.misbehaving("chase-redirect", register()).await;
    assert_eq!(met(&bad).await, "not-followed");
    assert_eq!(*server.0.lock().unwrap(), ["https://register.example/people"]);
}

#[tokio::test]
async fn what_a_plugin_keeps_in_the_cache_no_other_finds_by_any_name() {
    let mut world = World::new();
    let one = world.misbehaving("cache-of-others", json!({"limits": {"cpu_ms": 5000}})).await;
    let other = world.misbehaving("cache-of-others", json!({"limits": {"cpu_ms": 5000}})).await;
    for factor in [&one, &other, &one, &other] {
        assert_eq!(met(factor).await, "found-its-own-alone");
    }
}

#[tokio::test]
async fn a_key_that_was_not_granted_does_not_exist() {
    let mut world = World::new();
    let bad = world.misbehaving("ask-ungranted-key", json!({})).await;
    assert_eq!(met(&bad).await, "no-such-key");
}

#[tokio::test]
async fn evil_paths_and_headers_never_reach_the_port() {
    for behaviour in ["evil-path", "evil-header"] {
        let mut world = World::new();
        let bad = world.misbehaving(behaviour, register()).await;
        assert_eq!(met(&bad).await, "all-refused", "{behaviour}");
        let sent = world.upstreams.0.lock().unwrap();
        assert!(sent.is_empty(), "{behaviour}: {sent:?}");
    }
}

#[tokio::test]
async fn a_log_flood_stops_at_the_budget_and_then_ends_the_call() {
    let mut world = World::new();
    let bad = world.misbehaving("log-flood", json!({"limits": {"cpu_ms": 5000}})).await;
    let error = begin(&bad).await.err();
    assert!(
        matches!(&error, Some(PluginError::Trapped(text)) if text.starts_with("log: lines")),
        "{error:?}"
    );
    let log = record::of_plugin(bad.id());
    let lines = log.iter().filter(|line| line.starts_with("plugin ")).count();
    assert_eq!(lines, 3, "4 KiB hold three lines of 1.2 KB");
    assert!(log.iter().any(|line| line.contains("log_dropped=55")), "64 KiB more are dropped: {log:?}");
}

#[tokio::test]
async fn lines_of_very_many_fields_end_the_call_at_once() {
    let mut world = World::new();
    let bad = world.misbehaving("host-flood", json!({"limits": {"cpu_ms": 5000}})).await;
    let error = begin(&bad).await.err();
    assert!(
        matches!(&error, Some(PluginError::Trapped(text)) if text.starts_with("log: lines")),
        "{error:?}"
    );
    let log = record::of_plugin(bad.id());
    assert!(log.iter().any(|line| line.contains("log_dropped=1 ")), "the first line is the last: {log:?}");
    assert!(!log.iter().any(|line| line.starts_with("plugin ")), "{log:?}");
}

#[tokio::test]
async fn what_is_the_persons_never_shows_in_the_log() {
    let mut world = World::new();
    let bad = world.misbehaving("tell-the-person", register()).await;
    let Some(PluginError::Unavailable(text)) = begin(&bad).await.err() else { panic!("another end") };
    assert!(text.starts_with("nothing is known of [redacted], [redacted], xxx"), "{text}");
    let log = record::of_plugin(bad.id());
    assert_eq!(log.iter().filter(|line| line.starts_with("plugin WARN")).count(), 3, "{log:?}");
    assert!(log.iter().any(|line| line.contains("malformed-event")), "{log:?}");
    assert!(log.iter().any(|line| line.contains("key \\\"[redacted]\\\" is not granted")), "{log:?}");
    assert!(!log.iter().any(|line| line.contains("2053")), "{log:?}");
}

#[tokio::test]
async fn a_log_line_cannot_be_forged() {
    let mut world = World::new();
    let bad = world.misbehaving("log-injection", json!({})).await;
    assert!(matches!(begin(&bad).await, Ok(Step::Ask { .. })));
    let log = record::of_plugin(bad.id());
    let said: Vec<_> = log.iter().filter(|line| line.starts_with("plugin ")).collect();
    assert_eq!(said.len(), 2);
    for line in said {
        assert!(line.starts_with("plugin INFO"), "{line}");
        assert!(!line.chars().any(|c| c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c)), "{line:?}");
    }
}

#[tokio::test]
async fn a_cache_flood_stops_at_the_quota_of_the_call() {
    let mut world = World::new();
    let bad = world.misbehaving("cache-flood", json!({})).await;
    let error = begin(&bad).await.err();
    assert!(matches!(error, Some(PluginError::TimedOut(_))), "a million calls outlast the budget: {error:?}");
    let log = record::of_plugin(bad.id());
    assert!(log.iter().any(|line| line.contains("use the cache 64 times")), "{log:?}");
}

#[tokio::test]
async fn more_randomness_than_allowed_is_refused() {
    let mut world = World::new();
    let bad = world.misbehaving("too-much-randomness", json!({})).await;
    assert_eq!(met(&bad).await, "invalid");
}

#[tokio::test]
async fn nothing_of_one_person_is_there_for_the_next() {
    let mut world = World::with(|config, _| config.max_instances = 1);
    let bad = world.misbehaving("remember", json!({})).await;
    for n in 0..50 {
        let step = bad.begin(&caller(&format!("canary-{n}")), Some(&person("1"))).await;
        let Ok(Step::Refused(met)) = step else { panic!("another step") };
        assert_eq!(met.reason, "nothing-remembered");
    }
}
