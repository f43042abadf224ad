//! What is counted of plugins: every metric that is documented and no other, with the right numbers, and nothing of a person.

use std::collections::BTreeSet;
use std::sync::Arc;

use esignet_protocol::ports::plugins::PluginError;
use esignet_sandbox::PluginMetrics;
use prometheus_client::encoding::text;
use prometheus_client::registry::Registry;
use serde_json::{Value, json};

use crate::record;
use crate::world::{World, begin, fresh_id, wasm};

/// The person of every call here.
const NUMBER: &str = "2053718694";

/// What a server that reads the metrics gets.
fn exposition(world: &World) -> String {
    let mut counted = Registry::default();
    counted.register_collector(Box::new(PluginMetrics::new(Arc::clone(&world.registry))));
    let mut text = String::new();
    text::encode(&mut text, &counted).unwrap();
    text
}

/// The value of the one series of a metric with these labels.
fn value(text: &str, metric: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let has = |line: &&str| labels.iter().all(|(name, value)| line.contains(&format!("{name}=\"{value}\"")));
    let series = text.lines().filter(|line| line.starts_with(&format!("{metric}{{")));
    let found: Vec<&str> = series.filter(has).collect();
    assert!(found.len() < 2, "{metric} {labels:?} is more than one: {found:?}");
    found.first().and_then(|line| line.rsplit(' ').next()).map(|number| number.parse().unwrap())
}

fn register() -> Value {
    json!({"upstreams": {"register": {"url": "https://register.example", "methods": ["GET"], "path_prefixes": ["/"]}}})
}

#[tokio::test]
async fn calls_are_counted_by_function_and_outcome_with_what_they_used() {
    let mut world = World::new();
    let bad = world.misbehaving("tell-the-answer", register()).await;
    for _ in 0..3 {
        begin(&bad).await.unwrap();
    }
    let text = exposition(&world);
    let of = [("plugin", bad.id()), ("version", &bad.build().version)];
    let call = [of[0], of[1], ("role", "auth-factor"), ("function", "begin")];
    let answered = [call.as_slice(), &[("outcome", "answered")]].concat();
    assert_eq!(value(&text, "esignet_plugin_calls_total", &answered), Some(3.0), "{text}");
    assert_eq!(value(&text, "esignet_plugin_call_duration_seconds_count", &call), Some(3.0));
    assert_eq!(
        value(&text, "esignet_plugin_queue_wait_seconds_count", &of),
        Some(4.0),
        "describe waits, too"
    );
    assert!(value(&text, "esignet_plugin_cpu_seconds_total", &of).unwrap() > 0.0);
    assert!(value(&text, "esignet_plugin_peak_memory_bytes", &of).unwrap() > 65_536.0);
    let sent = [of[0], of[1], ("upstream", "register"), ("outcome", "2xx")];
    assert_eq!(value(&text, "esignet_plugin_upstream_requests_total", &sent), Some(3.0));
    assert_eq!(value(&text, "esignet_plugin_upstream_duration_seconds_count", &sent[..3]), Some(3.0));
    assert_eq!(value(&text, "esignet_plugin_circuit", &of[..1]), Some(0.0));
    assert_eq!(
        value(&text, "esignet_plugin_upstream_circuit", &[of[0], ("upstream", "register")]),
        Some(0.0)
    );
}

#[tokio::test]
async fn each_end_of_a_call_by_force_has_its_kind_and_an_open_circuit_refuses() {
    for (behaviour, kind, outcome) in [
        ("trap", "unreachable", "trapped"),
        ("loop", "cpu", "timed-out"),
        ("allocate", "memory", "trapped"),
        ("stack-overflow", "out-of-bounds", "trapped"),
    ] {
        let mut world = World::new();
        let limits = if behaviour == "loop" { json!({}) } else { json!({"limits": {"cpu_ms": 5000}}) };
        let bad = world.misbehaving(behaviour, limits).await;
        for _ in 0..5 {
            assert!(begin(&bad).await.is_err());
        }
        assert!(matches!(begin(&bad).await, Err(PluginError::Unavailable(_))));
        let text = exposition(&world);
        let of = [("plugin", bad.id())];
        let with = |more: (&'static str, &'static str)| [of.as_slice(), &[more]].concat();
        assert_eq!(value(&text, "esignet_plugin_traps_total", &with(("kind", kind))), Some(5.0), "{text}");
        assert_eq!(
            value(&text, "esignet_plugin_calls_total", &with(("outcome", outcome))),
            Some(5.0),
            "{text}"
        );
        assert_eq!(value(&text, "esignet_plugin_calls_total", &with(("outcome", "refused"))), Some(1.0));
        assert_eq!(value(&text, "esignet_plugin_circuit", &of), Some(2.0));
    }
}

