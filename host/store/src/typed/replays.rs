//! Identifiers that were used once: `jti` of client assertions (RFC 7523 §3) and of DPoP proofs (RFC 9449 §11.1).
//!
//! Each use is a buffered write. What an unclean stop loses lies before [`Replays::remembers_since`], and the core
//! refuses everything that was issued before that.

use async_trait::async_trait;
use esignet_protocol::ports::store::{Replays, StoreError};
use esignet_protocol::word::handle::HandleHash;
use esignet_protocol::word::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::records::{Records, Terms};
use crate::kv::{Condition, Durability, Key, Table};

/// That it is there says all.
#[derive(Serialize, Deserialize)]
struct Used {}

/// See [`Replays`].
pub(crate) struct StoredReplays(pub(crate) Records);

#[async_trait]
impl Replays for StoredReplays {
    async fn first_use(
        &self,
        key: &HandleHash,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        // What is over cannot be remembered, and what was swept cannot be told from a replay when the clock was set
        // back after the sweep. Both count as used.
        if until <= now.max(self.0.horizon().swept_until) {
            return Ok(false);
        }
        let key = Key::new(Table::Replay, key.as_str());
        let terms =
            Terms { expires_at: until, condition: Condition::IfAbsent, durability: Durability::Buffered };
        Ok(self.0.put(&key, &Used {}, terms, now).await?.is_some())
    }

    fn remembers_since(&self) -> Timestamp {
        self.0.horizon().since
    }
}
