//! A sandbox with a directory of its own, a clock that stands still, and ports that remember.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::entropy::Entropy;
use esignet_protocol::ports::fetch::{Fetch, FetchError, UpstreamRequest, UpstreamResponse};
use esignet_protocol::ports::plugin_cache::PluginCache;
use esignet_protocol::ports::plugins::{AuthFactor, Caller, Individual, PluginError, Plugins, Step};
use esignet_protocol::word::time::Timestamp;
use esignet_sandbox::signature::Trust;
use esignet_sandbox::{
    Ceiling, Grant, Host, LoadReport, Manifest, MemoryCache, PluginReport, Registry, Sandbox, SandboxConfig,
    Source, embed,
};
use serde_json::{Value, json};

/// A component as `cargo xtask plugins` built it.
pub(crate) fn wasm(name: &str) -> Vec<u8> {
    let executable = std::env::current_exe().unwrap();
    executable
        .ancestors()
        .flat_map(|target| ["plugins", "example-plugins", "test-components"].map(|made| target.join(made)))
        .find_map(|made| std::fs::read(made.join(format!("{name}.wasm"))).ok())
        .unwrap_or_else(|| panic!("{name}.wasm is not built: run `cargo xtask plugins` first"))
}

/// A clock that stands still until it is set.
#[derive(Default)]
pub(crate) struct Hand(pub(crate) AtomicU64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// Counts, which is random enough here.
#[derive(Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes()[0];
        }
    }
}

/// Answers every request alike and remembers it.
#[derive(Default)]
pub(crate) struct Upstreams(pub(crate) Mutex<Vec<UpstreamRequest>>);

#[async_trait]
impl Fetch for Upstreams {
    async fn fetch(&self, request: UpstreamRequest) -> Result<UpstreamResponse, FetchError> {
        self.0.lock().unwrap().push(request);
        Ok(UpstreamResponse { status: 200, headers: Vec::new(), body: b"{}".to_vec() })
    }
}

/// A sandbox and what is around it.
pub(crate) struct World {
    pub(crate) home: tempfile::TempDir,
    pub(crate) registry: Arc<Registry>,
    pub(crate) clock: Arc<Hand>,
    pub(crate) kept: Option<PathBuf>,
    pub(crate) upstreams: Arc<Upstreams>,
    pub(crate) grants: BTreeMap<String, Grant>,
    pub(crate) trust: Arc<Trust>,
    pub(crate) ceiling: Ceiling,
    pub(crate) id_system: Option<String>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_, _| {})
    }

    /// With other settings or ports than usual.
    pub(crate) fn with(adjust: impl FnOnce(&mut SandboxConfig, &mut Host)) -> Self {
        crate::record::start();
        let home = tempfile::tempdir().unwrap();
        let hand = Arc::new(Hand(AtomicU64::new(1_700_000_000)));
        let clock: Arc<dyn Clock> = Arc::clone(&hand) as Arc<dyn Clock>;
        let upstreams = Arc::new(Upstreams::default());
        let mut host = Host {
            entropy: Arc::new(Counting::default()),
            fetch: Arc::clone(&upstreams) as Arc<dyn Fetch>,
            cache: Arc::new(MemoryCache::new(Arc::clone(&clock))) as Arc<dyn PluginCache>,
            clock,
        };
        let mut config = SandboxConfig::new([7; 32]);
        config.max_instances = 16;
        // Each component is compiled once for all tests.
        config.compiled_cache_dir = Some(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("compiled"));
        adjust(&mut config, &mut host);
        let kept = config.compiled_cache_dir.clone();
        let registry = Arc::new(Registry::new(Sandbox::new(config, host).unwrap()));
        Self {
            home,
            registry,
            clock: hand,
            kept,
            upstreams,
            grants: BTreeMap::new(),
            trust: Arc::new(Trust::in_anything()),
            ceiling: Ceiling::default(),
            id_system: None,
        }
    }

    /// Puts bytes into the directory as the plugin `id`, whatever id they had.
    pub(crate) fn put(&self, id: &str, bytes: &[u8]) -> PathBuf {
        let path = self.home.path().join(format!("{id}.wasm"));
        std::fs::write(&path, called(id, bytes)).unwrap();
        path
    }

    pub(crate) fn grant(&mut self, id: &str, grant: Value) {
        self.grants.insert(id.to_owned(), serde_json::from_value(grant).unwrap());
    }

    /// Puts a version of a component there, as a rename does: whole, at once.
    pub(crate) fn swap(&self, id: &str, bytes: &[u8], version: &str) -> PathBuf {
        let (path, draft) =
            (self.home.path().join(format!("{id}.wasm")), self.home.path().join(format!(".{id}")));
        std::fs::write(&draft, of_version(version, &called(id, bytes))).unwrap();
        std::fs::rename(draft, &path).unwrap();
        path
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, seconds: u64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) fn source(&self) -> Source<'_> {
        Source {
            directory: self.home.path(),
            grants: &self.grants,
            ceiling: &self.ceiling,
            trust: &self.trust,
            id_system: self.id_system.as_deref(),
        }
    }

    pub(crate) async fn load(&self) -> LoadReport {
        self.registry.load(self.source()).await
    }

    /// Loads `misbehaving` under an id and factor nothing else uses, with a grant that has `behaviour` in its config.
    pub(crate) async fn misbehaving(&mut self, behaviour: &str, more: Value) -> Arc<dyn AuthFactor> {
        let id = fresh_id("bad");
        self.misbehaving_as(&id, behaviour, more).await
    }

    pub(crate) async fn misbehaving_as(
        &mut self,
        id: &str,
        behaviour: &str,
        more: Value,
    ) -> Arc<dyn AuthFactor> {
        let factor = id.to_uppercase();
        let mut grant = json!({"config": {"behaviour": behaviour, "factor": factor}});
        merge(&mut grant, more);
        self.put(id, &wasm("misbehaving"));
        self.grant(id, grant);
        let report = self.load().await;
        plugin(&report, id).outcome.as_ref().unwrap();
        self.registry.factor(&factor).unwrap()
    }
}

