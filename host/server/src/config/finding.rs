//! What an operator must know before the server starts: what is wrong, where, and how to mend it.

use std::cell::RefCell;
use std::fmt;

use serde::Serialize;

use super::document::Place;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// The server starts, and somebody should know.
    Warning,
    /// The server does not start.
    Error,
}

/// One thing that is wrong, or weaker than it could be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// How bad it is.
    pub(crate) severity: Severity,
    /// A word that stays the same over releases, for scripts.
    pub(crate) code: &'static str,
    /// The file with line and column, the environment variable, or the file meant.
    pub(crate) place: String,
    /// What is wrong.
    pub(crate) problem: String,
    /// What to do.
    pub(crate) fix: String,
}

impl Finding {
    /// A finding that keeps the server from starting.
    pub(crate) fn error(
        code: &'static str,
        place: impl fmt::Display,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Error,
            code,
            place: place.to_string(),
            problem: problem.into(),
            fix: fix.into(),
        }
    }

    /// A finding that the server starts with.
    pub(crate) fn warning(
        code: &'static str,
        place: impl fmt::Display,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, problem, fix) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{severity}[{}] {}: {}\n    fix: {}", self.code, self.place, self.problem, self.fix)
    }
}

/// Collects findings from all readers of a configuration, so that the operator sees them all at once.
#[derive(Debug, Default)]
pub(crate) struct Findings(RefCell<Vec<((usize, usize), Finding)>>);

impl Findings {
    /// Adds an error at a place of the configuration.
    pub(crate) fn error(
        &self,
        code: &'static str,
        place: &Place,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.0.borrow_mut().push((place.order(), Finding::error(code, place, problem, fix)));
    }

    /// Whether there is one.
    pub(crate) fn any(&self) -> bool {
        !self.0.borrow().is_empty()
    }

    /// All findings, from the top of the file to its end.
    pub(crate) fn into_vec(self) -> Vec<Finding> {
        let mut findings = self.0.into_inner();
        findings.sort_by_key(|(order, _)| *order);
        findings.into_iter().map(|(_, finding)| finding).collect()
    }
}

/// Whether one of them keeps the server from starting.
pub(crate) fn any_error(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

/// The known word that was probably meant.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase().replace('-', "_");
    let likeness = |candidate: &str| strsim::jaro_winkler(&word, candidate);
    let candidates = known.into_iter().map(|candidate| (likeness(candidate), candidate));
    let likely = candidates.filter(|(likeness, _)| *likeness >= 0.8);
    likely.max_by(|(left, _), (right, _)| left.total_cmp(right)).map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_was_probably_meant_is_found_and_nothing_else() {
        let known = ["issuer", "listen", "request_timeout_seconds"];
        assert_eq!(did_you_mean("isuer", known), Some("issuer"));
        assert_eq!(did_you_mean("request-timeout", known), Some("request_timeout_seconds"));
        assert_eq!(did_you_mean("banana", known), None);
    }
}
