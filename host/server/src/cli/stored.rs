//! What the commands on records have in common: a store that outlives the process, opened and closed around one command.

use std::sync::Arc;

use esignet_protocol::audit::event::Event;
use esignet_store::Store;

use super::ConfigArgument;
use crate::config::finding::{Finding, Severity};
use crate::config::{self, Config, StoreUrl};
use crate::system::SystemClock;
use crate::wire::Purpose;
use crate::wire::audit::{self, Recording};
use crate::wire::master_key::MasterKey;
use crate::wire::stores::{self, Opened};

/// Reads a configuration whose store keeps `what` beyond this process, or says how to mend it.
pub(super) fn configuration(
    argument: &ConfigArgument,
    what: &str,
    fix: &str,
) -> Result<Config, Vec<Finding>> {
    let (config, _) = config::load(&argument.config, super::variables())?;
    if config.store.url == StoreUrl::Memory {
        let problem = format!("a store in memory keeps no {what} beyond the process that has it");
        return Err(vec![Finding::error("store", "[store] url", problem, fix)]);
    }
    Ok(config)
}

/// Opens the store of a configuration for a command that may change it.
pub(super) async fn open(config: &Config) -> Result<Store, Vec<Finding>> {
    Ok(opened(config, Purpose::Serve).await?.store)
}

/// The store, or for a look a copy of it.
pub(super) async fn opened(config: &Config, purpose: Purpose) -> Result<Opened, Vec<Finding>> {
    let key = MasterKey::obtain(config, purpose).map_err(|finding| vec![finding])?;
    let opened = stores::open(config, purpose, &key, Arc::new(SystemClock)).await;
    let opened = opened.map_err(|finding| vec![finding])?;
    match opened.warning {
        None => Ok(opened),
        // What the store holds decides what changes.
        Some(unseen) => Err(vec![Finding { severity: Severity::Error, ..unseen }]),
    }
}

/// The audit log of a configuration, if there is one, for a command that changes something.
pub(super) fn recording(config: &Config) -> Result<Option<Recording>, Vec<Finding>> {
    let key = MasterKey::obtain(config, Purpose::Serve).map_err(|finding| vec![finding])?;
    audit::open(config, Purpose::Serve, &key).map_err(|finding| vec![finding])
}

/// Records what a command did.
pub(super) async fn told(recording: Option<&Recording>, event: Event) -> Result<(), Vec<Finding>> {
    match recording {
        Some(recording) => recording.settle(event).await.map_err(|finding| vec![finding]),
        None => Ok(()),
    }
}

/// Closes the store after a command.
pub(super) async fn close(store: &Store) -> Result<(), Vec<Finding>> {
    store.close().await.map_err(|error| vec![failed(&error.to_string())])
}

/// The store did not do what it was asked.
pub(super) fn failed(error: &str) -> Finding {
    let fix = "see whether the disk is well; else restore the store from a backup";
    Finding::error("store", "[store]", error, fix)
}
