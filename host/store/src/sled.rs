//! Records on the disk of one machine, in sled 0.34, used only in the ways that were measured to be safe (`state.md`).
//!
//! Writes go into the buffers of sled; only durable ones wait for the thread in `writer`. Every record that a lost write
//! could revive
//! carries the boot epoch, a random number that changes with every unclean stop (`open`).

mod header;
mod open;
#[cfg(test)]
mod tests;
mod writer;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use async_trait::async_trait;
use esignet_protocol::ports::store::StoreError;
use esignet_protocol::word::time::Timestamp;

use self::header::{Header, LASTING};
pub use self::open::OpenError;
use self::writer::Writer;
use crate::expiry::{index_bound, index_entry, split_index_entry};
use crate::kv::{Durability, Entry, Horizon, Key, Kv, NEVER, Table, Write};
use crate::memory::closed;

/// A directory with a sled database, held by this process alone.
pub struct Sled {
    records: ::sled::Tree,
    expiries: ::sled::Tree,
    meta: ::sled::Tree,
    epoch: u64,
    since: Timestamp,
    swept_until: AtomicU64,
    versions: AtomicU64,
    /// Whether writes are still taken; held for reading during each of them, so that the clean stop comes after all.
    is_open: RwLock<bool>,
    writer: Writer,
}

impl Sled {
    /// Opens or creates the store in a directory.
    pub fn open(path: &Path, now: Timestamp) -> Result<Self, OpenError> {
        let unreadable = |reason: String| OpenError::Unreadable { path: path.to_owned(), reason };
        let versions = open::random(path)?;
        let opened = open::open(path, now)?;
        Ok(Self {
            records: opened.db.open_tree("records").map_err(|error| unreadable(error.to_string()))?,
            expiries: opened.db.open_tree("expiries").map_err(|error| unreadable(error.to_string()))?,
            meta: opened.meta,
            epoch: opened.epoch,
            since: opened.since,
            swept_until: AtomicU64::new(opened.swept_until.0),
            versions: AtomicU64::new(versions),
            is_open: RwLock::new(true),
            writer: Writer::start(opened.db, opened.file).map_err(|error| unreadable(error.to_string()))?,
        })
    }

    fn entered(&self) -> Result<RwLockReadGuard<'_, bool>, StoreError> {
        let is_open = self.is_open.read().unwrap_or_else(PoisonError::into_inner);
        if *is_open { Ok(is_open) } else { Err(closed()) }
    }

    /// What is stored, and what of it counts now. What does not is forgotten on the way, so that it cannot come back
    /// when the clock is set back.
    fn find(&self, key: &Key, now: Timestamp) -> Result<(Option<::sled::IVec>, Option<Entry>), StoreError> {
        let Some(stored) = self.records.get(key.as_bytes()).map_err(failed)? else {
            return Ok((None, None));
        };
        let (header, value) = Header::decode(key, &stored)?;
        if header.is_alive(self.epoch, now) {
            let entry =
                Entry { value: value.to_vec(), expires_at: header.expires_at, version: header.version };
            return Ok((Some(stored), Some(entry)));
        }
        let forgotten = self.swap(key, Some(&stored), None)?;
        Ok((if forgotten { None } else { Some(stored) }, None))
    }

    /// One atomic step from what was found; false when somebody was faster.
    fn swap(&self, key: &Key, from: Option<&::sled::IVec>, to: Option<Vec<u8>>) -> Result<bool, StoreError> {
        self.records.compare_and_swap(key.as_bytes(), from, to).map(|swapped| swapped.is_ok()).map_err(failed)
    }

    fn replace(&self, key: &Key, write: &Write, now: Timestamp) -> Result<Option<u64>, StoreError> {
        let _entered = self.entered()?;
        loop {
            let (stored, living) = self.find(key, now)?;
            if !write.condition.admits(living.map(|entry| entry.version)) {
                return Ok(None);
            }
            let version = self.versions.fetch_add(1, Ordering::Relaxed);
            let epoch = if write.durability == Durability::Epoch { self.epoch } else { LASTING };
            let header = Header { epoch, version, expires_at: write.expires_at };
            // The index comes first: an index entry without a record is harmless, a record without one would stay.
            if write.expires_at != NEVER {
                let entry = index_entry(write.expires_at, key.as_bytes());
                self.expiries.insert(entry, &[]).map_err(failed)?;
            }
            if self.swap(key, stored.as_ref(), Some(header.encode(&write.value)))? {
                return Ok(Some(version));
            }
        }
    }

    fn remove(&self, key: &Key, now: Timestamp) -> Result<Option<Entry>, StoreError> {
        let _entered = self.entered()?;
        loop {
            let (stored, living) = self.find(key, now)?;
            if living.is_none() || self.swap(key, stored.as_ref(), None)? {
                return Ok(living);
            }
        }
    }

    async fn settle(&self, durability: Durability) -> Result<(), StoreError> {
        match durability {
            Durability::Epoch | Durability::Buffered => Ok(()),
            Durability::Durable => self.writer.committed().await,
        }
    }

    fn remove_expired(&self, limit: usize, now: Timestamp) -> Result<usize, StoreError> {
        let _entered = self.entered()?;
        let over = self.expiries.range(..index_bound(now).as_slice()).keys().take(limit);
        let over = over.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let replays = over.iter().filter_map(|entry| split_index_entry(entry));
        let replays = replays.filter(|(_, key)| key.first() == Some(&(Table::Replay as u8)));
        if let Some(latest) = replays.map(|(expires_at, _)| expires_at.0).max()
            && self.swept_until.fetch_max(latest, Ordering::AcqRel) < latest
        {
            open::note_swept(&self.meta, Timestamp(latest)).map_err(failed)?;
        }
        for entry in &over {
            if let Some((expires_at, key)) = split_index_entry(entry) {
                self.remove_if_due(expires_at, key)?;
            }
            self.expiries.remove(entry).map_err(failed)?;
        }
        Ok(over.len())
    }

    /// Removes the record of an index entry, unless it was written again with another expiry.
    fn remove_if_due(&self, expires_at: Timestamp, key: &[u8]) -> Result<(), StoreError> {
        while let Some(stored) = self.records.get(key).map_err(failed)? {
            let due = Header::expiry(&stored).is_none_or(|actual| actual <= expires_at);
            if !due
                || self.records.compare_and_swap(key, Some(&stored), None::<&[u8]>).map_err(failed)?.is_ok()
            {
                break;
            }
        }
        Ok(())
    }
}

