//! The store that the configuration names, opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use esignet_protocol::ports::clock::Clock;
use esignet_store::{OpenError, Store};
use tempfile::TempDir;

use super::Purpose;
use super::copy::{Copied, copy};
use super::master_key::MasterKey;
use crate::config::finding::Finding;
use crate::config::{Config, StoreUrl};

/// Whether there is nothing in the store yet.
pub(crate) fn is_new(url: &StoreUrl) -> bool {
    match url {
        StoreUrl::Memory => true,
        StoreUrl::Sled(directory) => {
            std::fs::read_dir(directory).map_or(true, |mut entries| entries.next().is_none())
        }
    }
}

/// A store that is open.
pub(crate) struct Opened {
    /// The one that was configured, or what a check looks at instead.
    pub(crate) store: Store,
    /// What a check could not look at.
    pub(crate) warning: Option<Finding>,
    /// Where the copy is that a check looks at; removed when this is dropped.
    pub(crate) copy: Option<TempDir>,
}

/// Opens the store; for a check a copy of it, since opening one writes to it. Where there is nothing to copy, or nothing
/// that can be, a store in memory stands in, with a warning when something was not looked at.
pub(crate) async fn open(
    config: &Config,
    purpose: Purpose,
    key: &MasterKey,
    clock: Arc<dyn Clock>,
) -> Result<Opened, Finding> {
    let StoreUrl::Sled(directory) = &config.store.url else { return stand_in(key, clock).await };
    match purpose {
        Purpose::Serve => {
            let store = Store::sled(directory, clock, key.sealing()).await;
            let store = store.map_err(|error| refused(directory, &error))?;
            Ok(Opened { store, warning: None, copy: None })
        }
        Purpose::Check if is_new(&config.store.url) => stand_in(key, clock).await,
        Purpose::Check => look(directory, key, clock).await,
    }
}

async fn look(directory: &Path, key: &MasterKey, clock: Arc<dyn Clock>) -> Result<Opened, Finding> {
    let from = directory.to_owned();
    let copied = tokio::task::spawn_blocking(move || copy(&from)).await;
    let copied = copied.unwrap_or_else(|failure| {
        Err(OpenError::Unreadable { path: directory.to_owned(), reason: failure.to_string() })
    });
    let unseen = |problem: String, fix: &str| Finding::warning("store", directory.display(), problem, fix);
    let warning = match copied.map_err(|error| refused(directory, &error))? {
        Copied::Whole(copy) => {
            let store = Store::sled(copy.path(), clock, key.sealing()).await;
            let store = store.map_err(|error| refused(directory, &of_original(error, directory)))?;
            return Ok(Opened { store, warning: None, copy: Some(copy) });
        }
        Copied::Held => unseen(
            "the store is open in another process, so what is in it was not looked at".to_owned(),
            "for a complete check, run it while the server is stopped",
        ),
        Copied::TooLarge(bytes) => unseen(
            format!(
                "the store has {} MiB, too much to copy, so what is in it was not looked at",
                bytes >> 20
            ),
            "start the server: before it serves it says what does not fit",
        ),
    };
    Ok(Opened { warning: Some(warning), ..stand_in(key, clock).await? })
}

/// The error as the original would have been refused with: nobody knows the copy.
fn of_original(error: OpenError, directory: &Path) -> OpenError {
    let path: PathBuf = directory.to_owned();
    match error {
        OpenError::NotADirectory(_) => OpenError::NotADirectory(path),
        OpenError::Permissions { mode, .. } => OpenError::Permissions { path, mode },
        OpenError::Locked(_) => OpenError::Locked(path),
        OpenError::LaterFormat { found, .. } => OpenError::LaterFormat { path, found },
        OpenError::WrongSealingKey(_) => OpenError::WrongSealingKey(format!("at {}", path.display())),
        OpenError::Unreadable { reason, .. } => OpenError::Unreadable { path, reason },
    }
}

/// A store in memory.
pub(crate) async fn stand_in(key: &MasterKey, clock: Arc<dyn Clock>) -> Result<Opened, Finding> {
    let store = Store::memory(clock, key.sealing()).await;
    let store = store.map_err(|error| refused(Path::new("[store]"), &error))?;
    Ok(Opened { store, warning: None, copy: None })
}

/// Why the store is not open, in the operator's words.
pub(crate) fn refused(directory: &Path, error: &OpenError) -> Finding {
    let fix = match error {
        OpenError::Locked(_) => {
            "stop the server first (a sled store belongs to one process); clients can be declared without stopping it \
             for long: put their files into [clients] directory and restart; signing keys turn by themselves"
        }
        OpenError::WrongSealingKey(_) => {
            "restore the file of [keys] master_key_file that belongs to this store; with another key its records stay shut"
        }
        OpenError::NotADirectory(_) => "correct [store] url",
        OpenError::Permissions { .. } => "take the rights of others away and start again",
        OpenError::LaterFormat { .. } => "run the release that wrote it, or a later one",
        OpenError::Unreadable { .. } => {
            "see that the directory belongs to the server's user and its disk is well; else restore it from a backup"
        }
    };
    Finding::error("store", directory.display(), error.to_string(), fix)
}
