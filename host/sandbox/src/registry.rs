//! The directory of plugins, loaded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use esignet_protocol::ports::plugin_build::PluginBuild;

use crate::engine::Sandbox;
use crate::finding::Finding;
use crate::grant::Grant;
use crate::instance::Plugin;
use crate::measure::Measure;
use crate::rights::Ceiling;
use crate::role::audit_sink::LoadedAuditSink;
use crate::role::auth_factor::LoadedFactor;
use crate::role::captcha::LoadedCaptcha;
use crate::role::id_system::LoadedIdSystem;
use crate::role::key_binder::LoadedKeyBinder;
use crate::role::notifier::LoadedNotifier;
use crate::signature::{Admitted, Trust};
use files::{Look, Seen, Terms};
use snapshot::Snapshot;
use standing::Standing;

mod files;
mod load;
mod orders;
mod pinned;
mod plugins;
mod report;
mod rollback;
mod snapshot;
mod standing;
mod watch;
mod word;

pub use orders::Order;
pub use report::{LoadReport, Loaded, PluginReport};
pub use rollback::PluginState;
pub use watch::Watching;
pub use word::{Asking, Operator, Word};

/// The plugins that are loaded. A reload swaps them all at once; calls and logins under way finish on what they began with.
pub struct Registry {
    sandbox: Sandbox,
    now: ArcSwap<Snapshot>,
    /// One load at a time: each begins from what the one before came to.
    loading: tokio::sync::Mutex<()>,
    forced: watch::Forced,
}

/// One build of a plugin, with its roles.
#[derive(Clone)]
struct Roles {
    build: PluginBuild,
    /// Who vouches for it.
    admitted: Admitted,
    plugin: Arc<Plugin>,
    id_system: Option<Arc<LoadedIdSystem>>,
    factor: Option<Arc<LoadedFactor>>,
    captcha: Option<Arc<LoadedCaptcha>>,
    notifier: Option<Arc<LoadedNotifier>>,
    audit_sink: Option<Arc<LoadedAuditSink>>,
    key_binder: Option<Arc<LoadedKeyBinder>>,
}

impl Roles {
    /// The same plugin by what others vouch for it now.
    fn vouched_for_by(self: Arc<Self>, admitted: Admitted) -> Arc<Self> {
        if self.admitted == admitted {
            return self;
        }
        Arc::new(Self { admitted, ..self.as_ref().clone() })
    }

    fn is(&self, build: &PluginBuild) -> bool {
        self.build.id == build.id && self.build.digest == build.digest
    }
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

/// Which files of a directory are read.
#[derive(Clone, Copy, Debug)]
enum Reading<'a> {
    /// Those that look different than when they were read, but for these, which somebody still writes to.
    Changed(&'a BTreeSet<PathBuf>),
    /// All. What has the bytes that it had is not compiled or described again.
    All,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("plugins", &self.now.load().plugins.keys()).finish_non_exhaustive()
    }
}

impl Registry {
    /// A registry with nothing loaded.
    pub fn new(sandbox: Sandbox) -> Self {
        let standing = sandbox.inner.precompiled.note().map(|note| Standing::read(&note)).unwrap_or_default();
        let nothing = Snapshot::default().with(standing);
        Self {
            sandbox,
            now: ArcSwap::from_pointee(nothing),
            loading: tokio::sync::Mutex::default(),
            forced: watch::Forced::default(),
        }
    }

