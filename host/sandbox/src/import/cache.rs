//! `esignet:host/cache`: values between calls, in the plugin's own namespace.

use esignet_protocol::ports::plugin_cache::PluginCacheError;

use super::CallState;
use crate::bindings::esignet::host::cache::{self, Error};

/// The longest key in bytes.
const KEY_BYTES: usize = 256;
/// The largest value in bytes.
const VALUE_BYTES: usize = 15 * 1024;
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
        if !self.plugin.rights.cache {
            self.deny("cache", "the manifest does not ask for it");
            return Err(Error::Unavailable);
        }
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

#[cfg(test)]
mod tests {
    use cache::Host as _;

    use super::*;
    use crate::grant::Grant;
    use crate::import::testing::{Nobody, call};

    #[tokio::test]
    async fn a_value_is_kept_under_the_name_of_the_plugin() {
        let mut call = call(Grant::default(), Nobody);
        assert!(call.put_if_absent("k".into(), b"v".to_vec(), 60).await.unwrap());
        let held = call.plugin.sandbox.host.cache.get("tested", "k").await.unwrap();
        assert_eq!(held.as_deref(), Some(&b"v"[..]));
        assert_eq!(call.take("k".into()).await.unwrap().as_deref(), Some(&b"v"[..]));
        assert_eq!(call.get("k".into()).await.unwrap(), None);
    }

    #[tokio::test]
    async fn long_keys_and_large_values_are_refused_with_the_limit() {
        let mut call = call(Grant::default(), Nobody);
        assert!(matches!(call.get("k".repeat(257)).await, Err(Error::TooLarge(256))));
        let large = vec![0; VALUE_BYTES + 1];
        assert!(matches!(call.put("k".into(), large, 1).await, Err(Error::TooLarge(15_360))));
    }

    #[tokio::test]
    async fn the_sixty_fifth_call_is_over_the_quota() {
        let mut call = call(Grant::default(), Nobody);
        for _ in 0..64 {
            assert!(call.get("k".into()).await.is_ok());
        }
        assert!(matches!(call.get("k".into()).await, Err(Error::Quota)));
        assert_eq!(call.denials, 1);
    }
}
