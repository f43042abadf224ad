//! What a command tells the person who waits: one short line a step, with how long it took.

use std::time::Instant;

/// A step that takes time. Say what begins with [`step`], and what came of it with [`Step::done`].
pub struct Step {
    since: Instant,
}

/// Prints that something begins.
pub fn step(what: &str) -> Step {
    println!("· {what}");
    Step { since: Instant::now() }
}

impl Step {
    /// Prints what came of the step, and how long it took.
    pub fn done(self, outcome: &str) {
        println!("✓ {outcome} ({})", seconds(self.since));
    }
}

fn seconds(since: Instant) -> String {
    format!("{:.1} s", since.elapsed().as_secs_f64())
}