    /// The plugins that are loaded as ID systems, by id.
    pub fn id_systems(&self) -> Vec<String> {
        let now = self.now.load();
        now.plugins.iter().filter(|(_, roles)| roles.id_system.is_some()).map(|(id, _)| id.clone()).collect()
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// The notifier of that id, if it is loaded.
    pub(crate) fn notifier(&self, plugin: &str) -> Option<Arc<LoadedNotifier>> {
        self.now.load().plugins.get(plugin)?.notifier.clone()
    }

    /// The events that the notifier of that id wants to hear of, if it is loaded.
    pub fn wants_to_hear_of(&self, plugin: &str) -> Option<Vec<String>> {
        self.notifier(plugin).map(|notifier| notifier.events().to_vec())
    }

    /// Loads what changed in the directory and puts what is good in place, all at once.
    ///
    /// A file that is refused neither stops the others nor displaces what is loaded under its id: the last good one
    /// stays, unless it would not be let in any more either. A file that is gone takes its plugin with it. A directory that cannot be listed changes nothing.
    pub async fn load(&self, source: Source<'_>) -> LoadReport {
        self.read(source, Reading::Changed(&BTreeSet::new())).await
    }

    async fn read(&self, source: Source<'_>, reading: Reading<'_>) -> LoadReport {
        let _turn = self.loading.lock().await;
        let before = self.now.load_full();
        let mut report = LoadReport::default();
        let files = match self.look(source.directory).await {
            Ok(files) => files,
            Err(finding) => {
                self.expel(&before, source.trust);
                report.findings.push(finding);
                report.log();
                return report;
            }
        };
        let share = self.sandbox.inner.share(files.len());
        let mut seen = BTreeMap::new();
        for (path, look) in files {
            if let Some(file) = self.file(source, reading, &before, (path.clone(), look)).await {
                seen.insert(path, file);
            }
        }
        let next = self.next(source, &before, (seen, share), &mut report);
        let mut used: BTreeSet<String> = next.standing.digests();
        let loaded = next.plugins.values().chain(next.draining.iter());
        used.extend(loaded.map(|roles| roles.build.digest.clone()));
        if next.standing != before.standing {
            self.sandbox.inner.precompiled.write_note(&next.standing.written());
        }
        self.counted(&before, &next, &report);
        self.now.store(Arc::new(next));
        report.log();
        self.sweep(used).await;
        report
    }

    /// Takes out what nobody vouches for any more, also where no file can be looked at.
    fn expel(&self, before: &Snapshot, trust: &Trust) {
        let is_let_in = |roles: &Roles| trust.still_admits(&roles.build.id, &roles.admitted);
        let (next, is_less) = before.of_those(is_let_in);
        if is_less {
            tracing::error!("plugins that nobody vouches for any more were taken out");
            self.now.store(Arc::new(next));
        }
    }

    /// What there is to know of one file: what is known already, or what loading it comes to; nothing of a new one that
    /// somebody still writes to.
    async fn file(
        &self,
        source: Source<'_>,
        reading: Reading<'_>,
        before: &Snapshot,
        (path, look): (PathBuf, Look),
    ) -> Option<Seen> {
        let known = before.seen.get(&path);
        let unchanged = |known: &Seen| {
            let mut known = known.clone();
            known.report.is_unchanged = true;
            known
        };
        if let Reading::Changed(unsettled) = reading {
            if unsettled.contains(&path) {
                return known.map(unchanged);
            }
            if let Some(known) = known.filter(|known| known.still_holds(look, source)) {
                return Some(unchanged(known));
            }
        }
        // Until its manifest is read, a file has the name of the plugin that it was, or its own.
        let stem = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut report = PluginReport::new(before.id_of(&path).cloned().unwrap_or_else(stem), path);
        let outcome = load::file(&self.sandbox.inner, &mut report, source, before).await;
        Some(Seen { look, terms: Terms::of(source, &report.id), report, outcome })
    }

    /// Puts together what is loaded next. What served before under a name keeps the name; what is new comes after it.
    fn next(
        &self,
        source: Source<'_>,
        before: &Snapshot,
        (seen, share): (BTreeMap<PathBuf, Seen>, usize),
        report: &mut LoadReport,
    ) -> Snapshot {
        let mut next = Snapshot::default();
        let good: BTreeSet<&String> =
            seen.values().filter(|file| file.outcome.is_ok()).map(|file| &file.report.id).collect();
        let rank = |file: &&Seen| match &file.outcome {
            Ok(_) if before.is_of(&file.report.id, &file.report.file) => 0,
            Err(_) => 1,
            Ok(_) => 2,
        };
        let mut files: Vec<&Seen> = seen.values().collect();
        files.sort_by_key(rank);
        for file in files {
            let mut plugin = file.report.clone();
            match &file.outcome {
                Ok(roles) => {
                    plugin.narrowed_concurrency = roles.plugin.share(share);
                    next.admit(&mut plugin, Arc::clone(roles));
                }
                Err(findings) => plugin.outcome = Err(findings.clone()),
            }
            if plugin.outcome.is_err()
                && !good.contains(&plugin.id)
                && !next.plugins.contains_key(&plugin.id)
                && let Some(last_good) = before.plugins.get(&plugin.id)
                && source.trust.still_admits(&plugin.id, &last_good.admitted)
            {
                plugin.kept_last_good = next.take_over(&plugin, last_good);
            }
            report.plugins.push(plugin);
        }
        report.plugins.sort_by(|one, other| one.file.cmp(&other.file));
        next.choose_id_system(source, before, &mut report.findings);
        for id in source.grants.keys().filter(|id| report.plugins.iter().all(|plugin| plugin.id != **id)) {
            report.findings.push(Finding::new(
                "there is a grant but no such plugin",
                format!("[plugins.\"{id}\"]"),
                format!("put the plugin {id} into {} or remove the section", source.directory.display()),
            ));
        }
        let inner = &self.sandbox.inner;
        let now = inner.host.clock.now();
        let until = now.plus(inner.login_seconds);
        // What nobody vouches for any more serves no login, not even one that began with it.
        let is_let_in = |roles: &Roles| source.trust.still_admits(&roles.build.id, &roles.admitted);
        let mut vouched = before.plugins.clone();
        vouched.retain(|_, roles| is_let_in(roles));
        next.draining = before.draining.of_those(is_let_in).after(&vouched, &next.plugins, now, until);
        next.standing.clone_from(&before.standing);
        next.standing.loaded(&before.plugins, &next.plugins);
        next.seen = seen;
        next
    }

    /// Counts what a load came to.
    fn counted(&self, before: &Snapshot, next: &Snapshot, report: &LoadReport) {
        let metrics = &self.sandbox.inner.metrics;
        for (id, roles) in &next.plugins {
            if before.plugins.get(id).is_some_and(|replaced| !replaced.is(&roles.build)) {
                metrics.swaps.count(id);
            }
        }
        let refused = report.plugins.iter().filter(|file| file.outcome.is_err() && !file.is_unchanged);
        metrics.refusals.inc_by(refused.count() as u64);
    }

    /// The plugin of an id, to be measured.
    pub fn measure(&self, id: &str) -> Option<Measure> {
        let now = self.now.load();
        let roles = now.plugins.get(id)?;
        Some(Measure { id_system: roles.id_system.clone(), factor: roles.factor.clone() })
    }

    async fn look(&self, directory: &Path) -> Result<BTreeMap<PathBuf, Look>, Finding> {
        let of_task = directory.to_owned();
        let looked = self.sandbox.inner.handle.spawn_blocking(move || files::look(&of_task)).await;
        let error = match looked {
            Ok(Ok(files)) => return Ok(files),
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        Err(Finding::new(
            format!("the directory of plugins cannot be listed ({error})"),
            directory.display().to_string(),
            "make the directory, readable for the server, and put plugins into it",
        ))
    }

    /// Removes compiled code that nothing loaded is made of.
    async fn sweep(&self, used: BTreeSet<String>) {
        let inner = Arc::clone(&self.sandbox.inner);
        let sweep = move || {
            inner.precompiled.sweep(&used);
            inner.precompiled.sweep_sources(&used);
        };
        let swept = self.sandbox.inner.handle.spawn_blocking(sweep).await;
        if let Err(error) = swept {
            tracing::warn!(%error, "compiled plugins were not tidied up");
        }
    }

    /// Drops builds that no login can be held to any more.
    async fn tidy(&self) {
        let _turn = self.loading.lock().await;
        let (before, now) = (self.now.load_full(), self.sandbox.inner.host.clock.now());
        if before.draining.is_over(now) {
            self.now.store(Arc::new(before.tidied(now)));
        }
    }
}
