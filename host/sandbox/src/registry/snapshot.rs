//! What is loaded at one moment. A reload makes the next one and puts it in place with one store.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use esignet_protocol::ports::plugin_build::PluginBuild;
use esignet_protocol::word::time::Timestamp;

use super::files::{Seen, Terms};
use super::pinned::Draining;
use super::standing::Standing;
use super::{Loaded, PluginReport, Roles, Source};
use crate::finding::Finding;
use crate::role::auth_factor::LoadedFactor;
use crate::role::id_system::LoadedIdSystem;

#[derive(Clone, Default)]
pub(super) struct Snapshot {
    /// What new logins get, by id.
    pub(super) plugins: BTreeMap<String, Arc<Roles>>,
    pub(super) factors: BTreeMap<String, Arc<LoadedFactor>>,
    pub(super) id_system: Option<Arc<LoadedIdSystem>>,
    /// What logins from before a swap are held to.
    pub(super) draining: Draining,
    /// What was decided on plugins.
    pub(super) standing: Standing,
    /// Every file as it was read last.
    pub(super) seen: BTreeMap<PathBuf, Seen>,
    /// The files of `plugins`, by id.
    files: BTreeMap<String, PathBuf>,
}

impl Snapshot {
    /// A build by id and digest, present or draining.
    pub(super) fn build(&self, build: &PluginBuild) -> Option<&Arc<Roles>> {
        let present = self.plugins.get(&build.id).filter(|roles| roles.is(build));
        present.or_else(|| self.draining.find(build))
    }

    /// A build that was given the same rights already, present or draining, with what its file was reported to be.
    pub(super) fn same(&self, build: &PluginBuild, terms: &Terms) -> Option<(Arc<Roles>, &PluginReport)> {
        let seen = self.seen.values().find(|seen| {
            seen.terms.allow_the_same(terms) && seen.outcome.as_ref().is_ok_and(|roles| roles.build == *build)
        })?;
        Some((Arc::clone(seen.outcome.as_ref().ok()?), &seen.report))
    }

    /// Takes a plugin in, unless another one already has its id or its factor.
    pub(super) fn admit(&mut self, report: &mut PluginReport, roles: Arc<Roles>) {
        if let Some(other) = self.files.get(&report.id) {
            report.outcome = Err(vec![Finding::new(
                format!("the plugin {} is there twice: also as {}", report.id, other.display()),
                report.file.display().to_string(),
                "keep one of the two files in the directory",
            )]);
            return;
        }
        if let Some(factor) = &roles.factor {
            if let Some(other) = self.factors.get(factor.word()) {
                report.outcome = Err(vec![Finding::new(
                    format!(
                        "the factor {} already is that of the plugin {}",
                        factor.word(),
                        other.plugin_id()
                    ),
                    report.file.display().to_string(),
                    "keep one of the two in the directory",
                )]);
                return;
            }
            self.factors.insert(factor.word().to_owned(), Arc::clone(factor));
        }
        report.outcome = Ok(Loaded::of(&roles));
        self.files.insert(report.id.clone(), report.file.clone());
        self.plugins.insert(report.id.clone(), roles);
    }

    /// Keeps a plugin that was loaded before under this id.
    pub(super) fn take_over(&mut self, report: &PluginReport, last_good: &Arc<Roles>) -> bool {
        if let Some(factor) = &last_good.factor {
            if self.factors.contains_key(factor.word()) {
                return false;
            }
            self.factors.insert(factor.word().to_owned(), Arc::clone(factor));
        }
        self.files.insert(report.id.clone(), report.file.clone());
        self.plugins.insert(report.id.clone(), Arc::clone(last_good));
        true
    }

    /// The one the operator chose, or the only one.
    /// A second one that turns up while the first is serving is told of and does not stop logins.
    pub(super) fn choose_id_system(
        &mut self,
        source: Source<'_>,
        before: &Self,
        findings: &mut Vec<Finding>,
    ) {
        let serving = before.id_system.as_ref().map(|id_system| id_system.plugin_id().to_owned());
        let loaded: Vec<(&String, &Arc<LoadedIdSystem>)> =
            self.plugins.iter().filter_map(|(id, roles)| Some((id, roles.id_system.as_ref()?))).collect();
        let names = || loaded.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(", ");
        let chosen = match (source.id_system, loaded.as_slice()) {
            (Some(wanted), loaded) => loaded.iter().find(|(id, _)| *id == wanted),
            (None, [only]) => Some(only),
            (None, loaded) => loaded.iter().find(|(id, _)| serving.as_ref() == Some(*id)),
        };
        if let Some((_, id_system)) = chosen {
            self.id_system = Some(Arc::clone(id_system));
        }
        if chosen.is_some() && (source.id_system.is_some() || loaded.len() == 1) {
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

    /// The same without what is let in no more, and whether anything of it was there.
    pub(super) fn of_those(&self, is_let_in: impl Fn(&Roles) -> bool + Copy) -> (Self, bool) {
        let mut next = self.clone();
        next.plugins.retain(|_, roles| is_let_in(roles));
        let plugins = &next.plugins;
        next.factors.retain(|_, factor| plugins.contains_key(factor.plugin_id()));
        next.id_system = next.id_system.filter(|id_system| plugins.contains_key(id_system.plugin_id()));
        next.draining = self.draining.of_those(is_let_in);
        let before = self.plugins.len() + self.draining.iter().count();
        let is_less = next.plugins.len() + next.draining.iter().count() < before;
        (next, is_less)
    }

    /// Whether this file is what a plugin was loaded from.
    pub(super) fn is_of(&self, id: &str, file: &Path) -> bool {
        self.files.get(id).is_some_and(|of| of == file)
    }

    /// The plugin that was loaded from this file.
    pub(super) fn id_of(&self, file: &Path) -> Option<&String> {
        self.files.iter().find(|(_, of)| *of == file).map(|(id, _)| id)
    }

    /// The same without builds that were kept long enough.
    pub(super) fn tidied(&self, now: Timestamp) -> Self {
        let draining = self.draining.after(&BTreeMap::new(), &self.plugins, now, now);
        Self { draining, ..self.clone() }
    }

    /// The same with other decisions.
    pub(super) fn with(&self, standing: Standing) -> Self {
        Self { standing, ..self.clone() }
    }
}
