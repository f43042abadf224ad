//! The watched directory: a file is found at once, read when it is whole, and read again when somebody says so.

use std::fs;
use std::io::Write;
use std::time::Duration;

use esignet_protocol::ports::plugins::Plugins;
use esignet_sandbox::{LoadReport, Watching};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::world::{World, begin, called, of_version, plugin, wasm};

/// No load takes longer, however busy the machine is.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs a story beside a watcher; the story gets what the watcher tells.
async fn watched(
    world: &World,
    rescan: Duration,
    story: impl AsyncFnOnce(&mut mpsc::UnboundedReceiver<LoadReport>),
) {
    let (tell, mut told) = mpsc::unbounded_channel();
    let watching = Watching { settle: Duration::from_millis(20), rescan };
    tokio::select! {
        () = world.registry.watch(world.source(), watching, |report| tell.send(report.clone()).unwrap()) => {}
        () = story(&mut told) => {}
    }
}

async fn next(told: &mut mpsc::UnboundedReceiver<LoadReport>) -> LoadReport {
    timeout(PATIENCE, told.recv()).await.unwrap().unwrap()
}

/// Waits until the factor is there in this version.
async fn until(world: &World, told: &mut mpsc::UnboundedReceiver<LoadReport>, version: &str) {
    let there = || world.registry.factor("OTP").is_some_and(|factor| factor.build().version == version);
    while !there() {
        let report = next(told).await;
        let otp = report.plugins.iter().find(|plugin| plugin.id == "otp");
        assert!(
            otp.is_none_or(|otp| otp.outcome.is_ok() || otp.kept_last_good) || version == "1.0.0",
            "a good plugin was displaced: {otp:?}"
        );
    }
}

#[tokio::test]
async fn a_file_that_is_renamed_into_the_directory_is_loaded_without_waiting_for_a_look() {
    let world = World::new();
    world.swap("otp", &wasm("otp"), "1.0.0");
    watched(&world, PATIENCE * 10, async |told| {
        until(&world, told, "1.0.0").await;
        world.swap("otp", &wasm("otp"), "1.1.0");
        until(&world, told, "1.1.0").await;
        fs::remove_file(world.home.path().join("otp.wasm")).unwrap();
        next(told).await;
        assert!(world.registry.factor("OTP").is_none());
    })
    .await;
}

#[tokio::test]
async fn what_nobody_gives_notice_of_is_found_by_looking() {
    let world = World::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("otp");
    fs::write(&target, of_version("1.0.0", &wasm("otp"))).unwrap();
    // What is behind a link changes without a notice in this directory.
    std::os::unix::fs::symlink(&target, world.home.path().join("otp.wasm")).unwrap();
    watched(&world, Duration::from_millis(50), async |told| {
        until(&world, told, "1.0.0").await;
        fs::write(&target, of_version("1.1.0", &wasm("otp"))).unwrap();
        until(&world, told, "1.1.0").await;
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_being_copied_displaces_nothing_until_it_is_whole() {
    let world = World::new();
    let path = world.swap("otp", &wasm("otp"), "1.0.0");
    let next_version = of_version("1.1.0", &called("otp", &wasm("otp")));
    watched(&world, Duration::from_millis(50), async |told| {
        until(&world, told, "1.0.0").await;
        let mut copy = fs::File::create(&path).unwrap();
        for piece in next_version.chunks(next_version.len() / 16 + 1) {
            copy.write_all(piece).unwrap();
            copy.sync_all().unwrap();
            tokio::task::yield_now().await;
            assert!(begin(&world.registry.factor("OTP").unwrap()).await.is_ok());
        }
        drop(copy);
        until(&world, told, "1.1.0").await;

        // A copy that stops half-way comes to rest, is refused, and displaces nothing either.
        fs::write(&path, &next_version[..next_version.len() / 2]).unwrap();
        let report = next(told).await;
        assert!(plugin(&report, "otp").kept_last_good, "{report:?}");
        assert!(begin(&world.registry.factor("OTP").unwrap()).await.is_ok());
        fs::write(&path, of_version("1.2.0", &next_version)).unwrap();
        until(&world, told, "1.2.0").await;
    })
    .await;
}

#[tokio::test]
async fn a_reload_reads_again_what_was_refused_and_leaves_what_did_not_change() {
    let world = World::new();
    world.put("otp", &wasm("otp"));
    world.put("bad", b"not WebAssembly");
    watched(&world, PATIENCE * 10, async |told| {
        assert!(!plugin(&next(told).await, "bad").is_unchanged);
        world.registry.reload();
        let report = next(told).await;
        assert!(plugin(&report, "otp").is_unchanged && !plugin(&report, "bad").is_unchanged);
    })
    .await;
}
