//! The sandbox and the plugins in it, and whether the configuration can be met with them.

mod door;
pub(crate) mod id_systems;
mod keys;
pub(crate) mod live;
pub(crate) mod upstreams;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use esignet_protocol::audit::Audit;
use esignet_protocol::audit::event::{Action, Event, Outcome};
use esignet_protocol::identity_assurance::VERIFIED_CLAIMS;
use esignet_protocol::policy::IndividualKind;
use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::plugin_cache::PluginCache;
use esignet_protocol::ports::plugins::Plugins as _;
use esignet_protocol::transaction::browser::CLAIM_TTL;
use esignet_protocol::word::acr::Acr;
use esignet_sandbox::signature::Trust;
use esignet_sandbox::{
    ChildLimits, Compiler, Host, LoadReport, Operator as _, Registry, Sandbox, SandboxConfig, Watching,
};

use super::master_key::MasterKey;
use super::{Purpose, audit};
use crate::config::Config;
use crate::config::finding::{Finding, did_you_mean};
use crate::system::SystemEntropy;
use live::Live;

/// What came of the directory.
pub(crate) struct LoadedPlugins {
    /// What the core asks.
    pub(crate) registry: Arc<Registry>,
    /// What the operator says of them now.
    pub(crate) live: Arc<Live>,
    /// What came of each file.
    pub(crate) report: LoadReport,
    /// What an operator must know of it.
    pub(crate) findings: Vec<Finding>,
}

/// Starts the sandbox and loads the directory. Fails only when there is no sandbox.
pub(crate) async fn load(
    config: &Config,
    purpose: Purpose,
    key: &MasterKey,
    cache: Arc<dyn PluginCache>,
    clock: Arc<dyn Clock>,
) -> Result<LoadedPlugins, Vec<Finding>> {
    let mut settings = SandboxConfig::new(key.compiled_code());
    if purpose == Purpose::Serve {
        settings.compiled_cache_dir.clone_from(&config.plugins.compiled);
    }
    settings.observer = config.plugins.observer.clone().map(|watched| watched.0);
    // A program of tests has no such command.
    if !cfg!(test) {
        settings.compiler = Compiler::Child(this_program(), ChildLimits::default());
    }
    let lifetimes = &config.lifetimes;
    settings.login_seconds = lifetimes.before_authentication + lifetimes.after_authentication + CLAIM_TTL;
    let mut findings = Vec::new();
    let said = live::said(config, &clock, &mut findings)?;
    let live = Arc::new(Live::new(config, said, default_id_system(config), &clock));
    let host = Host { clock, entropy: Arc::new(SystemEntropy::new()), fetch: live.egress(), cache };
    let sandbox = match Sandbox::new(settings, host) {
        Ok(sandbox) => sandbox,
        Err(error) => {
            let fix = "see the limits of the process: `ulimit -v` must be unlimited, `ulimit -u` leave room for threads";
            findings.push(Finding::error("sandbox", "[plugins]", error.to_string(), fix));
            return Err(findings);
        }
    };
    let registry = Registry::new(sandbox);
    let report = registry.load(live.word().source()).await;
    // A file that is refused costs the logins that need it, and those are errors of their own below; a server whose
    // logins need others starts.
    let refused = report.plugins.iter().flat_map(|plugin| plugin.refusals().iter().chain(&plugin.warnings));
    findings.extend(
        refused.map(|found| Finding::warning("plugin", &found.place, found.rule.clone(), found.mend.clone())),
    );
    findings.extend(
        report
            .findings
            .iter()
            .map(|found| Finding::error("plugin", &found.place, found.rule.clone(), found.mend.clone())),
    );
    findings.extend(unmet(config, &registry));
    let known: Vec<&str> = report.plugins.iter().map(|plugin| plugin.id.as_str()).collect();
    findings.extend(audit::missing_sinks(config, &registry, &known));
    findings.extend(no_key_binder(config, &registry, &known));
    Ok(LoadedPlugins { registry: Arc::new(registry), live, report, findings })
}

/// The file that this process runs, also when another one has its name by now.
fn this_program() -> PathBuf {
    let linux = PathBuf::from("/proc/self/exe");
    if linux.exists() { linux } else { std::env::current_exe().unwrap_or_default() }
}

