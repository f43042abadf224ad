//! Registered clients, kept durably and held parsed (`performance.md`: asked several times a login).
//!
//! Several nodes share one place of storage and do not tell each other of changes. So what is held is good for some
//! seconds; then its version is compared, and only a changed record is read and parsed again.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

use async_trait::async_trait;
use esignet_protocol::client::Client;
use esignet_protocol::ports::store::{Clients, StoreError, Version, Versioned};
use esignet_protocol::word::client_id::ClientId;
use esignet_protocol::word::time::Timestamp;

use super::records::{Records, Terms};
use crate::kv::{Condition, Durability, Key, NEVER, Table};

/// How many parsed clients are held; more are read again when they are asked for.
const MAX_HELD: usize = 10_000;
/// For how many seconds a client is held without a look at the store: a change reaches every node within them.
const HELD_SECONDS: u64 = 5;

/// See [`Clients`].
pub(crate) struct StoredClients {
    records: Records,
    held: RwLock<Held>,
}

#[derive(Default)]
struct Held {
    clients: HashMap<ClientId, HeldClient>,
    /// Changes with every write of this node: what was read before a write is not held after it.
    generation: u64,
}

#[derive(Clone)]
struct HeldClient {
    client: Arc<Client>,
    version: u64,
    looked_at: Timestamp,
}

impl HeldClient {
    /// Whether it may be given out without a look at the store. A clock that was set back makes it old.
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.looked_at <= now && now < self.looked_at.plus(HELD_SECONDS)
    }
}

impl StoredClients {
    pub(crate) fn new(records: Records) -> Self {
        Self { records, held: RwLock::default() }
    }

    fn held(&self, id: &ClientId) -> (Option<HeldClient>, u64) {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        (held.clients.get(id).cloned(), held.generation)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Held> {
        self.held.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds what was read, unless this node wrote since.
    fn hold(&self, client: HeldClient, generation: u64) -> Arc<Client> {
        let mut held = self.write();
        let given = Arc::clone(&client.client);
        if held.generation == generation {
            if held.clients.len() >= MAX_HELD {
                held.clients.clear();
            }
            held.clients.insert(given.client_id.clone(), client);
        }
        given
    }

    fn drop_held(&self, id: &ClientId) {
        let mut held = self.write();
        held.generation = held.generation.wrapping_add(1);
        held.clients.remove(id);
    }

    async fn put(&self, client: &Client, condition: Condition) -> Result<Option<u64>, StoreError> {
        let terms = Terms { expires_at: NEVER, condition, durability: Durability::Durable };
        let put = self.records.put(&key(&client.client_id), client, terms, self.records.now()).await;
        // Also when it failed: nobody knows then what is in the store.
        self.drop_held(&client.client_id);
        put
    }
}

fn key(id: &ClientId) -> Key {
    Key::new(Table::Client, id.as_str())
}

fn version(number: u64) -> Version {
    Version(number.to_be_bytes().to_vec())
}

#[async_trait]
impl Clients for StoredClients {
    async fn client(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        let now = self.records.now();
        let (held, generation) = self.held(id);
        if let Some(held) = held {
            if held.is_fresh(now) {
                return Ok(Some(held.client));
            }
            if self.records.version(&key(id), now).await? == Some(held.version) {
                return Ok(Some(self.hold(HeldClient { looked_at: now, ..held }, generation)));
            }
        }
        let Some(found) = self.records.get::<Client>(&key(id), now).await? else {
            self.write().clients.remove(id);
            return Ok(None);
        };
        let read = HeldClient { client: Arc::new(found.record), version: found.version, looked_at: now };
        Ok(Some(self.hold(read, generation)))
    }

    async fn list(&self) -> Result<Vec<Arc<Client>>, StoreError> {
        let all = self.records.list(&Key::new(Table::Client, ""), usize::MAX, self.records.now()).await?;
        Ok(all.into_iter().map(Arc::new).collect())
    }

    async fn add(&self, client: &Client) -> Result<bool, StoreError> {
        Ok(self.put(client, Condition::IfAbsent).await?.is_some())
    }

    async fn load(&self, id: &ClientId) -> Result<Option<Versioned<Client>>, StoreError> {
        let found = self.records.get(&key(id), self.records.now()).await?;
        Ok(found.map(|found| Versioned { record: found.record, version: version(found.version) }))
    }

    async fn replace(&self, known: &Version, client: &Client) -> Result<Option<Version>, StoreError> {
        // A version that this store never gave is one that is no longer current.
        let Ok(number) = known.0.as_slice().try_into().map(u64::from_be_bytes) else {
            return Ok(None);
        };
        Ok(self.put(client, Condition::IfVersion(number)).await?.map(version))
    }

    async fn remove(&self, id: &ClientId) -> Result<bool, StoreError> {
        let taken = self.records.kv().take(&key(id), Durability::Durable, self.records.now()).await;
        self.drop_held(id);
        Ok(taken?.is_some())
    }
}
