//! `[branding]`: whose sign-in this is.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::section::{Located, Section};

/// Whose sign-in this is, as people read it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Branding {
    /// The operator's name by language.
    pub(crate) name: BTreeMap<String, String>,
    /// The operator's emblem: a PNG, SVG or WebP file.
    pub(crate) logo_file: Option<Located<PathBuf>>,
}

pub(super) fn read(section: Section<'_>) -> Branding {
    let name = section.words("name");
    if name.values().any(|name| name.trim().is_empty() || name.chars().count() > 80) {
        section.findings().error(
            "bad-value",
            &section.place_of("name"),
            "`branding.name` is empty or longer than 80 characters",
            "write the name people know, such as name = { en = \"Republic of Example\" }",
        );
    }
    let logo_file = section.path("logo_file");
    section.finish();
    Branding { name, logo_file }
}
