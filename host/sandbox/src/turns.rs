//! How many calls of one plugin run at the same time. The number changes while they do, when plugins come and go: each has
//! a share of the pool.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// The turns of a plugin.
#[derive(Debug)]
pub(crate) struct Turns {
    free: Arc<Semaphore>,
    most: AtomicUsize,
    /// Turns that are taken and will not be given out again.
    owed: AtomicUsize,
}

impl Turns {
    pub(crate) fn new(most: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(most)), most: AtomicUsize::new(most), owed: AtomicUsize::new(0) }
    }

    /// Makes it another number. Calls under way are not ended; only one caller at a time may do this.
    pub(crate) fn set(&self, most: usize) {
        let before = self.most.swap(most, Ordering::Relaxed);
        if most >= before {
            let more = most - before;
            let owed = self
                .owed
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |owed| Some(owed.saturating_sub(more)));
            self.free.add_permits(more.saturating_sub(owed.unwrap_or_default()));
        } else {
            let fewer = before - most;
            let taken = fewer - self.free.forget_permits(fewer);
            self.owed.fetch_add(taken, Ordering::Relaxed);
        }
    }

    /// Waits for a turn. It ends when what is returned is dropped.
    pub(crate) async fn take(&self) -> Result<OwnedSemaphorePermit, AcquireError> {
        loop {
            let turn = Arc::clone(&self.free).acquire_owned().await?;
            let owes = |owed: usize| owed.checked_sub(1);
            if self.owed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, owes).is_err() {
                return Ok(turn);
            }
            turn.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn turns_that_are_taken_are_taken_back_when_they_end() {
        let turns = Turns::new(3);
        let (first, second) = (turns.take().await.unwrap(), turns.take().await.unwrap());
        turns.set(1);
        assert_eq!((turns.free.available_permits(), turns.owed.load(Ordering::Relaxed)), (0, 1));
        drop(first);
        drop(second);
        let only = turns.take().await.unwrap();
        assert_eq!((turns.free.available_permits(), turns.owed.load(Ordering::Relaxed)), (0, 0));
        turns.set(2);
        let more = turns.take().await.unwrap();
        assert_eq!(turns.free.available_permits(), 0);
        drop((only, more));
        assert_eq!(turns.free.available_permits(), 2);
    }

    #[tokio::test]
    async fn what_is_owed_is_paid_before_there_are_more() {
        let turns = Turns::new(4);
        let taken = [turns.take().await.unwrap(), turns.take().await.unwrap()];
        turns.set(1);
        turns.set(4);
        assert_eq!(turns.owed.load(Ordering::Relaxed), 0);
        drop(taken);
        assert_eq!(turns.free.available_permits(), 4);
    }
}
