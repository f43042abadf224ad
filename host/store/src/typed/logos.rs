//! Logos of clients: small images under names that their content gives them.

use async_trait::async_trait;
use esignet_protocol::client::LogoId;
use esignet_protocol::ports::store::{Logos, StoreError};

use super::records::{Records, Terms};
use crate::kv::{Condition, Durability, Key, NEVER, Table};

/// See [`Logos`].
pub(crate) struct StoredLogos(pub(crate) Records);

fn key(id: &LogoId) -> Key {
    Key::new(Table::Logo, id.as_str())
}

#[async_trait]
impl Logos for StoredLogos {
    async fn keep(&self, id: &LogoId, png: &[u8]) -> Result<(), StoreError> {
        let terms =
            Terms { expires_at: NEVER, condition: Condition::Always, durability: Durability::Durable };
        self.0.put_bytes(&key(id), png, terms, self.0.now()).await.map(drop)
    }

    async fn logo(&self, id: &LogoId) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.get_bytes(&key(id), self.0.now()).await
    }

    async fn forget(&self, id: &LogoId) -> Result<(), StoreError> {
        self.0.kv().take(&key(id), Durability::Durable, self.0.now()).await.map(drop)
    }
}
