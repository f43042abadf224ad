//! The directory of plugins, loaded; and the [`Plugins`] that the core asks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use esignet_protocol::ports::plugins::{AuthFactor, IdSystem, Plugins};

use crate::engine::Sandbox;
use crate::finding::Finding;
use crate::grant::Grant;
use crate::rights::Ceiling;
use crate::role::auth_factor::LoadedFactor;
use crate::role::id_system::LoadedIdSystem;
use crate::signature::{Admitted, Trust};

mod load;
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
    file: PathBuf,
    digest: Option<String>,
    /// Who vouches for it.
    admitted: Admitted,
    id_system: Option<Arc<LoadedIdSystem>>,
    factor: Option<Arc<LoadedFactor>>,
}

/// Where the plugins are and what the operator lets them have.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Every `*.wasm` in it is a plugin; its id is in its manifest.
    pub directory: &'a Path,
    /// What each may have, by id. A plugin that is not in it gets nothing that needs a grant.
    pub grants: &'a BTreeMap<String, Grant>,
    /// What none gets by asking.
    pub ceiling: &'a Ceiling,
    /// Who may sign plugins, and what is no longer taken.
    pub trust: &'a Arc<Trust>,
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
    /// stays, unless it would not be let in any more either. A file that is gone takes its plugin with it.
    pub async fn load(&self, source: Source<'_>) -> LoadReport {
        let before = self.now.load_full();
        let mut report = LoadReport::default();
        let mut next = Snapshot::default();
        let files = self.files(source.directory, &mut report).await;
        let share = self.sandbox.inner.share(files.len());
        for path in files {
            // Until its manifest is read, a file has the name of the plugin that it was, or its own.
            let before_id =
                before.plugins.iter().find(|(_, roles)| roles.file == path).map(|(id, _)| id.clone());
            let stem = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let mut plugin = PluginReport::new(before_id.unwrap_or_else(stem), path);
            match load::file(&self.sandbox.inner, &mut plugin, source, share).await {
                Ok(roles) => next.admit(&mut plugin, Arc::new(roles)),
                Err(findings) => plugin.outcome = Err(findings),
            }
            if plugin.outcome.is_err()
                && !next.plugins.contains_key(&plugin.id)
                && let Some(last_good) = before.plugins.get(&plugin.id)
                && source.trust.still_admits(&plugin.id, &last_good.admitted)
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
                format!("put the plugin {id} into {} or remove the section", source.directory.display()),
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
    /// Takes a plugin in, unless another one already has its id or its factor.
    fn admit(&mut self, report: &mut PluginReport, roles: Arc<Roles>) {
        if let Some(other) = self.plugins.get(&report.id) {
            report.outcome = Err(vec![Finding::new(
                format!("the plugin {} is there twice: also as {}", report.id, other.file.display()),
                report.file.display().to_string(),
                "keep one of the two files in the directory",
            )]);
            return;
        }
        if let Some(factor) = &roles.factor {
            let word = &factor.descriptor().factor;
            if let Some(other) = self.factors.get(word) {
                report.outcome = Err(vec![Finding::new(
                    format!("the factor {word} already is that of the plugin {}", other.id()),
                    report.file.display().to_string(),
                    "keep one of the two in the directory",
                )]);
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
