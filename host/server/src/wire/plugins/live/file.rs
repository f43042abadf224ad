//! The files of a configuration: how they look, and what of one waits for a restart.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::egress::watched::{Stamp, stamp};

/// Keys of `[plugins]` that the server reads at its start only.
const AT_THE_START: [&str; 5] = ["directory", "compiled", "watch", "rescan_seconds", "id_system"];

/// How files look, without reading them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Looks(BTreeMap<PathBuf, Stamp>);

impl Looks {
    /// Now.
    pub(super) fn at(files: &[PathBuf]) -> Self {
        Self(files.iter().map(|file| (file.clone(), stamp(file))).collect())
    }

    /// Whether these files look the same at both times.
    pub(super) fn same(&self, later: &Self, files: impl IntoIterator<Item = PathBuf>) -> bool {
        files.into_iter().all(|file| self.0.get(&file) == later.0.get(&file))
    }

    /// The same, but as they looked earlier, where that is known: a change in between is noticed at the next look.
    pub(super) fn or(mut self, earlier: &Self) -> Self {
        for (file, look) in &mut self.0 {
            if let Some(earlier) = earlier.0.get(file) {
                look.clone_from(earlier);
            }
        }
        self
    }
}

/// The file as it stands; `None` when it is none.
pub(super) fn table(file: &Path) -> Option<Table> {
    fs::read_to_string(file).ok()?.parse().ok()
}

/// The sections that differ and that the server reads at its start only.
pub(super) fn waiting_for_a_restart(started: &Table, now: &Table) -> Vec<String> {
    let names: BTreeSet<&String> =
        started.keys().chain(now.keys()).filter(|name| *name != "plugins").collect();
    let differing = names.into_iter().filter(|name| started.get(*name) != now.get(*name));
    let sections = differing.map(|name| format!("[{name}]"));
    let key = |table: &Table, key: &str| -> Option<Value> { table.get("plugins")?.get(key).cloned() };
    let keys = AT_THE_START.into_iter().filter(|name| key(started, name) != key(now, name));
    sections.chain(keys.map(|name| format!("[plugins] {name}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_of_plugins_waits_for_a_restart() {
        let table = |text: &str| text.parse::<Table>().unwrap();
        let started =
            table("[server]\nissuer = \"a\"\n[plugins]\ndirectory = \"p\"\n[plugins.otp]\namr = []\n");
        let of = |text: &str| waiting_for_a_restart(&started, &table(text));
        assert!(
            of("[plugins]\ndirectory = \"p\"\nrequire_signatures = false\n[server]\nissuer = \"a\"\n")
                .is_empty()
        );
        assert_eq!(
            of("[server]\nissuer = \"b\"\n[log]\nlevel = \"info\"\n[plugins]\ndirectory = \"q\"\n"),
            ["[log]", "[server]", "[plugins] directory"]
        );
    }
}
