//! Logins under way: each step replaces the record it read, so that of two steps at once only one counts.

use async_trait::async_trait;
use esignet_protocol::ports::store::{StoreError, Transactions, Version, Versioned};
use esignet_protocol::transaction::Transaction;
use esignet_protocol::word::handle::HandleHash;
use esignet_protocol::word::time::Timestamp;

use super::records::{Records, Terms};
use crate::kv::{Condition, Durability, Key, Table};

/// See [`Transactions`].
pub(crate) struct StoredTransactions(pub(crate) Records);

fn key(id: &HandleHash) -> Key {
    Key::new(Table::Transaction, id.as_str())
}

fn version(number: u64) -> Version {
    Version(number.to_be_bytes().to_vec())
}

#[async_trait]
impl Transactions for StoredTransactions {
    async fn create(
        &self,
        id: &HandleHash,
        transaction: &Transaction,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let terms =
            Terms { expires_at: until, condition: Condition::IfAbsent, durability: Durability::Epoch };
        let created = self.0.put(&key(id), transaction, terms, self.0.now()).await?;
        created
            .map(drop)
            .ok_or_else(|| StoreError::Unavailable("a fresh transaction id was in use already".to_owned()))
    }

    async fn load(
        &self,
        id: &HandleHash,
        now: Timestamp,
    ) -> Result<Option<Versioned<Transaction>>, StoreError> {
        let found = self.0.get(&key(id), now).await?;
        Ok(found.map(|found| Versioned { record: found.record, version: version(found.version) }))
    }

    async fn replace(
        &self,
        id: &HandleHash,
        known: &Version,
        transaction: &Transaction,
        until: Timestamp,
    ) -> Result<Option<Version>, StoreError> {
        // A version that this store never gave is one that is no longer current.
        let Ok(number) = known.0.as_slice().try_into().map(u64::from_be_bytes) else {
            return Ok(None);
        };
        let terms = Terms {
            expires_at: until,
            condition: Condition::IfVersion(number),
            durability: Durability::Epoch,
        };
        let replaced = self.0.put(&key(id), transaction, terms, self.0.now()).await?;
        Ok(replaced.map(version))
    }

    async fn remove(&self, id: &HandleHash) -> Result<(), StoreError> {
        self.0.kv().take(&key(id), Durability::Buffered, self.0.now()).await.map(drop)
    }
}
