//! Pushed authorization requests (RFC 9126 §4: each is used once, though a browser may reload it before).

use async_trait::async_trait;
use esignet_protocol::authorization_request::PushedRequest;
use esignet_protocol::ports::store::{PushedRequests, StoreError};
use esignet_protocol::word::handle::HandleHash;
use esignet_protocol::word::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::records::{Records, Terms};
use crate::kv::{Condition, Durability, Key, Table};

/// What is kept under the hash of a `request_uri`.
#[derive(Serialize, Deserialize)]
enum Pushed {
    /// It can be opened, and was so many times.
    Open(Box<PushedRequest>, u32),
    /// A login with it has completed.
    Spent,
}

/// See [`PushedRequests`].
pub(crate) struct StoredPushedRequests(pub(crate) Records);

fn key(handle: &HandleHash) -> Key {
    Key::new(Table::PushedRequest, handle.as_str())
}

#[async_trait]
impl PushedRequests for StoredPushedRequests {
    async fn push(
        &self,
        handle: &HandleHash,
        request: &PushedRequest,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let terms =
            Terms { expires_at: until, condition: Condition::IfAbsent, durability: Durability::Epoch };
        let pushed = self
            .0
            .put(&key(handle), &Pushed::Open(Box::new(request.clone()), 0), terms, self.0.now())
            .await?;
        pushed
            .map(drop)
            .ok_or_else(|| StoreError::Unavailable("a fresh request_uri was in use already".to_owned()))
    }

    async fn look(&self, handle: &HandleHash, now: Timestamp) -> Result<Option<PushedRequest>, StoreError> {
        let found = self.0.get::<Pushed>(&key(handle), now).await?;
        Ok(found.and_then(|found| match found.record {
            Pushed::Open(request, _) => Some(*request),
            Pushed::Spent => None,
        }))
    }

    async fn open(&self, handle: &HandleHash, until: Timestamp, most: u32) -> Result<bool, StoreError> {
        let now = self.0.now();
        while let Some(found) = self.0.get::<Pushed>(&key(handle), now).await? {
            let opened = match found.record {
                Pushed::Open(request, opened) if opened < most => Pushed::Open(request, opened + 1),
                Pushed::Open(..) | Pushed::Spent => return Ok(false),
            };
            let terms = Terms {
                expires_at: until.max(found.expires_at),
                condition: Condition::IfVersion(found.version),
                durability: Durability::Epoch,
            };
            if self.0.put(&key(handle), &opened, terms, now).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn spend(&self, handle: &HandleHash, now: Timestamp) -> Result<bool, StoreError> {
        while let Some(found) = self.0.get::<Pushed>(&key(handle), now).await? {
            if matches!(found.record, Pushed::Spent) {
                return Ok(false);
            }
            let terms = Terms {
                expires_at: found.expires_at,
                condition: Condition::IfVersion(found.version),
                durability: Durability::Buffered,
            };
            if self.0.put(&key(handle), &Pushed::Spent, terms, now).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
