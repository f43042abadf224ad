//! Stand-ins for ports that unit tests share.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::ports::entropy::Entropy;

/// Bytes that differ from call to call and are the same in every run.
#[derive(Default)]
pub(crate) struct SeededEntropy(AtomicU64);

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let call = self.0.fetch_add(1, Ordering::Relaxed);
        for (at, byte) in bytes.iter_mut().enumerate() {
            let mixed = call
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .wrapping_add(at as u64)
                .wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = mixed.to_be_bytes()[3];
        }
    }
}
