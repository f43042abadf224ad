//! The store that the configuration names, opened.

use std::path::Path;
use std::sync::Arc;

use esignet_protocol::ports::clock::Clock;
use esignet_store::{OpenError, Store};

use super::Purpose;
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

/// Opens the store, with a warning when another stands in for it: a check neither makes a store nor stops a server.
pub(crate) async fn open(
    config: &Config,
    purpose: Purpose,
    key: &MasterKey,
    clock: Arc<dyn Clock>,
) -> Result<(Store, Option<Finding>), Finding> {
    let StoreUrl::Sled(directory) = &config.store.url else { return stand_in(key, clock).await };
    if purpose == Purpose::Check && is_new(&config.store.url) {
        return stand_in(key, clock).await;
    }
    match Store::sled(directory, Arc::clone(&clock), key.sealing()).await {
        Ok(store) => Ok((store, None)),
        Err(OpenError::Locked(_)) if purpose == Purpose::Check => {
            let (store, _) = stand_in(key, clock).await?;
            let warning = Finding::warning(
                "store",
                directory.display(),
                "the store is open in another process, so what is in it was not looked at",
                "for a complete check, run it while the server is stopped",
            );
            Ok((store, Some(warning)))
        }
        Err(error) => Err(refused(directory, &error)),
    }
}

/// A store in memory.
pub(crate) async fn stand_in(
    key: &MasterKey,
    clock: Arc<dyn Clock>,
) -> Result<(Store, Option<Finding>), Finding> {
    let store = Store::memory(clock, key.sealing()).await;
    store.map(|store| (store, None)).map_err(|error| refused(Path::new("[store]"), &error))
}

/// Why the store is not open, in the operator's words.
pub(crate) fn refused(directory: &Path, error: &OpenError) -> Finding {
    let fix = match error {
        OpenError::Locked(_) => {
            "stop the server first (a sled store belongs to one process); clients can be declared without stopping it \
             for long: put their files into [clients] directory and restart"
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
