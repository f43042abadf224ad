//! What a command tells the person who waits: one short line a step, with how long it took.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

static IS_QUIET: AtomicBool = AtomicBool::new(false);

/// Has nothing be told any more, where a program reads the output.
pub fn be_quiet() {
    IS_QUIET.store(true, Ordering::Relaxed);
}

/// A step that takes time. Say what begins with [`step`], and what came of it with [`Step::done`].
pub struct Step {
    since: Instant,
}

/// Prints that something begins.
pub fn step(what: &str) -> Step {
    tell(&format!("· {what}"));
    Step { since: Instant::now() }
}

impl Step {
    /// Prints what came of the step, and how long it took.
    pub fn done(self, outcome: &str) {
        tell(&format!("✓ {outcome} ({})", seconds(self.since)));
    }
}

fn tell(line: &str) {
    if !IS_QUIET.load(Ordering::Relaxed) {
        println!("{line}");
    }
}

fn seconds(since: Instant) -> String {
    format!("{:.1} s", since.elapsed().as_secs_f64())
}
