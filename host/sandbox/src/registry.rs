//! The directory of plugins, loaded; and the [`Plugins`] that the core asks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use esignet_protocol::ports::plugins::{AuthFactor, IdSystem, Plugins};

use crate::component::{self, Role};
use crate::engine::Sandbox;
use crate::finding::Finding;
use crate::grant::Grant;
use crate::instance::Plugin;
use crate::precompiled::CodeSource;
use crate::role::auth_factor::LoadedFactor;
use crate::role::id_system::LoadedIdSystem;

mod report;

pub use report::{LoadReport, Loaded, PluginReport};

/// The plugins that are loaded. A reload swaps them all at once; calls under way finish on what they began with.
pub struct Registry {
    sandbox: Sandbox,
    now: ArcSwap<Snapshot>,
}

#[derive(Default)]
struct Snapshot {
    plugins: BTreeMap<String, Arc<Roles>>,
    factors: BTreeMap<String, Arc<dyn AuthFactor>>,
    id_system: Option<Arc<dyn IdSystem>>,
}

/// The roles of one plugin.
struct Roles {
    digest: Option<String>,
    id_system: Option<Arc<LoadedIdSystem>>,
    factor: Option<Arc<LoadedFactor>>,
}

/// Where the plugins are and what the operator lets them have.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Every `*.wasm` in it is a plugin; its id is the name of the file without the end.
    pub directory: &'a Path,
    /// What each may have, by id. A plugin that is not in it gets the default limits and nothing else.
    pub grants: &'a BTreeMap<String, Grant>,
    /// The ID system that answers for logins; needed when more than one is loaded.
    pub id_system: Option<&'a str>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("plugins", &self.now.load().plugins.keys()).finish_non_exhaustive()
    }
}

impl Registry {
    /// A registry with nothing loaded.
    pub fn new(sandbox: Sandbox) -> Self {
        Self { sandbox, now: ArcSwap::default() }
    }

    /// Loads the directory and puts what is good in place, all at once.
    ///
    /// A file that is refused neither stops the others nor displaces what is loaded under its id: the last good one
    /// stays. A file that is gone takes its plugin with it.
    pub async fn load(&self, source: Source<'_>) -> LoadReport {
        let before = self.now.load_full();
        let mut report = LoadReport::default();
        let mut next = Snapshot::default();
        let files = self.files(source.directory, &mut report).await;
        let share = self.sandbox.inner.share(files.len());
        for path in files {
            let Some(id) = path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned) else {
                report.findings.push(Finding::new(
                    "the name of the file is not UTF-8",
                    path.display().to_string(),
                    "rename it",
                ));
                continue;
            };
            let grant = source.grants.get(&id).cloned().unwrap_or_default();
            let mut plugin = PluginReport::new(id, path);
            match self.load_file(&mut plugin, grant, share).await {
                Ok(roles) => next.admit(&mut plugin, Arc::new(roles)),
                Err(finding) => plugin.outcome = Err(finding),
            }
            if plugin.outcome.is_err()
                && let Some(last_good) = before.plugins.get(&plugin.id)
            {
                plugin.kept_last_good = next.take_over(&plugin.id, last_good);
            }
            plugin.log();
            report.plugins.push(plugin);
        }
        next.choose_id_system(source, &mut report.findings);
        for id in source.grants.keys().filter(|id| report.plugins.iter().all(|plugin| plugin.id != **id)) {
            report.findings.push(Finding::new(
                "there is a grant but no such plugin",
                format!("[plugins.\"{id}\"]"),
                format!("put {id}.wasm into {} or remove the section", source.directory.display()),
            ));
        }
        for finding in &report.findings {
            tracing::warn!(%finding, "plugins");
        }
        let used = next.plugins.values().filter_map(|roles| roles.digest.clone()).collect();
        self.now.store(Arc::new(next));
        self.sweep(used).await;
        report
    }

    async fn files(&self, directory: &Path, report: &mut LoadReport) -> Vec<PathBuf> {
        let of_task = directory.to_owned();
        let listed = self.sandbox.inner.handle.spawn_blocking(move || list(&of_task)).await;
        let error = match listed {
            Ok(Ok(files)) => return files,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        report.findings.push(Finding::new(
            format!("the directory of plugins cannot be listed ({error})"),
            directory.display().to_string(),
            "make the directory, readable for the server, and put plugins into it",
        ));
        Vec::new()
    }

    /// Removes compiled code that nothing loaded is made of.
    async fn sweep(&self, used: BTreeSet<String>) {
        let inner = Arc::clone(&self.sandbox.inner);
        let swept = self.sandbox.inner.handle.spawn_blocking(move || inner.precompiled.sweep(&used)).await;
        if let Err(error) = swept {
            tracing::warn!(%error, "compiled plugins were not tidied up");
        }
    }

    async fn load_file(
        &self,
        report: &mut PluginReport,
        mut grant: Grant,
        share: usize,
    ) -> Result<Roles, Finding> {
        if let Some(finding) = grant.findings(&report.id).into_iter().next() {
            return Err(finding);
        }
        if grant.limits.concurrency > share {
            grant.limits.concurrency = share;
            report.narrowed_concurrency = Some(share);
        }
        let inner = Arc::clone(&self.sandbox.inner);
        let path = report.file.clone();
        let wasi = grant.wasi;
        let examined = self.sandbox.inner.handle.spawn_blocking(move || examine(&inner, wasi, &path)).await;
        let examined = examined.map_err(|_panicked| {
            Finding::new(
                "the compiler failed on the component",
                report.file.display().to_string(),
                "report the file to whoever maintains this server",
            )
        })?;
        report.digest = examined.digest;
        let Examined { pre, roles, code } = examined.outcome?;
        report.roles.clone_from(&roles);
        report.code = Some(code);

        let described = |error: esignet_protocol::ports::plugins::PluginError| {
            Finding::new(
                format!("`describe` gave no usable answer: {error}"),
                report.file.display().to_string(),
                "correct the plugin or its settings, or raise its limits",
            )
        };
        let inner = Arc::clone(&self.sandbox.inner);
        let plugin = Arc::new(Plugin::new(report.id.clone(), grant, inner, pre.clone()));
        let id_system = if roles.contains(&Role::IdSystem) {
            Some(Arc::new(LoadedIdSystem::load(Arc::clone(&plugin), &pre).await.map_err(described)?))
        } else {
            None
        };
        let factor = if roles.contains(&Role::AuthFactor) {
            Some(Arc::new(LoadedFactor::load(plugin, &pre).await.map_err(described)?))
        } else {
            None
        };
        Ok(Roles { digest: report.digest.clone(), id_system, factor })
    }
}

