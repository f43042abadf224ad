//! The small trait that every place of storage implements: conditional writes, reads by spending, expiry.
//!
//! Three rules hold for each implementation, and the contract suite checks them. A record whose time is over is
//! absent at once, swept or not, and once it was seen so it never comes back, whatever the clock does. A condition and
//! its write are one step: of any number of callers exactly one wins. What an unclean stop may lose is said by
//! [`Durability`]; nothing else may be lost.

use async_trait::async_trait;
use esignet_protocol::ports::store::StoreError;
use esignet_protocol::word::time::Timestamp;

/// The longest value in bytes. With sled a longer one could leave the file that the writer syncs (`state.md`).
pub const MAX_VALUE: usize = 16_000;

/// The expiry of a record that does not expire.
pub const NEVER: Timestamp = Timestamp(u64::MAX);

/// What kind of record a key names. The numbers are part of the stored form and never change their meaning.
///
/// Records that expire in the same second are swept in this order: a token goes before its revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Table {
    /// The one record that shows whether the sealing key is the right one.
    Canary = 1,
    /// Registered clients.
    Client = 2,
    /// Signing keys.
    SigningKey = 3,
    /// Pushed authorization requests.
    PushedRequest = 4,
    /// Logins under way.
    Transaction = 5,
    /// Authorization codes, spent or not.
    Code = 6,
    /// What access tokens are good for.
    Token = 7,
    /// Revoked grants.
    Revocation = 8,
    /// Identifiers that were used once.
    Replay = 9,
    /// Attempt counters.
    Counter = 10,
    /// What plugins keep between calls.
    PluginCache = 11,
    /// What people consented to, and what became of it.
    Consent = 12,
    /// Logos of clients.
    Logo = 20,
}

impl Table {
    /// How messages call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Canary => "canary",
            Self::Client => "client",
            Self::SigningKey => "signing key",
            Self::PushedRequest => "pushed request",
            Self::Transaction => "transaction",
            Self::Code => "code",
            Self::Token => "token",
            Self::Revocation => "revocation",
            Self::Replay => "replay",
            Self::Counter => "counter",
            Self::PluginCache => "plugin cache",
            Self::Consent => "consent",
            Self::Logo => "logo",
        }
    }
}

/// Where a record is: its table and its name there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    table: Table,
    bytes: Vec<u8>,
}

impl Key {
    /// The key of a name in a table. As the argument of [`Kv::scan`] the name is a prefix.
    pub fn new(table: Table, name: &str) -> Self {
        let mut bytes = Vec::with_capacity(1 + name.len());
        bytes.push(table as u8);
        bytes.extend_from_slice(name.as_bytes());
        Self { table, bytes }
    }

    /// Another key of the same table, as it is stored.
    pub(crate) fn sibling(&self, bytes: &[u8]) -> Self {
        Self { table: self.table, bytes: bytes.to_vec() }
    }

    /// Its table.
    pub const fn table(&self) -> Table {
        self.table
    }

    /// The table's number, then the name: unique over all tables, sorted by table and name.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A record as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The bytes that were put.
    pub value: Vec<u8>,
    /// From when it is absent.
    pub expires_at: Timestamp,
    /// Differs after every write.
    pub version: u64,
}

/// What must be so for a write to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    Always,
    /// There is no such record, or its time is over.
    IfAbsent,
    /// The record is there and was not written since.
    IfVersion(u64),
}

impl Condition {
    /// Whether a record of this version, or none, meets it.
    pub fn admits(self, version: Option<u64>) -> bool {
        match self {
            Self::Always => true,
            Self::IfAbsent => version.is_none(),
            Self::IfVersion(expected) => version == Some(expected),
        }
    }
}

/// What becomes of a write when the process or the machine stops without warning. A clean stop loses none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Buffered, and absent after an unclean stop even if it reached the disk: for what can be spent, so that the loss
    /// of the spending revives nothing (`state.md`, the boot epoch).
    Epoch,
    /// Buffered: an unclean stop may lose it.
    Buffered,
    /// On the disk before the call returns: survives a loss of power.
    Durable,
}

/// A record to be written, and when.
#[derive(Clone, Debug)]
pub struct Write {
    /// At most [`MAX_VALUE`] bytes.
    pub value: Vec<u8>,
    /// From when it is absent, or [`NEVER`].
    pub expires_at: Timestamp,
    /// What must be so.
    pub condition: Condition,
    /// What may be lost.
    pub durability: Durability,
}

impl Write {
    /// Refuses a value that is too long to be kept safely.
    pub(crate) fn check(&self, key: &Key) -> Result<(), StoreError> {
        if self.value.len() <= MAX_VALUE {
            return Ok(());
        }
        Err(StoreError::Unavailable(format!(
            "a {} record of {} bytes is longer than the {MAX_VALUE} bytes that can be kept safely; ask for fewer or \
             shorter claims, or make the plugin keep less state",
            key.table().name(),
            self.value.len(),
        )))
    }
}

/// How far the memory of used identifiers ([`Table::Replay`]) reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// Nothing that was issued earlier is remembered with certainty.
    pub since: Timestamp,
    /// The latest expiry among the records that were swept: what expires no later may have been swept, even if the
    /// clock now says that its time is still to come.
    pub swept_until: Timestamp,
}

/// A place that keeps records. `now` is always the caller's, asked once at the border of a request.
#[async_trait]
pub trait Kv: Send + Sync {
    /// The record, unless it is absent or its time is over.
    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<Entry>, StoreError>;
    /// Writes if the condition holds, and tells the new version; `None` when it does not.
    async fn put(&self, key: &Key, write: Write, now: Timestamp) -> Result<Option<u64>, StoreError>;
    /// Removes the record and returns it: exactly one caller gets it.
    async fn take(
        &self,
        key: &Key,
        durability: Durability,
        now: Timestamp,
    ) -> Result<Option<Entry>, StoreError>;
    /// At most `limit` records whose keys begin with `prefix`, in the order of their keys, those up to `after` left out.
    async fn scan(
        &self,
        prefix: &Key,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Entry)>, StoreError>;
    /// Removes at most `limit` records whose time is over; tells how many steps it did, fewer than `limit` at the end.
    async fn sweep(&self, limit: usize, now: Timestamp) -> Result<usize, StoreError>;
    /// How far the memory of used identifiers reaches.
    fn horizon(&self) -> Horizon;
    /// Writes down everything and refuses every later call: the clean stop.
    async fn close(&self) -> Result<(), StoreError>;
}
