//! Where e-Signet keeps what must outlive a request: a small key-value trait, and the typed stores of the core over it.
//!
//! This crate must never hand out a one-time thing without spending it, never report a write as done that the promised
//! kind of stop could undo, never put anything readable on the disk, never guess when it cannot read a record, and
//! never decide a question of the protocol: it compares a client's id with a code's and knows no other rule.
//!
//! # What an unclean stop does
//!
//! | Record | Written | After `kill -9` or a loss of power |
//! |---|---|---|
//! | client, logo, consent, its withdrawal, signing key, revocation, attempt counter, plugin marker | on the disk before the call returns | there |
//! | pushed request, transaction, code | buffered | absent: the login starts again, nothing spent comes back |
//! | spent code or pushed request | buffered | spent, or absent |
//! | used identifier (`jti`) | buffered | there or lost; what is older than [`Replays::remembers_since`] must be refused |
//! | access token, plugin value | buffered | there or lost |
//!
//! A clean stop ([`Store::close`]) loses nothing and forgets nothing.
//!
//! [`Replays::remembers_since`]: esignet_protocol::ports::store::Replays::remembers_since

#![forbid(unsafe_code)]

pub mod audit;
#[cfg(test)]
mod contract;
mod expiry;
pub mod kv;
pub mod memory;
pub mod schema;
pub mod seal;
pub mod sled;
mod typed;

use std::path::Path;
use std::sync::Arc;

use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::plugin_cache::PluginCache;
use esignet_protocol::ports::store::{StoreError, Stores};
use esignet_protocol::word::time::Timestamp;

use crate::kv::{Condition, Durability, Key, Kv, NEVER, Table};
use crate::seal::Sealer;
pub use crate::seal::SealingKey;
pub use crate::sled::OpenError;
use crate::typed::clients::StoredClients;
use crate::typed::consents::StoredConsents;
use crate::typed::counters::StoredCounters;
use crate::typed::grants::StoredGrants;
use crate::typed::keys::StoredKeys;
use crate::typed::logos::StoredLogos;
use crate::typed::plugin_cache::StoredPluginCache;
use crate::typed::pushed_requests::StoredPushedRequests;
use crate::typed::records::{Records, Terms};
use crate::typed::replays::StoredReplays;
use crate::typed::transactions::StoredTransactions;

/// Everything one server keeps, in one place of storage under one sealing key.
pub struct Store {
    records: Records,
    stores: Stores,
    plugin_cache: Arc<dyn PluginCache>,
}

impl Store {
    /// A store that ends with the process: for tests and `--ephemeral`.
    pub async fn memory(clock: Arc<dyn Clock>, key: SealingKey) -> Result<Self, OpenError> {
        let kv = memory::Memory::new(clock.now());
        Self::over(Arc::new(kv), clock, key, "in memory".to_owned()).await
    }

    /// The store in a directory of this machine, created if there is none. One process may hold it at a time.
    pub async fn sled(path: &Path, clock: Arc<dyn Clock>, key: SealingKey) -> Result<Self, OpenError> {
        let (directory, now) = (path.to_owned(), clock.now());
        let opened = tokio::task::spawn_blocking(move || sled::Sled::open(&directory, now)).await;
        let kv = opened.map_err(|failure| OpenError::Unreadable {
            path: path.to_owned(),
            reason: format!("{failure}; if the file is damaged, restore it from a backup"),
        })??;
        Self::over(Arc::new(kv), clock, key, format!("at {}", path.display())).await
    }

    async fn over(
        kv: Arc<dyn Kv>,
        clock: Arc<dyn Clock>,
        key: SealingKey,
        place: String,
    ) -> Result<Self, OpenError> {
        let records = Records::new(kv, Sealer::new(key), clock);
        if let Err(refusal) = check_sealing_key(&records, &place).await {
            // The store is as it was: what stopped cleanly before has stopped cleanly.
            let _ = records.kv().close().await;
            return Err(refusal);
        }
        Ok(Self::on(records))
    }

    /// Another node on the same place of storage, with nothing held.
    #[cfg(test)]
    pub(crate) fn beside(store: &Self) -> Self {
        Self::on(store.records.clone())
    }

    fn on(records: Records) -> Self {
        let stores = Stores {
            clients: Arc::new(StoredClients::new(records.clone())),
            logos: Arc::new(StoredLogos(records.clone())),
            pushed_requests: Arc::new(StoredPushedRequests(records.clone())),
            transactions: Arc::new(StoredTransactions(records.clone())),
            consents: Arc::new(StoredConsents(records.clone())),
            grants: Arc::new(StoredGrants(records.clone())),
            replays: Arc::new(StoredReplays(records.clone())),
            counters: Arc::new(StoredCounters(records.clone())),
            keys: Arc::new(StoredKeys(records.clone())),
        };
        let plugin_cache = Arc::new(StoredPluginCache(records.clone()));
        Self { records, stores, plugin_cache }
    }

    /// The stores of the core's ports.
    pub fn stores(&self) -> Stores {
        self.stores.clone()
    }

    /// What plugins keep between calls.
    pub fn plugin_cache(&self) -> Arc<dyn PluginCache> {
        Arc::clone(&self.plugin_cache)
    }

    /// Removes at most `max` records whose time is over and tells how many; call it again at once when it was `max`.
    /// Costs about 20 µs a record and lets other tasks run in between.
    pub async fn sweep(&self, now: Timestamp, max: usize) -> Result<usize, StoreError> {
        expiry::sweep(self.records.kv(), max, now).await
    }

    /// The clean stop: everything is on the disk when it returns, and every later call fails. Without it the next start
    /// takes the stop for an unclean one.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.records.kv().close().await
    }
}

/// Opens the record that shows whether the key is the one everything else is sealed under; a new store gets one.
async fn check_sealing_key(records: &Records, place: &str) -> Result<(), OpenError> {
    let key = Key::new(Table::Canary, "canary");
    let now = records.now();
    let wrong = |_: StoreError| OpenError::WrongSealingKey(place.to_owned());
    if records.get::<String>(&key, now).await.map_err(wrong)?.is_some() {
        return Ok(());
    }
    let terms = Terms { expires_at: NEVER, condition: Condition::IfAbsent, durability: Durability::Durable };
    let put = records.put(&key, &"esignet".to_owned(), terms, now).await;
    put.map(drop).map_err(|error| OpenError::Unreadable { path: place.into(), reason: error.to_string() })
}
