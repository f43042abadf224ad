//! Who watches calls from outside: tests of plugins, and authors who want to see what their plugin does.
//!
//! A server has no observer. What one gets is as the guest wrote it, before anything was taken out or narrowed, so that a
//! plugin which tells what it should not is found out before it is shipped: none of it belongs into a log.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Is told of calls while they run, on the threads that they run on. It must not wait.
pub trait Observer: Send + Sync {
    /// A component asked the host for something, and was answered.
    fn host_call(&self, call: HostCall);
    /// A component wrote a line that its budget had room for.
    fn log_line(&self, line: LogLine);
    /// The host took out what a component said beyond its manifest, its grant or its own descriptor.
    fn narrowed(&self, narrowed: Narrowed);
    /// A call is over.
    fn call_ended(&self, ended: CallEnded);
}

/// One call of an import. Names and facts, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostCall {
    /// The call of the plugin that it belongs to, as in [`CallEnded::number`].
    pub number: u64,
    /// The plugin's id.
    pub plugin: String,
    /// The interface of `esignet:host`: "http", "cache", ….
    pub interface: &'static str,
    /// The function as the contract names it.
    pub function: &'static str,
    /// What it is about, by its name: the upstream with method and path, the key, the setting; empty when there is no name. What is the
    /// person's is taken out.
    pub subject: String,
    /// What came of it in a word ("200", "found", ""), or why nothing did.
    pub answer: Result<Cow<'static, str>, String>,
    /// How long the host took.
    pub elapsed: Duration,
}

/// One line of a plugin's log as it wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The call that it belongs to.
    pub number: u64,
    /// The plugin's id.
    pub plugin: String,
    /// "debug", "info", "warn" or "error".
    pub level: &'static str,
    /// The event.
    pub event: String,
    /// Names and values.
    pub fields: Vec<(String, String)>,
}

/// What the host took out of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowed {
    /// The plugin's id.
    pub plugin: String,
    /// "claims" or "amr".
    pub what: &'static str,
    /// How many values.
    pub count: usize,
}

/// What one call of a plugin used and came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallEnded {
    /// Counts the calls of a sandbox, from 1; 0 for a call that never got its turn.
    pub number: u64,
    /// The plugin's id.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// The role.
    pub role: &'static str,
    /// The function as the contract names it.
    pub function: &'static str,
    /// "answered", "rejected", "unavailable", "timed-out", "trapped" or "broken".
    pub outcome: &'static str,
    /// Why there is no answer, as the guest wrote it.
    pub error: Option<String>,
    /// Time on the processor.
    pub cpu: Duration,
    /// Time from asking for a turn to the end.
    pub elapsed: Duration,
    /// Linear memory at its largest, in KiB.
    pub memory_kib: usize,
    /// What it asked for and was not given.
    pub denials: u32,
    /// Lines that its budget for the log had no room for.
    pub log_dropped: u32,
}

/// The observer of a sandbox, if it has one, and the numbers of its calls.
#[derive(Default)]
pub(crate) struct Watch {
    observer: Option<Arc<dyn Observer>>,
    calls: AtomicU64,
}

impl Watch {
    pub(crate) fn new(observer: Option<Arc<dyn Observer>>) -> Self {
        Self { observer, calls: AtomicU64::new(0) }
    }

    /// The number of the next call.
    pub(crate) fn number(&self) -> u64 {
        self.calls.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The observer, for whoever has something to tell.
    pub(crate) fn observer(&self) -> Option<&dyn Observer> {
        self.observer.as_deref()
    }

    /// Tells that something was taken out of an answer.
    pub(crate) fn narrowed(&self, plugin: &str, what: &'static str, count: usize) {
        if let Some(observer) = self.observer().filter(|_| count > 0) {
            observer.narrowed(Narrowed { plugin: plugin.to_owned(), what, count });
        }
    }
}
