//! What came of loading a directory, for the log, `esignet check` and `esignet plugin list`.

use std::path::PathBuf;
use std::sync::Arc;

use esignet_protocol::ports::audit::{AuditSink, AuditSinkDescriptor};
use esignet_protocol::ports::key_binder::{KeyBinder, KeyBinderDescriptor};
use esignet_protocol::ports::plugins::{AuthFactor, AuthFactorDescriptor, IdSystem, IdSystemDescriptor};

use super::Roles;
use crate::component::Role;
use crate::finding::Finding;
use crate::manifest::Manifest;
use crate::precompiled::CodeSource;

/// What came of loading a directory.
#[derive(Clone, Debug, Default)]
pub struct LoadReport {
    /// One entry a file, in the order of their names.
    pub plugins: Vec<PluginReport>,
    /// What is wrong with the directory or the choice of an ID system rather than with one plugin.
    pub findings: Vec<Finding>,
}

impl LoadReport {
    /// Everything that an operator must know, of plugins and of the whole.
    pub fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        self.plugins.iter().flat_map(PluginReport::refusals).chain(&self.findings)
    }

    /// What is new, and what is wrong with the whole.
    pub(super) fn log(&self) {
        for plugin in self.plugins.iter().filter(|plugin| !plugin.is_unchanged) {
            plugin.log();
        }
        for finding in &self.findings {
            tracing::warn!(%finding, "plugins");
        }
    }
}

/// What came of one file.
#[derive(Clone, Debug)]
pub struct PluginReport {
    /// Its id, by its manifest; the name of the file without its end as long as that is not known.
    pub id: String,
    /// The file.
    pub file: PathBuf,
    /// SHA-256 of the file without its signatures, in lower-case hexadecimal, when it could be read.
    pub digest: Option<String>,
    /// What it says of itself and asks for, when that could be read.
    pub manifest: Option<Arc<Manifest>>,
    /// The publishers that vouch for it.
    pub signed_by: Vec<String>,
    /// The version that its manifest says it is.
    pub version: Option<String>,
    /// What it can be.
    pub roles: Vec<Role>,
    /// Where its machine code came from, when there is some.
    pub code: Option<CodeSource>,
    /// What it said of itself, or everything that stands in the way of loading it.
    pub outcome: Result<Loaded, Vec<Finding>>,
    /// What an operator should know of a plugin that is loaded all the same.
    pub warnings: Vec<Finding>,
    /// How many calls at the same time it may have, when that is less than its `concurrency` because it must leave the
    /// other plugins theirs.
    pub narrowed_concurrency: Option<usize>,
    /// Whether the plugin that was loaded before under this id still is, because this file was refused.
    pub kept_last_good: bool,
    /// Whether the file is as it was at the load before, so that nothing of it was done again.
    pub is_unchanged: bool,
}

/// What a plugin said of itself, narrowed by its grant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// As an ID system.
    pub id_system: Option<IdSystemDescriptor>,
    /// As a factor.
    pub factor: Option<AuthFactorDescriptor>,
    /// Whether it is a captcha.
    pub captcha: bool,
    /// As a notifier: the events that it wants to hear of.
    pub notifier: Option<Vec<String>>,
    /// As an audit sink.
    pub audit_sink: Option<AuditSinkDescriptor>,
    /// As a key binder.
    pub key_binder: Option<KeyBinderDescriptor>,
}

impl Loaded {
    pub(super) fn of(roles: &Roles) -> Self {
        Self {
            id_system: roles.id_system.as_ref().map(|id_system| id_system.descriptor().clone()),
            factor: roles.factor.as_ref().map(|factor| factor.descriptor().clone()),
            captcha: roles.captcha.is_some(),
            notifier: roles.notifier.as_ref().map(|notifier| notifier.events().to_vec()),
            audit_sink: roles.audit_sink.as_ref().map(|sink| *sink.descriptor()),
            key_binder: roles.key_binder.as_ref().map(|binder| binder.descriptor().clone()),
        }
    }
}

impl PluginReport {
    pub(super) fn new(id: String, file: PathBuf) -> Self {
        Self {
            id,
            file,
            digest: None,
            signed_by: Vec::new(),
            version: None,
            roles: Vec::new(),
            code: None,
            manifest: None,
            outcome: Ok(Loaded::default()),
            warnings: Vec::new(),
            narrowed_concurrency: None,
            kept_last_good: false,
            is_unchanged: false,
        }
    }

    /// Why it is not loaded.
    pub fn refusals(&self) -> &[Finding] {
        self.outcome.as_ref().err().map_or(&[], Vec::as_slice)
    }

    fn log(&self) {
        for finding in &self.warnings {
            tracing::warn!(plugin = self.id.as_str(), %finding, "plugin");
        }
        let plugin = self.id.as_str();
        let digest = self.digest.as_deref().unwrap_or_default();
        match &self.outcome {
            Ok(_) => {
                let roles = self.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" ");
                let narrowed_concurrency = self.narrowed_concurrency;
                let signed_by = self.signed_by.join(" ");
                let version = self.version.as_deref();
                tracing::info!(
                    plugin,
                    version,
                    digest,
                    signed_by,
                    roles,
                    narrowed_concurrency,
                    "plugin loaded"
                );
            }
            Err(findings) => {
                let kept_last_good = self.kept_last_good;
                for finding in findings {
                    tracing::error!(plugin, digest, kept_last_good, %finding, "plugin refused");
                }
            }
        }
    }
}
