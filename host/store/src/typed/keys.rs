//! The signing keys: durable and sealed, replaced as a whole or not at all.
//!
//! One record says which generation is current and which parts it consists of; the parts hold the keys, because all keys
//! together may be longer than one record can be. Parts are written first and belong to one generation for ever, and the
//! record over them is exchanged if it is still the one that was expected: that moment decides. Whoever wins removes what
//! is older, also what others left who lost before.

use async_trait::async_trait;
use esignet_jose::digest::sha256_base64url;
use esignet_protocol::keys::StoredKey;
use esignet_protocol::ports::store::{Generation, KeyRecords, StoreError};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::records::{Found, Records, Terms};
use crate::kv::{Condition, Durability, Key, NEVER, Table};
use crate::seal::corrupt;

/// The longest part in bytes, unless one key alone is longer. Well below [`MAX_VALUE`](crate::kv::MAX_VALUE).
const PART: usize = 8_000;
/// How often parts may have gone from under a reader.
const ATTEMPTS: usize = 16;
/// Obsolete parts removed at a time.
const PAGE: usize = 64;

/// See [`KeyRecords`].
pub(crate) struct StoredKeys(pub(crate) Records);

/// The record over the parts.
#[derive(Serialize, Deserialize)]
struct Current {
    generation: u64,
    parts: Vec<String>,
}

fn current() -> Key {
    Key::new(Table::SigningKey, "current")
}

fn parts() -> Key {
    Key::new(Table::SigningKey, "part/")
}

/// Where a part is. Names of one generation sort together, in the order of generations; of two writers of the same
/// generation each has its own, since no two write the same keys.
fn part(generation: u64, content: &[u8]) -> String {
    format!("part/{generation:020}/{}", sha256_base64url(content))
}

/// The keys as JSON arrays, each short enough for a record.
fn divided(keys: &[StoredKey]) -> Result<Vec<Zeroizing<Vec<u8>>>, StoreError> {
    let mut divided = Vec::new();
    let mut part = Zeroizing::new(Vec::new());
    for key in keys {
        let json = serde_json::to_vec(key).map_err(|_| corrupt(&parts(), "it cannot be written as JSON"))?;
        let json = Zeroizing::new(json);
        if !part.is_empty() && part.len() + json.len() > PART {
            part.push(b']');
            divided.push(std::mem::take(&mut part));
        }
        let separator = if part.is_empty() { b'[' } else { b',' };
        part.push(separator);
        part.extend_from_slice(&json);
    }
    if !part.is_empty() {
        part.push(b']');
        divided.push(part);
    }
    Ok(divided)
}

const fn durably(condition: Condition) -> Terms {
    Terms { expires_at: NEVER, condition, durability: Durability::Durable }
}

impl StoredKeys {
    async fn current(&self) -> Result<Option<Found<Current>>, StoreError> {
        self.0.get(&current(), self.0.now()).await
    }

    /// The keys of a generation; `None` when a part is gone, because it is no longer the current one.
    async fn keys(&self, current: &Current) -> Result<Option<Vec<StoredKey>>, StoreError> {
        let mut keys = Vec::new();
        for name in &current.parts {
            let part = self.0.get(&Key::new(Table::SigningKey, name), self.0.now()).await?;
            let Some(Found::<Vec<StoredKey>> { record, .. }) = part else { return Ok(None) };
            keys.extend(record);
        }
        Ok(Some(keys))
    }

    /// Removes parts of earlier generations: nobody can make them current any more.
    async fn forget_before(&self, generation: u64) -> Result<(), StoreError> {
        let first_kept = Key::new(Table::SigningKey, &format!("part/{generation:020}/"));
        loop {
            let page = self.0.kv().scan(&parts(), None, PAGE, self.0.now()).await?;
            let old: Vec<Key> =
                page.into_iter().map(|(key, _)| key).filter(|key| *key < first_kept).collect();
            for key in &old {
                self.0.kv().take(key, Durability::Durable, self.0.now()).await?;
            }
            if old.len() < PAGE {
                return Ok(());
            }
        }
    }
}

#[async_trait]
impl KeyRecords for StoredKeys {
    async fn load(&self) -> Result<(Generation, Vec<StoredKey>), StoreError> {
        for _ in 0..ATTEMPTS {
            let Some(found) = self.current().await? else { return Ok((Generation(0), Vec::new())) };
            if let Some(keys) = self.keys(&found.record).await? {
                return Ok((Generation(found.record.generation), keys));
            }
            if self.current().await?.is_some_and(|again| again.version == found.version) {
                return Err(corrupt(&parts(), "a part of the current generation is missing"));
            }
        }
        Err(StoreError::Unavailable("other servers keep changing the signing keys".to_owned()))
    }

    async fn replace(&self, expected: Generation, keys: &[StoredKey]) -> Result<bool, StoreError> {
        let found = self.current().await?;
        let known = found.as_ref().map_or(0, |found| found.record.generation);
        if known != expected.0 {
            return Ok(false);
        }
        let generation = known.saturating_add(1);
        let mut names = Vec::new();
        for content in divided(keys)? {
            let name = part(generation, &content);
            let key = Key::new(Table::SigningKey, &name);
            self.0.put_bytes(&key, &content, durably(Condition::Always), self.0.now()).await?;
            names.push(name);
        }
        let condition = found.map_or(Condition::IfAbsent, |found| Condition::IfVersion(found.version));
        let next = Current { generation, parts: names };
        let replaced = self.0.put(&current(), &next, durably(condition), self.0.now()).await?.is_some();
        if replaced {
            self.forget_before(generation).await?;
        }
        Ok(replaced)
    }
}
