//! Too much time, memory, stack or answer: that call fails, and no other notices (REL-10, REL-11).

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use esignet_protocol::ports::plugin_cache::{PluginCache, PluginCacheError};
use esignet_protocol::ports::plugins::{PluginError, Step};
use serde_json::json;

use crate::world::{World, begin, wasm};

#[tokio::test]
async fn a_loop_ends_within_its_cpu_budget_and_its_neighbour_does_not_notice() {
    let mut world = World::new();
    let bad = world.misbehaving("loop", json!({"limits": {"cpu_ms": 100}})).await;
    let good = world.misbehaving("well-behaved", json!({})).await;
    let spinning: Vec<_> = (0..6)
        .map(|_| {
            let bad = Arc::clone(&bad);
            tokio::spawn(async move {
                let started = Instant::now();
                (begin(&bad).await.err(), started.elapsed())
            })
        })
        .collect();
    for _ in 0..20 {
        assert!(matches!(begin(&good).await, Ok(Step::Ask { .. })));
    }
    for spun in spinning {
        let (error, elapsed) = spun.await.unwrap();
        assert!(matches!(&error, Some(PluginError::TimedOut(text)) if text.starts_with("cpu")), "{error:?}");
        assert!(elapsed < Duration::from_secs(4), "the loop ran for {elapsed:?}");
    }
}

