//! A provider in this process: the real router, the memory store, real plugins in the sandbox; time and randomness are
//! the test's.

mod door;
mod outside;
mod plugins;
mod published;
mod setup;
mod world;

use std::sync::Arc;

use async_trait::async_trait;
use esignet_jose::signing_key::KeyError;
use esignet_jose::{Algorithm, SigningKey};
use esignet_protocol::client::Client;
use esignet_protocol::keys::{KeyPolicy, Rotation};
use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::keys::KeySource;
use esignet_protocol::provider::Provider;
use esignet_sandbox::NoticeQueue;
use esignet_store::Store;
use serde_json::Value;

pub use door::CHALLENGES;
pub use outside::{Loopback, NoCache, NoNetwork};
pub use plugins::{InProcess, called, put};
pub use published::Published;
pub use setup::{ACR_BAD, ACR_OTP, ED25519, RSA, Setup};
pub use world::{SeededEntropy, TestClock};

use crate::browser::Browser;
use crate::key::Key;
use crate::relying_party::{Registered, RelyingParty};
use crate::wire::Wire;

/// The issuer of every provider in process.
pub const ISSUER: &str = "https://op.example";

/// A provider in this process.
pub struct Op {
    /// The provider as its endpoints see it.
    pub provider: Provider,
    /// The time; it stands still until a test moves it.
    pub clock: Arc<TestClock>,
    /// The way to it.
    pub wire: Wire,
    /// Its store.
    pub store: Store,
    /// What relying parties publish.
    pub published: Published,
    keys: Vec<(String, Key)>,
    /// What people are told, if somebody tells them.
    pub notices: Option<Arc<NoticeQueue>>,
    /// Its plugins, which tests may exchange.
    pub plugins: InProcess,
}

impl Op {
    /// A provider with the mock ID system, the OTP factor and three clients: `bank`, `clinic` and `modest`.
    pub async fn start() -> Self {
        Setup::default().start().await
    }

    /// The usual client, `bank`, which may ask for every claim.
    pub async fn rp(&self) -> RelyingParty {
        self.client("bank").await
    }

    /// A client by its id.
    pub async fn client(&self, client_id: &str) -> RelyingParty {
        let key = self.keys.iter().find(|(id, _)| id == client_id).map(|(_, key)| key.clone());
        let key = key.unwrap_or_else(|| panic!("no client `{client_id}` was set up"));
        self.discovered(client_id, key).await
    }

    async fn discovered(&self, client_id: &str, key: Key) -> RelyingParty {
        let clock = Arc::clone(&self.clock);
        let now = Arc::new(move || clock.seconds());
        let redirect_uri = setup::redirect_uri(client_id);
        let registered = Registered { client_id: client_id.to_owned(), redirect_uri, key };
        RelyingParty::discover(self.wire.clone(), ISSUER, registered, now)
            .await
            .expect("the provider can be discovered")
    }

    /// Registers one more client: `members` are put over a registration that may ask for every claim.
    pub async fn register(&self, client_id: &str, key: &Key, members: &Value) -> RelyingParty {
        let mut registration = setup::registration(client_id, key);
        for (name, value) in members.as_object().expect("the members are an object") {
            registration[name] = value.clone();
        }
        let client: Client = serde_json::from_value(registration).expect("a registration");
        assert_eq!(client.findings(), [], "the registration is good");
        let added = self.store.stores().clients.add(&client).await.expect("the store takes clients");
        assert!(added, "one client an id");
        self.discovered(client_id, key.clone()).await
    }

    /// What turns its signing keys: as another process that shares its store would.
    pub fn rotation(&self) -> Rotation {
        rotation(self.provider.keys.policy(), &self.store, &self.clock)
    }

    /// A browser with nothing in it.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.wire)
    }

    /// Lets time pass.
    pub fn wait(&self, seconds: u64) {
        self.clock.advance(seconds);
    }
}

fn rotation(policy: &KeyPolicy, store: &Store, clock: &Arc<TestClock>) -> Rotation {
    Rotation {
        policy: policy.clone(),
        records: store.stores().keys,
        source: Arc::new(FreshKeys),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
    }
}

/// Makes signing keys on the spot.
struct FreshKeys;

#[async_trait]
impl KeySource for FreshKeys {
    async fn generate(&self, algorithm: Algorithm) -> Result<SigningKey, KeyError> {
        SigningKey::generate(algorithm)
    }
}
