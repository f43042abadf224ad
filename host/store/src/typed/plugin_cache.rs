//! What plugins keep between calls, each in its own namespace and within its quota.
//!
//! Names of namespaces and keys are stored only as hashes: a plugin may put anything into a key. A marker
//! ([`PluginCache::put_if_absent`]) and a spending ([`PluginCache::take`]) wait for the disk, so that no stop of any
//! kind lets a plugin do a second time what it marked as done; plain values do not wait.

use async_trait::async_trait;
use esignet_protocol::ports::plugin_cache::{PluginCache, PluginCacheError};
use esignet_protocol::ports::store::StoreError;
use esignet_protocol::word::handle::HandleHash;

use super::records::{Records, Terms};
use crate::kv::{Condition, Durability, Key, Table};

/// How many entries one namespace holds.
pub(crate) const MAX_ENTRIES: usize = 1_024;

/// How many bytes the entries of one namespace take in the store, sealing included.
pub(crate) const MAX_BYTES: usize = 1_024 * 1_024;

/// See [`PluginCache`].
pub(crate) struct StoredPluginCache(pub(crate) Records);

/// All keys of a namespace begin with this.
fn prefix(namespace: &str) -> String {
    HandleHash::of(namespace.as_bytes()).as_str().to_owned()
}

fn entry(namespace: &str, key: &str) -> Key {
    let name = prefix(namespace) + HandleHash::of(key.as_bytes()).as_str();
    Key::new(Table::PluginCache, &name)
}

fn unavailable(error: StoreError) -> PluginCacheError {
    match error {
        StoreError::Unavailable(what) | StoreError::Corrupt(what) => PluginCacheError::Unavailable(what),
    }
}

impl StoredPluginCache {
    /// Refuses an entry that the namespace has no room for. Puts at the same moment may exceed the quota together, each
    /// by its own entry.
    async fn make_sure_of_room(
        &self,
        namespace: &str,
        key: &Key,
        length: usize,
    ) -> Result<(), PluginCacheError> {
        let all = Key::new(Table::PluginCache, &prefix(namespace));
        let held = self.0.kv().scan(&all, None, MAX_ENTRIES + 1, self.0.now()).await.map_err(unavailable)?;
        let others = held.iter().filter(|(other, _)| other != key).map(|(_, entry)| entry.value.len());
        let (entries, bytes) =
            others.fold((1, length), |(entries, bytes), length| (entries + 1, bytes + length));
        if entries > MAX_ENTRIES || bytes > MAX_BYTES { Err(PluginCacheError::Quota) } else { Ok(()) }
    }

    fn terms(&self, ttl_seconds: u32, condition: Condition, durability: Durability) -> Terms {
        Terms { expires_at: self.0.now().plus(u64::from(ttl_seconds)), condition, durability }
    }
}

#[async_trait]
impl PluginCache for StoredPluginCache {
    async fn get(&self, namespace: &str, key: &str) -> Result<Option<Vec<u8>>, PluginCacheError> {
        self.0.get_bytes(&entry(namespace, key), self.0.now()).await.map_err(unavailable)
    }

    async fn put(
        &self,
        namespace: &str,
        key: &str,
        value: Vec<u8>,
        ttl_seconds: u32,
    ) -> Result<(), PluginCacheError> {
        let key = entry(namespace, key);
        self.make_sure_of_room(namespace, &key, value.len()).await?;
        let terms = self.terms(ttl_seconds, Condition::Always, Durability::Buffered);
        self.0.put_bytes(&key, &value, terms, self.0.now()).await.map(drop).map_err(unavailable)
    }

    async fn put_if_absent(
        &self,
        namespace: &str,
        key: &str,
        value: Vec<u8>,
        ttl_seconds: u32,
    ) -> Result<bool, PluginCacheError> {
        let key = entry(namespace, key);
        self.make_sure_of_room(namespace, &key, value.len()).await?;
        let terms = self.terms(ttl_seconds, Condition::IfAbsent, Durability::Durable);
        let put = self.0.put_bytes(&key, &value, terms, self.0.now()).await.map_err(unavailable)?;
        Ok(put.is_some())
    }

    async fn take(&self, namespace: &str, key: &str) -> Result<Option<Vec<u8>>, PluginCacheError> {
        let key = entry(namespace, key);
        self.0.take_bytes(&key, Durability::Durable, self.0.now()).await.map_err(unavailable)
    }
}
