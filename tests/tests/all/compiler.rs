//! Components are compiled in a process of their own: what a crafted one costs, that process pays.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use esignet_protocol::ports::plugins::Plugins;
use esignet_sandbox::signature::Trust;
use esignet_sandbox::{
    Ceiling, ChildLimits, CodeSource, Compiler, Host, LoadReport, MemoryCache, Registry, Sandbox,
    SandboxConfig, Source, embed,
};
use esignet_tests::artifacts;
use esignet_tests::op::{NoNetwork, SeededEntropy, TestClock};

async fn load(plugins: &Path, cache: &Path, limits: ChildLimits) -> (Registry, LoadReport) {
    let mut config = SandboxConfig::new([3; 32]);
    config.compiled_cache_dir = Some(cache.to_owned());
    config.compiler = Compiler::Child(artifacts::program("esignet").unwrap(), limits);
    config.max_instances = 16;
    let clock = Arc::new(TestClock::at(1_800_000_000));
    let host = Host {
        entropy: Arc::new(SeededEntropy::default()),
        fetch: Arc::new(NoNetwork),
        cache: Arc::new(MemoryCache::new(clock.clone())),
        clock,
    };
    let registry = Registry::new(Sandbox::new(config, host).unwrap());
    let grants = std::collections::BTreeMap::new();
    let trust = Arc::new(Trust::in_anything());
    let source = Source {
        directory: plugins,
        grants: &grants,
        ceiling: &Ceiling::default(),
        trust: &trust,
        id_system: None,
    };
    let report = registry.load(source).await;
    (registry, report)
}

/// A component whose one function is so large that its compilation takes long and much memory.
fn enormous() -> Vec<u8> {
    let mut function = String::new();
    for step in 0..400_000 {
        let _ = write!(
            function,
            "(local.set 0 (i32.add (i32.mul (local.get 0) (local.get 1)) (i32.const {step})))"
        );
    }
    let text = format!(
        "(component (core module (func (export \"f\") (param i32 i32) (result i32) {function} (local.get 0))))"
    );
    let manifest = "[plugin]\nid = \"enormous\"\nversion = \"1.0.0\"\npublisher = \"an attacker\"\n";
    embed(&wat::parse_str(text).unwrap(), manifest).unwrap()
}

#[tokio::test]
async fn what_a_child_compiles_is_what_this_process_runs_and_keeps() {
    let (plugins, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::copy(artifacts::plugin("otp").unwrap(), plugins.path().join("otp.wasm")).unwrap();
    for expected in [CodeSource::Compiled, CodeSource::Cached] {
        let (registry, report) = load(plugins.path(), cache.path(), ChildLimits::default()).await;
        assert_eq!(report.plugins[0].code, Some(expected), "{report:?}");
        assert!(registry.factor("OTP").is_some());
    }
}

#[tokio::test]
async fn a_component_that_is_made_to_exhaust_the_compiler_costs_its_child_only() {
    let (plugins, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::copy(artifacts::plugin("otp").unwrap(), plugins.path().join("otp.wasm")).unwrap();
    let otp = load(plugins.path(), cache.path(), ChildLimits::default()).await.1;
    assert!(otp.plugins[0].outcome.is_ok());
    std::fs::write(plugins.path().join("enormous.wasm"), enormous()).unwrap();
    let usual = ChildLimits::default();
    for (what, limits) in [
        ("memory", ChildLimits { memory_mib: 64, ..usual }),
        ("processor", ChildLimits { cpu_seconds: 1, ..usual }),
        ("time", ChildLimits { wall: Duration::from_millis(200), ..usual }),
    ] {
        let (registry, report) = load(plugins.path(), cache.path(), limits).await;
        let told: Vec<String> = report.plugins[0].refusals().iter().map(ToString::to_string).collect();
        println!("{what}: {told:?}");
        assert!(told.iter().any(|told| told.contains("the compiler was ended")), "{what}: {told:?}");
        assert!(registry.factor("OTP").is_some(), "the others load");
    }
}
