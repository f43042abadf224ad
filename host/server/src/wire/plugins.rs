//! The sandbox and the plugins in it, and whether the configuration can be met with them.

mod door;
mod keys;
pub(crate) mod upstreams;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::plugin_cache::PluginCache;
use esignet_protocol::ports::plugins::Plugins as _;
use esignet_protocol::transaction::browser::CLAIM_TTL;
use esignet_sandbox::signature::Trust;
use esignet_sandbox::{
    ChildLimits, Compiler, Grant, Host, LoadReport, Registry, Sandbox, SandboxConfig, Source,
};

use super::master_key::MasterKey;
use super::{Purpose, revoked};
use crate::config::Config;
use crate::config::finding::{Finding, did_you_mean};
use crate::egress::Egress;
use crate::system::SystemEntropy;

/// What came of the directory.
pub(crate) struct LoadedPlugins {
    /// What the core asks.
    pub(crate) registry: Arc<Registry>,
    /// What the operator lets each have, with its keys.
    pub(crate) grants: BTreeMap<String, Grant>,
    /// Who may sign them.
    pub(crate) trust: Arc<Trust>,
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
    settings.witness = config.plugins.witness.clone().map(|watched| watched.0);
    // A program of tests has no such command.
    if !cfg!(test) {
        settings.compiler = Compiler::Child(this_program(), ChildLimits::default());
    }
    let lifetimes = &config.lifetimes;
    settings.login_seconds = lifetimes.before_authentication + lifetimes.after_authentication + CLAIM_TTL;
    let trust = Arc::new(revoked::trust(&config.plugins.signatures)?);
    let mut findings = nobody_may_sign(&trust);
    let connections = upstreams::connections(&config.plugins.grants, &clock, &mut findings);
    let fetch = Arc::new(Egress::new(connections));
    let grants = keys::loaded(&config.plugins.grants, &mut findings);
    let host = Host { clock, entropy: Arc::new(SystemEntropy::new()), fetch, cache };
    let sandbox = match Sandbox::new(settings, host) {
        Ok(sandbox) => sandbox,
        Err(error) => {
            let fix = "see the limits of the process: `ulimit -v` must be unlimited, `ulimit -u` leave room for threads";
            findings.push(Finding::error("sandbox", "[plugins]", error.to_string(), fix));
            return Err(findings);
        }
    };
    let registry = Registry::new(sandbox);
    let report = registry.load(source(config, &grants, &trust)).await;
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
    Ok(LoadedPlugins { registry: Arc::new(registry), grants, trust, report, findings })
}

/// The file that this process runs, also when another one has its name by now.
fn this_program() -> PathBuf {
    let linux = PathBuf::from("/proc/self/exe");
    if linux.exists() { linux } else { std::env::current_exe().unwrap_or_default() }
}

fn source<'a>(config: &'a Config, grants: &'a BTreeMap<String, Grant>, trust: &'a Arc<Trust>) -> Source<'a> {
    Source {
        directory: &config.plugins.directory.value,
        grants,
        ceiling: &config.plugins.ceiling,
        trust,
        id_system: config.plugins.id_system.as_deref(),
    }
}

/// Plugins that serve, and what is needed to go on loading them.
pub(crate) struct Serving {
    /// What the core asks.
    pub(crate) registry: Arc<Registry>,
    /// What the operator lets each have, with its keys.
    pub(crate) grants: BTreeMap<String, Grant>,
    /// Who may sign them, as it was when the server started.
    pub(crate) trust: Arc<Trust>,
    /// What came of the first load.
    pub(crate) report: LoadReport,
}

impl Serving {
    /// Loads what changed in the directory, now.
    pub(crate) async fn load_now(&self, config: &Config) -> LoadReport {
        self.registry.load(source(config, &self.grants, &self.trust)).await
    }

    /// Loads what changes in the directory, for ever, if that is wanted. What logins lack after a change is in the log; what
    /// the start makes of the plugins (kinds of identifier, claims that clients may be registered for) waits for a restart.
    pub(crate) async fn watch(self: Arc<Self>, config: Arc<Config>) {
        let Some(watching) = config.plugins.watching else { return };
        let told = |report: &LoadReport| {
            let changed = report.plugins.iter().filter(|plugin| !plugin.is_unchanged).count();
            tracing::info!(plugins = report.plugins.len(), changed, "plugins: loaded what changed");
            for finding in unmet(&config, &self.registry) {
                tracing::error!(place = finding.place, fix = finding.fix, "{}", finding.problem);
            }
        };
        self.registry.watch(source(&config, &self.grants, &self.trust), watching, told).await;
    }
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
    let satisfied = config.assurance.acrs(registry);
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
            format!("no loaded plugin provides the factor {}", missing.join(", ")),
            format!(
                "put a plugin for it into {}, or take the acr out of [assurance]",
                config.plugins.directory.value.display()
            ),
        ));
    }
    findings.extend(door::unmet(config, registry));
    let Some(id_system) = registry.id_system() else { return findings };
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
