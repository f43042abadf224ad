//! Sealing of every record, so that the files alone tell nothing and no record can be changed, moved or kept longer.
//!
//! AES-256-GCM (NIST SP 800-38D) with `schema ‖ expiry ‖ key` as associated data, where the key begins with the table.
//! Nonces are random, so one key may seal 2³² records (§8.3): each table has its own key for each day of expiry,
//! derived from the sealing key with HKDF (RFC 5869), which allows 49,000 writes a second in each table.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use esignet_jose::digest::hkdf_sha256;
use esignet_jose::seal::SealKey;
use esignet_protocol::ports::store::StoreError;
use esignet_protocol::word::time::Timestamp;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::kv::{Key, Table};
use crate::schema::{Envelope, KeyId, SCHEMA};

const SECONDS_A_DAY: u64 = 86_400;

/// How many derived keys are held. More than the tables and days that are in use at a time: consents alone expire on each day
/// of six years. A held key has less than a kilobyte.
const MAX_DERIVED: usize = 4_096;

/// The key that all records are sealed under: 32 random bytes that the operator keeps outside the store.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SealingKey([u8; 32]);

impl SealingKey {
    /// Takes the 32 bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealingKey(…)")
    }
}

/// Which derived key: a table and a day of expiry.
type Use = (Table, u64);

/// Seals and opens records.
pub(crate) struct Sealer {
    key: SealingKey,
    key_id: KeyId,
    derived: RwLock<HashMap<Use, Arc<SealKey>>>,
}

impl Sealer {
    pub(crate) fn new(key: SealingKey) -> Self {
        let [a, b, c, d, ..] = *hkdf_sha256(&key.0, b"", b"esignet store key id 1");
        Self { key, key_id: [a, b, c, d], derived: RwLock::default() }
    }

    /// The stored form of a record.
    pub(crate) fn seal(&self, key: &Key, expires_at: Timestamp, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let sealed = self.derived(key.table(), expires_at).seal(&associated(key, expires_at), plain);
        let sealed = sealed.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Envelope { key_id: self.key_id, sealed: &sealed }.encode())
    }

    /// The record of a stored form.
    pub(crate) fn open(
        &self,
        key: &Key,
        expires_at: Timestamp,
        stored: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let envelope = Envelope::decode(stored).map_err(|error| corrupt(key, &error.to_string()))?;
        if envelope.key_id != self.key_id {
            return Err(corrupt(
                key,
                "it was sealed under another sealing key; start with the key it was sealed under",
            ));
        }
        let opened =
            self.derived(key.table(), expires_at).open(&associated(key, expires_at), envelope.sealed);
        opened.map_err(|_| {
            corrupt(key, "it was changed or moved after it was sealed; restore the store from a backup")
        })
    }

    fn derived(&self, table: Table, expires_at: Timestamp) -> Arc<SealKey> {
        let which = (table, expires_at.0 / SECONDS_A_DAY);
        let held = self.derived.read().unwrap_or_else(PoisonError::into_inner).get(&which).cloned();
        if let Some(key) = held {
            return key;
        }
        let info = [b"esignet store record 1".as_slice(), &[table as u8], &which.1.to_be_bytes()].concat();
        let key = Arc::new(SealKey::new(*hkdf_sha256(&self.key.0, b"", &info)));
        let mut derived = self.derived.write().unwrap_or_else(PoisonError::into_inner);
        if derived.len() >= MAX_DERIVED {
            derived.clear();
        }
        derived.insert(which, Arc::clone(&key));
        key
    }
}

/// Says what a record is and how long it lives.
fn associated(key: &Key, expires_at: Timestamp) -> Vec<u8> {
    [&[SCHEMA], expires_at.0.to_be_bytes().as_slice(), key.as_bytes()].concat()
}

/// A record that cannot be read, by its table: keys are not for logs.
pub(crate) fn corrupt(key: &Key, what: &str) -> StoreError {
    StoreError::Corrupt(format!("a {} record: {what}", key.table().name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp(1_000);

    fn sealer(byte: u8) -> Sealer {
        Sealer::new(SealingKey::new([byte; 32]))
    }

    fn refusal(opened: Result<Zeroizing<Vec<u8>>, StoreError>) -> String {
        opened.expect_err("does not open").to_string()
    }

    #[test]
    fn a_record_opens_where_it_was_put_and_nowhere_else() {
        let sealer = sealer(1);
        let key = Key::new(Table::Code, "a");
        let stored = sealer.seal(&key, AT, b"secret").expect("seals");
        assert!(!stored.windows(6).any(|window| window == b"secret"));
        assert_eq!(sealer.open(&key, AT, &stored).expect("opens").as_slice(), b"secret");

        for (moved, expires_at) in [
            (Key::new(Table::Code, "b"), AT),
            (Key::new(Table::Token, "a"), AT),
            (key.clone(), AT.plus(1)),
            (key.clone(), AT.plus(SECONDS_A_DAY)),
        ] {
            assert!(refusal(sealer.open(&moved, expires_at, &stored)).contains("changed or moved"));
        }
    }

    #[test]
    fn a_changed_record_does_not_open() {
        let sealer = sealer(1);
        let key = Key::new(Table::Code, "a");
        let mut stored = sealer.seal(&key, AT, b"secret").expect("seals");
        *stored.last_mut().expect("not empty") ^= 1;
        assert!(refusal(sealer.open(&key, AT, &stored)).contains("changed or moved"));
    }

    #[test]
    fn a_record_of_another_key_is_told_apart_from_a_damaged_one() {
        let key = Key::new(Table::Code, "a");
        let sealed = sealer(1).seal(&key, AT, b"secret").expect("seals");
        assert!(refusal(sealer(2).open(&key, AT, &sealed)).contains("another sealing key"));
    }

    #[test]
    fn many_days_of_expiry_do_not_fill_the_memory_with_keys() {
        let sealer = sealer(1);
        let key = Key::new(Table::Code, "a");
        for day in 0..1_000 {
            sealer.seal(&key, Timestamp(day * SECONDS_A_DAY), b"").expect("seals");
        }
        assert!(sealer.derived.read().expect("not poisoned").len() <= MAX_DERIVED);
    }
}
