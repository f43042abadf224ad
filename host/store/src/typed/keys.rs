//! The signing keys: one durable, sealed record, so that the first ones are all there or none is.

use async_trait::async_trait;
use esignet_protocol::keys::StoredKey;
use esignet_protocol::ports::store::{KeyRecords, StoreError};

use super::records::{Records, Terms};
use crate::kv::{Condition, Durability, Key, NEVER, Table};

/// See [`KeyRecords`].
pub(crate) struct StoredKeys(pub(crate) Records);

fn ring() -> Key {
    Key::new(Table::SigningKey, "ring")
}

#[async_trait]
impl KeyRecords for StoredKeys {
    async fn load(&self) -> Result<Vec<StoredKey>, StoreError> {
        let found = self.0.get::<Vec<StoredKey>>(&ring(), self.0.now()).await?;
        let mut keys = found.map(|found| found.record).unwrap_or_default();
        keys.sort_by_key(|key| key.active_from);
        Ok(keys)
    }

    async fn init(&self, keys: &[StoredKey]) -> Result<bool, StoreError> {
        let terms =
            Terms { expires_at: NEVER, condition: Condition::IfAbsent, durability: Durability::Durable };
        Ok(self.0.put(&ring(), &keys, terms, self.0.now()).await?.is_some())
    }
}
