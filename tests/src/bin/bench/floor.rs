//! The floor: what a login costs at least, by primitives measured here and now on the server's core.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use esignet_protocol::ports::plugins::{Caller, Individual, Plugins};
use esignet_protocol::word::handle::HandleHash;
use esignet_protocol::word::time::Timestamp;
use esignet_sandbox::signature::Trust;
use esignet_sandbox::{Ceiling, Host, Registry, Sandbox, SandboxConfig, Source};
use esignet_store::{SealingKey, Store};
use esignet_tests::op::{SeededEntropy, TestClock};
use esignet_tests::{Wire, artifacts};

use crate::{cpu, runtime};

/// Signatures a server checks in a login: two assertions and three DPoP proofs.
const VERIFIES: f64 = 5.0;
/// Signatures it makes: access token and id_token.
const SIGNS: f64 = 2.0;
/// Requests it answers: PAR, authorize, three forms and the two pages between them, token, userinfo.
const REQUESTS: f64 = 9.0;
/// Calls of plugins: begin, send-otp, two resumes, authenticate, release-claims.
const PLUGIN_CALLS: f64 = 6.0;
/// Store operations that cannot be folded away (`performance.md`).
const STORE_OPERATIONS: f64 = 15.0;

/// One of each, in microseconds of processor time.
pub(crate) struct Floor {
    verify: f64,
    sign: f64,
    request: f64,
    store: f64,
    /// A call in a fresh instance.
    pub(crate) plugin_call: f64,
}

impl Floor {
    /// Measures all of them.
    pub(crate) fn measure() -> Result<Self> {
        let (sign, verify) = signatures()?;
        let runtime = runtime()?;
        let request = runtime.block_on(requests())?;
        let (store, plugin_call) = runtime.block_on(store_and_plugin())?;
        // The sandbox has a runtime of its own, which must not end inside another one.
        runtime.shutdown_background();
        Ok(Self { verify, sign, request, store, plugin_call })
    }

    /// The sum, in milliseconds.
    pub(crate) fn ms(&self) -> f64 {
        self.rows().iter().map(|(_, count, each)| count * each).sum::<f64>() / 1_000.0
    }

    fn rows(&self) -> [(&'static str, f64, f64); 5] {
        [
            ("ES256 verify", VERIFIES, self.verify),
            ("ES256 sign", SIGNS, self.sign),
            ("axum request", REQUESTS, self.request),
            ("fresh plugin call", PLUGIN_CALLS, self.plugin_call),
            ("sled operation", STORE_OPERATIONS, self.store),
        ]
    }

    /// The sum as a table.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (name, count, each) in self.rows() {
            text.push_str(&row(
                name,
                &format!("{count:>3} × {each:>7.1} µs = {:>7.3} ms", count * each / 1_000.0),
            ));
        }
        text.push_str(&row("together", &format!("{:>27.3} ms", self.ms())));
        text
    }
}

fn row(name: &str, figures: &str) -> String {
    format!("  {name:<22} {figures}\n")
}

/// The median of many runs, in microseconds.
fn median(mut samples: Vec<Duration>) -> f64 {
    samples.sort_unstable();
    samples.get(samples.len() / 2).map_or(0.0, |median| median.as_secs_f64() * 1e6)
}

fn signatures() -> Result<(f64, f64)> {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok().context("no key can be made")?;
    let random = SystemRandom::new();
    let message = [b'x'; 400];
    let sign = || key.sign(&random, &message).ok().context("the key does not sign");
    let signature = sign()?;
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public_key().as_ref());
    let verify = || public.verify(&message, signature.as_ref()).is_ok();
    anyhow::ensure!(verify(), "a good signature does not verify");
    let many = |work: &dyn Fn() -> bool| {
        let samples = (0..3_000).map(|_| {
            let since = Instant::now();
            std::hint::black_box(work());
            since.elapsed()
        });
        median(samples.collect())
    };
    Ok((many(&|| sign().is_ok()), many(&verify)))
}

/// What a request costs a server that does nothing, as processor time of a process of its own.
async fn requests() -> Result<f64> {
    const COUNT: u32 = 5_000;
    let mut echo = Command::new(std::env::current_exe()?)
        .arg("echo")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("the echo server")?;
    let stdout = echo.stdout.take().context("the echo server's output")?;
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line)?;
    let url = format!("http://{}/", line.trim());
    let wire = Wire::network()?;
    let mut before = Duration::ZERO;
    for number in 0..COUNT + 500 {
        if number == 500 {
            before = cpu::time_of(echo.id())?;
        }
        let request = http::Request::post(&url).header("content-type", "application/x-www-form-urlencoded");
        wire.send(request.body(vec![b'x'; 1_500])?).await?;
    }
    let used = cpu::time_of(echo.id())?.saturating_sub(before);
    echo.kill().context("the echo server")?;
    echo.wait().context("the echo server")?;
    Ok(used.as_secs_f64() * 1e6 / f64::from(COUNT))
}

/// The echo server: takes a body, answers with as much.
pub(crate) fn echo() -> Result<()> {
    runtime()?.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        let router = axum::Router::new().fallback(|body: axum::body::Bytes| async move { body });
        axum::serve(listener, router).await.context("the echo server")
    })
}

async fn store_and_plugin() -> Result<(f64, f64)> {
    let directory = tempfile::tempdir()?;
    let clock = Arc::new(TestClock::at(1_800_000_000));
    let store = Store::sled(&directory.path().join("store"), clock.clone(), SealingKey::new([1; 32])).await?;
    let now = Timestamp(clock.seconds());
    let replays = store.stores().replays;
    let mut operations = Vec::new();
    for number in 0..3_000_u32 {
        let key = HandleHash::of(&number.to_be_bytes());
        let since = Instant::now();
        replays.first_use(&key, now.plus(60), now).await?;
        operations.push(since.elapsed());
    }

    let mut config = SandboxConfig::new([3; 32]);
    config.compiled_cache_dir = Some(artifacts::profile_dir()?.join("test-compiled"));
    let host = Host {
        clock,
        entropy: Arc::new(SeededEntropy::default()),
        fetch: Arc::new(esignet_tests::op::NoNetwork),
        cache: store.plugin_cache(),
    };
    let registry = Registry::new(Sandbox::new(config, host)?);
    let plugins = artifacts::plugins()?;
    let trust = Arc::new(Trust::in_anything());
    registry
        .load(Source {
            directory: &plugins,
            grants: &BTreeMap::new(),
            ceiling: &Ceiling::default(),
            trust: &trust,
            id_system: Some("mock-identity"),
        })
        .await;
    let id_system = registry.id_system().context("the mock ID system is not loaded")?;
    let mut calls = Vec::new();
    for _ in 0..3_000 {
        let since = Instant::now();
        id_system.send_otp(&caller(), &individual(), &[]).await?;
        calls.push(since.elapsed());
    }
    drop(id_system);
    // A runtime cannot end inside another one.
    tokio::task::spawn_blocking(move || drop(registry)).await?;
    store.close().await?;
    Ok((median(operations), median(calls)))
}

pub(crate) fn caller() -> Caller {
    Caller {
        transaction: "bench".to_owned(),
        short_transaction: "BENCHBENCH".to_owned(),
        relying_party: "bench".to_owned(),
        client: "bench".to_owned(),
        locale: "en".to_owned(),
        claims_locales: Vec::new(),
    }
}

pub(crate) fn individual() -> Individual {
    Individual {
        kind: "uin".to_owned(),
        value: esignet_tests::login::AMINA.id.to_owned(),
        attributes: Vec::new(),
    }
}
