//! A provider for tests of HTTP: real policy and keys, stores that are down, no plugins.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use esignet_jose::algorithm::Algorithm;
use esignet_jose::signing_key::SigningKey;
use esignet_protocol::assurance::Assurance;
use esignet_protocol::authorization_request::PushedRequest;
use esignet_protocol::client::{Client, LogoId};
use esignet_protocol::client_keys::FetchedKeys;
use esignet_protocol::consent::record::{ConsentEntry, ConsentNumber, ConsentRecord};
use esignet_protocol::issue::subject::PairwiseKey;
use esignet_protocol::issue::{AccessGrant, GrantId, IssuedCode};
use esignet_protocol::keys::{Keys, StoredKey};
use esignet_protocol::policy::{Bounds, Lifetimes, Policy};
use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::entropy::Entropy;
use esignet_protocol::ports::fetch::{FetchRefusal, Fetched, PublicFetch, PublicRequest};
use esignet_protocol::ports::notices::NoNotices;
use esignet_protocol::ports::plugins::{AuthFactor, IdSystem, Plugins};
use esignet_protocol::ports::store::{
    Clients, Consents, Counters, Generation, Grants, KeyRecords, Logos, PushedRequests, Redemption, Replays,
    StoreError, Stores, Transactions, Version, Versioned, Window,
};
use esignet_protocol::provider::Provider;
use esignet_protocol::transaction::Transaction;
use esignet_protocol::word::client_id::ClientId;
use esignet_protocol::word::handle::HandleHash;
use esignet_protocol::word::issuer::Issuer;
use esignet_protocol::word::time::Timestamp;

use crate::settings::{Branding, Ready, WebSettings};

/// What the stores of a provider do when they are asked for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    /// There are no clients.
    Nothing,
    /// The store is down.
    Down,
    /// The call panics.
    Panics,
    /// The call never comes back.
    Hangs,
}

/// A provider with this issuer.
pub(crate) fn provider(issuer: &str, stored: Stored) -> Provider {
    let key = SigningKey::generate(Algorithm::Es256).expect("a key");
    let port = Arc::new(Port(stored));
    Provider {
        policy: Arc::new(Policy {
            issuer: Issuer::parse(issuer).expect("an issuer"),
            floor: esignet_protocol::client::Profile::default(),
            lifetimes: Lifetimes::default(),
            bounds: Bounds::default(),
            assurance: Assurance::default(),
            id_systems: esignet_protocol::id_systems::IdSystems::default(),
            individual_kinds: Vec::new(),
            captcha: None,
            locales: crate::locales(),
            mutual_tls: None,
            key_binding: None,
            pairwise_key: PairwiseKey([7; 32]),
            dpop_nonces: None,
        }),
        keys: Arc::new(Keys::fixed(&[key]).expect("a key")),
        stores: Stores {
            clients: port.clone(),
            logos: port.clone(),
            pushed_requests: port.clone(),
            transactions: port.clone(),
            consents: port.clone(),
            grants: port.clone(),
            replays: port.clone(),
            counters: port.clone(),
            keys: port.clone(),
        },
        client_keys: Arc::new(FetchedKeys::new(port.clone())),
        plugins: port.clone(),
        notices: Arc::new(NoNotices),
        clock: port.clone(),
        entropy: port,
        audit: esignet_protocol::audit::Audit::default(),
    }
}

/// Settings of a site that is ready, or not.
pub(crate) fn settings(ready: bool) -> WebSettings {
    WebSettings {
        branding: Branding {
            operator: BTreeMap::from([("en".to_owned(), "Government of Example".to_owned())]),
            logo: None,
        },
        readiness: Arc::new(move || Ready {
            checks: vec![("store", true), ("plugins", ready)],
            ..Ready::default()
        }),
        request_timeout: Duration::from_secs(5),
    }
}

struct Port(Stored);

impl Port {
    fn down<T>(&self) -> Result<T, StoreError> {
        assert!(self.0 != Stored::Panics, "a port that panics");
        Err(StoreError::Unavailable("down".to_owned()))
    }
}

impl Clock for Port {
    fn now(&self) -> Timestamp {
        Timestamp(1_767_225_600)
    }
}

impl Entropy for Port {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0x5a);
    }
}

impl Plugins for Port {
    fn id_system(&self) -> Option<Arc<dyn IdSystem>> {
        None
    }

    fn factor(&self, _factor: &str) -> Option<Arc<dyn AuthFactor>> {
        None
    }
}

#[async_trait]
impl Clients for Port {
    async fn client(&self, _id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        match self.0 {
            Stored::Nothing => Ok(None),
            Stored::Down | Stored::Panics => self.down(),
            Stored::Hangs => std::future::pending().await,
        }
    }

    async fn list(&self) -> Result<Vec<Arc<Client>>, StoreError> {
        self.down()
    }

    async fn add(&self, _client: &Client) -> Result<bool, StoreError> {
        self.down()
    }

    async fn load(&self, _id: &ClientId) -> Result<Option<Versioned<Client>>, StoreError> {
        self.down()
    }

