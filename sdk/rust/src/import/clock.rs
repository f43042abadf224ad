//! The time (`esignet:host/clock`).

use crate::bindings::host::esignet::host::clock;

/// Seconds since 1970-01-01 UTC. Coarse on purpose.
pub fn now() -> u64 {
    clock::now()
}
