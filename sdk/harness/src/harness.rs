//! A plugin in a sandbox of its own, with everything around it in the hands of a test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::entropy::Entropy;
use esignet_protocol::ports::fetch::Fetch;
use esignet_protocol::ports::plugin_cache::PluginCache;
use esignet_protocol::ports::plugins::{AuthFactor, IdSystem, PluginError, Plugins as _};
use esignet_sandbox::signature::Trust;
use esignet_sandbox::{
    Ceiling, Grant, Host, Inspection, KeyHandle, Loaded, Manifest, Observer, Registry, Role, Sandbox,
    SandboxConfig, Source, UpstreamGrant,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::cache::TestCache;
use crate::calls::{FactorCalls, IdSystemCalls};
use crate::clock::StandingClock;
use crate::entropy::RepeatableEntropy;
use crate::error::HarnessError;
use crate::key;
use crate::report::{Call, Record, Report};
use crate::upstream::{Rule, Upstreams};

/// The time at which a harness begins, unless it is told: 2027-01-15T08:00:00Z.
pub const BEGINS_AT: u64 = 1_800_000_000;
/// The file's name in the directory that the sandbox loads.
const FILE: &str = "plugin.wasm";

/// What a plugin is loaded with. What its manifest asks for and nobody gives is made up: upstreams that nobody has scripted,
/// and keys that are the same in every run as far as they can be.
#[derive(Clone, Debug)]
pub struct Harness {
    file: PathBuf,
    settings: BTreeMap<String, Value>,
    keys: BTreeMap<String, KeyHandle>,
    scripts: BTreeMap<String, Vec<Rule>>,
    claims: Option<Vec<String>>,
    amr: Option<Vec<String>>,
    partner_specific_subjects: bool,
    begins_at: u64,
    compiled: Option<PathBuf>,
}

impl Harness {
    /// For the component in this file, with its manifest inside.
    pub fn of(file: impl Into<PathBuf>) -> Self {
        Self {
            file: file.into(),
            settings: BTreeMap::new(),
            keys: BTreeMap::new(),
            scripts: BTreeMap::new(),
            claims: None,
            amr: None,
            partner_specific_subjects: false,
            begins_at: BEGINS_AT,
            compiled: None,
        }
    }

    /// A setting, as in `[plugins."…".config]`.
    #[must_use]
    pub fn setting(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.settings.insert(key.to_owned(), value.into());
        self
    }

    /// A key by its name.
    #[must_use]
    pub fn key(mut self, name: &str, key: KeyHandle) -> Self {
        self.keys.insert(name.to_owned(), key);
        self
    }

    /// A secret for HMAC by its name.
    #[must_use]
    pub fn hmac_key(self, name: &str, secret: &[u8]) -> Self {
        self.key(name, key::hmac(secret))
    }

    /// What an upstream answers.
    #[must_use]
    pub fn upstream(mut self, name: &str, script: Vec<Rule>) -> Self {
        self.scripts.insert(name.to_owned(), script);
        self
    }

    /// The claims that the operator lets it release; those that it asks for otherwise.
    #[must_use]
    pub fn claims(self, claims: &[&str]) -> Self {
        Self { claims: Some(claims.iter().map(|&claim| claim.to_owned()).collect()), ..self }
    }

    /// The `amr` values that the operator lets it claim; those that it announces otherwise.
    #[must_use]
    pub fn amr(self, amr: &[&str]) -> Self {
        Self { amr: Some(amr.iter().map(|&value| value.to_owned()).collect()), ..self }
    }

    /// Has the operator take its own partner-specific subjects.
    #[must_use]
    pub fn partner_specific_subjects(self) -> Self {
        Self { partner_specific_subjects: true, ..self }
    }

    /// When it begins, in seconds since 1970-01-01 UTC.
    #[must_use]
    pub fn at(self, seconds: u64) -> Self {
        Self { begins_at: seconds, ..self }
    }

    /// Keeps machine code in this directory, so that a component is compiled once for many tests. Whoever can write there
    /// runs code in these tests: a directory of the build, not one for all.
    #[must_use]
    pub fn compiled_in(self, directory: impl Into<PathBuf>) -> Self {
        Self { compiled: Some(directory.into()), ..self }
    }

    /// Loads the component, under the limits and checks that a server has. Signatures are not asked for.
    pub fn load(self) -> Result<Plugin, HarnessError> {
        Plugin::load(self)
    }

    /// What the operator would write for it, with upstreams at addresses that nobody has.
    fn grant(&self, manifest: &Manifest, turn: u32) -> Result<Grant, HarnessError> {
        let requests = &manifest.requests;
        let upstream = |name: &String| (name.clone(), nowhere(name, turn));
        let mut keys = self.keys.clone();
        for (name, asked) in &requests.keys {
            if !keys.contains_key(name) {
                let made = key::made_up(name, asked.purpose());
                keys.insert(name.clone(), made.map_err(|error| HarnessError::Key(name.clone(), error))?);
            }
        }
        Ok(Grant {
            config: self.settings.clone(),
            upstreams: requests.upstreams.keys().map(upstream).collect(),
            keys,
            amr: self.amr.clone(),
            claims: self.claims.clone(),
            partner_specific_subjects: self.partner_specific_subjects,
            ..Grant::default()
        })
    }
}

/// An upstream of its own each time, so that no circuit that opened before is open.
fn nowhere(name: &str, turn: u32) -> UpstreamGrant {
    UpstreamGrant {
        url: format!("http://{}-{turn}.invalid", name.to_ascii_lowercase().replace('_', "-")),
        methods: None,
        path_prefixes: None,
        max_response_kib: None,
        timeout_ms: None,
        calls: None,
        ca_file: None,
        client_certificate_file: None,
        client_key_file: None,
        credentials: None,
    }
}

/// What is around a plugin, in the hands of a test.
pub(crate) struct World {
    pub(crate) clock: Arc<StandingClock>,
    pub(crate) entropy: Arc<RepeatableEntropy>,
    pub(crate) cache: Arc<TestCache>,
    pub(crate) upstreams: Arc<Upstreams>,
    record: Arc<Record>,
}

impl World {
    fn new(begins_at: u64) -> Self {
        let clock = Arc::new(StandingClock::at(begins_at));
        Self {
            entropy: Arc::default(),
            cache: Arc::new(TestCache::new(Arc::clone(&clock) as Arc<dyn Clock>)),
            upstreams: Arc::default(),
            record: Arc::default(),
            clock,
        }
    }

    fn host(&self) -> Host {
        Host {
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            entropy: Arc::clone(&self.entropy) as Arc<dyn Entropy>,
            fetch: Arc::clone(&self.upstreams) as Arc<dyn Fetch>,
            cache: Arc::clone(&self.cache) as Arc<dyn PluginCache>,
        }
    }
}

/// A loaded plugin. Calls block: use it in a plain `#[test]`, not in one of an asynchronous runtime.
pub struct Plugin {
    wanted: Harness,
    inspection: Inspection,
    grants: BTreeMap<String, Grant>,
    turn: u32,
    world: World,
    sandbox: Sandbox,
    registry: Registry,
    described: Loaded,
    one_call: Mutex<()>,
    history: Mutex<Vec<Report>>,
    // What is on the disk and the thread go last.
    home: TempDir,
    runtime: tokio::runtime::Runtime,
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin").field("id", &self.manifest().plugin.id).finish_non_exhaustive()
    }
}

