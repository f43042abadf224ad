//! What came of a run: lines for people, JSON for programs, `JUnit`'s XML for CI.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Outcome, Unmet};

mod junit;

/// What came of all cases of one plugin.
#[derive(Clone, Debug)]
pub struct Results {
    /// The plugin's id.
    pub plugin: String,
    /// One for each case and world, in the order in which they ran.
    pub outcomes: Vec<Outcome>,
}

impl Outcome {
    /// In a word.
    pub fn word(&self) -> &'static str {
        match &self.verdict {
            Ok(()) => "passed",
            Err(Unmet::Failed(_)) => "FAILED",
            Err(Unmet::Skipped(_)) => "skipped",
        }
    }

    /// In a line: how it ended, which case, and why it did not pass.
    pub fn line(&self) -> String {
        let world = if self.fixture.is_empty() { String::new() } else { format!(" [{}]", self.fixture) };
        let Self { id, .. } = self;
        match &self.verdict {
            Ok(()) => format!("{:<8} {id}{world}", self.word()),
            Err(Unmet::Skipped(why)) => format!("{:<8} {id}{world}: {why}", self.word()),
            Err(Unmet::Failed(why)) => {
                format!("{:<8} {id}{world}: {why}\n         what must hold: {}", self.word(), self.says)
            }
        }
    }
}

impl Results {
    fn count(&self, word: &str) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.word() == word).count()
    }

    /// Whether no case failed.
    pub fn is_conformant(&self) -> bool {
        self.count("FAILED") == 0
    }

    /// The cases that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(|outcome| outcome.word() == "FAILED")
    }

    /// All of it in a line.
    pub fn summary(&self) -> String {
        let time: f64 = self.outcomes.iter().map(|outcome| outcome.elapsed.as_secs_f64()).sum();
        let mut summary = format!(
            "{}: {} passed, {} failed, {} skipped in {time:.1} s",
            self.plugin,
            self.count("passed"),
            self.count("FAILED"),
            self.count("skipped"),
        );
        if self.count("passed") + self.count("FAILED") < self.count("skipped") {
            // Writing to a string does not fail.
            let _ = write!(
                summary,
                "\nmost cases were skipped: fixtures say who there is (docs/plugins/testing.md)"
            );
        }
        summary
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let case = |outcome: &Outcome| {
            let why = match &outcome.verdict {
                Ok(()) => None,
                Err(Unmet::Failed(why) | Unmet::Skipped(why)) => Some(why),
            };
            json!({
                "case": outcome.id,
                "fixture": outcome.fixture,
                "says": outcome.says,
                "outcome": outcome.word().to_lowercase(),
                "why": why,
                "milliseconds": u64::try_from(outcome.elapsed.as_millis()).unwrap_or(u64::MAX),
            })
        };
        json!({
            "plugin": self.plugin,
            "passed": self.count("passed"),
            "failed": self.count("FAILED"),
            "skipped": self.count("skipped"),
            "cases": self.outcomes.iter().map(case).collect::<Vec<_>>(),
        })
    }

    /// For CI: XML in the form that `JUnit` made usual, a suite for each world and role.
    pub fn junit(&self) -> String {
        junit::written(self)
    }
}
