//! Somebody who watches what plugins do, call by call: who writes one. A server has nobody there.
//!
//! What is seen are names, sizes and how it ended; no argument, no answer, no value of a setting, and nothing of the person.

use std::time::Duration;

/// The most imports of one call that are kept.
const KEPT: usize = 200;

/// Who watches.
pub trait Witness: Send + Sync {
    /// A call of a plugin has ended. Called on the runtime that serves: it must not wait.
    fn saw(&self, call: &SeenCall);
}

/// A call of a plugin.
#[derive(Clone, Debug)]
pub struct SeenCall {
    /// The plugin's id.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// The role.
    pub role: &'static str,
    /// The function, by its name in the contract.
    pub function: &'static str,
    /// How it ended: "answered", "rejected", "unavailable", "timed-out", "trapped", "broken".
    pub outcome: &'static str,
    /// Why, when it did not answer.
    pub error: Option<String>,
    /// From its turn asked for to its end.
    pub elapsed: Duration,
    /// Time on the processor in milliseconds.
    pub cpu_ms: u32,
    /// Linear memory in KiB.
    pub memory_kib: usize,
    /// What it asked the host for, in that order.
    pub imports: Vec<SeenImport>,
    /// How much more it asked for than is kept.
    pub more_imports: u32,
}

/// Something that a call asked the host for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenImport {
    /// The interface of `esignet:host`.
    pub interface: &'static str,
    /// The function, by its name in the contract.
    pub function: &'static str,
    /// Names and sizes of what was given.
    pub arguments: String,
    /// What came of it: a size, a status, a kind of error.
    pub outcome: String,
    /// How long the host took.
    pub took: Duration,
}

/// What one call has asked for so far.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    imports: Vec<SeenImport>,
    more: u32,
}

impl Seen {
    pub(crate) fn add(&mut self, import: SeenImport) {
        if self.imports.len() < KEPT {
            self.imports.push(import);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    pub(crate) fn into_parts(self) -> (Vec<SeenImport>, u32) {
        (self.imports, self.more)
    }
}
