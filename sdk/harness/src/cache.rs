//! The cache that a plugin finds: in memory, by the harness's clock, and failing when it is told to.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::plugin_cache::{PluginCache, PluginCacheError};
use esignet_sandbox::MemoryCache;

/// How the cache fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheFault {
    /// It does not answer.
    Unavailable,
    /// It is full: what is there can be read, and nothing can be put.
    Full,
}

struct Held {
    cache: Arc<MemoryCache>,
    fault: Option<CacheFault>,
}

/// A cache in memory that can be emptied, and made to fail.
pub struct TestCache {
    clock: Arc<dyn Clock>,
    held: Mutex<Held>,
}

impl std::fmt::Debug for TestCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestCache").field("fault", &self.held(|held| held.fault)).finish_non_exhaustive()
    }
}

impl TestCache {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let cache = Arc::new(MemoryCache::new(Arc::clone(&clock)));
        Self { clock, held: Mutex::new(Held { cache, fault: None }) }
    }

    fn held<T>(&self, act: impl FnOnce(&mut Held) -> T) -> T {
        act(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets everything.
    pub fn clear(&self) {
        let empty = Arc::new(MemoryCache::new(Arc::clone(&self.clock)));
        self.held(|held| held.cache = empty);
    }

    /// Fails from now on in that way, or not.
    pub fn fail(&self, fault: Option<CacheFault>) {
        self.held(|held| held.fault = fault);
    }

    fn reading(&self) -> Result<Arc<MemoryCache>, PluginCacheError> {
        self.held(|held| match held.fault {
            Some(CacheFault::Unavailable) => {
                Err(PluginCacheError::Unavailable("as the test wants it".to_owned()))
            }
            Some(CacheFault::Full) | None => Ok(Arc::clone(&held.cache)),
        })
    }

    fn writing(&self) -> Result<Arc<MemoryCache>, PluginCacheError> {
        let cache = self.reading()?;
        match self.held(|held| held.fault) {
            Some(CacheFault::Full) => Err(PluginCacheError::Quota),
            Some(CacheFault::Unavailable) | None => Ok(cache),
        }
    }
}

#[async_trait]
impl PluginCache for TestCache {
    async fn get(&self, namespace: &str, key: &str) -> Result<Option<Vec<u8>>, PluginCacheError> {
        self.reading()?.get(namespace, key).await
    }

    async fn put(
        &self,
        namespace: &str,
        key: &str,
        value: Vec<u8>,
        ttl_seconds: u32,
    ) -> Result<(), PluginCacheError> {
        self.writing()?.put(namespace, key, value, ttl_seconds).await
    }

    async fn put_if_absent(
        &self,
        namespace: &str,
        key: &str,
        value: Vec<u8>,
        ttl_seconds: u32,
    ) -> Result<bool, PluginCacheError> {
        self.writing()?.put_if_absent(namespace, key, value, ttl_seconds).await
    }

    async fn take(&self, namespace: &str, key: &str) -> Result<Option<Vec<u8>>, PluginCacheError> {
        self.reading()?.take(namespace, key).await
    }
}
