//! A clock that stands still until it is set.

use std::sync::atomic::{AtomicU64, Ordering};

use esignet_protocol::ports::clock::Clock;
use esignet_protocol::word::time::Timestamp;

/// The time that a plugin reads, in seconds since 1970-01-01 UTC.
#[derive(Debug)]
pub struct StandingClock(AtomicU64);

impl StandingClock {
    pub(crate) const fn at(seconds: u64) -> Self {
        Self(AtomicU64::new(seconds))
    }

    /// Sets it.
    pub fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::Relaxed);
    }

    /// Lets time pass.
    pub fn advance(&self, seconds: u64) {
        self.set(self.seconds().saturating_add(seconds));
    }

    /// What it shows.
    pub fn seconds(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.seconds())
    }
}
