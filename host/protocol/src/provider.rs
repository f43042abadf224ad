//! The provider: a policy and the ports it works through. Every endpoint's `handle` begins with one of these.

use std::sync::Arc;

use crate::client_keys::FetchedKeys;
use crate::keys::KeyRing;
use crate::policy::Policy;
use crate::ports::clock::Clock;
use crate::ports::entropy::Entropy;
use crate::ports::plugins::Plugins;
use crate::ports::store::Stores;
use crate::word::time::Timestamp;

/// An OpenID Provider. Cheap to clone.
#[derive(Clone)]
pub struct Provider {
    /// What it allows and promises.
    pub policy: Arc<Policy>,
    /// What signs.
    pub keys: Arc<KeyRing>,
    /// What it keeps.
    pub stores: Stores,
    /// Keys of clients that are published elsewhere.
    pub client_keys: Arc<FetchedKeys>,
    /// What is loaded.
    pub plugins: Arc<dyn Plugins>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
}

impl Provider {
    /// What time it is, asked once a request.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
