//! Records in memory, for tests and `--ephemeral`: the same rules as on disk, nothing left after the process.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use esignet_protocol::ports::store::StoreError;
use esignet_protocol::word::time::Timestamp;

use crate::kv::{Durability, Entry, Horizon, Key, Kv, NEVER, Table, Write};

const SHARDS: usize = 16;

/// Records of one process, in shards with a lock each. Its durability is the process's, whatever was asked.
pub struct Memory {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
    versions: AtomicU64,
    since: Timestamp,
    swept_until: AtomicU64,
    closed: AtomicBool,
}

#[derive(Default)]
struct Shard {
    records: BTreeMap<Key, Entry>,
    expiries: BTreeSet<(Timestamp, Key)>,
}

impl Shard {
    /// The record if it lives; one whose time is over is forgotten on the way.
    fn living(&mut self, key: &Key, now: Timestamp) -> Option<&Entry> {
        if self.records.get(key).is_some_and(|entry| entry.expires_at <= now) {
            self.remove(key);
        }
        self.records.get(key)
    }

    fn insert(&mut self, key: &Key, entry: Entry) {
        self.remove(key);
        if entry.expires_at != NEVER {
            self.expiries.insert((entry.expires_at, key.clone()));
        }
        self.records.insert(key.clone(), entry);
    }

    fn remove(&mut self, key: &Key) -> Option<Entry> {
        let entry = self.records.remove(key)?;
        self.expiries.remove(&(entry.expires_at, key.clone()));
        Some(entry)
    }
}

impl Memory {
    /// An empty store, started `now`.
    pub fn new(now: Timestamp) -> Self {
        Self {
            shards: Default::default(),
            hasher: RandomState::new(),
            versions: AtomicU64::new(1),
            since: now,
            swept_until: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        }
    }

    fn shard(&self, key: &Key) -> Result<MutexGuard<'_, Shard>, StoreError> {
        let number = self.hasher.hash_one(key) % SHARDS as u64;
        let shard = usize::try_from(number).ok().and_then(|number| self.shards.get(number));
        let shard =
            shard.ok_or_else(|| StoreError::Unavailable("the memory store lost a shard".to_owned()))?;
        self.lock(shard)
    }

    fn lock<'a>(&self, shard: &'a Mutex<Shard>) -> Result<MutexGuard<'a, Shard>, StoreError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        Ok(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What every call after the clean stop gets.
pub(crate) fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed because the server is stopping".to_owned())
}

#[async_trait]
impl Kv for Memory {
    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<Entry>, StoreError> {
        Ok(self.shard(key)?.living(key, now).cloned())
    }

    async fn put(&self, key: &Key, write: Write, now: Timestamp) -> Result<Option<u64>, StoreError> {
        write.check(key)?;
        let mut shard = self.shard(key)?;
        let found = shard.living(key, now).map(|entry| entry.version);
        if !write.condition.admits(found) {
            return Ok(None);
        }
        let version = self.versions.fetch_add(1, Ordering::Relaxed);
        shard.insert(key, Entry { value: write.value, expires_at: write.expires_at, version });
        Ok(Some(version))
    }

    async fn take(&self, key: &Key, _: Durability, now: Timestamp) -> Result<Option<Entry>, StoreError> {
        let mut shard = self.shard(key)?;
        if shard.living(key, now).is_none() {
            return Ok(None);
        }
        Ok(shard.remove(key))
    }

    async fn scan(
        &self,
        prefix: &Key,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Entry)>, StoreError> {
        let mut found = Vec::new();
        for shard in &self.shards {
            let shard = self.lock(shard)?;
            let from = after.filter(|after| *after >= prefix);
            let here = shard.records.range(from.unwrap_or(prefix)..);
            let here = here.take_while(|(key, _)| key.as_bytes().starts_with(prefix.as_bytes()));
            let here = here.filter(|(key, entry)| Some(*key) != after && entry.expires_at > now);
            found.extend(here.take(limit).map(|(key, entry)| (key.clone(), entry.clone())));
        }
        found.sort_by(|(left, _), (right, _)| left.cmp(right));
        found.truncate(limit);
        Ok(found)
    }

    async fn sweep(&self, limit: usize, now: Timestamp) -> Result<usize, StoreError> {
        let mut swept = 0;
        for shard in &self.shards {
            let mut shard = self.lock(shard)?;
            while swept < limit {
                let Some((expires_at, key)) =
                    shard.expiries.first().filter(|(over, _)| *over <= now).cloned()
                else {
                    break;
                };
                if key.table() == Table::Replay {
                    self.swept_until.fetch_max(expires_at.0, Ordering::AcqRel);
                }
                shard.remove(&key);
                swept += 1;
            }
        }
        Ok(swept)
    }

    fn horizon(&self) -> Horizon {
        Horizon { since: self.since, swept_until: Timestamp(self.swept_until.load(Ordering::Acquire)) }
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.closed.store(true, Ordering::Release);
        Ok(())
    }
}