impl Plugin {
    fn load(wanted: Harness) -> Result<Self, HarnessError> {
        let inspection = Inspection::of(&wanted.file).map_err(HarnessError::NotAPlugin)?;
        let home = tempfile::tempdir()?;
        std::fs::create_dir(home.path().join("plugins"))?;
        std::fs::copy(&wanted.file, home.path().join("plugins").join(FILE))?;
        let world = World::new(wanted.begins_at);
        // The code that is kept is authenticated by a key that everybody knows: see `compiled_in`.
        let mut config = SandboxConfig::new([0x5a; 32]);
        config.max_instances = 64;
        config.observer = Some(Arc::clone(&world.record) as Arc<dyn Observer>);
        config.compiled_cache_dir =
            Some(wanted.compiled.clone().unwrap_or_else(|| home.path().join("compiled")));
        let sandbox = Sandbox::new(config, world.host())?;
        let mut plugin = Self {
            registry: Registry::new(sandbox.clone()),
            runtime: tokio::runtime::Builder::new_current_thread().build()?,
            grants: BTreeMap::new(),
            turn: 0,
            described: Loaded::default(),
            one_call: Mutex::default(),
            history: Mutex::default(),
            wanted,
            inspection,
            world,
            sandbox,
            home,
        };
        plugin.afresh()?;
        Ok(plugin)
    }