/// sled said no: the disk is full or broken, or the store is closed.
fn failed(error: ::sled::Error) -> StoreError {
    match error {
        ::sled::Error::Corruption { .. } => StoreError::Corrupt(
            "the store's file is damaged; stop the server and restore it from a backup".to_owned(),
        ),
        error @ (::sled::Error::CollectionNotFound(_)
        | ::sled::Error::Unsupported(_)
        | ::sled::Error::ReportableBug(_)
        | ::sled::Error::Io(_)) => StoreError::Unavailable(format!("sled: {error}")),
    }
}

#[async_trait]
impl Kv for Sled {
    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<Entry>, StoreError> {
        let _entered = self.entered()?;
        Ok(self.find(key, now)?.1)
    }

    async fn put(&self, key: &Key, write: Write, now: Timestamp) -> Result<Option<u64>, StoreError> {
        write.check(key)?;
        let version = self.replace(key, &write, now)?;
        if version.is_some() {
            self.settle(write.durability).await?;
        }
        Ok(version)
    }

    async fn take(
        &self,
        key: &Key,
        durability: Durability,
        now: Timestamp,
    ) -> Result<Option<Entry>, StoreError> {
        let taken = self.remove(key, now)?;
        if taken.is_some() {
            self.settle(durability).await?;
        }
        Ok(taken)
    }

    async fn scan(
        &self,
        prefix: &Key,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Entry)>, StoreError> {
        let _entered = self.entered()?;
        let from = after.filter(|after| *after >= prefix).unwrap_or(prefix);
        let mut found = Vec::new();
        for pair in self.records.range(from.as_bytes()..) {
            let (bytes, stored) = pair.map_err(failed)?;
            if found.len() == limit || !bytes.starts_with(prefix.as_bytes()) {
                break;
            }
            let key = prefix.sibling(&bytes);
            let (header, value) = Header::decode(&key, &stored)?;
            if header.is_alive(self.epoch, now) && Some(&key) != after {
                let entry =
                    Entry { value: value.to_vec(), expires_at: header.expires_at, version: header.version };
                found.push((key, entry));
            }
        }
        Ok(found)
    }

    async fn sweep(&self, limit: usize, now: Timestamp) -> Result<usize, StoreError> {
        self.remove_expired(limit, now)
    }

    fn horizon(&self) -> Horizon {
        Horizon { since: self.since, swept_until: Timestamp(self.swept_until.load(Ordering::Acquire)) }
    }

    async fn close(&self) -> Result<(), StoreError> {
        {
            let mut is_open = self.is_open.write().unwrap_or_else(PoisonError::into_inner);
            if !std::mem::replace(&mut *is_open, false) {
                return Ok(());
            }
        }
        self.writer.committed().await?;
        open::mark_stopped(&self.meta).map_err(failed)?;
        self.writer.committed().await
    }
}
