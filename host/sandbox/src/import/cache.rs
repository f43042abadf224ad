//! `esignet:host/cache`: values between calls, in the plugin's own namespace.

use esignet_protocol::ports::plugin_cache::PluginCacheError;

use super::CallState;
use crate::bindings::esignet::host::cache::{self, Error};

/// The longest key in bytes.
const KEY_BYTES: usize = 256;
/// The largest value in bytes.
const VALUE_BYTES: usize = 64 * 1024;
/// The longest time a value is kept.
const TTL_SECONDS: u32 = 24 * 60 * 60;
/// The most operations of one call.
const CALLS: u32 = 64;

impl cache::Host for CallState {
    async fn get(&mut self, key: String) -> Result<Option<Vec<u8>>, Error> {
        self.admit(&key, 0)?;
        self.plugin.sandbox.host.cache.get(&self.plugin.id, &key).await.map_err(error)
    }

    async fn put(&mut self, key: String, value: Vec<u8>, ttl_seconds: u32) -> Result<(), Error> {
        self.admit(&key, value.len())?;
        let ttl = ttl_seconds.clamp(1, TTL_SECONDS);
        self.plugin.sandbox.host.cache.put(&self.plugin.id, &key, value, ttl).await.map_err(error)
    }

    async fn put_if_absent(&mut self, key: String, value: Vec<u8>, ttl_seconds: u32) -> Result<bool, Error> {
        self.admit(&key, value.len())?;
        let ttl = ttl_seconds.clamp(1, TTL_SECONDS);
        self.plugin.sandbox.host.cache.put_if_absent(&self.plugin.id, &key, value, ttl).await.map_err(error)
    }

    async fn take(&mut self, key: String) -> Result<Option<Vec<u8>>, Error> {
        self.admit(&key, 0)?;
        self.plugin.sandbox.host.cache.take(&self.plugin.id, &key).await.map_err(error)
    }
}

impl CallState {
    fn admit(&mut self, key: &str, value_bytes: usize) -> Result<(), Error> {
        self.cache_calls = self.cache_calls.saturating_add(1);
        if self.cache_calls > CALLS {
            self.deny("cache", "one call may use the cache 64 times");
            return Err(Error::Quota);
        }
        if key.len() > KEY_BYTES {
            return Err(Error::TooLarge(KEY_BYTES as u64));
        }
        if value_bytes > VALUE_BYTES {
            return Err(Error::TooLarge(VALUE_BYTES as u64));
        }
        Ok(())
    }
}

fn error(error: PluginCacheError) -> Error {
    match error {
        PluginCacheError::Quota => Error::Quota,
        PluginCacheError::Unavailable(reason) => {
            tracing::warn!(reason, "the cache of plugins does not answer");
            Error::Unavailable
        }
    }
}
