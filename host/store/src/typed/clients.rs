//! Registered clients, kept durably and held parsed (`performance.md`: asked several times a login).

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use esignet_protocol::client::Client;
use esignet_protocol::ports::store::{Clients, StoreError};
use esignet_protocol::word::client_id::ClientId;

use super::records::{Records, Terms};
use crate::kv::{Condition, Durability, Key, NEVER, Table};

/// How many parsed clients are held; more are read again when they are asked for.
const MAX_HELD: usize = 10_000;

/// See [`Clients`].
pub(crate) struct StoredClients {
    records: Records,
    held: RwLock<HashMap<ClientId, Arc<Client>>>,
}

impl StoredClients {
    pub(crate) fn new(records: Records) -> Self {
        Self { records, held: RwLock::default() }
    }

    fn hold(&self, client: Client) -> Arc<Client> {
        let client = Arc::new(client);
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= MAX_HELD {
            held.clear();
        }
        held.insert(client.client_id.clone(), Arc::clone(&client));
        client
    }
}

fn key(id: &ClientId) -> Key {
    Key::new(Table::Client, id.as_str())
}

#[async_trait]
impl Clients for StoredClients {
    async fn client(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if held.is_some() {
            return Ok(held);
        }
        let found = self.records.get::<Client>(&key(id), self.records.now()).await?;
        Ok(found.map(|found| self.hold(found.record)))
    }

    async fn list(&self) -> Result<Vec<Arc<Client>>, StoreError> {
        let all = self.records.list(&Key::new(Table::Client, ""), usize::MAX, self.records.now()).await?;
        Ok(all.into_iter().map(Arc::new).collect())
    }

    async fn add(&self, client: &Client) -> Result<bool, StoreError> {
        let terms =
            Terms { expires_at: NEVER, condition: Condition::IfAbsent, durability: Durability::Durable };
        let added = self.records.put(&key(&client.client_id), client, terms, self.records.now()).await?;
        self.held.write().unwrap_or_else(PoisonError::into_inner).remove(&client.client_id);
        Ok(added.is_some())
    }
}
