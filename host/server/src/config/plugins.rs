//! `[plugins]`: the directory, the ID system that answers, and a section for each plugin with what it may have.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use esignet_sandbox::{Ceiling, Grant, RESERVED_IDS, Watching};
use serde_json::Value as Json;

use super::Weakening;
use super::document::{Node, Value};
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
    let rescan = Duration::from_secs(section.number("rescan_seconds", 1..=3_600, 10));
    let watching = section.flag("watch", true).then(|| Watching { rescan, ..Watching::default() });
    let mut grants = BTreeMap::new();
    let ceiling = ceiling(section.section("ceiling"));
    for (id, section) in section.named_sections().into_iter().filter(|(id, _)| !RESERVED_IDS.contains(id)) {
        grants.insert(id.to_owned(), grant::read(id, section, weakenings));
    }
    section.finish_but(|entry| matches!(entry.node.value, Value::Table(_)));
    Plugins { directory, compiled, id_system, watching, ceiling, grants }
}

fn ceiling(section: Section<'_>) -> Ceiling {
    let usual = Ceiling::default();
    let wasi = section.flag("wasi", usual.wasi);
    let limits = grant::limits(&section).over(&usual.limits);
    section.finish();
    Ceiling { limits, wasi }
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
