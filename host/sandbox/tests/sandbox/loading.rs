//! The directory: a bad file is told in the operator's words and never stops or displaces a good one.

use std::fs;

use esignet_protocol::ports::plugins::Plugins;
use esignet_sandbox::{CodeSource, Role};
use serde_json::json;

use crate::world::{World, begin, compiled, plugin, refusal, wasm};

#[tokio::test]
async fn a_plugin_is_listed_with_its_digest_and_roles() {
    let world = World::new();
    world.put("otp", &wasm("otp"));
    let report = world.load().await;
    let otp = plugin(&report, "otp");
    assert_eq!(otp.roles, [Role::AuthFactor]);
    assert_eq!(otp.digest.as_ref().unwrap().len(), 64);
    assert_eq!(otp.outcome.as_ref().unwrap().factor.as_ref().unwrap().factor, "OTP");
}

#[tokio::test]
async fn files_that_are_no_components_are_refused_and_the_others_load() {
    let world = World::new();
    let otp = wasm("otp");
    world.put("otp", &otp);
    world.put("truncated", &otp[..otp.len() / 2]);
    world.put("short", &otp[..5]);
    world.put("module", b"\0asm\x01\0\0\0");
    world.put("text", b"not WebAssembly at all");
    world.put("no-role", b"\0asm\x0d\0\x01\0");
    fs::File::create(world.home.path().join("large.wasm")).unwrap().set_len((64 << 20) + 1).unwrap();
    fs::write(world.home.path().join(".draft.wasm"), b"").unwrap();
    fs::write(world.home.path().join("README.md"), b"").unwrap();
    let report = world.load().await;
    assert_eq!(report.plugins.len(), 7);
    assert!(world.registry.factor("OTP").is_some());
    for (id, rule) in [
        ("truncated", "cut off inside of a section"),
        ("short", "cut off"),
        ("module", "core WebAssembly module"),
        ("text", "not WebAssembly"),
        ("no-role", "plays no role"),
        ("large", "larger than 64 MiB"),
    ] {
        let told = refusal(&report, id);
        assert!(told.contains(rule), "{id}: {told}");
        assert!(told.contains(&format!("{id}.wasm")), "{id}: the file is named: {told}");
    }
}

/// A component that imports an empty instance of this name and does nothing.
fn importing(name: &str) -> Vec<u8> {
    let mut component = b"\0asm\x0d\0\x01\0".to_vec();
    component.extend([7, 3, 1, 0x42, 0]);
    let name_length = u8::try_from(name.len()).unwrap();
    component.extend([10, name_length + 5, 1, 0, name_length]);
    component.extend(name.bytes());
    component.extend([5, 0]);
    component
}

#[tokio::test]
async fn an_import_that_no_plugin_is_given_is_refused_by_name() {
    let world = World::new();
    for (id, import) in [
        ("wasi", "wasi:filesystem/types@0.2.0"),
        ("next", "esignet:host/log@0.2.0"),
        ("own", "acme:host/shell@1.0.0"),
    ] {
        world.put(id, &importing(import));
    }
    let report = world.load().await;
    for (id, import, mend) in [
        ("wasi", "wasi:filesystem/types@0.2.0", "wasi = true"),
        ("next", "esignet:host/log@0.2.0", "version 0.1"),
        ("own", "acme:host/shell@1.0.0", "remove the import"),
    ] {
        let told = refusal(&report, id);
        assert!(told.contains(import) && told.contains(mend), "{id}: {told}");
    }
}

#[tokio::test]
async fn a_plugin_that_fails_to_describe_itself_is_refused_and_the_others_load() {
    for behaviour in [
        "trap-in-describe",
        "loop-in-describe",
        "huge-descriptor",
        "no-factor-in-descriptor",
        "markup-in-descriptor",
    ] {
        let mut world = World::new();
        world.put("a-bad", &wasm("misbehaving"));
        world.grant("a-bad", json!({"config": {"behaviour": behaviour}}));
        world.put("otp", &wasm("otp"));
        let report = world.load().await;
        assert!(refusal(&report, "a-bad").contains("`describe` gave no usable answer"), "{behaviour}");
        assert!(world.registry.factor("OTP").is_some(), "{behaviour}");
        assert!(world.registry.factor("BAD").is_none(), "{behaviour}");
    }
}

