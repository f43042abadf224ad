//! `[plugins]`: the directory, the ID system that answers, and a section for each plugin with what it may have.

use std::collections::BTreeMap;
use std::path::PathBuf;

use esignet_sandbox::{Grant, KeyFile, Limits, UpstreamGrant};
use serde_json::Value as Json;

use super::Weakening;
use super::document::{Entry, Node, Value};
use super::section::{Located, Section};
use super::store::{Store, StoreUrl};

/// Which plugins there are and what they may have.
#[derive(Clone, Debug)]
pub(crate) struct Plugins {
    /// Every `*.wasm` in it is a plugin.
    pub(crate) directory: Located<PathBuf>,
    /// Where machine code is kept between starts; `None` compiles at every start.
    pub(crate) compiled: Option<PathBuf>,
    /// The ID system that answers for logins.
    pub(crate) id_system: Option<String>,
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
    let mut grants = BTreeMap::new();
    for (id, section) in section.named_sections() {
        grants.insert(id.to_owned(), grant(id, section, weakenings));
    }
    section.finish_but(|entry| matches!(entry.node.value, Value::Table(_)));
    Plugins { directory, compiled, id_system, grants }
}

fn grant(id: &str, section: Section<'_>, weakenings: &mut Vec<Weakening>) -> Grant {
    let config = section.section("config");
    let settings = config.entries().map(|entry| (entry.key.clone(), json(&entry.node))).collect();
    config.finish_but(|_| true);
    let upstreams = section.section("upstreams");
    let mut granted = BTreeMap::new();
    for (name, section) in upstreams.named_sections() {
        if let Some(upstream) = upstream(&section) {
            if upstream.url.starts_with("http://") {
                weakenings.push(Weakening {
                    key: format!("plugins.{id}.upstreams.{name}.url"),
                    meaning: "this upstream is spoken to without TLS: whoever is on the way reads and changes it",
                });
            }
            granted.insert(name.to_owned(), upstream);
        }
        section.finish();
    }
    upstreams.finish_but(is_table);
    let keys = section.section("keys");
    let mut key_files = BTreeMap::new();
    for (name, section) in keys.named_sections() {
        key_files.extend(key_file(section).map(|file| (name.to_owned(), file)));
    }
    keys.finish_but(is_table);
    let amr = section.texts("amr").map(|texts| texts.into_iter().map(|text| text.value).collect());
    let wasi = section.flag("wasi", false);
    let limits = limits(section.section("limits"));
    section.finish();
    Grant { config: settings, upstreams: granted, key_files, keys: BTreeMap::new(), amr, wasi, limits }
}

fn is_table(entry: &Entry) -> bool {
    matches!(entry.node.value, Value::Table(_))
}

fn upstream(section: &Section<'_>) -> Option<UpstreamGrant> {
    let url = section.required_text("url", "\"https://register.example.org\"");
    let required = |key: &'static str, example: &str| {
        if !section.has(key) {
            let problem = format!("`{key}` is missing in {}", section.title());
            section.findings().error(
                "missing-key",
                section.place(),
                problem,
                format!("add {key} = {example}"),
            );
        }
        let texts = section.texts(key).unwrap_or_default();
        texts.into_iter().map(|text| text.value).collect::<Vec<_>>()
    };
    let methods = required("methods", "[\"POST\"]");
    let path_prefixes = required("path_prefixes", "[\"/v1/\"]");
    let optional = |key: &'static str, most: u64| {
        let number = section.has(key).then(|| section.number(key, 1..=most, most));
        section.ask(key);
        number.and_then(|number| u32::try_from(number).ok())
    };
    Some(UpstreamGrant {
        methods,
        path_prefixes,
        max_response_kib: optional("max_response_kib", 16_384),
        timeout_ms: section.number("timeout_ms", 1..=120_000, 3_000),
        calls: optional("calls", 64),
        url: url?.value,
    })
}

fn key_file(section: Section<'_>) -> Option<KeyFile> {
    section.required_text("file", "\"keys/partner.pem\"");
    let file = section.path("file").map(|path| path.value);
    let uses = [("hmac", Some(false)), ("sign", Some(true))];
    section.required_text("use", "\"sign\"");
    let sign = section.choice("use", &uses, None);
    section.finish();
    let file = file?;
    Some(if sign? { KeyFile::Sign { file } } else { KeyFile::Hmac { file } })
}

fn limits(section: Section<'_>) -> Limits {
    let default = Limits::default();
    let wide = |key, range, default: usize| {
        usize::try_from(section.number(key, range, default as u64)).unwrap_or(default)
    };
    let narrow = |key, range, default: u32| {
        u32::try_from(section.number(key, range, u64::from(default))).unwrap_or(default)
    };
    let limits = Limits {
        memory_mib: narrow("memory_mib", 1..=64, default.memory_mib),
        cpu_ms: narrow("cpu_ms", 1..=60_000, default.cpu_ms),
        wall_ms: section.number("wall_ms", 1..=120_000, default.wall_ms),
        log_bytes: wide("log_bytes", 0..=1 << 20, default.log_bytes),
        concurrency: wide("concurrency", 1..=100_000, default.concurrency),
        queue_wait_ms: section.number("queue_wait_ms", 0..=60_000, default.queue_wait_ms),
        response_kib: narrow("response_kib", 0..=16_384, default.response_kib),
        upstream_calls: narrow("upstream_calls", 0..=64, default.upstream_calls),
    };
    section.finish();
    limits
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
