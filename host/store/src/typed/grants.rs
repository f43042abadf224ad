//! Codes, what was issued from them, and what was revoked (RFC 6749 §4.1.2, FAPI 2.0 SP §5.3.2.1).
//!
//! A code's record lasts as long as its replay must be noticed: redeeming puts a tombstone in its place. After an
//! unclean stop unredeemed codes are absent. Tokens are not: the only thing that ends one early is its revocation, and
//! that is on the disk before it is acknowledged.

use async_trait::async_trait;
use esignet_protocol::issue::{AccessGrant, GrantId, IssuedCode};
use esignet_protocol::ports::store::{Grants, Redemption, StoreError};
use esignet_protocol::word::client_id::ClientId;
use esignet_protocol::word::handle::HandleHash;
use esignet_protocol::word::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::consents::upholds;
use super::records::{Records, Terms};
use crate::kv::{Condition, Durability, Key, Table};

/// What is kept under the hash of a code.
#[derive(Serialize, Deserialize)]
enum Code {
    /// It can be redeemed.
    Issued(Box<IssuedCode>),
    /// It was.
    Redeemed { client_id: ClientId, grant: GrantId },
}

/// What is kept under a revoked grant: that it is there says all.
#[derive(Serialize, Deserialize)]
struct Revoked {}

/// See [`Grants`].
pub(crate) struct StoredGrants(pub(crate) Records);

fn code_key(code: &HandleHash) -> Key {
    Key::new(Table::Code, code.as_str())
}

fn token_key(token: &HandleHash) -> Key {
    Key::new(Table::Token, token.as_str())
}

fn revocation_key(grant: &GrantId) -> Key {
    Key::new(Table::Revocation, &grant.0)
}

#[async_trait]
impl Grants for StoredGrants {
    async fn issue_code(
        &self,
        code: &HandleHash,
        issued: &IssuedCode,
        remember_until: Timestamp,
    ) -> Result<(), StoreError> {
        let terms = Terms {
            expires_at: remember_until.max(issued.expires_at),
            condition: Condition::IfAbsent,
            durability: Durability::Epoch,
        };
        let record = Code::Issued(Box::new(issued.clone()));
        let kept = self.0.put(&code_key(code), &record, terms, self.0.now()).await?;
        kept.map(drop).ok_or_else(|| StoreError::Unavailable("a fresh code was in use already".to_owned()))
    }

    async fn redeem_code(
        &self,
        code: &HandleHash,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<Redemption, StoreError> {
        let key = code_key(code);
        while let Some(found) = self.0.get::<Code>(&key, now).await? {
            let issued = match found.record {
                Code::Redeemed { client_id, .. } if client_id != *client => return Ok(Redemption::Foreign),
                Code::Redeemed { grant, .. } => return Ok(Redemption::Replayed(grant)),
                Code::Issued(issued) => issued,
            };
            if issued.expires_at <= now {
                // Gone for good: a clock that is set back does not make it new again.
                self.0.kv().take(&key, Durability::Buffered, now).await?;
                return Ok(Redemption::Unknown);
            }
            if issued.client_id != *client {
                return Ok(Redemption::Foreign);
            }
            let (subject, consent) = (&issued.login.subject, issued.consent);
            if !upholds(&self.0, client, subject, consent, now).await? {
                self.0.kv().take(&key, Durability::Buffered, now).await?;
                return Ok(Redemption::Unknown);
            }
            let tombstone = Code::Redeemed { client_id: client.clone(), grant: issued.grant.clone() };
            let terms = Terms {
                expires_at: found.expires_at,
                condition: Condition::IfVersion(found.version),
                durability: Durability::Buffered,
            };
            if self.0.put(&key, &tombstone, terms, now).await?.is_some() {
                return Ok(Redemption::Redeemed(issued));
            }
        }
        Ok(Redemption::Unknown)
    }

    async fn issue_token(&self, token: &HandleHash, grant: &AccessGrant) -> Result<(), StoreError> {
        let terms = Terms {
            expires_at: grant.expires_at,
            condition: Condition::IfAbsent,
            durability: Durability::Buffered,
        };
        let kept = self.0.put(&token_key(token), grant, terms, self.0.now()).await?;
        kept.map(drop)
            .ok_or_else(|| StoreError::Unavailable("a fresh access token was in use already".to_owned()))
    }

    async fn token(&self, token: &HandleHash, now: Timestamp) -> Result<Option<AccessGrant>, StoreError> {
        let Some(found) = self.0.get::<AccessGrant>(&token_key(token), now).await? else {
            return Ok(None);
        };
        let grant = found.record;
        if self.0.kv().get(&revocation_key(&grant.grant), now).await?.is_some() {
            return Ok(None);
        }
        let upheld = upholds(&self.0, &grant.client_id, &grant.login.subject, grant.consent, now).await?;
        Ok(upheld.then_some(grant))
    }

    async fn revoke(&self, grant: &GrantId, until: Timestamp) -> Result<(), StoreError> {
        let now = self.0.now();
        let key = revocation_key(grant);
        let mut until = until;
        // Ends when it is written: whoever was faster wrote a revocation too, and the longer one stays.
        loop {
            let found = self.0.get::<Revoked>(&key, now).await?;
            let condition =
                found.as_ref().map_or(Condition::IfAbsent, |found| Condition::IfVersion(found.version));
            until = until.max(found.map_or(until, |found| found.expires_at));
            let terms = Terms { expires_at: until, condition, durability: Durability::Durable };
            if self.0.put(&key, &Revoked {}, terms, now).await?.is_some() {
                return Ok(());
            }
        }
    }
}
