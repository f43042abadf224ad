//! What one person typed is not there for the next: many calls, at the same time, of two plugins of one component, in each of
//! three languages. A component that keeps what it can and looks for what others kept says how much it found; that it
//! finds what this very call typed shows that looking works.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use esignet_protocol::ports::plugins::{
    Answer, AuthFactor, Authentication, ClaimsWanted, IdSystem, Input, Plugins, Step,
};
use serde_json::{Value, json};

use crate::world::{World, caller, person, wasm};

/// Calls at the same time.
const LANES: usize = 4;

/// What somebody types: another in each call.
fn canary() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("CANARY-{:06}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A world with few places for instances, so that each is used by call after call.
fn world() -> World {
    World::with(|config, _| config.max_instances = 4)
}

/// What came of so many calls, in lanes, that take the plugins in turn.
async fn found<P: ?Sized + Send + Sync + 'static>(
    plugins: [Arc<P>; 2],
    calls: usize,
    call: impl AsyncFn(Arc<P>) -> String + Copy + 'static,
) -> BTreeSet<String> {
    let local = tokio::task::LocalSet::new();
    let mut lanes = Vec::new();
    for lane in 0..LANES {
        let plugins = plugins.clone();
        lanes.push(local.spawn_local(async move {
            let mut found = BTreeSet::new();
            for at in 0..calls / LANES {
                let [one, other] = &plugins;
                let plugin = if (lane + at) % 2 == 0 { one } else { other };
                found.insert(call(Arc::clone(plugin)).await);
            }
            found
        }));
    }
    local.await;
    let mut all = BTreeSet::new();
    for lane in lanes {
        all.extend(lane.await.unwrap());
    }
    all
}

fn one(found: &str) -> BTreeSet<String> {
    BTreeSet::from([found.to_owned()])
}

async fn typed_into(factor: Arc<dyn AuthFactor>) -> String {
    let value = canary();
    let (caller, individual) = (caller(&value), person(&value));
    let begun = factor.begin(&caller, Some(&individual)).await;
    let answers = Input::Answers(vec![Answer { name: "word".to_owned(), value: value.into_bytes() }]);
    let resumed = factor.resume(&caller, Some(&person("nobody")), b"", answers).await;
    let met = |step| match step {
        Ok(Step::Refused(rejection)) => rejection.reason,
        Ok(_) => "another step".to_owned(),
        Err(error) => format!("{error:?}"),
    };
    format!("{}, {}", met(begun), met(resumed))
}

#[tokio::test]
async fn a_component_in_rust_finds_nothing_of_others_in_all_of_its_memory() {
    let mut world = world();
    let limits = json!({ "limits": { "cpu_ms": 2_000, "queue_wait_ms": 60_000 } });
    let one_factor = world.misbehaving("canary", limits.clone()).await;
    let other = world.misbehaving("canary", limits).await;
    let found = found([one_factor, other], 400, typed_into).await;
    assert_eq!(found, one("itself-and-0-others, itself-and-0-others"));
}

/// Two ID systems of one component, which keep and look.
async fn curious(guest: &str) -> (World, [Arc<dyn IdSystem>; 2]) {
    let mut world = world();
    let ids = [guest.to_owned(), format!("{guest}-twin")];
    let mut systems = Vec::new();
    for id in &ids {
        let file = world.put(id, &wasm(guest));
        let limits = json!({ "memory_mib": 64, "cpu_ms": 4_000, "wall_ms": 60_000, "queue_wait_ms": 60_000 });
        world.grant(id, json!({ "config": { "behaviour": "canary" }, "limits": limits }));
        world.load().await;
        systems.push(world.registry.id_system().unwrap());
        // One answers for new logins at a time; the first is still there for those that began with it.
        fs::remove_file(file).unwrap();
    }
    let [one, other] = <[_; 2]>::try_from(systems).ok().unwrap();
    assert_eq!([one.id(), other.id()], [ids[0].as_str(), ids[1].as_str()]);
    (world, [one, other])
}

/// What it found in three calls of one login: of each function there is.
async fn known_of(id_system: Arc<dyn IdSystem>) -> String {
    let value = canary();
    let (caller, individual) = (caller(&value), person(&value));
    id_system.send_otp(&caller, &individual, &[]).await.unwrap();
    let judged = Authentication { individual: &individual, proofs: &[], evidence: &[] };
    let known = id_system.authenticate(&caller, judged).await.unwrap();
    let name = ClaimsWanted { claims: vec!["name".to_owned()], verified_claims: Vec::new() };
    let released = id_system.release_claims(&caller, &known.continuation, &name).await.unwrap();
    released.get("name").and_then(Value::as_str).unwrap().to_owned()
}

#[tokio::test]
async fn a_component_in_javascript_finds_nothing_of_others_in_any_object_that_it_can_reach() {
    let (_world, systems) = curious("curious-js").await;
    let found = found(systems, 120, known_of).await;
    assert_eq!(found, one("itself and 0 others, then 0"));
}

#[tokio::test]
async fn a_component_in_python_finds_nothing_of_others_in_any_object_of_its_runtime() {
    let (_world, systems) = curious("curious-python").await;
    let found = found(systems, 40, known_of).await;
    assert_eq!(found, one("itself and 0 others, then 0"));
}