/// The component in another version.
pub(crate) fn of_version(version: &str, bytes: &[u8]) -> Vec<u8> {
    let manifest = Manifest::text_of(bytes).unwrap();
    let line = |line: &str| {
        if line.starts_with("version = ") {
            format!("version = \"{version}\"\n")
        } else {
            format!("{line}\n")
        }
    };
    embed(bytes, &manifest.lines().map(line).collect::<String>()).unwrap()
}

/// The component under another id: what is no component stays as it is.
pub(crate) fn called(id: &str, bytes: &[u8]) -> Vec<u8> {
    let usual = "[plugin]\nid = \"none\"\nversion = \"1.0.0\"\npublisher = \"us\"\n";
    let text = Manifest::text_of(bytes).unwrap_or(usual);
    if text.contains(&format!("\nid = \"{id}\"\n")) && Manifest::text_of(bytes).is_some() {
        return bytes.to_vec();
    }
    let manifest: String = text
        .lines()
        .map(|line| if line.starts_with("id = ") { format!("id = \"{id}\"\n") } else { format!("{line}\n") })
        .collect();
    let is_component = bytes.starts_with(b"\0asm\x0d\0\x01\0");
    is_component.then(|| embed(bytes, &manifest)).flatten().unwrap_or_else(|| bytes.to_vec())
}

fn merge(into: &mut Value, more: Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (name, value) in more {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, more) => *into = more,
    }
}

/// A name that no other test uses, so that its log can be told apart.
pub(crate) fn fresh_id(stem: &str) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("{stem}{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn plugin<'a>(report: &'a LoadReport, id: &str) -> &'a PluginReport {
    report.plugins.iter().find(|plugin| plugin.id == id).unwrap()
}

/// Why a plugin was refused, in the operator's words.
pub(crate) fn refusal(report: &LoadReport, id: &str) -> String {
    let refusals = plugin(report, id).refusals();
    assert!(!refusals.is_empty(), "{id} is loaded");
    refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

pub(crate) fn caller(transaction: &str) -> Caller {
    Caller {
        transaction: transaction.to_owned(),
        short_transaction: "A1B2C3D4E5".to_owned(),
        relying_party: "rp".to_owned(),
        client: "client".to_owned(),
        locale: "en".to_owned(),
        claims_locales: vec!["en".to_owned()],
    }
}

pub(crate) fn person(value: &str) -> Individual {
    Individual { kind: "uin".to_owned(), value: value.to_owned(), attributes: Vec::new() }
}

/// Begins the factor in a login of its own.
pub(crate) async fn begin(factor: &Arc<dyn AuthFactor>) -> Result<Step, PluginError> {
    factor.begin(&caller("t-1"), Some(&person("2053718694"))).await
}

/// What a behaviour that ended in a refusal met.
pub(crate) async fn met(factor: &Arc<dyn AuthFactor>) -> String {
    match begin(factor).await {
        Ok(Step::Refused(rejection)) => rejection.reason,
        Ok(_) => panic!("the behaviour ended in another step"),
        Err(error) => panic!("the call failed: {error}"),
    }
}

pub(crate) fn compiled(directory: &Path, end: &str) -> Vec<PathBuf> {
    std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == end))
        .collect()
}
