//! A cache of plugins in memory: for one node, tests and `esignet dev`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::plugin_cache::{PluginCache, PluginCacheError};
use esignet_protocol::word::time::Timestamp;

/// The most entries of one plugin.
const ENTRIES: usize = 10_000;
/// The most bytes of one plugin, keys and values.
const BYTES: usize = 16 << 20;

struct Entry {
    value: Vec<u8>,
    expires_at: Timestamp,
}

#[derive(Default)]
struct Namespace {
    entries: HashMap<String, Entry>,
    bytes: usize,
}

/// Values by plugin, each with an end. Bounded for each plugin, so that none can crowd out another.
pub struct MemoryCache {
    clock: Arc<dyn Clock>,
    namespaces: Mutex<HashMap<String, Namespace>>,
}

impl std::fmt::Debug for MemoryCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryCache").field("plugins", &self.lock().len()).finish_non_exhaustive()
    }
}

impl MemoryCache {
    /// An empty cache.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, namespaces: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Namespace>> {
        // Nothing here panics between two changes that belong together.
        self.namespaces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, namespace: &str, act: impl FnOnce(&mut Namespace, Timestamp) -> T) -> T {
        let now = self.clock.now();
        let mut namespaces = self.lock();
        act(namespaces.entry(namespace.to_owned()).or_default(), now)
    }
}

impl Namespace {
    fn live(&self, key: &str, now: Timestamp) -> Option<&Entry> {
        self.entries.get(key).filter(|entry| entry.expires_at > now)
    }

    fn remove(&mut self, key: &str) -> Option<Entry> {
        let entry = self.entries.remove(key)?;
        self.bytes = self.bytes.saturating_sub(key.len() + entry.value.len());
        Some(entry)
    }

    fn insert(&mut self, key: &str, entry: Entry, now: Timestamp) -> Result<(), PluginCacheError> {
        self.remove(key);
        let bytes = key.len() + entry.value.len();
        if self.is_full(bytes) {
            self.entries.retain(|_, entry| entry.expires_at > now);
            self.bytes = self.entries.iter().map(|(key, entry)| key.len() + entry.value.len()).sum();
            if self.is_full(bytes) {
                return Err(PluginCacheError::Quota);
            }
        }
        self.bytes += bytes;
        self.entries.insert(key.to_owned(), entry);
        Ok(())
    }

    fn is_full(&self, more: usize) -> bool {
        self.entries.len() >= ENTRIES || self.bytes + more > BYTES
    }
}

#[async_trait]
impl PluginCache for MemoryCache {
    async fn get(&self, namespace: &str, key: &str) -> Result<Option<Vec<u8>>, PluginCacheError> {
        Ok(self.with(namespace, |held, now| held.live(key, now).map(|entry| entry.value.clone())))
    }

    async fn put(
        &self,
        namespace: &str,
        key: &str,
        value: Vec<u8>,
        ttl_seconds: u32,
    ) -> Result<(), PluginCacheError> {
        self.with(namespace, |held, now| {
            held.insert(key, Entry { value, expires_at: now.plus(ttl_seconds.into()) }, now)
        })
    }

    async fn put_if_absent(
        &self,
        namespace: &str,
        key: &str,
        value: Vec<u8>,
        ttl_seconds: u32,
    ) -> Result<bool, PluginCacheError> {
        self.with(namespace, |held, now| {
            if held.live(key, now).is_some() {
                return Ok(false);
            }
            held.insert(key, Entry { value, expires_at: now.plus(ttl_seconds.into()) }, now).map(|()| true)
        })
    }

    async fn take(&self, namespace: &str, key: &str) -> Result<Option<Vec<u8>>, PluginCacheError> {
        Ok(self.with(namespace, |held, now| {
            held.remove(key).filter(|entry| entry.expires_at > now).map(|entry| entry.value)
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[derive(Default)]
    struct Hand(AtomicU64);
    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::Relaxed))
        }
    }

    fn cache() -> (Arc<Hand>, MemoryCache) {
        let hand = Arc::new(Hand::default());
        (Arc::clone(&hand), MemoryCache::new(hand))
    }

    #[tokio::test]
    async fn a_value_is_gone_when_its_time_is_over() {
        let (hand, cache) = cache();
        cache.put("p", "k", b"v".to_vec(), 10).await.unwrap();
        hand.0.store(9, Ordering::Relaxed);
        assert_eq!(cache.get("p", "k").await.unwrap().as_deref(), Some(&b"v"[..]));
        hand.0.store(10, Ordering::Relaxed);
        assert_eq!(cache.get("p", "k").await.unwrap(), None);
        assert_eq!(cache.take("p", "k").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_value_is_taken_once_and_set_once() {
        let (_, cache) = cache();
        assert!(cache.put_if_absent("p", "k", b"1".to_vec(), 10).await.unwrap());
        assert!(!cache.put_if_absent("p", "k", b"2".to_vec(), 10).await.unwrap());
        assert_eq!(cache.take("p", "k").await.unwrap().as_deref(), Some(&b"1"[..]));
        assert_eq!(cache.take("p", "k").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_plugin_does_not_see_the_values_of_another() {
        let (_, cache) = cache();
        cache.put("p", "k", b"v".to_vec(), 10).await.unwrap();
        assert_eq!(cache.get("q", "k").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_full_namespace_refuses_more_until_something_expires() {
        let (hand, cache) = cache();
        let large = vec![0; 64 * 1024];
        let mut stored = 0;
        while cache.put("p", &format!("k{stored}"), large.clone(), 10).await.is_ok() {
            stored += 1;
        }
        assert_eq!(stored, 255);
        assert!(cache.put("q", "k", large.clone(), 10).await.is_ok());
        hand.0.store(10, Ordering::Relaxed);
        assert!(cache.put("p", "k", large, 10).await.is_ok());
    }
}
