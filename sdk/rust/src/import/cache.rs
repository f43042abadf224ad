//! Small values that outlive a call (`esignet:host/cache`), in a space of the plugin's own, shared by all nodes.

use crate::bindings::host::esignet::host::cache;
pub use crate::bindings::host::esignet::host::cache::Error;
use crate::word::Failure;

/// The value of `key`, if there is one and its time is not over.
///
/// # Errors
///
/// [`Error::Unavailable`] if the store cannot answer now.
pub fn get(key: &str) -> Result<Option<Vec<u8>>, Error> {
    cache::get(key)
}

/// Keeps `value` under `key` for `ttl_seconds`.
///
/// # Errors
///
/// [`Error::Quota`] and [`Error::TooLarge`] at the plugin's limits, [`Error::Unavailable`] if the store cannot answer now.
pub fn put(key: &str, value: &[u8], ttl_seconds: u32) -> Result<(), Error> {
    cache::put(key, value, ttl_seconds)
}

/// Keeps `value` under `key` unless there is one already; true for exactly one caller.
///
/// # Errors
///
/// As [`put`].
pub fn put_if_absent(key: &str, value: &[u8], ttl_seconds: u32) -> Result<bool, Error> {
    cache::put_if_absent(key, value, ttl_seconds)
}

/// Reads the value of `key` by spending it: exactly one caller gets it.
///
/// # Errors
///
/// [`Error::Unavailable`] if the store cannot answer now.
pub fn take(key: &str) -> Result<Option<Vec<u8>>, Error> {
    cache::take(key)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Quota => Self::Internal("the plugin's cache is full".to_owned()),
            Error::TooLarge(limit) => Self::Internal(format!("a cache value is larger than {limit} bytes")),
            Error::Unavailable => Self::Unavailable("the plugin's cache cannot be reached".to_owned()),
        }
    }
}
