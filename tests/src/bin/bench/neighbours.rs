//! What four plugins that spin cost the others: a plugin call of a login without them and beside them, in the same run.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use esignet_protocol::ports::plugins::{Authentication, IdSystem, PluginError, Plugins, Proof};
use esignet_sandbox::signature::Trust;
use esignet_sandbox::{
    Ceiling, Grant, Host, Manifest, MemoryCache, Registry, Sandbox, SandboxConfig, Source, embed,
};
use esignet_tests::artifacts;
use esignet_tests::login::OTP;
use esignet_tests::op::{NoNetwork, SeededEntropy, TestClock};
use serde_json::json;

use crate::floor::{caller, individual};
use crate::load::percentile;
use crate::runtime;

/// How many plugins spin.
const SPINNING: usize = 4;
/// How many calls are measured each time.
const CALLS: usize = 3_000;

/// Measures and prints.
pub(crate) fn measure() -> Result<()> {
    let runtime = runtime()?;
    let measured = runtime.block_on(both());
    // The sandbox has a runtime of its own, which must not end inside another one.
    runtime.shutdown_background();
    let (alone, beside) = measured?;
    println!("{CALLS} calls of `authenticate`, each in a fresh instance, in milliseconds");
    println!("{:<32} {:>9} {:>9} {:>9}", "", "p50", "p99", "longest");
    for (what, durations) in [("alone", &alone), ("beside four plugins that spin", &beside)] {
        let [p50, p99, longest] = [50, 99, 100].map(|percent| percentile(durations, percent));
        println!("{what:<32} {p50:>9.3} {p99:>9.3} {longest:>9.3}");
    }
    println!(
        "p99 is {:+.3} ms; at most +10 is the measure",
        percentile(&beside, 99) - percentile(&alone, 99)
    );
    Ok(())
}

async fn both() -> Result<(Vec<Duration>, Vec<Duration>)> {
    let directory = tempfile::tempdir()?;
    let registry = loaded(directory.path()).await?;
    let id_system = registry.id_system().context("the mock ID system is not loaded")?;
    // Warm: code, pool, the branch predictor.
    calls(id_system.as_ref(), CALLS / 10).await?;
    let alone = calls(id_system.as_ref(), CALLS).await?;
    let spinning: Vec<_> = (0..SPINNING)
        .map(|number| {
            let factor = registry.factor(&word(number)).context("a plugin that spins is not loaded")?;
            Ok(tokio::spawn(async move { factor.begin(&caller(), Some(&individual())).await.err() }))
        })
        .collect::<Result<_>>()?;
    // Until all of them are at it.
    calls(id_system.as_ref(), CALLS / 10).await?;
    let beside = calls(id_system.as_ref(), CALLS).await?;
    for call in spinning {
        ensure!(!call.is_finished(), "a plugin that should spin has ended: {:?}", call.await);
        call.abort();
    }
    drop(id_system);
    tokio::task::spawn_blocking(move || drop(registry)).await?;
    Ok((alone, beside))
}

fn word(number: usize) -> String {
    format!("SPIN{number}")
}

async fn loaded(directory: &Path) -> Result<Registry> {
    let mut config = SandboxConfig::new([3; 32]);
    config.compiled_cache_dir = Some(artifacts::profile_dir()?.join("test-compiled"));
    let clock = Arc::new(TestClock::at(1_800_000_000));
    let host = Host {
        clock: clock.clone(),
        entropy: Arc::new(SeededEntropy::default()),
        fetch: Arc::new(NoNetwork),
        cache: Arc::new(MemoryCache::new(clock)),
    };
    std::fs::copy(artifacts::plugin("mock-identity")?, directory.join("mock-identity.wasm"))?;
    let component = std::fs::read(artifacts::test_component("misbehaving")?)?;
    let manifest = Manifest::text_of(&component).context("the component has no manifest")?;
    let mut grants: BTreeMap<String, Grant> = BTreeMap::new();
    for number in 0..SPINNING {
        let id = format!("spin{number}");
        let manifest = manifest.replace("id = \"misbehaving\"", &format!("id = \"{id}\""));
        let component = embed(&component, &manifest).context("no component")?;
        std::fs::write(directory.join(format!("{id}.wasm")), component)?;
        // As long as the measurement may take.
        let limits = json!({ "cpu_ms": 60_000, "wall_ms": 120_000 });
        let grant = json!({ "config": { "behaviour": "loop", "factor": word(number) }, "limits": limits });
        grants.insert(id, serde_json::from_value(grant)?);
    }
    let registry = Registry::new(Sandbox::new(config, host)?);
    let trust = Arc::new(Trust::in_anything());
    let ceiling = Ceiling::default();
    let id_system = Some("mock-identity");
    let source = Source { directory, grants: &grants, ceiling: &ceiling, trust: &trust, id_system };
    let report = registry.load(source).await;
    let findings: Vec<_> = report.all_findings().map(ToString::to_string).collect();
    ensure!(findings.is_empty(), "the plugins do not load: {findings:?}");
    Ok(registry)
}

/// Judges the same person's code again and again: how long each took, the shortest first.
async fn calls(id_system: &dyn IdSystem, count: usize) -> Result<Vec<Duration>, PluginError> {
    let (caller, individual) = (caller(), individual());
    let proofs = [Proof {
        factor: "OTP".to_owned(),
        format: "alpha-numeric".to_owned(),
        value: OTP.as_bytes().to_vec(),
        attributes: Vec::new(),
    }];
    let mut durations = Vec::with_capacity(count);
    for _ in 0..count {
        let since = Instant::now();
        let judged = Authentication { individual: &individual, proofs: &proofs, evidence: &[] };
        id_system.authenticate(&caller, judged).await?;
        durations.push(since.elapsed());
    }
    durations.sort_unstable();
    Ok(durations)
}
