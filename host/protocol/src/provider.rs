//! The provider: a policy and the ports it works through. Every endpoint's `handle` begins with one of these.

use std::sync::Arc;

use crate::audit::Audit;
use crate::client::Client;
use crate::client_keys::FetchedKeys;
use crate::keys::Keys;
use crate::policy::Policy;
use crate::ports::clock::Clock;
use crate::ports::entropy::Entropy;
use crate::ports::key_binder::KeyBinder;
use crate::ports::notices::Notices;
use crate::ports::plugins::Plugins;
use crate::ports::store::{StoreError, Stores};
use crate::word::client_id::ClientId;
use crate::word::time::Timestamp;

/// An OpenID Provider. Cheap to clone.
#[derive(Clone)]
pub struct Provider {
    /// What it allows and promises.
    pub policy: Arc<Policy>,
    /// What signs.
    pub keys: Arc<Keys>,
    /// What it keeps.
    pub stores: Stores,
    /// Keys of clients that are published elsewhere.
    pub client_keys: Arc<FetchedKeys>,
    /// What is loaded.
    pub plugins: Arc<dyn Plugins>,
    /// Who is told what people should know.
    pub notices: Arc<dyn Notices>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// Where it is recorded what happens.
    pub audit: Audit,
}

impl Provider {
    /// The client of that id, if it may do anything. Its profile is never below the server's floor.
    pub async fn client(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        let client = self.stores.clients.client(id).await?;
        Ok(client.filter(|client| client.is_active()).map(|client| {
            if client.profile >= self.policy.floor {
                return client;
            }
            Arc::new(Client { profile: self.policy.floor, ..Client::clone(&client) })
        }))
    }

    /// What binds keys here, if anything does.
    pub fn key_binder(&self) -> Option<Arc<dyn KeyBinder>> {
        self.plugins.key_binder(&self.policy.key_binding.as_ref()?.plugin)
    }

    /// What time it is, asked once a request.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
