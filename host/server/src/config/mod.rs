//! The operator's one file: parsed, checked, and either whole or a list of everything that is wrong with it.
//!
//! A file for each section. [`load`] reads the file, puts `ESIGNET__SECTION__KEY` variables over it, has every section
//! read its keys, and answers with all findings at once: unknown keys, wrong types, values out of range, each with
//! file, line and column (or the variable) and a way to mend it. Nothing here looks at the files that the
//! configuration names; that is for [`crate::wire`].

mod admin;
mod assurance;
mod audit;
mod bounds;
mod branding;
mod captcha;
pub(crate) mod client_file;
mod clients;
mod document;
mod egress;
mod environment;
pub(crate) mod finding;
mod id_systems;
mod key_binding;
mod keys;
mod lifetimes;
mod log;
mod login;
mod mutual_tls;
mod notifications;
mod plugins;
mod proxied;
mod publishers;
pub(crate) mod section;
mod server;
mod store;
#[cfg(test)]
mod tests;
mod tls;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use esignet_protocol::assurance::Assurance;
use esignet_protocol::policy::{Bounds, Lifetimes, MutualTls};

use document::Place;
use finding::{Finding, Findings, any_error};
use section::{Reading, Section};

pub(crate) use admin::Admin;
pub(crate) use audit::Audit;
pub(crate) use branding::Branding;
pub(crate) use egress::Egress;
pub(crate) use id_systems::IdSystems;
pub(crate) use key_binding::KeyBinding;
pub(crate) use keys::Keys;
pub(crate) use log::{Format, Level, Log};
pub(crate) use login::Login;
pub(crate) use notifications::Notifications;
pub(crate) use plugins::{Plugins, Watched};
#[cfg(test)]
pub(crate) use proxied::Network;
pub(crate) use proxied::Proxied;
pub(crate) use publishers::Signatures;
pub(crate) use section::Located;
pub(crate) use server::{Connections, Server};
pub(crate) use store::{Store, StoreUrl};
pub(crate) use tls::{CertificateFiles, ClientCertificates, Tls};

/// A configuration without errors.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Where it was read from.
    pub(crate) file: PathBuf,
    /// `[server]`
    pub(crate) server: Server,
    /// `[tls]`
    pub(crate) tls: Tls,
    /// What the endpoints that take certificates of clients are reached at, when there are any.
    pub(crate) mutual_tls: Option<MutualTls>,
    /// `[store]`
    pub(crate) store: Store,
    /// `[keys]`
    pub(crate) keys: Keys,
    /// `[lifetimes]`
    pub(crate) lifetimes: Lifetimes,
    /// `[bounds]`
    pub(crate) bounds: Bounds,
    /// `[assurance]`
    pub(crate) assurance: Assurance,
    /// `[login]`
    pub(crate) login: Login,
    /// `[[id_systems]]`
    pub(crate) id_systems: IdSystems,
    /// `[notifications]`, if a notifier is named
    pub(crate) notifications: Option<Notifications>,
    /// `[branding]`
    pub(crate) branding: Branding,
    /// `[plugins]`
    pub(crate) plugins: Plugins,
    /// `[clients] directory`
    pub(crate) clients_directory: Option<PathBuf>,
    /// `[admin]`, if it is on
    pub(crate) admin: Option<Admin>,
    /// `[audit]`, if it is on
    pub(crate) audit: Option<Audit>,
    /// `[key_binding]`, if it is on
    pub(crate) key_binding: Option<KeyBinding>,
    /// `[egress]`
    pub(crate) egress: Egress,
    /// `[log]`
    pub(crate) log: Log,
    /// Keys that weaken a guard, each with what that means: logged at every start.
    pub(crate) weakenings: Vec<Weakening>,
}

/// A setting that weakens a guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Weakening {
    /// The section and key.
    pub(crate) key: String,
    /// What an operator gives up with it.
    pub(crate) meaning: &'static str,
}

/// Reads a file and the environment. With an error among the findings there is no configuration.
pub(crate) fn load(
    file: &Path,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<(Config, Vec<Finding>), Vec<Finding>> {
    match std::fs::read_to_string(file) {
        Ok(text) => read(file, &text, variables),
        Err(error) => Err(vec![Finding::error(
            "file",
            file.display(),
            format!("the configuration cannot be read: {error}"),
            "name a file with --config; examples/esignet.toml is one to begin with",
        )]),
    }
}

/// Reads a configuration from its text.
pub(crate) fn read(
    file: &Path,
    text: &str,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<(Config, Vec<Finding>), Vec<Finding>> {
    let findings = Findings::default();
    let mut table = document::parse(file, text, &findings);
    environment::apply(&mut table, variables, &findings);
    let directory = file.parent().unwrap_or(Path::new(""));
    let reading = Reading { findings: &findings, directory };
    let nowhere = Place::Nowhere(Arc::from(file.display().to_string()));
    let root = Section::root(reading, nowhere, &table);
    let config = sections(&root, file);
    root.finish();
    let findings = findings.into_vec();
    match config {
        Some(config) if !any_error(&findings) => Ok((config, findings)),
        _ => Err(findings),
    }
}

fn sections(root: &Section<'_>, file: &Path) -> Option<Config> {
    let mut weakenings = Vec::new();
    let server = root.section("server");
    let tls = tls::read(root.section("tls"));
    let server = server::read(server, &tls, &mut weakenings);
    let mutual_tls = server.as_ref().and_then(|server| mutual_tls::settle(server, &tls, root.findings()));
    let store = store::read(root.section("store"), &mut weakenings);
    let keys = root.section("keys");
    let lifetimes = lifetimes::read(root.section("lifetimes"));
    let around = keys::Around { server: server.as_ref(), store: store.as_ref(), lifetimes: &lifetimes };
    let keys = keys::read(keys, around);
    let bounds = bounds::read(root.section("bounds"), &mut weakenings);
    let assurance = assurance::read(root.section("assurance"));
    let login = login::read(root.section("login"));
    let notifications = notifications::read(root.section("notifications"));
    let branding = branding::read(root.section("branding"));
    let plugins = plugins::read(root.section("plugins"), store.as_ref(), &mut weakenings);
    let id_systems = id_systems::read(root, &assurance, plugins.id_system.as_deref());
    let clients_directory = clients::read(root.section("clients"));
    let admin = admin::read(root.section("admin"));
    let audit = audit::read(root.section("audit"));
    let key_binding = key_binding::read(root.section("key_binding"));
    let egress = egress::read(root.section("egress"), &mut weakenings);
    let log = log::read(root.section("log"), &mut weakenings);
    Some(Config {
        file: file.to_owned(),
        server: server?,
        tls,
        mutual_tls,
        store: store?,
        keys,
        lifetimes,
        bounds,
        assurance,
        login,
        id_systems,
        notifications,
        branding,
        plugins,
        clients_directory,
        admin,
        audit,
        key_binding,
        egress,
        log,
        weakenings,
    })
}
