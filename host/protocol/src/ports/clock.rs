//! Time, asked once at the border of a request and passed on as `now`.

use crate::word::time::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Seconds since 1970-01-01 UTC.
    fn now(&self) -> Timestamp;
}