#[tokio::test]
async fn the_second_plugin_of_a_factor_is_refused_and_names_the_first() {
    let world = World::new();
    world.put("a-otp", &wasm("otp"));
    world.put("b-otp", &wasm("otp"));
    let report = world.load().await;
    assert!(plugin(&report, "a-otp").outcome.is_ok());
    assert!(refusal(&report, "b-otp").contains("a-otp"));
    assert_eq!(world.registry.factor("OTP").unwrap().id(), "a-otp");
}

#[tokio::test]
async fn of_two_id_systems_the_operator_must_choose() {
    let mut world = World::new();
    world.put("a", &wasm("mock-identity"));
    world.put("b", &wasm("mock-identity"));
    let report = world.load().await;
    assert!(world.registry.id_system().is_none());
    assert!(report.findings.iter().any(|finding| finding.to_string().contains("more than one ID system")));
    world.id_system = Some("b".to_owned());
    let report = world.load().await;
    assert!(report.findings.is_empty(), "{report:?}");
    assert_eq!(world.registry.id_system().unwrap().id(), "b");
    world.id_system = Some("c".to_owned());
    let report = world.load().await;
    assert!(world.registry.id_system().is_none());
    assert!(report.findings[0].to_string().contains("c is not loaded"));
}

#[tokio::test]
async fn a_file_that_is_refused_does_not_displace_the_last_good_one() {
    let world = World::new();
    world.put("otp", &wasm("otp"));
    world.load().await;
    world.put("otp", b"\0asm");
    let report = world.load().await;
    assert!(plugin(&report, "otp").kept_last_good);
    assert!(begin(&world.registry.factor("OTP").unwrap()).await.is_ok());
    fs::remove_file(world.home.path().join("otp.wasm")).unwrap();
    world.load().await;
    assert!(world.registry.factor("OTP").is_none());
}

#[tokio::test]
async fn a_grant_without_its_plugin_and_a_directory_that_is_not_there_are_findings() {
    let mut world = World::new();
    world.grant("register", json!({}));
    let report = world.load().await;
    assert!(report.findings.iter().any(|finding| finding.to_string().contains("the plugin register")));
    fs::remove_dir(world.home.path()).unwrap();
    let report = world.load().await;
    assert!(report.findings[0].to_string().contains("cannot be listed"));
}

#[tokio::test]
async fn a_limit_out_of_range_refuses_the_plugin_with_the_key() {
    let mut world = World::new();
    world.put("otp", &wasm("otp"));
    world.grant("otp", json!({"limits": {"memory_mib": 4096}}));
    let told = refusal(&world.load().await, "otp");
    assert!(told.contains("memory_mib from 1 to 64") && told.contains("[plugins.\"otp\".limits]"), "{told}");
}

#[tokio::test]
async fn compiled_code_is_kept_and_forged_code_is_never_loaded() {
    let kept = tempfile::tempdir().unwrap();
    let start = async || {
        let world = World::with(|config, _| config.compiled_cache_dir = Some(kept.path().to_owned()));
        world.put("otp", &wasm("otp"));
        let report = world.load().await;
        assert!(begin(&world.registry.factor("OTP").unwrap()).await.is_ok());
        plugin(&report, "otp").code
    };
    assert_eq!(start().await, Some(CodeSource::Compiled));
    assert_eq!(start().await, Some(CodeSource::Cached));

    let code = compiled(kept.path(), "cwasm").remove(0);
    let mac = compiled(kept.path(), "mac").remove(0);
    let mut forged = fs::read(&code).unwrap();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    fs::write(&code, &forged).unwrap();
    assert_eq!(start().await, Some(CodeSource::Compiled));
    assert_ne!(fs::read(&code).unwrap(), forged, "the forged file was replaced");

    fs::write(&mac, [0; 32]).unwrap();
    assert_eq!(start().await, Some(CodeSource::Compiled));
    assert_eq!(start().await, Some(CodeSource::Cached));
}
