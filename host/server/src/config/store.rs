//! `[store]`: where records are kept.

use std::path::PathBuf;
use std::time::Duration;

use super::Weakening;
use super::section::Section;

/// Where records are kept.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    /// Which store.
    pub(crate) url: StoreUrl,
    /// How often what has expired is removed.
    pub(crate) sweep_every: Duration,
}

/// The stores there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StoreUrl {
    /// `memory`: gone with the process.
    Memory,
    /// `sled:PATH`: a directory of this machine, for one process.
    Sled(PathBuf),
}

pub(super) fn read(section: Section<'_>, weakenings: &mut Vec<Weakening>) -> Option<Store> {
    let sweep_every = Duration::from_secs(section.number("sweep_seconds", 1..=60, 5));
    let url = section.required_text("url", "\"sled:data\"").and_then(|url| match url.value.split_once(':') {
        None if url.value == "memory" => Some(StoreUrl::Memory),
        Some(("sled", path)) if !path.is_empty() => Some(StoreUrl::Sled(section.resolve(path))),
        _ => {
            section.findings().error(
                "bad-value",
                &url.place,
                "`store.url` names no store that this release has",
                "write \"sled:PATH\" for a directory of this machine, or \"memory\" for records that end with the process",
            );
            None
        }
    });
    if url == Some(StoreUrl::Memory) {
        weakenings.push(Weakening {
            key: "store.url".to_owned(),
            meaning: "records are kept in memory: clients, signing keys and what was used once are forgotten at every stop",
        });
    }
    section.finish();
    Some(Store { url: url?, sweep_every })
}