    async fn replace(&self, _: &Version, _: &Client) -> Result<Option<Version>, StoreError> {
        self.down()
    }

    async fn remove(&self, _id: &ClientId) -> Result<bool, StoreError> {
        self.down()
    }
}

#[async_trait]
impl Logos for Port {
    async fn keep(&self, _: &LogoId, _: &[u8]) -> Result<(), StoreError> {
        self.down()
    }

    async fn logo(&self, _: &LogoId) -> Result<Option<Vec<u8>>, StoreError> {
        match self.0 {
            Stored::Nothing => Ok(Some(b"an image".to_vec())),
            Stored::Down | Stored::Panics | Stored::Hangs => self.down(),
        }
    }

    async fn forget(&self, _: &LogoId) -> Result<(), StoreError> {
        self.down()
    }
}

#[async_trait]
impl PublicFetch for Port {
    async fn get(&self, _: PublicRequest) -> Result<Fetched, FetchRefusal> {
        Err(FetchRefusal::Unreachable)
    }
}

#[async_trait]
impl PushedRequests for Port {
    async fn push(&self, _: &HandleHash, _: &PushedRequest, _: Timestamp) -> Result<(), StoreError> {
        self.down()
    }

    async fn look(&self, _: &HandleHash, _: Timestamp) -> Result<Option<PushedRequest>, StoreError> {
        self.down()
    }

    async fn open(&self, _: &HandleHash, _: Timestamp, _: u32) -> Result<bool, StoreError> {
        self.down()
    }

    async fn spend(&self, _: &HandleHash, _: Timestamp) -> Result<bool, StoreError> {
        self.down()
    }
}

#[async_trait]
impl Transactions for Port {
    async fn create(&self, _: &HandleHash, _: &Transaction, _: Timestamp) -> Result<(), StoreError> {
        self.down()
    }

    async fn load(&self, _: &HandleHash, _: Timestamp) -> Result<Option<Versioned<Transaction>>, StoreError> {
        self.down()
    }

    async fn replace(
        &self,
        _: &HandleHash,
        _: &Version,
        _: &Transaction,
        _: Timestamp,
    ) -> Result<Option<Version>, StoreError> {
        self.down()
    }

    async fn remove(&self, _: &HandleHash) -> Result<(), StoreError> {
        self.down()
    }
}

#[async_trait]
impl Consents for Port {
    async fn latest(&self, _: &ClientId, _: &str, _: Timestamp) -> Result<Option<ConsentEntry>, StoreError> {
        self.down()
    }

    async fn give(&self, _: &ConsentRecord, _: Timestamp) -> Result<ConsentNumber, StoreError> {
        self.down()
    }

    async fn withdraw(&self, _: &ClientId, _: &str, _: Timestamp, _: Timestamp) -> Result<bool, StoreError> {
        self.down()
    }

    async fn list(&self, _: &str, _: Timestamp) -> Result<Vec<ConsentEntry>, StoreError> {
        self.down()
    }

    async fn history(&self, _: &ClientId, _: &str, _: Timestamp) -> Result<Vec<ConsentEntry>, StoreError> {
        self.down()
    }
}

#[async_trait]
impl Grants for Port {
    async fn issue_code(&self, _: &HandleHash, _: &IssuedCode, _: Timestamp) -> Result<(), StoreError> {
        self.down()
    }

    async fn redeem_code(
        &self,
        _: &HandleHash,
        _: &ClientId,
        _: Timestamp,
    ) -> Result<Redemption, StoreError> {
        self.down()
    }

    async fn issue_token(&self, _: &HandleHash, _: &AccessGrant) -> Result<(), StoreError> {
        self.down()
    }

    async fn token(&self, _: &HandleHash, _: Timestamp) -> Result<Option<AccessGrant>, StoreError> {
        self.down()
    }

    async fn revoke(&self, _: &GrantId, _: Timestamp) -> Result<(), StoreError> {
        self.down()
    }
}

#[async_trait]
impl Replays for Port {
    async fn first_use(&self, _: &HandleHash, _: Timestamp, _: Timestamp) -> Result<bool, StoreError> {
        self.down()
    }

    fn remembers_since(&self) -> Timestamp {
        Timestamp(0)
    }
}

#[async_trait]
impl Counters for Port {
    async fn increment(&self, _: &HandleHash, _: Window, _: Timestamp) -> Result<u64, StoreError> {
        self.down()
    }

    async fn give_back(&self, _: &HandleHash, _: u64, _: Timestamp) -> Result<(), StoreError> {
        self.down()
    }

    async fn count(&self, _: &HandleHash, _: Timestamp) -> Result<u64, StoreError> {
        self.down()
    }
}

#[async_trait]
impl KeyRecords for Port {
    async fn load(&self) -> Result<(Generation, Vec<StoredKey>), StoreError> {
        self.down()
    }

    async fn replace(&self, _: Generation, _: &[StoredKey]) -> Result<bool, StoreError> {
        self.down()
    }
}
