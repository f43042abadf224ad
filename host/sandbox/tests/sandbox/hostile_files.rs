//! Files that are made to harm whoever loads them: each is refused in the operator's words, and the others load.

#![expect(clippy::indexing_slicing, reason = "a test that reads beyond a component has failed")]

use esignet_protocol::ports::plugins::Plugins;
use serde_json::json;

use crate::world::{World, begin, fresh_id, plugin, refusal, wasm};

/// A number as WebAssembly writes it (LEB128).
fn leb(mut number: usize) -> Vec<u8> {
    let mut octets = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap();
        number >>= 7;
        octets.push(if number == 0 { low } else { low | 0x80 });
        if number == 0 {
            return octets;
        }
    }
}

/// How many core modules a component has: sections with the number 1.
fn modules(component: &[u8]) -> usize {
    let (mut at, mut count) = (8, 0);
    while at < component.len() {
        let section = component[at];
        let (mut length, mut shift) = (0, 0);
        loop {
            at += 1;
            length |= usize::from(component[at] & 0x7f) << shift;
            shift += 7;
            if component[at] & 0x80 == 0 {
                break;
            }
        }
        count += usize::from(section == 1);
        at += 1 + length;
    }
    count
}

/// A component that instantiates one more module, whose start function runs whenever the component is instantiated.
fn with_module(component: &[u8], text: &str) -> Vec<u8> {
    let module = wat::parse_str(text).unwrap();
    let instance = [&[1, 0][..], &leb(modules(component)), &[0]].concat();
    [component, &[1], &leb(module.len()), &module, &[2], &leb(instance.len()), &instance].concat()
}

#[tokio::test]
async fn a_table_a_memory_or_a_start_that_never_ends_costs_the_plugin_its_loading() {
    for (what, module, told) in [
        (
            "a table that grows",
            "(module (table 1 funcref) (func $f (loop (drop (table.grow (ref.null func) (i32.const 1000))) br 0)) (start $f))",
            "table limit of 20000 elements reached",
        ),
        ("a table that is large", "(module (table 10000000 funcref))", "table"),
        (
            "a memory that grows",
            "(module (memory 1) (func $f (loop (drop (memory.grow (i32.const 16))) br 0)) (start $f))",
            "memory limit of 16 MiB reached",
        ),
        ("a memory that is large", "(module (memory 65536))", "memory"),
        (
            "a start that loops",
            "(module (func $f (loop br 0)) (start $f))",
            "cpu: the budget of 20 ms is spent",
        ),
        ("a start that traps", "(module (func $f unreachable) (start $f))", "unreachable"),
        ("a start that overflows", "(module (func $f call $f) (start $f))", "stack"),
    ] {
        let mut world = World::new();
        let id = fresh_id("start");
        world.put(&id, &with_module(&wasm("misbehaving"), module));
        world.grant(&id, json!({ "config": { "factor": "START" } }));
        world.put("otp", &wasm("otp"));
        let report = world.load().await;
        let refused = refusal(&report, &id);
        assert!(refused.contains(told), "{what}: {refused}");
        assert!(world.registry.factor("START").is_none(), "{what}");
        assert!(begin(&world.registry.factor("OTP").unwrap()).await.is_ok(), "{what}");
    }
}

#[tokio::test]
async fn a_module_more_that_does_no_harm_is_none() {
    let mut world = World::new();
    let id = fresh_id("start");
    world.put(&id, &with_module(&wasm("misbehaving"), "(module (table 1 funcref) (func $f) (start $f))"));
    world.grant(&id, json!({ "config": { "factor": "START" } }));
    let report = world.load().await;
    assert!(plugin(&report, &id).outcome.is_ok(), "{report:?}");
    assert!(begin(&world.registry.factor("START").unwrap()).await.is_ok());
}

/// The component as it would be for another version of a package of the contract.
fn for_version(component: &[u8], package: &str, version: &str) -> Vec<u8> {
    let (from, to) = (format!("{package}@0.1.0"), format!("{package}@{version}"));
    assert_eq!(from.len(), to.len(), "lengths in front of names stay right");
    let mut octets = component.to_vec();
    let places: Vec<usize> = octets
        .windows(from.len())
        .enumerate()
        .filter(|(_, window)| *window == from.as_bytes())
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty(), "{from} is in the component");
    for at in places {
        octets[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    octets
}

#[tokio::test]
async fn a_component_for_another_version_of_the_contract_is_refused_with_the_version_that_there_is() {
    for (package, version, told) in [
        ("esignet:auth-factor/auth-factor", "0.9.0", "plays no role"),
        ("esignet:auth-factor/auth-factor", "9.1.0", "plays no role"),
        ("esignet:host/log", "9.1.0", "esignet:host/log@9.1.0"),
        ("esignet:types/types", "0.9.0", "esignet:types/types@0.9.0"),
    ] {
        let world = World::new();
        world.put("misbehaving", &for_version(&wasm("misbehaving"), package, version));
        world.put("otp", &wasm("otp"));
        let report = world.load().await;
        let refused = refusal(&report, "misbehaving");
        assert!(refused.contains(told), "{package}@{version}: {refused}");
        assert!(begin(&world.registry.factor("OTP").unwrap()).await.is_ok(), "{package}@{version}");
    }
}
