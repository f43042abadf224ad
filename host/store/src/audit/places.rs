//! How far each sink has come, in a file beside the log that is exchanged as a whole.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

const FILE: &str = "places.json";
const DRAFT: &str = "places.draft";

/// The number of the last event that each sink said it has, by the sink's id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Places(pub(super) BTreeMap<String, u64>);

impl Places {
    /// Those that were written last; none in a new log.
    pub(super) fn read(directory: &Path) -> io::Result<Self> {
        match std::fs::read(directory.join(FILE)) {
            Ok(text) => Ok(serde_json::from_slice(&text)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Puts them on the disk.
    pub(super) fn write(&self, directory: &Path) -> io::Result<()> {
        let draft = directory.join(DRAFT);
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        std::fs::rename(draft, directory.join(FILE))?;
        File::open(directory)?.sync_all()
    }
}
