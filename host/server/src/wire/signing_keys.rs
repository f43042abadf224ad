//! The signing keys: the first ones are made with the store, and from then on they turn by the clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use esignet_jose::algorithm::Algorithm;
use esignet_jose::signing_key::{KeyError, SigningKey};
use esignet_protocol::keys::{KeyPolicy, Keys, Rotation, RotationFailed};
use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::keys::KeySource;
use esignet_protocol::ports::store::KeyRecords;
use esignet_protocol::word::time::Timestamp;

use super::Purpose;
use crate::config::finding::Finding;

/// Makes keys on a thread that no request waits for: an RSA key takes a good part of a second, now and then more.
struct BesideRequests;

#[async_trait]
impl KeySource for BesideRequests {
    async fn generate(&self, algorithm: Algorithm) -> Result<SigningKey, KeyError> {
        let made = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm)).await;
        made.unwrap_or(Err(KeyError::NotGenerated))
    }
}

/// What turns the keys of this server.
pub(crate) fn rotation(policy: &KeyPolicy, records: Arc<dyn KeyRecords>, clock: Arc<dyn Clock>) -> Rotation {
    Rotation { policy: policy.clone(), records, source: Arc::new(BesideRequests), clock }
}

/// The keys while the server runs: those of the last look at the store, and when that was.
pub(crate) struct TurningKeys {
    rotation: Rotation,
    /// What signs.
    pub(crate) keys: Arc<Keys>,
    looked_at: AtomicU64,
}

impl TurningKeys {
    /// The keys of the store, brought up to date. In a new store the first keys are made; of several servers that do so, one
    /// wins for all. A check changes nothing and keeps to itself those that it makes.
    pub(crate) async fn open(rotation: Rotation, purpose: Purpose) -> Result<Self, Finding> {
        let keys = match purpose {
            Purpose::Check => rotation.look().await,
            Purpose::Serve => rotation.open().await,
        };
        let keys = Arc::new(keys.map_err(|error| unusable(&error))?);
        let looked_at = AtomicU64::new(rotation.clock.now().0);
        Ok(Self { rotation, keys, looked_at })
    }

    /// How often [`TurningKeys::turn`] wants to be called, in seconds.
    pub(crate) fn poll_every(&self) -> u64 {
        self.rotation.policy.poll_every
    }

    /// Looks at the store and does what the clock asks for. Tells whether the keys are other ones now.
    pub(crate) async fn turn(&self) -> Result<bool, RotationFailed> {
        let now = self.rotation.clock.now();
        let is_other = self.rotation.turn(&self.keys).await?;
        self.looked_at.store(now.0, Ordering::Release);
        Ok(is_other)
    }

    /// Whether something signs, and no other server can have begun with a key that we do not know.
    pub(crate) fn are_current(&self) -> bool {
        let looked_at = Timestamp(self.looked_at.load(Ordering::Acquire));
        let stale_after = self.keys.policy().stale_after();
        self.rotation.clock.now().since(looked_at) <= stale_after && !self.keys.algorithms().is_empty()
    }
}

/// What is wrong with the keys, and how to mend it.
pub(crate) fn unusable(error: &RotationFailed) -> Finding {
    let (code, fix) = match error {
        RotationFailed::Store(_) | RotationFailed::Contended => {
            ("store", "see whether the disk is well; else restore the store from a backup")
        }
        RotationFailed::Key(_) => ("keys", "see whether the system gives random bytes"),
        RotationFailed::Ring(_) => ("keys", "restore the store from a backup made before the damage"),
        RotationFailed::Revocation(_) => ("keys", "`esignet keys list` shows those there are"),
    };
    if let RotationFailed::Revocation(refused) = error {
        return Finding::error(code, "revoke", refused.to_string(), fix);
    }
    let place = if code == "store" { "[store]" } else { "[keys]" };
    Finding::error(code, place, format!("the signing keys cannot be used: {error}"), fix)
}

#[cfg(test)]
mod tests {
    use esignet_store::{SealingKey, Store};

    use super::*;

    /// A clock that is set by hand.
    #[derive(Default)]
    struct HandSet(AtomicU64);

    impl Clock for HandSet {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::SeqCst))
        }
    }

    async fn on(policy: &KeyPolicy) -> (Store, Arc<HandSet>, Rotation) {
        let clock = Arc::new(HandSet(AtomicU64::new(1_000_000)));
        let store =
            Store::memory(Arc::clone(&clock) as Arc<dyn Clock>, SealingKey::new([7; 32])).await.unwrap();
        let rotation = rotation(policy, store.stores().keys, Arc::clone(&clock) as Arc<dyn Clock>);
        (store, clock, rotation)
    }

    #[tokio::test]
    async fn the_first_start_makes_keys_of_every_kind_and_the_second_finds_the_same() {
        let policy = KeyPolicy { algorithms: Algorithm::ALL.to_vec(), ..KeyPolicy::default() };
        let (store, clock, rotation) = on(&policy).await;
        let tried = TurningKeys::open(rotation.clone(), Purpose::Check).await.unwrap();
        assert_eq!(tried.keys.algorithms(), Algorithm::ALL);
        let (_, stored) = store.stores().keys.load().await.unwrap();
        assert!(stored.is_empty(), "a check writes no key");
        let first = TurningKeys::open(rotation.clone(), Purpose::Serve).await.unwrap();
        let second = TurningKeys::open(rotation, Purpose::Serve).await.unwrap();
        assert_eq!(first.keys.jwks(clock.now()), second.keys.jwks(clock.now()));
        assert_eq!(second.keys.algorithms(), Algorithm::ALL);
    }

    #[tokio::test]
    async fn of_servers_that_share_a_store_one_makes_the_next_key_and_the_others_take_it() {
        let policy = KeyPolicy { rotate_every: 10_000, ..KeyPolicy::default() };
        let (_store, clock, rotation) = on(&policy).await;
        let mut servers = Vec::new();
        for _ in 0..8 {
            let rotation = rotation.clone();
            servers.push(tokio::spawn(async move { TurningKeys::open(rotation, Purpose::Serve).await }));
        }
        let mut opened = Vec::new();
        for server in servers {
            opened.push(Arc::new(server.await.unwrap().unwrap()));
        }
        for seconds in [0, 10_000, 10_000, 10_000] {
            clock.0.fetch_add(seconds, Ordering::SeqCst);
            let turns: Vec<_> =
                opened.iter().cloned().map(|one| tokio::spawn(async move { one.turn().await })).collect();
            for turn in turns {
                turn.await.unwrap().unwrap();
            }
            let sets: Vec<_> = opened.iter().map(|one| one.keys.jwks(clock.now())).collect();
            assert!(sets.windows(2).all(|pair| pair[0] == pair[1]), "all publish the same");
        }
    }

    #[tokio::test]
    async fn a_server_that_could_not_look_for_half_the_overlap_is_not_ready() {
        let policy = KeyPolicy::default();
        let (store, clock, rotation) = on(&policy).await;
        let keys = TurningKeys::open(rotation, Purpose::Serve).await.unwrap();
        clock.0.fetch_add(policy.overlap() / 2, Ordering::SeqCst);
        assert!(keys.are_current());
        clock.0.fetch_add(1, Ordering::SeqCst);
        assert!(!keys.are_current());
        keys.turn().await.unwrap();
        assert!(keys.are_current());
        store.close().await.unwrap();
        clock.0.fetch_add(policy.overlap(), Ordering::SeqCst);
        assert!(keys.turn().await.is_err());
        assert!(!keys.are_current());
    }
}
