//! Versions of the contract (ADR 0099): what was built against an earlier one runs on a host that has grown, and what needs more
//! than the host has is refused.

use esignet_protocol::ports::plugins::Plugins;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

use crate::world::{World, begin, plugin, refusal, wasm};

/// A component that imports a clock of this version, with these functions, and answers what `now` says.
fn guest(version: &str, functions: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (import "esignet:host/clock@{version}" (instance $clock {functions}))
            (core func $now (canon lower (func $clock "now")))
            (core module $code
                (import "clock" "now" (func $now (result i64)))
                (func (export "run") (result i64) call $now))
            (core instance $run (instantiate $code (with "clock" (instance (export "now" (func $now))))))
            (func (export "run") (result u64) (canon lift (core func $run "run"))))"#
    );
    wat::parse_str(text).unwrap()
}

const NOW: &str = r#"(export "now" (func (result u64)))"#;
const NOW_MS: &str = r#"(export "now" (func (result u64))) (export "now-ms" (func (result u64)))"#;

/// What the guest answers on a host whose clock has this version and these functions.
fn run(guest: &[u8], version: &str, functions: &[&str]) -> Result<u64, String> {
    let engine = Engine::default();
    let told = |error: wasmtime::Error| format!("{error:#}");
    let component = Component::new(&engine, guest).map_err(told)?;
    let mut linker: Linker<()> = Linker::new(&engine);
    let mut clock = linker.instance(&format!("esignet:host/clock@{version}")).map_err(told)?;
    for function in functions {
        clock.func_wrap(function, |_, (): ()| Ok((7_u64,))).map_err(told)?;
    }
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &component).map_err(told)?;
    let run = instance.get_typed_func::<(), (u64,)>(&mut store, "run").map_err(told)?;
    Ok(run.call(&mut store, ()).map_err(told)?.0)
}

#[test]
fn a_guest_of_an_earlier_version_runs_on_a_host_with_one_more_function() {
    assert_eq!(run(&guest("0.1.0", NOW), "0.1.0", &["now"]), Ok(7));
    assert_eq!(run(&guest("0.1.0", NOW), "0.1.1", &["now", "now-ms"]), Ok(7));
    assert_eq!(run(&guest("1.0.0", NOW), "1.4.2", &["now", "now-ms"]), Ok(7));
}

#[test]
fn a_guest_that_needs_more_than_the_host_has_or_another_line_is_refused() {
    assert_eq!(run(&guest("0.1.1", NOW_MS), "0.1.1", &["now", "now-ms"]), Ok(7));
    let missing = run(&guest("0.1.1", NOW_MS), "0.1.0", &["now"]).unwrap_err();
    assert!(missing.contains("now-ms"), "{missing}");
    for (built, served) in [("0.1.0", "0.2.0"), ("0.2.0", "0.1.9"), ("1.0.0", "2.0.0")] {
        let other = run(&guest(built, NOW), served, &["now"]).unwrap_err();
        assert!(other.contains("esignet:host/clock"), "{built} on {served}: {other}");
    }
}

/// The component as if it had been built against another version of the contract with the same shapes.
fn of_contract(version: [u8; 5], component: &[u8]) -> Vec<u8> {
    let mut bytes = component.to_vec();
    let built = b"@0.1.0";
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes.iter().skip(*at).take(6).eq(built)).collect();
    assert!(places.len() > 4, "the component names versions of the contract");
    for at in places {
        bytes.splice(at + 1..at + 6, version);
    }
    bytes
}

#[tokio::test]
async fn a_plugin_of_a_later_version_that_needs_nothing_new_serves_logins() {
    let world = World::new();
    world.put("otp", &of_contract(*b"0.1.9", &wasm("otp")));
    world.put("mock-identity", &of_contract(*b"0.1.9", &wasm("mock-identity")));
    let report = world.load().await;
    assert!(plugin(&report, "otp").outcome.is_ok(), "{:?}", plugin(&report, "otp").refusals());
    assert!(begin(&world.registry.factor("OTP").unwrap()).await.is_ok());
    assert!(world.registry.id_system().is_some());
}

#[tokio::test]
async fn a_plugin_of_another_line_is_refused_and_told_what_this_server_serves() {
    let world = World::new();
    world.put("otp", &of_contract(*b"0.2.0", &wasm("otp")));
    let told = refusal(&world.load().await, "otp");
    assert!(told.contains("@0.2.0") && told.contains("version 0.1"), "{told}");
}
