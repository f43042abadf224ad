//! Short-lived values that plugins keep between calls (`esignet:host/cache`): tokens of gateways, one-time markers.

use async_trait::async_trait;

/// Why the cache did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PluginCacheError {
    /// The namespace holds as much as it may.
    #[error("the namespace holds as much as it may")]
    Quota,
    /// The store behind it cannot answer now.
    #[error("the cache cannot answer now: {0}")]
    Unavailable(String),
}

/// Keeps bytes under a plugin's own namespace for a while.
///
/// The sandbox checks sizes, counts calls and chooses the namespace; an implementation keeps namespaces apart, forgets
/// what expired, and limits what one namespace may hold. An entry is never seen again once its time is over.
#[async_trait]
pub trait PluginCache: Send + Sync {
    /// The value, if there is one.
    async fn get(&self, namespace: &str, key: &str) -> Result<Option<Vec<u8>>, PluginCacheError>;

    /// Sets the value for `ttl_seconds`, whatever was there.
    async fn put(
        &self,
        namespace: &str,
        key: &str,
        value: Vec<u8>,
        ttl_seconds: u32,
    ) -> Result<(), PluginCacheError>;

    /// Sets the value if there is none: true for exactly one caller.
    async fn put_if_absent(
        &self,
        namespace: &str,
        key: &str,
        value: Vec<u8>,
        ttl_seconds: u32,
    ) -> Result<bool, PluginCacheError>;

    /// Removes and returns the value: exactly one caller gets it.
    async fn take(&self, namespace: &str, key: &str) -> Result<Option<Vec<u8>>, PluginCacheError>;
}
