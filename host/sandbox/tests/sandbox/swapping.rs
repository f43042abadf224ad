//! A directory that changes under logins: what is new is for new logins, what was begun ends where it began, and what did
//! not change is left alone.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Instant;

use esignet_protocol::ports::plugins::{AuthFactor, Plugins};
use esignet_sandbox::CodeSource;
use serde_json::json;

use crate::world::{World, begin, fresh_id, of_version, plugin, refusal, wasm};

fn version(factor: &Arc<dyn AuthFactor>) -> String {
    factor.build().version
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

#[tokio::test]
async fn what_did_not_change_is_neither_compiled_nor_described_again() {
    let mut world = World::new();
    world.put("otp", &wasm("otp"));
    let (first, second) = (fresh_id("kept"), fresh_id("kept"));
    let kept = world.misbehaving_as(&first, "well-behaved", json!({})).await;
    let changed = world.misbehaving_as(&second, "well-behaved", json!({})).await;
    let otp = world.registry.factor("OTP").unwrap();
    assert_eq!(kept.id(), first);

    world.swap(&second, &wasm("misbehaving"), "9.0.0");
    let report = world.load().await;
    let unchanged = |id: &str| plugin(&report, id).is_unchanged;
    assert!(unchanged("otp") && unchanged(&first) && !unchanged(&second));
    assert!(Arc::ptr_eq(&otp, &world.registry.factor("OTP").unwrap()));
    let after = world.registry.factor(&first.to_uppercase()).unwrap();
    assert!(Arc::ptr_eq(&kept, &after));
    let after = world.registry.factor(&second.to_uppercase()).unwrap();
    assert!(!Arc::ptr_eq(&changed, &after) && version(&after) == "9.0.0");

    let again = fs::read(world.home.path().join("otp.wasm")).unwrap();
    fs::write(world.home.path().join("otp.wasm"), again).unwrap();
    world.load().await;
    let after = world.registry.factor("OTP").unwrap();
    assert!(Arc::ptr_eq(&otp, &after), "the same bytes, written again, are the same build");
}

#[tokio::test]
async fn what_a_plugin_may_have_is_decided_again_when_its_grant_changes() {
    let mut world = World::new();
    world.put("otp", &wasm("otp"));
    world.load().await;
    world.grant("otp", json!({"amr": []}));
    world.load().await;
    assert!(world.registry.factor("OTP").unwrap().descriptor().amr.is_empty());
}

#[tokio::test]
async fn a_login_ends_on_the_build_that_it_began_with_for_as_long_as_it_may_last() {
    let world = World::with(|config, _| config.login_seconds = 100);
    world.swap("otp", &wasm("otp"), "1.0.0");
    world.load().await;
    let begun = world.registry.factor("OTP").unwrap().build();
    world.swap("otp", &wasm("otp"), "1.1.0");
    world.load().await;
    assert_eq!(version(&world.registry.factor("OTP").unwrap()), "1.1.0");

    let pinned = world.registry.factor_of("OTP", &begun).unwrap();
    assert_eq!(pinned.build(), begun);
    assert!(begin(&pinned).await.is_ok(), "it can still be called");
    world.wait(99);
    world.load().await;
    assert_eq!(world.registry.factor_of("OTP", &begun).unwrap().build(), begun);

    world.wait(1);
    world.load().await;
    let stand_in = world.registry.factor_of("OTP", &begun).unwrap();
    assert_eq!(version(&stand_in), "1.1.0", "a compatible one goes on for it");
    world.swap("otp", &wasm("otp"), "2.0.0");
    world.load().await;
    assert!(world.registry.factor_of("OTP", &begun).is_none(), "another major version does not");
}

#[tokio::test]
async fn a_plugin_that_is_taken_away_is_offered_no_more_and_finishes_what_it_began() {
    let world = World::new();
    let file = world.swap("otp", &wasm("otp"), "1.0.0");
    world.load().await;
    let begun = world.registry.factor("OTP").unwrap().build();
    fs::remove_file(file).unwrap();
    world.load().await;
    assert!(world.registry.factor("OTP").is_none());
    assert!(begin(&world.registry.factor_of("OTP", &begun).unwrap()).await.is_ok());
}

#[tokio::test]
async fn what_comes_later_takes_neither_name_nor_factor_from_what_serves() {
    let mut world = World::new();
    world.put("otp", &wasm("otp"));
    world.put("mock", &wasm("mock-identity"));
    world.load().await;
    // By name it would come first.
    world.put("a-otp", &wasm("otp"));
    fs::write(world.home.path().join("a.wasm"), of_version("7.0.0", &wasm("otp"))).unwrap();
    world.put("a-mock", &wasm("mock-identity"));
    let report = world.load().await;
    assert!(refusal(&report, "a-otp").contains("already is that of the plugin otp"));
    assert_eq!(version(&world.registry.factor("OTP").unwrap()), "0.1.0");
    assert_eq!(world.registry.id_system().unwrap().id(), "mock", "the one that serves goes on serving");
    assert!(report.findings.iter().any(|finding| finding.to_string().contains("more than one ID system")));
    world.id_system = Some("a-mock".to_owned());
    world.load().await;
    assert_eq!(world.registry.id_system().unwrap().id(), "a-mock", "unless the operator says otherwise");
}

#[tokio::test]
async fn a_directory_that_cannot_be_listed_takes_nothing_away() {
    let world = World::new();
    world.put("otp", &wasm("otp"));
    world.load().await;
    let aside = world.home.path().with_extension("aside");
    fs::rename(world.home.path(), &aside).unwrap();
    let report = world.load().await;
    assert!(report.findings[0].to_string().contains("cannot be listed"));
    assert!(world.registry.factor("OTP").is_some());
    fs::rename(aside, world.home.path()).unwrap();
}

#[tokio::test]
async fn a_file_that_is_replaced_while_it_is_loaded_is_one_or_the_other() {
    let world = World::new();
    let (one, other) = (of_version("1.0.0", &wasm("otp")), of_version("1.0.1", &wasm("otp")));
    let (path, draft) = (world.home.path().join("otp.wasm"), world.home.path().join(".otp"));
    fs::write(&path, &one).unwrap();
    let ended = Arc::new(AtomicBool::new(false));
    let until = Arc::clone(&ended);
    let writer = std::thread::spawn(move || {
        while !until.load(Ordering::Relaxed) {
            for bytes in [&other, &one] {
                fs::write(&draft, bytes).unwrap();
                fs::rename(&draft, &path).unwrap();
            }
        }
    });
    let mut loads = Vec::new();
    for _ in 0..50 {
        loads.push(world.load().await);
    }
    ended.store(true, Ordering::Relaxed);
    writer.join().unwrap();
    for report in loads {
        assert!(plugin(&report, "otp").outcome.is_ok(), "{:?}", plugin(&report, "otp").refusals());
    }
    world.load().await;
    assert_eq!(version(&world.registry.factor("OTP").unwrap()), "1.0.0", "the last one written");
}

#[tokio::test]
async fn a_thousand_swaps_keep_a_few_builds_and_no_more() {
    let world = World::new();
    let versions: Vec<String> = (0..12).map(|minor| format!("1.{minor}.0")).collect();
    let mut builds: Vec<Weak<dyn AuthFactor>> = Vec::new();
    let mut resident = Vec::new();
    let since = Instant::now();
    for swap in 0..1_000 {
        world.swap("otp", &wasm("otp"), &versions[swap % versions.len()]);
        let report = world.load().await;
        assert!(plugin(&report, "otp").outcome.is_ok());
        let factor = world.registry.factor("OTP").unwrap();
        assert_eq!(version(&factor), versions[swap % versions.len()]);
        builds.push(Arc::downgrade(&factor));
        if swap % 200 == 199 {
            resident.push(resident_kib() / 1_024);
        }
    }
    let alive = builds.iter().filter(|build| build.strong_count() > 0).count();
    println!("1,000 swaps in {:?}; builds alive: {alive}; resident MiB: {resident:?}", since.elapsed());
    assert!(alive <= 9, "the present one and eight that logins may be held to, not {alive}");
    world.wait(10_000);
    world.load().await;
    let alive = builds.iter().filter(|build| build.strong_count() > 0).count();
    assert_eq!(alive, 1, "no login can be held to the others any more");
}

#[tokio::test]
async fn fifty_plugins_load_from_the_cache_and_one_that_changes_is_one() {
    let fill = || {
        let mut world = World::new();
        for number in 0..50 {
            let id = format!("fifty-{number}");
            world.put(&id, &wasm("misbehaving"));
            world
                .grant(&id, json!({"config": {"behaviour": "well-behaved", "factor": format!("F{number}")}}));
        }
        world
    };
    fill().load().await;

    let world = fill();
    let since = Instant::now();
    let report = world.load().await;
    let cached = since.elapsed();
    assert!(report.plugins.iter().all(|plugin| plugin.code == Some(CodeSource::Cached)));
    assert_eq!(report.plugins.iter().filter(|plugin| plugin.outcome.is_ok()).count(), 50);

    world.swap("fifty-7", &wasm("misbehaving"), "3.0.0");
    let since = Instant::now();
    let report = world.load().await;
    let changed = report.plugins.iter().filter(|plugin| !plugin.is_unchanged).count();
    println!("50 cached plugins: {cached:?}; one of 50 changed: {:?}", since.elapsed());
    assert_eq!(changed, 1);
}
