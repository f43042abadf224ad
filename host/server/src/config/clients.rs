//! `[clients]`: relying parties declared in files, for operators who keep their configuration under version control.

use std::path::PathBuf;

use super::section::Section;

/// The directory whose `*.toml` and `*.json` are registrations. At every start those that are not in the store yet are
/// added; one that differs from the store's is an error.
pub(super) fn read(section: Section<'_>) -> Option<PathBuf> {
    let directory = section.path("directory").map(|path| path.value);
    section.finish();
    directory
}