#[tokio::test]
async fn what_is_denied_is_counted_by_what_it_is_of() {
    let mut world = World::new();
    let bad = world.misbehaving("ask-ungranted-upstream", register()).await;
    begin(&bad).await.unwrap();
    let text = exposition(&world);
    let denied = [("plugin", bad.id()), ("capability", "http")];
    assert_eq!(value(&text, "esignet_plugin_denials_total", &denied), Some(5.0), "{text}");
    assert!(!text.contains("upstream=\"register\",outcome"), "nothing was sent: {text}");
}

#[tokio::test]
async fn swaps_and_refusals_are_counted_and_a_version_that_is_gone_has_no_series() {
    let world = World::new();
    let id = fresh_id("counted");
    world.swap(&id, &wasm("otp"), "1.0.0");
    world.load().await;
    world.swap(&id, &wasm("otp"), "1.1.0");
    world.put("truncated", &wasm("otp")[..5]);
    world.load().await;
    world.load().await;
    let text = exposition(&world);
    let of = |version: &'static str| [("plugin", id.as_str()), ("version", version)];
    assert_eq!(value(&text, "esignet_plugin_swaps_total", &of("")[..1]), Some(1.0), "{text}");
    assert!(text.contains("\nesignet_plugin_refusals_total 1\n"), "once, not at every look: {text}");
    assert!(text.contains("\nesignet_plugin_refused_files 1\n"), "{text}");
    let build = |state: &'static str, version: &'static str| {
        let labels = [of(version).as_slice(), &[("state", state)]].concat();
        value(&text, "esignet_plugin_build", &labels)
    };
    assert_eq!((build("draining", "1.0.0"), build("loaded", "1.1.0")), (Some(1.0), Some(1.0)));
    world.wait(100_000);
    world.swap(&id, &wasm("otp"), "1.2.0");
    world.load().await;
    let text = exposition(&world);
    assert!(!text.contains("version=\"1.0.0\""), "nobody is held to it any more: {text}");
}

#[tokio::test]
async fn no_label_and_no_number_tells_of_a_person() {
    let mut world = World::new();
    let bad = world.misbehaving("tell-the-person", register()).await;
    assert!(begin(&bad).await.is_err());
    let text = exposition(&world);
    assert!(text.contains(bad.id()), "it was counted");
    assert!(!text.contains(NUMBER), "{text}");
    for part in [&NUMBER[..6], &NUMBER[4..]] {
        assert!(!text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn each_call_is_a_span_of_names_and_of_how_it_ended() {
    let mut world = World::new();
    let bad = world.misbehaving("tell-the-person", register()).await;
    assert!(begin(&bad).await.is_err());
    let spans = record::spans_of_plugin(bad.id());
    let build = bad.build();
    let span = |function: &str, outcome: &str| {
        format!(
            "plugin_call plugin=\"{}\" version=\"{}\" role=\"auth-factor\" function=\"{function}\" outcome=\"{outcome}\"",
            build.id, build.version
        )
    };
    assert_eq!(
        spans,
        [span("describe", "answered"), span("begin", "unavailable")],
        "and nothing else is in it"
    );
}

#[tokio::test]
async fn requests_of_a_call_carry_its_trace_and_other_calls_another_one() {
    let mut world = World::new();
    let bad = world.misbehaving("tell-the-answer", register()).await;
    for _ in 0..2 {
        begin(&bad).await.unwrap();
    }
    let sent = world.upstreams.0.lock().unwrap();
    let parents: Vec<Vec<&str>> = sent
        .iter()
        .map(|request| {
            let values: Vec<&String> = request
                .headers
                .iter()
                .filter(|(name, _)| name == "traceparent")
                .map(|(_, value)| value)
                .collect();
            assert_eq!(values.len(), 1, "one header a request: {:?}", request.headers);
            values[0].split('-').collect()
        })
        .collect();
    assert_eq!(parents.len(), 2);
    for parent in &parents {
        assert_eq!(parent.iter().map(|part| part.len()).collect::<Vec<_>>(), [2, 32, 16, 2], "{parent:?}");
        assert_eq!(parent[0], "00");
    }
    assert_ne!(parents[0][1], parents[1][1], "each call is a trace of its own");
    let log = record::of_plugin(bad.id()).join("\n");
    assert!(log.contains(parents[0][1]), "the operator finds the call by its trace: {log}");
}

#[test]
fn the_document_has_every_metric_and_no_other() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let text = exposition(&runtime.block_on(async { World::new() }));
    let exposed: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .map(|line| {
            let (name, kind) = line.split_once(' ').unwrap();
            if kind == "counter" { format!("{name}_total") } else { name.to_owned() }
        })
        .collect();
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operations/metrics.md");
    let document = std::fs::read_to_string(document).unwrap();
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `esignet_"));
    let documented: BTreeSet<String> =
        rows.filter_map(|row| row.split('`').next()).map(|name| format!("esignet_{name}")).collect();
    assert_eq!(documented, exposed);
}
