//! Time and randomness that are the same in every run.

use std::sync::atomic::{AtomicU64, Ordering};

use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::entropy::Entropy;
use esignet_protocol::word::time::Timestamp;

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct TestClock(AtomicU64);

impl TestClock {
    /// A clock at this time.
    pub const fn at(seconds: u64) -> Self {
        Self(AtomicU64::new(seconds))
    }

    /// What it shows, in seconds since 1970.
    pub fn seconds(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Sets it, also back.
    pub fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::SeqCst);
    }

    /// Moves it on.
    pub fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.seconds())
    }
}

/// Bytes that differ from call to call and are the same in every run: SHA-256 of a counter.
#[derive(Debug, Default)]
pub struct SeededEntropy(AtomicU64);

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let call = self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes();
            let block = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &call);
            chunk.copy_from_slice(&block.as_ref()[..chunk.len()]);
        }
    }
}
