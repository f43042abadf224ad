//! What the server does by the clock: removing what has expired, in batches that let requests through, and turning the
//! signing keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use esignet_protocol::audit::Audit;
use esignet_protocol::audit::event::{Action, Event, Outcome};
use esignet_protocol::ports::clock::Clock;
use esignet_store::Store;

use crate::wire::signing_keys::TurningKeys;

/// Records removed at a time. More than this in one turn are removed in the next batch of the same turn.
const BATCH: usize = 1_000;
/// Batches of one turn; what is left waits for the next.
const BATCHES: usize = 50;

/// Removes what has expired, for ever. Whether the store answered the last time is what `/ready` tells.
pub(crate) async fn sweep(
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    every: Duration,
    healthy: Arc<AtomicBool>,
) {
    let mut turns = tokio::time::interval(every);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        let outcome = turn(&store, clock.as_ref()).await;
        if let Err(error) = &outcome {
            tracing::error!(%error, "sweep: the store failed; logins are refused until it answers again");
        }
        healthy.store(outcome.is_ok(), Ordering::Release);
    }
}

/// Keeps the signing keys those that the store has, and has them turn when it is time, for ever. Whether it was possible
/// lately is what `/ready` tells.
pub(crate) async fn turn_keys(keys: Arc<TurningKeys>, audit: Audit) {
    let mut turns = tokio::time::interval(Duration::from_secs(keys.poll_every()));
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        match keys.turn().await {
            Ok(true) => {
                tracing::info!("keys: the signing keys are other ones than before");
                audit.note(|_| Event::new(Action::Key, Outcome::Success).with("operation", "turned"));
            }
            Ok(false) => {}
            Err(error) => {
                tracing::error!(%error, "keys: the signing keys could not be brought up to date; the last ones stay");
            }
        }
    }
}

async fn turn(store: &Store, clock: &dyn Clock) -> Result<(), esignet_protocol::ports::store::StoreError> {
    for _ in 0..BATCHES {
        if store.sweep(clock.now(), BATCH).await? < BATCH {
            break;
        }
        tokio::task::yield_now().await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use esignet_store::SealingKey;

    use super::*;
    use crate::system::SystemClock;

    #[tokio::test]
    async fn a_store_that_is_closed_makes_the_server_unready() {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Store::memory(Arc::clone(&clock), SealingKey::new([7; 32])).await.unwrap();
        assert!(turn(&store, clock.as_ref()).await.is_ok());
        store.close().await.unwrap();
        assert!(turn(&store, clock.as_ref()).await.is_err());
    }
}
