//! Records as types: written as JSON, sealed, and read back the same way.

use std::sync::Arc;

use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::store::StoreError;
use esignet_protocol::word::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::kv::{Condition, Durability, Entry, Horizon, Key, Kv, Write};
use crate::seal::{Sealer, corrupt};

/// A record with what its next write needs to know.
pub(crate) struct Found<T> {
    pub(crate) record: T,
    pub(crate) expires_at: Timestamp,
    pub(crate) version: u64,
}

/// How a record is to be written.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    pub(crate) expires_at: Timestamp,
    pub(crate) condition: Condition,
    pub(crate) durability: Durability,
}

/// Sealed records over a place of storage.
#[derive(Clone)]
pub(crate) struct Records {
    kv: Arc<dyn Kv>,
    sealer: Arc<Sealer>,
    clock: Arc<dyn Clock>,
}

impl Records {
    pub(crate) fn new(kv: Arc<dyn Kv>, sealer: Sealer, clock: Arc<dyn Clock>) -> Self {
        Self { kv, sealer: Arc::new(sealer), clock }
    }

    /// The time, for calls whose caller does not bring it.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn horizon(&self) -> Horizon {
        self.kv.horizon()
    }

    pub(crate) fn kv(&self) -> &dyn Kv {
        self.kv.as_ref()
    }

    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<Found<T>>, StoreError> {
        let entry = self.kv.get(key, now).await?;
        entry.map(|entry| self.open(key, &entry)).transpose()
    }

    /// The version of a record, without opening it.
    pub(crate) async fn version(&self, key: &Key, now: Timestamp) -> Result<Option<u64>, StoreError> {
        Ok(self.kv.get(key, now).await?.map(|entry| entry.version))
    }

    /// Writes on terms; tells the new version, or `None` when the condition does not hold.
    pub(crate) async fn put<T: Serialize + Sync>(
        &self,
        key: &Key,
        record: &T,
        terms: Terms,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let plain = Zeroizing::new(
            serde_json::to_vec(record).map_err(|_| corrupt(key, "it cannot be written as JSON"))?,
        );
        self.put_bytes(key, &plain, terms, now).await
    }

    /// As [`Records::put`], for what is bytes already.
    pub(crate) async fn put_bytes(
        &self,
        key: &Key,
        plain: &[u8],
        terms: Terms,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let Terms { expires_at, condition, durability } = terms;
        let value = self.sealer.seal(key, expires_at, plain)?;
        self.kv.put(key, Write { value, expires_at, condition, durability }, now).await
    }

    /// The bytes that [`Records::put_bytes`] put.
    pub(crate) async fn get_bytes(&self, key: &Key, now: Timestamp) -> Result<Option<Vec<u8>>, StoreError> {
        let entry = self.kv.get(key, now).await?;
        entry.map(|entry| self.open_bytes(key, &entry)).transpose()
    }

    /// As [`Records::get_bytes`], once.
    pub(crate) async fn take_bytes(
        &self,
        key: &Key,
        durability: Durability,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let entry = self.kv.take(key, durability, now).await?;
        entry.map(|entry| self.open_bytes(key, &entry)).transpose()
    }

    /// All records under a prefix, at most `limit` of them, in the order of their keys.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        prefix: &Key,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<T>, StoreError> {
        const PAGE: usize = 128;
        let mut records = Vec::new();
        let mut after = None;
        while records.len() < limit {
            let page = self.kv.scan(prefix, after.as_ref(), PAGE.min(limit - records.len()), now).await?;
            let Some((last, _)) = page.last() else { break };
            let last = last.clone();
            for (key, entry) in &page {
                records.push(self.open(key, entry)?.record);
            }
            after = Some(last);
        }
        Ok(records)
    }

    /// The first record under a prefix, in the order of keys.
    pub(crate) async fn first<T: DeserializeOwned>(
        &self,
        prefix: &Key,
        now: Timestamp,
    ) -> Result<Option<Found<T>>, StoreError> {
        let page = self.kv.scan(prefix, None, 1, now).await?;
        page.first().map(|(key, entry)| self.open(key, entry)).transpose()
    }

    fn open_bytes(&self, key: &Key, entry: &Entry) -> Result<Vec<u8>, StoreError> {
        self.sealer.open(key, entry.expires_at, &entry.value).map(|plain| plain.to_vec())
    }

    fn open<T: DeserializeOwned>(&self, key: &Key, entry: &Entry) -> Result<Found<T>, StoreError> {
        let plain = self.sealer.open(key, entry.expires_at, &entry.value)?;
        // serde's words may quote a value of the record, so they stay here.
        let record = serde_json::from_slice(&plain);
        let record = record.map_err(|_| corrupt(key, "it has a form that this release does not know"))?;
        Ok(Found { record, expires_at: entry.expires_at, version: entry.version })
    }
}
