//! How often connections that were not accepted are logged.

use std::time::Duration;

use tokio::time::Instant;

/// The time between two lines: when descriptors run out, every attempt fails.
const EVERY: Duration = Duration::from_secs(10);

/// Connections that were not accepted.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    logged_at: Option<Instant>,
    unlogged: u64,
}

impl Refusals {
    /// Counts one; tells how many went by without a line when it is time for one.
    pub(super) fn note(&mut self, now: Instant) -> Option<u64> {
        if self.logged_at.is_some_and(|at| now.saturating_duration_since(at) < EVERY) {
            self.unlogged = self.unlogged.saturating_add(1);
            return None;
        }
        self.logged_at = Some(now);
        Some(std::mem::take(&mut self.unlogged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_failures_is_a_line_at_once_and_then_one_with_their_number() {
        let (mut refusals, began) = (Refusals::default(), Instant::now());
        assert_eq!(refusals.note(began), Some(0));
        for _ in 0..200 {
            assert_eq!(refusals.note(began + Duration::from_secs(9)), None);
        }
        assert_eq!(refusals.note(began + EVERY), Some(200));
        assert_eq!(refusals.note(began + EVERY), None);
    }
}