/// A file after it was compiled and linked.
struct Examined {
    pre: wasmtime::component::InstancePre<crate::import::CallState>,
    roles: Vec<Role>,
    code: CodeSource,
}

struct Examination {
    digest: Option<String>,
    outcome: Result<Examined, Finding>,
}

fn examine(inner: &crate::engine::Inner, tiny_wasi: bool, path: &Path) -> Examination {
    let wasm = match component::read(path) {
        Ok(wasm) => wasm,
        Err(finding) => {
            return Examination { digest: None, outcome: Err(finding) };
        }
    };
    let examine = || {
        component::check_kind(&wasm, path)?;
        let (compiled, code) = inner
            .precompiled
            .component(&inner.engine, &wasm.digest, &wasm.bytes)
            .map_err(|error| component::not_compiled(&error, path))?;
        component::check_imports(&inner.engine, &compiled, tiny_wasi, path)?;
        let roles = component::roles(&inner.engine, &compiled, path)?;
        let pre = inner.linker.instantiate_pre(&compiled).map_err(|error| {
            Finding::new(
                format!(
                    "an import has another shape than the contract ({})",
                    crate::accept::cut(&format!("{error:#}"), 256)
                ),
                path.display().to_string(),
                "build it against version 0.1 of the contract, which this server serves",
            )
        })?;
        Ok(Examined { pre, roles, code })
    };
    let outcome = examine();
    Examination { digest: Some(wasm.digest), outcome }
}

/// The components of a directory by name; drafts and hidden files are not.
fn list(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = BTreeSet::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.extension().is_some_and(|end| end == "wasm") && path.is_file() {
            files.insert(path);
        }
    }
    Ok(files.into_iter().collect())
}

impl Snapshot {
    /// Takes a plugin in, unless another one already has its factor.
    fn admit(&mut self, report: &mut PluginReport, roles: Arc<Roles>) {
        if let Some(factor) = &roles.factor {
            let word = &factor.descriptor().factor;
            if let Some(other) = self.factors.get(word) {
                report.outcome = Err(Finding::new(
                    format!("the factor {word} already is that of the plugin {}", other.id()),
                    report.file.display().to_string(),
                    "keep one of the two in the directory",
                ));
                return;
            }
            self.factors.insert(word.clone(), Arc::clone(factor) as Arc<dyn AuthFactor>);
        }
        report.outcome = Ok(Loaded {
            id_system: roles.id_system.as_ref().map(|id_system| id_system.descriptor().clone()),
            factor: roles.factor.as_ref().map(|factor| factor.descriptor().clone()),
        });
        self.plugins.insert(report.id.clone(), roles);
    }

    /// Keeps a plugin that was loaded before under this id.
    fn take_over(&mut self, id: &str, last_good: &Arc<Roles>) -> bool {
        if let Some(factor) = &last_good.factor {
            let word = &factor.descriptor().factor;
            if self.factors.contains_key(word) {
                return false;
            }
            self.factors.insert(word.clone(), Arc::clone(factor) as Arc<dyn AuthFactor>);
        }
        self.plugins.insert(id.to_owned(), Arc::clone(last_good));
        true
    }

    /// The one the operator chose, or the only one.
    fn choose_id_system(&mut self, source: Source<'_>, findings: &mut Vec<Finding>) {
        let loaded: Vec<(&String, &Arc<LoadedIdSystem>)> =
            self.plugins.iter().filter_map(|(id, roles)| Some((id, roles.id_system.as_ref()?))).collect();
        let names = || loaded.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(", ");
        let chosen = match (source.id_system, loaded.as_slice()) {
            (Some(wanted), loaded) => loaded.iter().find(|(id, _)| *id == wanted),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        if let Some((_, id_system)) = chosen {
            self.id_system = Some(Arc::clone(id_system) as Arc<dyn IdSystem>);
            return;
        }
        let rule = match (source.id_system, loaded.is_empty()) {
            (Some(wanted), _) => {
                format!("the chosen ID system {wanted} is not loaded; loaded are [{}]", names())
            }
            (None, true) => "no ID system is loaded".to_owned(),
            (None, false) => format!("more than one ID system is loaded: {}", names()),
        };
        findings.push(Finding::new(
            rule,
            source.directory.display().to_string(),
            "put one ID system there, or choose one by its id in the operator's file",
        ));
    }
}

impl Plugins for Registry {
    fn id_system(&self) -> Option<Arc<dyn IdSystem>> {
        self.now.load().id_system.clone()
    }

    fn factor(&self, factor: &str) -> Option<Arc<dyn AuthFactor>> {
        self.now.load().factors.get(factor).cloned()
    }
}
