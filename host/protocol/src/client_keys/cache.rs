//! What was read at `jwks_uri`s, and when to read again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use esignet_jose::jwk::JwkSet;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};

use super::{KeysUnavailable, Wanted};
use crate::ports::fetch::{PublicFetch, PublicRequest};
use crate::word::client_id::ClientId;
use crate::word::time::Timestamp;

/// The least between two readings for one client that do not follow from age, in seconds: for a key that nobody knows, or
/// after a reading that failed. Whoever sends made-up key ids causes no more than this, and a rollover takes effect within
/// it, mostly at once.
pub(super) const RETRY_SECONDS: u64 = 30;
/// Keys are good for as long as their server says, within these bounds, in seconds.
const MAX_AGE: std::ops::RangeInclusive<u64> = 60..=24 * 60 * 60;
/// For how long they are good when their server says nothing, in seconds.
const USUAL_AGE: u64 = 300;
/// For how long after that they are used while no reading succeeds, in seconds.
const STALE_FOR: u64 = 24 * 60 * 60;
/// The largest set taken, in bytes (T45).
const MAX_BYTES: usize = 64 * 1024;
/// How many clients are held; more are read again.
const MAX_HELD: usize = 10_000;

/// Keys of clients that are published elsewhere.
pub struct FetchedKeys {
    fetch: Arc<dyn PublicFetch>,
    slots: Mutex<HashMap<ClientId, Slot>>,
}

/// What comes of a reading.
type Read = Result<Kept, KeysUnavailable>;
/// A reading under way: polled by whoever waits for it, and gone on with by the next when that one leaves.
type Reading = Shared<BoxFuture<'static, Read>>;

/// What is known of one client.
struct Slot {
    uri: String,
    kept: Option<Held>,
    last: Option<Attempt>,
    under_way: Option<Reading>,
}

/// Keys with how long their server allows to use them, in seconds.
#[derive(Clone)]
struct Kept {
    keys: Arc<JwkSet>,
    max_age: u64,
}

/// Keys and until when they are fresh.
struct Held {
    keys: Arc<JwkSet>,
    fresh_until: Timestamp,
}

/// The last reading that failed, or that was begun for a key that nobody knew.
#[derive(Clone, Copy)]
struct Attempt {
    at: Timestamp,
    failure: Option<KeysUnavailable>,
}

/// What is to be done for one caller.
enum Step {
    Use(Arc<JwkSet>),
    Read(Reading),
    Refuse(KeysUnavailable),
}

impl FetchedKeys {
    /// Nothing read yet.
    pub fn new(fetch: Arc<dyn PublicFetch>) -> Self {
        Self { fetch, slots: Mutex::default() }
    }

    /// The keys at a client's `jwks_uri`.
    pub(super) async fn at(
        &self,
        client: &ClientId,
        uri: &str,
        wanted: Wanted<'_>,
        now: Timestamp,
    ) -> Result<Arc<JwkSet>, KeysUnavailable> {
        let reading = match self.step(client, uri, wanted, now) {
            Step::Use(keys) => return Ok(keys),
            Step::Refuse(reason) => return Err(reason),
            Step::Read(reading) => reading,
        };
        let read = reading.clone().await;
        let mut slots = self.slots();
        let Some(slot) = slots.get_mut(client).filter(|slot| slot.uri == uri) else {
            return read.map(|kept| kept.keys);
        };
        slot.end(&reading, &read, now);
        match (slot.usable(now), read) {
            (Some(keys), _) => Ok(keys),
            (None, Ok(kept)) => Ok(kept.keys),
            (None, Err(reason)) => Err(reason),
        }
    }

    fn step(&self, client: &ClientId, uri: &str, wanted: Wanted<'_>, now: Timestamp) -> Step {
        let mut slots = self.slots();
        if slots.len() >= MAX_HELD && !slots.contains_key(client) {
            slots.clear();
        }
        let slot = slots.entry(client.clone()).or_insert_with(|| Slot::new(uri));
        if slot.uri != uri {
            *slot = Slot::new(uri);
        }
        slot.step(wanted, now, || self.reading(uri))
    }

    fn reading(&self, uri: &str) -> Reading {
        let fetch = Arc::clone(&self.fetch);
        let accept = "application/jwk-set+json, application/json";
        let request = PublicRequest { url: uri.to_owned(), accept, max_bytes: MAX_BYTES };
        let read = async move {
            let fetched = fetch.get(request).await?;
            let text = std::str::from_utf8(&fetched.bytes).map_err(|_| KeysUnavailable::NotText)?;
            let max_age = fetched.max_age.unwrap_or(USUAL_AGE).clamp(*MAX_AGE.start(), *MAX_AGE.end());
            Ok(Kept { keys: Arc::new(JwkSet::from_json(text)?), max_age })
        };
        read.boxed().shared()
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<ClientId, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    fn new(uri: &str) -> Self {
        Self { uri: uri.to_owned(), kept: None, last: None, under_way: None }
    }

    /// What is to be done for somebody who wants a key now.
    fn step(&mut self, wanted: Wanted<'_>, now: Timestamp, reading: impl FnOnce() -> Reading) -> Step {
        let fresh = self.kept.as_ref().filter(|held| now < held.fresh_until);
        if let Some(held) = fresh
            && (wanted.is_in(&held.keys) || !self.may_read(now))
        {
            return Step::Use(Arc::clone(&held.keys));
        }
        if self.under_way.is_none() && fresh.is_some() {
            self.last = Some(Attempt { at: now, failure: None });
            return Step::Read(self.under_way.insert(reading()).clone());
        }
        if self.under_way.is_some() || self.may_read(now) {
            return Step::Read(self.under_way.get_or_insert_with(reading).clone());
        }
        match (self.usable(now), self.last.and_then(|last| last.failure)) {
            (Some(keys), _) => Step::Use(keys),
            (None, Some(reason)) => Step::Refuse(reason),
            (None, None) => Step::Read(self.under_way.get_or_insert_with(reading).clone()),
        }
    }

    /// Whether the last attempt is long enough ago. A clock that was set back makes it so.
    fn may_read(&self, now: Timestamp) -> bool {
        self.last.is_none_or(|last| now < last.at || now >= last.at.plus(RETRY_SECONDS))
    }

    /// The keys, fresh or stale within bounds.
    fn usable(&self, now: Timestamp) -> Option<Arc<JwkSet>> {
        let held = self.kept.as_ref().filter(|held| now < held.fresh_until.plus(STALE_FOR))?;
        Some(Arc::clone(&held.keys))
    }

    /// Takes down what came of a reading, once.
    fn end(&mut self, reading: &Reading, read: &Read, now: Timestamp) {
        if !self.under_way.as_ref().is_some_and(|under_way| under_way.ptr_eq(reading)) {
            return;
        }
        self.under_way = None;
        match read {
            Ok(kept) => {
                let fresh_until = now.plus(kept.max_age);
                self.kept = Some(Held { keys: Arc::clone(&kept.keys), fresh_until });
            }
            Err(failure) => self.last = Some(Attempt { at: now, failure: Some(*failure) }),
        }
    }
}
