//! The audit log of one node: files that are only added to, their events chained by hashes, and the places of sinks in it.
//!
//! | What | File |
//! |---|---|
//! | a file of the log | `segment.rs` |
//! | opening, and what an unclean stop left | `open.rs` |
//! | writing, its bounds, its trouble | `log.rs` |
//! | the thread that waits for the disk | `syncing.rs` |
//! | how far each sink has come | `places.rs` |
//! | walking the chain | `verify.rs` |
//!
//! It is no table of [`crate::Store`]: a log has an order, one writer, and no keys, and with files of its own an event costs
//! one `write` and no flush of everything else (ADR 103). What must never happen: a number is given twice, a line is
//! changed, an event is handed to a sink that a loss of power could still undo.

mod log;
mod open;
mod places;
mod segment;
mod syncing;
#[cfg(test)]
mod tests;
mod verify;

use std::path::PathBuf;

pub use log::{Cursor, Log};
pub use open::{AuditOpenError, Opened};
pub use verify::{Break, Given, Verified, events, verify};

/// What becomes of events when a sink takes none for so long that the bound is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFull {
    /// No login begins until the sink takes events again.
    #[default]
    RefuseLogins,
    /// The oldest events are removed, and the log says so.
    DropOldest,
}

/// How a log is kept.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Where its files are; of this log alone.
    pub directory: PathBuf,
    /// The ids of the sinks. With none nothing waits.
    pub sinks: Vec<String>,
    /// The most bytes of events that some sink has not taken.
    pub spool_bytes: u64,
    /// What happens beyond that.
    pub when_full: WhenFull,
    /// The most bytes of events that every sink has taken and that are kept all the same.
    pub keep_bytes: u64,
}
