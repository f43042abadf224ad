//! Counts in fixed windows. Attempts that were told are on the disk: no stop of any kind gives them back.

use async_trait::async_trait;
use esignet_protocol::ports::store::{Counters, Kept, StoreError, Window};
use esignet_protocol::word::handle::HandleHash;
use esignet_protocol::word::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::records::{Records, Terms};
use crate::kv::{Condition, Durability, Key, Table};

/// How many there are in the window; the window ends when the record expires.
#[derive(Serialize, Deserialize)]
struct Count(u64);

/// See [`Counters`].
pub(crate) struct StoredCounters(pub(crate) Records);

fn name(key: &HandleHash) -> Key {
    Key::new(Table::Counter, key.as_str())
}

#[async_trait]
impl Counters for StoredCounters {
    async fn increment(&self, key: &HandleHash, window: Window, now: Timestamp) -> Result<u64, StoreError> {
        let key = name(key);
        let durability = match window.kept {
            Kept::OverACleanStop => Durability::Buffered,
            Kept::OverAnyStop => Durability::Durable,
        };
        loop {
            let found = self.0.get::<Count>(&key, now).await?;
            let (count, expires_at, condition) = match found {
                Some(found) => {
                    (found.record.0.saturating_add(1), found.expires_at, Condition::IfVersion(found.version))
                }
                None => (1, now.plus(window.seconds), Condition::IfAbsent),
            };
            let terms = Terms { expires_at, condition, durability };
            if self.0.put(&key, &Count(count), terms, now).await?.is_some() {
                return Ok(count);
            }
        }
    }

    async fn give_back(&self, key: &HandleHash, count: u64, now: Timestamp) -> Result<(), StoreError> {
        let key = name(key);
        while let Some(found) = self.0.get::<Count>(&key, now).await? {
            let terms = Terms {
                expires_at: found.expires_at,
                condition: Condition::IfVersion(found.version),
                // Losing this in a crash leaves the count higher than it should be, which is the safe side.
                durability: Durability::Buffered,
            };
            let less = Count(found.record.0.saturating_sub(count));
            if self.0.put(&key, &less, terms, now).await?.is_some() {
                break;
            }
        }
        Ok(())
    }

    async fn count(&self, key: &HandleHash, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.0.get::<Count>(&name(key), now).await?.map_or(0, |found| found.record.0))
    }
}
