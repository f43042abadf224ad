//! Randomness, as a port so that tests can repeat a login.

/// Fills bytes with a cryptographically secure random.
pub trait Entropy: Send + Sync {
    /// Fills all of `bytes`. An implementation that cannot must abort rather than return.
    fn fill(&self, bytes: &mut [u8]);
}