    /// Begins anew: the plugin is loaded again, the time is that of the beginning, the cache is empty, randomness repeats,
    /// scripts are as they were at first, no circuit is open, and nothing is remembered of calls.
    pub fn afresh(&mut self) -> Result<(), HarnessError> {
        self.turn += 1;
        self.world.clock.set(self.wanted.begins_at);
        self.world.entropy.reseed(0);
        self.world.cache.fail(None);
        self.world.cache.clear();
        self.world.upstreams.answer_all(None);
        for (name, script) in &self.wanted.scripts {
            self.world.upstreams.script(name, script.clone());
        }
        self.forget();
        self.reload()
    }

    /// Loads the plugin again, as a server does when it starts, and leaves the rest as it is.
    pub fn reload(&mut self) -> Result<(), HarnessError> {
        let manifest = &self.inspection.manifest;
        let grant = self.wanted.grant(manifest, self.turn)?;
        self.grants = BTreeMap::from([(manifest.plugin.id.clone(), grant)]);
        self.registry = Registry::new(self.sandbox.clone());
        let trust = Arc::new(Trust::in_anything());
        let directory = self.home.path().join("plugins");
        let source = Source {
            directory: &directory,
            grants: &self.grants,
            ceiling: &Ceiling::default(),
            trust: &trust,
            id_system: None,
        };
        let loaded = self.runtime.block_on(self.registry.load(source));
        self.remember();
        let of_file = loaded.plugins.into_iter().next();
        match of_file.map(|report| report.outcome) {
            Some(Ok(described)) => {
                self.described = described;
                Ok(())
            }
            Some(Err(findings)) => Err(HarnessError::Refused(findings)),
            None => Err(HarnessError::Refused(loaded.findings)),
        }
    }

    /// What the file says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.inspection.manifest
    }

    /// What it exports.
    pub fn roles(&self) -> &[Role] {
        &self.inspection.roles
    }

    /// What it said of itself when it was loaded, narrowed by manifest and grant.
    pub fn described(&self) -> &Loaded {
        &self.described
    }

    /// The time that it reads.
    pub fn clock(&self) -> &StandingClock {
        &self.world.clock
    }

    /// The randomness that it gets.
    pub fn entropy(&self) -> &RepeatableEntropy {
        &self.world.entropy
    }

    /// The cache that it has.
    pub fn cache(&self) -> &TestCache {
        &self.world.cache
    }

    /// The servers that it talks to.
    pub fn upstreams(&self) -> &Upstreams {
        &self.world.upstreams
    }

    /// Its calls as an ID system.
    pub fn id_system(&self) -> Result<IdSystemCalls<'_>, HarnessError> {
        Ok(IdSystemCalls { plugin: self, port: self.id_system_port()? })
    }

    /// Its calls as a factor.
    pub fn factor(&self) -> Result<FactorCalls<'_>, HarnessError> {
        Ok(FactorCalls { plugin: self, port: self.factor_port()? })
    }

    /// The port itself, for calls at the same time.
    pub(crate) fn id_system_port(&self) -> Result<Arc<dyn IdSystem>, HarnessError> {
        self.registry.id_system().ok_or_else(|| self.lacks("id-system"))
    }

    /// The port itself, for calls at the same time.
    pub(crate) fn factor_port(&self) -> Result<Arc<dyn AuthFactor>, HarnessError> {
        let word = self.described.factor.as_ref().map(|factor| factor.factor.as_str());
        word.and_then(|word| self.registry.factor(word)).ok_or_else(|| self.lacks("auth-factor"))
    }

    fn lacks(&self, role: &'static str) -> HarnessError {
        HarnessError::NoSuchRole(role, self.inspection.exports.join(", "))
    }

    /// Waits for something of the plugin.
    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// One call, and everything that is seen of it.
    pub(crate) fn call<T>(&self, call: impl Future<Output = Result<T, PluginError>>) -> Call<T> {
        let _one = self.one_call.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = self.block_on(call);
        Call { outcome, report: self.remember() }
    }

    fn remember(&self) -> Report {
        let report = Report { exchanges: self.world.upstreams.taken(), ..self.world.record.taken() };
        self.history().push(report.clone());
        report
    }

    fn history(&self) -> std::sync::MutexGuard<'_, Vec<Report>> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was seen of every call since the plugin was loaded or begun anew, its description included.
    pub fn reports(&self) -> Vec<Report> {
        self.history().clone()
    }

    /// Forgets what was seen.
    pub fn forget(&self) {
        let _unseen = (self.world.record.taken(), self.world.upstreams.taken());
        self.history().clear();
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.wanted.file
    }
}
