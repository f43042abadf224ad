//! `[keys]`: the one secret that every other key is derived from.

use std::path::PathBuf;

use super::section::Section;
use super::store::{Store, StoreUrl};

/// Where the master key is.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    /// A file with 32 random bytes in base64url, for the server's user alone. `None` makes a key for this process only.
    pub(crate) master_key_file: Option<PathBuf>,
}

pub(super) fn read(section: Section<'_>, store: Option<&Store>) -> Keys {
    let needed = store.is_some_and(|store| store.url != StoreUrl::Memory);
    if needed && !section.has("master_key_file") {
        section.findings().error(
            "missing-key",
            section.place(),
            "`master_key_file` is missing in [keys]",
            "add master_key_file = \"master.key\"; the file is made when the store is new. Keep a copy: without it \
             the store cannot be read",
        );
    }
    let master_key_file = section.path("master_key_file").map(|path| path.value);
    section.finish();
    Keys { master_key_file }
}
