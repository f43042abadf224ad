//! Randomness that is the same in every run, so that a test can be repeated.

use std::sync::atomic::{AtomicU64, Ordering};

use esignet_protocol::ports::entropy::Entropy;

/// Octets of a sequence that begins anew where it is told to. They are not secret: for tests alone.
#[derive(Debug, Default)]
pub struct RepeatableEntropy(AtomicU64);

impl RepeatableEntropy {
    /// Begins the sequence of that number.
    pub fn reseed(&self, seed: u64) {
        self.0.store(seed, Ordering::Relaxed);
    }
}

impl Entropy for RepeatableEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let counted = self.0.fetch_add(1, Ordering::Relaxed);
            for (byte, mixed) in chunk.iter_mut().zip(mixed(counted).to_le_bytes()) {
                *byte = mixed;
            }
        }
    }
}

/// The finaliser of `SplitMix64`: consecutive numbers come out without a visible order.
const fn mixed(number: u64) -> u64 {
    let z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_octets_and_goes_on_with_others() {
        let entropy = RepeatableEntropy::default();
        let drawn = || {
            let mut octets = [0; 24];
            entropy.fill(&mut octets);
            octets
        };
        let (first, second) = (drawn(), drawn());
        assert_ne!(first, second);
        entropy.reseed(0);
        assert_eq!(drawn(), first);
    }
}