/// With a list, the core asks for each by its plugin, and for none besides.
fn default_id_system(config: &Config) -> Option<String> {
    let of_list = config.id_systems.rules.last().map(|rule| rule.value.plugin.clone());
    config.plugins.id_system.clone().or(of_list)
}

/// Plugins that serve, and what is needed to go on loading them.
pub(crate) struct Serving {
    /// What the core asks.
    pub(crate) registry: Arc<Registry>,
    /// What the operator says of them now.
    pub(crate) live: Arc<Live>,
    /// What came of the first load.
    pub(crate) report: LoadReport,
    /// Where it is recorded what was loaded.
    pub(crate) audit: Audit,
}

impl Serving {
    /// Loads what changed in the directory, now.
    pub(crate) async fn load_now(&self) -> LoadReport {
        self.registry.load(self.live.word().source()).await
    }

    /// Loads what changes in the directory and in what the operator says of plugins, for ever, if that is wanted. What logins
    /// lack after a change is in the log; what the start makes of the plugins (kinds of identifier, claims that clients may
    /// be registered for) waits for a restart.
    pub(crate) async fn watch(self: Arc<Self>, watching: Option<Watching>) {
        let Some(watching) = watching else { return };
        let told = |report: &LoadReport| {
            let changed = report.plugins.iter().filter(|plugin| !plugin.is_unchanged).count();
            tracing::info!(plugins = report.plugins.len(), changed, "plugins: loaded what changed");
            self.note(report);
            for finding in unmet(&self.live.config(), &self.registry) {
                tracing::error!(place = finding.place, fix = finding.fix, "{}", finding.problem);
            }
        };
        self.registry.watch_for(self.live.as_ref(), watching, told).await;
    }
}

impl Serving {
    /// Records what became of files that are new, or other ones than before.
    pub(crate) fn note(&self, report: &LoadReport) {
        if !self.audit.is_on() {
            return;
        }
        let states = self.registry.states();
        for plugin in report.plugins.iter().filter(|plugin| !plugin.is_unchanged) {
            let digest = plugin.digest.clone().unwrap_or_default();
            let is_back = states.iter().any(|state| {
                state.id == plugin.id
                    && state.digest == digest
                    && state.reason.is_some()
                    && state.state == "loaded"
            });
            let (outcome, operation) = match &plugin.outcome {
                Ok(_) if is_back => (Outcome::Success, "rolled-back"),
                Ok(_) => (Outcome::Success, "loaded"),
                Err(_) => (Outcome::Refused, "loaded"),
            };
            self.audit.note(|_| {
                let told = Event::new(Action::Plugin, outcome).with("operation", operation);
                told.with("plugin", &plugin.id)
                    .with("version", plugin.version.as_deref().unwrap_or_default())
                    .with("digest", digest)
                    .with_words("signed-by", plugin.signed_by.iter().map(String::as_str))
            });
        }
    }
}

/// A key binder that is configured and not loaded, or that is asked for after logins that there are not.
fn no_key_binder(config: &Config, registry: &Registry, known: &[&str]) -> Vec<Finding> {
    let Some(configured) = &config.key_binding else { return Vec::new() };
    let terms = &configured.terms;
    let mut findings = Vec::new();
    if registry.key_binder(&terms.plugin).is_none() {
        let meant = did_you_mean(&terms.plugin, known.iter().copied());
        let meant = meant.map_or_else(String::new, |word| format!("did you mean \"{word}\"? "));
        let directory = config.plugins.directory.value.display();
        findings.push(Finding::error(
            "key-binding",
            &configured.place,
            format!("no loaded plugin is a key binder named \"{}\"", terms.plugin),
            format!("{meant}put the plugin into {directory}, or remove [key_binding]"),
        ));
    }
    let has = |acr: &&Acr| config.assurance.methods.iter().any(|method| method.acr == **acr);
    findings.extend(terms.acr_values.iter().filter(|acr| !has(acr)).map(|acr| {
        let problem =
            format!("keys are to be bound after logins in the class {}, which there is not", acr.as_str());
        let fix = "name classes of [assurance] in `acr_values`";
        Finding::error("key-binding", &configured.place, problem, fix)
    }));
    findings
}

