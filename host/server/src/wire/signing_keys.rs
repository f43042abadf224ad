//! The signing keys: the first one is made with the store.

use esignet_jose::algorithm::Algorithm;
use esignet_jose::signing_key::SigningKey;
use esignet_protocol::keys::{KeyRing, StoredKey};
use esignet_protocol::ports::store::{KeyRecords, StoreError};
use esignet_protocol::word::time::Timestamp;

use super::Purpose;
use crate::config::finding::Finding;

/// What this release signs with, and so what a client's `id_token_signed_response_alg` may be.
pub(crate) const SIGNING_ALGORITHMS: [Algorithm; 1] = [Algorithm::Es256];

/// The keys of the store. In a new store the first keys are made; of several servers that do so, one wins for all. A check
/// keeps to itself those that it makes.
pub(crate) async fn load(
    records: &dyn KeyRecords,
    purpose: Purpose,
    now: Timestamp,
) -> Result<KeyRing, Finding> {
    let mut stored = records.load().await.map_err(|error| unread(&error))?;
    if stored.is_empty() {
        let first = SIGNING_ALGORITHMS.map(|algorithm| generate(algorithm, now));
        let first: Vec<StoredKey> = first.into_iter().collect::<Result<_, _>>()?;
        stored = match purpose {
            Purpose::Check => first,
            Purpose::Serve => {
                let won = records.init(&first).await.map_err(|error| unread(&error))?;
                tracing::debug!(won, algorithms = ?SIGNING_ALGORITHMS, "the store had no signing keys");
                records.load().await.map_err(|error| unread(&error))?
            }
        };
    }
    KeyRing::open(&stored).map_err(|error| {
        Finding::error(
            "keys",
            "[store]",
            error.to_string(),
            "restore the store from a backup made before the damage",
        )
    })
}

fn generate(algorithm: Algorithm, now: Timestamp) -> Result<StoredKey, Finding> {
    let pkcs8 = SigningKey::generate(algorithm).and_then(|key| key.to_pkcs8_der());
    let pkcs8 = pkcs8.map_err(|error| {
        Finding::error("keys", "[keys]", error.to_string(), "see whether the system gives random bytes")
    })?;
    Ok(StoredKey { algorithm, pkcs8: pkcs8.to_vec(), active_from: now })
}

fn unread(error: &StoreError) -> Finding {
    let fix = "see whether the disk is well; else restore the store from a backup";
    Finding::error("store", "[store]", format!("the signing keys cannot be read: {error}"), fix)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use esignet_store::{SealingKey, Store};

    use super::*;
    use crate::system::SystemClock;

    #[tokio::test]
    async fn the_first_start_makes_keys_and_the_second_finds_the_same() {
        let store = Store::memory(Arc::new(SystemClock), SealingKey::new([7; 32])).await.unwrap();
        let records = store.stores().keys;
        let tried = load(records.as_ref(), Purpose::Check, Timestamp(4)).await.unwrap();
        assert_eq!(tried.algorithms(), SIGNING_ALGORITHMS);
        assert!(records.load().await.unwrap().is_empty(), "a check writes no key");
        let first = load(records.as_ref(), Purpose::Serve, Timestamp(5)).await.unwrap();
        let second = load(records.as_ref(), Purpose::Serve, Timestamp(6)).await.unwrap();
        assert_eq!(first.jwks(), second.jwks());
        assert_eq!(first.algorithms(), SIGNING_ALGORITHMS);
    }
}
