//! `[plugins]`: the directory, the ID system that answers, and a section for each plugin with what it may have.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use esignet_sandbox::{Ceiling, Grant, Observer, RESERVED_IDS, Watching};
use serde_json::Value as Json;

use super::Weakening;
use super::document::{Entry, Node, Value};
use super::publishers::{self, Signatures};
use super::section::{Located, Section};
use super::store::{Store, StoreUrl};

mod grant;

/// Which plugins there are and what they may have.
#[derive(Clone, Debug)]
pub(crate) struct Plugins {
    /// Every `*.wasm` in it is a plugin.
    pub(crate) directory: Located<PathBuf>,
    /// Where machine code is kept between starts; `None` compiles at every start.
    pub(crate) compiled: Option<PathBuf>,
    /// The ID system that answers for logins.
    pub(crate) id_system: Option<String>,
    /// How the directory is watched; `None` loads it at the start and never again.
    pub(crate) watching: Option<Watching>,
    /// What none gets by asking.
    pub(crate) ceiling: Ceiling,
    /// What each may have, by id. Keys are not loaded yet.
    pub(crate) grants: BTreeMap<String, Grant>,
    /// Who may sign them.
    pub(crate) signatures: Signatures,
    /// Who watches what they do: no key of the file, since only `esignet plugin dev` has somebody.
    pub(crate) observer: Option<Watched>,
}

/// An observer, which has nothing to print.
#[derive(Clone)]
pub(crate) struct Watched(pub(crate) Arc<dyn Observer>);

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watched")
    }
}

pub(super) fn read(section: Section<'_>, store: Option<&Store>, weakenings: &mut Vec<Weakening>) -> Plugins {
    let directory = section
        .path("directory")
        .unwrap_or_else(|| Located { value: section.resolve("plugins"), place: section.place().clone() });
    let compiled =
        section.path("compiled").map(|path| path.value).or_else(|| match store.map(|store| &store.url) {
            Some(StoreUrl::Sled(path)) => {
                let mut name = path.file_name().unwrap_or_default().to_owned();
                name.push("-compiled");
                Some(path.with_file_name(name))
            }
            Some(StoreUrl::Memory) | None => None,
        });
    let id_system = section.text("id_system").map(|text| text.value);
    let mut signatures = publishers::read(&section, weakenings);
    let rescan = Duration::from_secs(section.number("rescan_seconds", 1..=3_600, 10));
    let watching = section.flag("watch", true).then(|| Watching { rescan, ..Watching::default() });
    let mut grants = BTreeMap::new();
    let ceiling = ceiling(section.section("ceiling"));
    for (id, section) in section.named_sections().into_iter().filter(|(id, _)| !RESERVED_IDS.contains(id)) {
        let minimum = minimum_version(&section).map(|version| (id.to_owned(), version));
        signatures.trust.minimum_versions.extend(minimum);
        grants.insert(id.to_owned(), grant::read(id, section, weakenings));
    }
    section.finish_but(is_table);
    Plugins { directory, compiled, id_system, watching, ceiling, grants, signatures, observer: None }
}

fn ceiling(section: Section<'_>) -> Ceiling {
    let usual = Ceiling::default();
    let wasi = section.flag("wasi", usual.wasi);
    let limits = grant::limits(&section).over(&usual.limits);
    section.finish();
    Ceiling { limits, wasi }
}

/// The oldest version that is taken.
fn minimum_version(section: &Section<'_>) -> Option<semver::Version> {
    let text = section.text("minimum_version")?;
    let parsed = text.value.parse().ok();
    if parsed.is_none() {
        let problem = format!("\"{}\" is no version", text.value);
        let fix = "write three numbers, such as \"1.4.0\" (Semantic Versioning)";
        section.findings().error("bad-value", &text.place, problem, fix);
    }
    parsed
}

pub(super) fn is_table(entry: &Entry) -> bool {
    matches!(entry.node.value, Value::Table(_))
}

/// A setting as the plugin gets it.
pub(super) fn json(node: &Node) -> Json {
    match &node.value {
        Value::Text(text) | Value::Variable(text) | Value::Datetime(text) => Json::from(text.as_str()),
        Value::Integer(number) => {
            i64::try_from(*number).map_or_else(|_| Json::from(number.to_string()), Json::from)
        }
        Value::Float(number) => Json::from(*number),
        Value::Boolean(flag) => Json::from(*flag),
        Value::Array(nodes) => nodes.iter().map(json).collect(),
        Value::Table(table) => {
            Json::Object(table.entries.iter().map(|entry| (entry.key.clone(), json(&entry.node))).collect())
        }
    }
}
