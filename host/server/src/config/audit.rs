//! `[audit]`: the record of what happens, and the plugins it is delivered to. Off unless `directory` is there.

use std::path::PathBuf;

use esignet_store::audit::{Terms, WhenFull};

use super::section::{Located, Section};

const MIB: u64 = 1024 * 1024;

/// The record of what happens.
#[derive(Clone, Debug)]
pub(crate) struct Audit {
    /// Where the log is; of this server alone.
    pub(crate) directory: Located<PathBuf>,
    /// The ids of the plugins that it is delivered to.
    pub(crate) sinks: Vec<Located<String>>,
    /// What happens when more waits for a sink than may.
    pub(crate) when_full: WhenFull,
    /// How much may wait, in bytes.
    pub(crate) spool_bytes: u64,
    /// How much is kept of what every sink has, in bytes.
    pub(crate) keep_bytes: u64,
}

impl Audit {
    /// As the log takes it.
    pub(crate) fn terms(&self) -> Terms {
        Terms {
            directory: self.directory.value.clone(),
            sinks: self.sinks.iter().map(|sink| sink.value.clone()).collect(),
            spool_bytes: self.spool_bytes,
            when_full: self.when_full,
            keep_bytes: self.keep_bytes,
        }
    }
}

pub(super) fn read(section: Section<'_>) -> Option<Audit> {
    let is_meant = section.entries().next().is_some();
    let directory = section.path("directory");
    let sinks = section.texts("sinks").unwrap_or_default();
    let policies = [("refuse-logins", WhenFull::RefuseLogins), ("drop-oldest", WhenFull::DropOldest)];
    let when_full = section.choice("when_full", &policies, WhenFull::default());
    let spool_bytes = section.number("spool_mib", 1..=1_048_576, 256) * MIB;
    let keep_bytes = section.number("keep_mib", 1..=1_048_576, 1_024) * MIB;
    if is_meant && !section.has("directory") {
        section.findings().error(
            "missing-key",
            section.place(),
            "`directory` is missing in [audit]",
            "add directory = \"audit\", or remove the section: without it nothing is recorded",
        );
    }
    section.finish();
    Some(Audit { directory: directory?, sinks, when_full, spool_bytes, keep_bytes })
}