#[tokio::test]
async fn a_loop_that_calls_the_host_is_ended_too() {
    for behaviour in ["slow", "random-flood", "lift-flood"] {
        let mut world = World::new();
        let bad = world.misbehaving(behaviour, json!({})).await;
        let error = begin(&bad).await.err();
        assert!(
            matches!(error, Some(PluginError::TimedOut(_) | PluginError::Trapped(_))),
            "{behaviour}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_call_that_waits_too_long_is_ended_by_its_wall_budget() {
    let mut world = World::with(|_, host| host.cache = Arc::new(NeverAnswers));
    let bad = world.misbehaving("cache-flood", json!({"limits": {"wall_ms": 50}})).await;
    let error = begin(&bad).await.err();
    assert!(matches!(&error, Some(PluginError::TimedOut(text)) if text.starts_with("wall")), "{error:?}");
}

#[tokio::test]
async fn memory_beyond_the_limit_is_a_trap_of_its_own_kind() {
    for behaviour in ["allocate", "memory-grow"] {
        let mut world = World::new();
        let bad = world.misbehaving(behaviour, json!({"limits": {"cpu_ms": 5000}})).await;
        let error = begin(&bad).await.err();
        let expected = |text: &str| text.contains("memory limit of 16 MiB");
        assert!(
            matches!(&error, Some(PluginError::Trapped(text)) if expected(text)),
            "{behaviour}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_trap_tells_its_kind_and_costs_one_call() {
    for behaviour in ["trap", "panic"] {
        let mut world = World::new();
        let bad = world.misbehaving(behaviour, json!({})).await;
        for _ in 0..3 {
            let error = begin(&bad).await.err();
            assert!(
                matches!(&error, Some(PluginError::Trapped(text)) if text.contains("unreachable")),
                "{behaviour}: {error:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_stack_overflow_is_a_trap() {
    let mut world = World::new();
    let bad = world.misbehaving("stack-overflow", json!({"limits": {"cpu_ms": 5000}})).await;
    let error = begin(&bad).await.err();
    assert!(matches!(error, Some(PluginError::Trapped(_))), "{error:?}");
}

#[tokio::test]
async fn an_answer_larger_than_the_contract_allows_is_refused() {
    for (behaviour, size) in [
        ("huge-return", 8 << 20),
        ("huge-return", 2 * 1024 + 1),
        ("huge-message", 8 << 20),
        ("huge-message", 1025),
        ("many-fields", 0),
    ] {
        let mut world = World::new();
        let more = json!({"config": {"size": size}, "limits": {"memory_mib": 64, "cpu_ms": 5000}});
        let bad = world.misbehaving(behaviour, more).await;
        let error = begin(&bad).await.err();
        assert!(matches!(error, Some(PluginError::Broken(_))), "{behaviour} {size}: {error:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_small_in_the_plugin_and_large_in_the_host_is_refused() {
    let mut world = World::new();
    let bad = world.misbehaving("overlapping-return", json!({"limits": {"cpu_ms": 5000}})).await;
    let error = begin(&bad).await.err();
    assert!(matches!(error, Some(PluginError::Broken(_) | PluginError::Trapped(_))), "{error:?}");
}

#[tokio::test]
async fn a_full_house_is_unavailable_after_the_queues_deadline() {
    let mut world = World::with(|_, host| host.cache = Arc::new(NeverAnswers));
    let limits = json!({"limits": {"concurrency": 1, "queue_wait_ms": 50, "wall_ms": 3000}});
    let bad = world.misbehaving("cache-flood", limits).await;
    let timed = async || {
        let started = Instant::now();
        (begin(&bad).await.err(), started.elapsed())
    };
    let (one, other) = tokio::join!(timed(), timed());
    let (turned_away, held) = if one.1 < other.1 { (one, other) } else { (other, one) };
    assert!(
        matches!(&turned_away.0, Some(PluginError::Unavailable(text)) if text == "no turn within 50 ms"),
        "{turned_away:?}"
    );
    assert!(turned_away.1 < Duration::from_secs(2), "{turned_away:?}");
    assert!(matches!(held.0, Some(PluginError::TimedOut(_))), "{held:?}");
}

#[tokio::test]
async fn a_plugin_that_hangs_on_all_its_turns_leaves_its_neighbour_half_the_pool() {
    let mut world = World::with(|config, host| {
        config.max_instances = 2;
        host.cache = Arc::new(NeverAnswers);
    });
    let bad =
        world.misbehaving("cache-flood", json!({"limits": {"queue_wait_ms": 50, "wall_ms": 3000}})).await;
    let good = world.misbehaving("well-behaved", json!({})).await;
    let hanging: Vec<_> = (0..8)
        .map(|_| {
            let bad = Arc::clone(&bad);
            tokio::spawn(async move { begin(&bad).await.err() })
        })
        .collect();
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(matches!(begin(&good).await, Ok(Step::Ask { .. })));
    }
    let mut turned_away = 0;
    for call in hanging {
        match call.await.unwrap() {
            Some(PluginError::Unavailable(text)) if text.contains("no turn") => turned_away += 1,
            Some(PluginError::TimedOut(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(turned_away, 7);
}

#[tokio::test]
async fn what_a_plugin_gets_less_than_its_concurrency_is_reported() {
    let mut world = World::with(|config, _| config.max_instances = 9);
    for (id, concurrency) in [("a", 4), ("b", 3), ("c", 2)] {
        world.put(id, &wasm("misbehaving"));
        let grant = json!({"config": {"factor": id}, "limits": {"concurrency": concurrency}});
        world.grant(id, grant);
    }
    let report = world.load().await;
    let narrowed: Vec<_> = report.plugins.iter().map(|plugin| plugin.narrowed_concurrency).collect();
    assert_eq!(narrowed, [Some(3), None, None]);
}

#[tokio::test]
async fn a_call_whose_caller_is_gone_frees_its_turn() {
    let mut world = World::with(|_, host| host.cache = Arc::new(NeverAnswers));
    let limits = json!({"limits": {"concurrency": 1, "queue_wait_ms": 5000, "wall_ms": 60000}});
    let bad = world.misbehaving("cache-flood", limits).await;
    let gone = tokio::time::timeout(Duration::from_millis(100), begin(&bad)).await;
    assert!(gone.is_err());
    // A turn within a second means that the first call, which would run for a minute, was ended.
    let second = tokio::time::timeout(Duration::from_secs(1), begin(&bad)).await;
    assert!(second.is_err(), "the second call should hang on the cache, not be turned away");
}

/// A cache whose store is gone.
struct NeverAnswers;

#[async_trait]
impl PluginCache for NeverAnswers {
    async fn get(&self, _: &str, _: &str) -> Result<Option<Vec<u8>>, PluginCacheError> {
        std::future::pending().await
    }
    async fn put(&self, _: &str, _: &str, _: Vec<u8>, _: u32) -> Result<(), PluginCacheError> {
        std::future::pending().await
    }
    async fn put_if_absent(&self, _: &str, _: &str, _: Vec<u8>, _: u32) -> Result<bool, PluginCacheError> {
        std::future::pending().await
    }
    async fn take(&self, _: &str, _: &str) -> Result<Option<Vec<u8>>, PluginCacheError> {
        std::future::pending().await
    }
}
