//! The directory: which files there are, and how a file that changed is told from one that did not without reading it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{PluginReport, Roles, Source};
use crate::finding::Finding;
use crate::grant::Grant;
use crate::rights::Ceiling;
use crate::signature::Trust;

/// What tells one content of a file from another: a write, a copy and a rename change at least one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Look {
    fn of(about: &Metadata) -> Self {
        Self {
            device: about.dev(),
            inode: about.ino(),
            bytes: about.size(),
            modified: (about.mtime(), about.mtime_nsec()),
            changed: (about.ctime(), about.ctime_nsec()),
        }
    }
}

/// The components of a directory, by name, as they look now; drafts and hidden files are not.
pub(super) fn look(directory: &Path) -> std::io::Result<BTreeMap<PathBuf, Look>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if hidden || path.extension().is_none_or(|end| end != "wasm") {
            continue;
        }
        // A file that is gone by now is not there.
        if let Some(about) = std::fs::metadata(&path).ok().filter(Metadata::is_file) {
            files.insert(path, Look::of(&about));
        }
    }
    Ok(files)
}

/// The files whose looks differ: somebody writes to them, or has just made or removed them.
pub(super) fn unsettled(
    earlier: &BTreeMap<PathBuf, Look>,
    later: &BTreeMap<PathBuf, Look>,
) -> BTreeSet<PathBuf> {
    let differs = |path: &&PathBuf| earlier.get(*path) != later.get(*path);
    earlier.keys().chain(later.keys()).filter(differs).cloned().collect()
}

/// What of the operator's words a file was decided on.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    grant: Option<Grant>,
    ceiling: Ceiling,
    trust: Arc<Trust>,
}

impl PartialEq for Terms {
    /// Who may sign is the same only when nobody read it anew.
    fn eq(&self, other: &Self) -> bool {
        self.grant == other.grant && self.ceiling == other.ceiling && Arc::ptr_eq(&self.trust, &other.trust)
    }
}

impl Terms {
    /// Whether a plugin may have the same by both. Who may sign is judged apart, each time.
    pub(super) fn allow_the_same(&self, other: &Self) -> bool {
        self.grant == other.grant && self.ceiling == other.ceiling
    }

    pub(super) fn of(source: Source<'_>, id: &str) -> Self {
        Self {
            grant: source.grants.get(id).cloned(),
            ceiling: source.ceiling.clone(),
            trust: Arc::clone(source.trust),
        }
    }
}

/// A file that was read, and what came of it.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) look: Look,
    pub(super) terms: Terms,
    /// What is known of it, but for its outcome.
    pub(super) report: PluginReport,
    pub(super) outcome: Result<Arc<Roles>, Vec<Finding>>,
}

impl Seen {
    /// Whether reading it again would come to the same.
    pub(super) fn still_holds(&self, look: Look, source: Source<'_>) -> bool {
        self.look == look && self.terms == Terms::of(source, &self.report.id)
    }
}
