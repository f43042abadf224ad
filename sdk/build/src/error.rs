//! What can go wrong, each with the way out.

use std::io;
use std::path::Path;

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A program that is needed is not there.
    #[error("{0}")]
    Missing(String),
    /// The project is not as it should be.
    #[error("{place}: {fault}")]
    Project {
        /// The file or directory.
        place: String,
        /// What is wrong with it, and what would be right.
        fault: String,
    },
    /// A tool failed; its own words are above or in the text.
    #[error("{what}: {why}")]
    Failed {
        /// What was being done.
        what: String,
        /// What came of it.
        why: String,
    },
    /// A file cannot be read or written.
    #[error("{place}: {error}")]
    File {
        /// The file or directory.
        place: String,
        /// Why not.
        error: io::Error,
    },
}

impl BuildError {
    pub(crate) fn failed(what: impl Into<String>, why: &impl ToString) -> Self {
        Self::Failed { what: what.into(), why: why.to_string() }
    }

    pub(crate) fn project(place: &Path, fault: impl Into<String>) -> Self {
        Self::Project { place: place.display().to_string(), fault: fault.into() }
    }

    /// For `map_err`.
    pub(crate) fn file(place: &Path) -> impl FnOnce(io::Error) -> Self {
        let place = place.display().to_string();
        move |error| Self::File { place, error }
    }
}
