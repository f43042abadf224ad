//! What fails again and again: its circuit opens, it is quarantined, or the build before it comes back.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use esignet_protocol::ports::plugins::{AuthFactor, PluginError, Plugins};
use esignet_sandbox::{Order, PluginState, Watching};
use serde_json::json;
use tokio::time::timeout;

use crate::world::{World, begin, fresh_id, wasm};

const PATIENCE: Duration = Duration::from_mins(1);

/// A world with a cache of its own, for what is decided there.
fn world(kept: &Path) -> World {
    World::with(|config, _| config.compiled_cache_dir = Some(kept.to_owned()))
}

fn state(world: &World, id: &str, version: &str) -> Option<PluginState> {
    world.registry.states().into_iter().find(|state| state.id == id && state.version == version)
}

async fn is_let_through(factor: &Arc<dyn AuthFactor>) -> bool {
    !matches!(begin(factor).await, Err(PluginError::Unavailable(_)))
}

/// Calls until the plugin is quarantined, over the clock of the test.
async fn trap_until_quarantined(world: &World, factor: &Arc<dyn AuthFactor>) {
    for _ in 0..40 {
        let _trapped = begin(factor).await;
        world.wait(3);
    }
    let build = factor.build();
    assert_eq!(state(world, &build.id, &build.version).unwrap().state, "quarantined");
}

#[tokio::test]
async fn a_plugin_that_traps_is_asked_no_more_and_tried_again_after_a_while() {
    let mut world = World::new();
    let factor = world.misbehaving("trap", json!({})).await;
    for _ in 0..5 {
        assert!(matches!(begin(&factor).await, Err(PluginError::Trapped(_))));
    }
    assert!(!is_let_through(&factor).await, "its circuit is open");
    world.wait(10);
    assert!(is_let_through(&factor).await, "one call tries");
    assert!(!is_let_through(&factor).await);
}

#[tokio::test]
async fn what_is_quarantined_is_not_offered_fails_closed_and_comes_back_with_another_digest() {
    let kept = tempfile::tempdir().unwrap();
    let (mut world, id) = (world(kept.path()), fresh_id("trapping"));
    let factor = world.misbehaving_as(&id, "trap", json!({})).await;
    trap_until_quarantined(&world, &factor).await;
    let factor_word = id.to_uppercase();
    assert!(world.registry.factor(&factor_word).is_none(), "it is offered to nobody");
    let pinned = world.registry.factor_of(&factor_word, &factor.build()).unwrap();
    world.wait(1_000);
    assert!(matches!(begin(&pinned).await, Err(PluginError::Unavailable(_))), "and fails closed");
    assert!(!world.registry.offers_still(&factor_word, &factor.build()));

    world.swap(&id, &wasm("misbehaving"), "5.0.0");
    world.load().await;
    assert!(world.registry.factor(&factor_word).is_some(), "another digest may try");
}

#[tokio::test]
async fn a_quarantine_holds_over_a_restart_until_an_operator_ends_it() {
    let kept = tempfile::tempdir().unwrap();
    let id = fresh_id("trapping");
    let factor_word = id.to_uppercase();
    let mut first = world(kept.path());
    let factor = first.misbehaving_as(&id, "trap", json!({})).await;
    trap_until_quarantined(&first, &factor).await;
    told(&first, Order::Reload).await;

    let mut second = world(kept.path());
    second.grants.clone_from(&first.grants);
    second.put(&id, &wasm("misbehaving"));
    second.load().await;
    assert!(second.registry.factor(&factor_word).is_none());
    let answer = told(&second, Order::Release(id.clone())).await;
    assert!(answer.contains("released"), "{answer}");
    assert!(second.registry.factor(&factor_word).is_some());
}

/// What a watched world answers to an order.
async fn told(world: &World, order: Order) -> String {
    let directory = world.kept.clone().unwrap();
    let name = fresh_id("test");
    order.leave(&directory, &name).unwrap();
    let answered = async {
        loop {
            if let Some(answer) = Order::answer(&directory, &name) {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    };
    let watching = Watching { settle: Duration::from_millis(10), rescan: Duration::from_millis(50) };
    tokio::select! {
        () = world.registry.watch(world.source(), watching, |_| {}) => unreachable!(),
        answer = timeout(PATIENCE, answered) => answer.unwrap(),
    }
}

#[tokio::test]
async fn an_operator_goes_back_to_the_last_good_build_and_it_stays_there() {
    let kept = tempfile::tempdir().unwrap();
    let first = world(kept.path());
    first.swap("otp", &wasm("otp"), "1.0.0");
    first.load().await;
    assert!(told(&first, Order::RollBack("otp".to_owned())).await.contains("no earlier build"));
    first.swap("otp", &wasm("otp"), "2.0.0");
    first.load().await;
    let answer = told(&first, Order::RollBack("otp".to_owned())).await;
    assert!(answer.contains("1.0.0 again instead of 2.0.0"), "{answer}");
    let version = |world: &World| world.registry.factor("OTP").unwrap().build().version;
    assert_eq!(version(&first), "1.0.0");
    assert!(told(&first, Order::List).await.contains("in place of 2.0.0"));

    let second = world(kept.path());
    second.swap("otp", &wasm("otp"), "2.0.0");
    second.load().await;
    assert_eq!(version(&second), "1.0.0", "the same file after a restart");
    second.swap("otp", &wasm("otp"), "2.0.1");
    second.load().await;
    assert_eq!(version(&second), "2.0.1", "another file ends it");
    second.swap("otp", &wasm("otp"), "2.0.0");
    second.load().await;
    assert_eq!(version(&second), "2.0.0");
}

#[tokio::test]
async fn kept_bytes_that_are_not_what_they_were_are_not_rolled_back_to() {
    let kept = tempfile::tempdir().unwrap();
    let world = world(kept.path());
    world.swap("otp", &wasm("otp"), "1.0.0");
    world.load().await;
    let digest = world.registry.factor("OTP").unwrap().build().digest;
    world.swap("otp", &wasm("otp"), "2.0.0");
    world.load().await;
    fs::write(kept.path().join(format!("{digest}.wasm")), wasm("misbehaving")).unwrap();
    let answer = told(&world, Order::RollBack("otp".to_owned())).await;
    assert!(answer.contains("not kept any more"), "{answer}");
    assert_eq!(world.registry.factor("OTP").unwrap().build().version, "2.0.0");
}

#[tokio::test]
async fn a_build_that_fails_where_the_one_before_did_not_is_taken_back_by_itself() {
    let kept = tempfile::tempdir().unwrap();
    let (mut world, id) = (world(kept.path()), fresh_id("worse"));
    let good = world.misbehaving_as(&id, "well-behaved", json!({})).await;
    for _ in 0..20 {
        begin(&good).await.unwrap();
    }
    // The new build does what the old one never did.
    world.grants.get_mut(&id).unwrap().config.insert("behaviour".to_owned(), json!("trap"));
    world.swap(&id, &wasm("misbehaving"), "8.0.0");
    world.load().await;
    let bad = world.registry.factor(&id.to_uppercase()).unwrap();
    assert_eq!(bad.build().version, "8.0.0");
    for _ in 0..20 {
        let _trapped = begin(&bad).await;
        world.wait(11);
    }
    told(&world, Order::List).await;
    assert_eq!(world.registry.factor(&id.to_uppercase()).unwrap().build(), good.build());
    assert!(told(&world, Order::List).await.contains("in place of 8.0.0"));
}