/// Without publishers no plugin can be loaded, which is said once for all of them.
fn nobody_may_sign(trust: &Trust) -> Vec<Finding> {
    if !trust.required || !trust.publishers.is_empty() {
        return Vec::new();
    }
    let problem = "plugins must be signed, and the configuration names nobody who may sign them";
    let fix = "add [plugins.publishers.NAME] with public_key = \"RW…\", the publisher's .pub file (`esignet plugin keygen` \
               makes one, `esignet plugin sign` signs); where unsigned code may run, require_signatures = false in [plugins]";
    vec![Finding::error("unsigned", "[plugins]", problem, fix)]
}

/// Classes that nothing can satisfy, and identifiers that the ID system does not know (`login.md`).
fn unmet(config: &Config, registry: &Registry) -> Vec<Finding> {
    let mut findings = Vec::new();
    let list = config.id_systems.list();
    let loaded = list.loaded(registry);
    let satisfied = config.assurance.acrs(&loaded);
    let mut seen = Vec::new();
    for method in config.assurance.methods.iter().filter(|method| !satisfied.contains(&method.acr)) {
        let missing: Vec<&str> = method
            .factors
            .iter()
            .map(String::as_str)
            .filter(|factor| registry.factor(factor).is_none())
            .collect();
        if seen.contains(&&method.acr) {
            continue;
        }
        seen.push(&method.acr);
        findings.push(Finding::error(
            "acr",
            format!("[assurance] \"{}\"", method.acr.as_str()),
            if missing.is_empty() {
                "no ID system that logins by it are led to judges its factors".to_owned()
            } else {
                format!("no loaded plugin provides the factor {}", missing.join(", "))
            },
            if missing.is_empty() {
                "lead the class to an ID system that judges them, by `acr_values` in [[id_systems]], or take it out of [assurance]".to_owned()
            } else {
                format!(
                    "put a plugin for it into {}, or take the acr out of [assurance]",
                    config.plugins.directory.value.display()
                )
            },
        ));
    }
    findings.extend(id_systems::unmet(config, registry));
    findings.extend(door::unmet(config, registry));
    let Some(id_system) = registry.id_system().filter(|_| loaded.is_sole()) else { return findings };
    let known = &id_system.descriptor().individual_kinds;
    for kind in config.login.individual.iter().filter(|kind| !known.contains(&kind.value.kind)) {
        let meant = did_you_mean(&kind.value.kind, known.iter().map(String::as_str));
        let meant = meant.map_or_else(String::new, |word| format!("did you mean \"{word}\"? "));
        findings.push(Finding::error(
            "bad-value",
            &kind.place,
            format!("the ID system {} knows no identifier of kind \"{}\"", id_system.id(), kind.value.kind),
            format!("{meant}it knows: {}", known.join(", ")),
        ));
    }
    findings
}

/// The claims that some ID system releases.
pub(crate) fn claims(config: &Config, registry: &Registry) -> Option<BTreeSet<String>> {
    let list = config.id_systems.list();
    let loaded = list.loaded(registry);
    let mut claims = BTreeSet::new();
    for named in loaded.systems() {
        let descriptor = named.id_system.descriptor();
        // A client that may ask for what is verified has this name among its claims (ADR 70).
        let verified = descriptor.verified.as_ref().map(|_| VERIFIED_CLAIMS.to_owned());
        claims.extend(descriptor.claims.iter().cloned().chain(verified));
    }
    (!loaded.systems().is_empty()).then_some(claims)
}

/// The kinds of identifier that the operator configured, or else those that the ID systems know.
pub(crate) fn individual_kinds(config: &Config, registry: &Registry) -> Vec<IndividualKind> {
    if !config.login.individual.is_empty() {
        return config.login.individual.iter().map(|kind| kind.value.clone()).collect();
    }
    let list = config.id_systems.list();
    let mut kinds: Vec<IndividualKind> = Vec::new();
    for named in list.loaded(registry).systems() {
        for kind in &named.id_system.descriptor().individual_kinds {
            if kinds.iter().all(|known| known.kind != *kind) {
                kinds.push(IndividualKind {
                    kind: kind.clone(),
                    label: BTreeMap::new(),
                    max_length: 64,
                    digits: false,
                });
            }
        }
    }
    kinds
}
