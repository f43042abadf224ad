//! What the core keeps: typed stores, each with just the operations the rules need.
//!
//! A one-time thing has no plain read: it is looked at by spending it. Every operation that decides between callers is
//! atomic over all nodes and survives a restart; an implementation that cannot say must fail, never guess
//! (`state.md`, `protocol.md` 54).

use std::sync::Arc;

use async_trait::async_trait;

use crate::authorization_request::PushedRequest;
use crate::client::Client;
use crate::client::logo::LogoId;
use crate::consent::record::{ConsentEntry, ConsentNumber, ConsentRecord};
use crate::issue::{AccessGrant, GrantId, IssuedCode};
use crate::keys::StoredKey;
use crate::transaction::Transaction;
use crate::word::client_id::ClientId;
use crate::word::handle::HandleHash;
use crate::word::time::Timestamp;

/// Why a store has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached or cannot promise durability now.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// A record is there and cannot be read: wrong key, damaged, or of a later version.
    #[error("a record cannot be read: {0}")]
    Corrupt(String),
}

/// Registered clients.
#[async_trait]
pub trait Clients: Send + Sync {
    /// The client of that id. Cheap: asked several times a login. What another node changed may be missed for five
    /// seconds; what this one changed is seen at once.
    async fn client(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError>;
    /// All clients, by id.
    async fn list(&self) -> Result<Vec<Arc<Client>>, StoreError>;
    /// Adds a client durably; false when the id is taken.
    async fn add(&self, client: &Client) -> Result<bool, StoreError>;
    /// The client as it is kept now, with what [`Clients::replace`] needs to notice that somebody was faster.
    async fn load(&self, id: &ClientId) -> Result<Option<Versioned<Client>>, StoreError>;
    /// Replaces a registration durably if it still has that version; `None` when somebody was faster or removed it, else
    /// the new version.
    async fn replace(&self, version: &Version, client: &Client) -> Result<Option<Version>, StoreError>;
    /// Forgets a client durably; false when there was none.
    async fn remove(&self, id: &ClientId) -> Result<bool, StoreError>;
}

/// Logos of clients as this server shows them: PNG, checked and encoded anew.
#[async_trait]
pub trait Logos: Send + Sync {
    /// Keeps an image durably, under the name that its content gives it.
    async fn keep(&self, id: &LogoId, png: &[u8]) -> Result<(), StoreError>;
    /// An image.
    async fn logo(&self, id: &LogoId) -> Result<Option<Vec<u8>>, StoreError>;
    /// Forgets an image.
    async fn forget(&self, id: &LogoId) -> Result<(), StoreError>;
}

/// Pushed authorization requests (RFC 9126), kept under the hash of their `request_uri`.
#[async_trait]
pub trait PushedRequests: Send + Sync {
    /// Keeps a request.
    async fn push(
        &self,
        handle: &HandleHash,
        request: &PushedRequest,
        until: Timestamp,
    ) -> Result<(), StoreError>;
    /// The request, unless it is unknown, past `until` or spent. Looking does not spend: a reload must work.
    async fn look(&self, handle: &HandleHash, now: Timestamp) -> Result<Option<PushedRequest>, StoreError>;
    /// Counts one more opening and keeps it longer; false when it is gone, or was opened `most` times before.
    async fn open(&self, handle: &HandleHash, until: Timestamp, most: u32) -> Result<bool, StoreError>;
    /// Spends it: true for exactly one caller, ever.
    async fn spend(&self, handle: &HandleHash, now: Timestamp) -> Result<bool, StoreError>;
}

/// A record with what its next write needs to notice that somebody was faster.
#[derive(Clone, Debug)]
pub struct Versioned<T> {
    /// The record.
    pub record: T,
    /// Changes with every write.
    pub version: Version,
}

/// Opaque to all but the store that gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(pub Vec<u8>);

/// Logins under way.
#[async_trait]
pub trait Transactions: Send + Sync {
    /// Keeps a new login.
    async fn create(
        &self,
        id: &HandleHash,
        transaction: &Transaction,
        until: Timestamp,
    ) -> Result<(), StoreError>;
    /// A login, unless it is unknown or past `until`.
    async fn load(
        &self,
        id: &HandleHash,
        now: Timestamp,
    ) -> Result<Option<Versioned<Transaction>>, StoreError>;
    /// Replaces a login if it still has that version; `None` when somebody was faster, else the new version.
    async fn replace(
        &self,
        id: &HandleHash,
        version: &Version,
        transaction: &Transaction,
        until: Timestamp,
    ) -> Result<Option<Version>, StoreError>;
    /// Ends a login.
    async fn remove(&self, id: &HandleHash) -> Result<(), StoreError>;
}

/// What came of presenting a code.
pub enum Redemption {
    /// It was good, and now it is spent.
    Redeemed(Box<IssuedCode>),
    /// It was spent before: whatever was issued from it must be revoked (RFC 6749 §4.1.2).
    Replayed(GrantId),
    /// It is another client's, which is not spent by this.
    Foreign,
    /// There is no such code, or it has expired.
    Unknown,
}

/// What people consented to, as a history that is added to and never changed. It is kept under client and pairwise subject.
#[async_trait]
pub trait Consents: Send + Sync {
    /// The latest entry of a person with a client: a consent, expired or not, or its withdrawal.
    async fn latest(
        &self,
        client: &ClientId,
        subject: &str,
        now: Timestamp,
    ) -> Result<Option<ConsentEntry>, StoreError>;
    /// Adds a consent durably and tells its number. It is kept at least until `keep_until`, and longer where an earlier
    /// entry is: no entry outlives a later one.
    async fn give(&self, record: &ConsentRecord, keep_until: Timestamp) -> Result<ConsentNumber, StoreError>;
    /// Adds a withdrawal durably; false when the latest entry is no consent. From when it returns, no store gives out a
    /// code or a token that rests on an earlier consent ([`Grants`]).
    async fn withdraw(
        &self,
        client: &ClientId,
        subject: &str,
        at: Timestamp,
        keep_until: Timestamp,
    ) -> Result<bool, StoreError>;
    /// The latest entry of a subject with each client.
    async fn list(&self, subject: &str, now: Timestamp) -> Result<Vec<ConsentEntry>, StoreError>;
    /// All entries of a person with a client, the latest first.
    async fn history(
        &self,
        client: &ClientId,
        subject: &str,
        now: Timestamp,
    ) -> Result<Vec<ConsentEntry>, StoreError>;
}

/// Codes and what was issued from them. A code or a token that rests on a consent which was withdrawn is unknown.
#[async_trait]
pub trait Grants: Send + Sync {
    /// Keeps a code until it expires, and the memory of it until `remember_until` so that a replay is noticed.
    async fn issue_code(
        &self,
        code: &HandleHash,
        issued: &IssuedCode,
        remember_until: Timestamp,
    ) -> Result<(), StoreError>;
    /// Spends a code: `Redeemed` for exactly one caller, ever. Whoever it belongs to, whatever comes after.
    async fn redeem_code(
        &self,
        code: &HandleHash,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<Redemption, StoreError>;
    /// Keeps what an access token is good for.
    async fn issue_token(&self, token: &HandleHash, grant: &AccessGrant) -> Result<(), StoreError>;
    /// What an access token is good for, unless it is unknown, expired or revoked.
    async fn token(&self, token: &HandleHash, now: Timestamp) -> Result<Option<AccessGrant>, StoreError>;
    /// Revokes everything that was or will be issued under a grant.
    async fn revoke(&self, grant: &GrantId, until: Timestamp) -> Result<(), StoreError>;
}

/// What must not be accepted twice: `jti` of client assertions (RFC 7523 §3) and of DPoP proofs (RFC 9449 §11.1).
#[async_trait]
pub trait Replays: Send + Sync {
    /// Remembers `key` until `until`: true for the first caller, false for every later one, also after a restart.
    async fn first_use(&self, key: &HandleHash, until: Timestamp, now: Timestamp)
    -> Result<bool, StoreError>;
    /// How far back this memory reaches: nothing issued before this can be told from a replay, so it must be refused.
    /// It is the start of the store, or, after an unclean stop, the start after it and the seconds that a client's
    /// clock may be ahead of ours (`state.md`, the boot epoch).
    fn remembers_since(&self) -> Timestamp;
}

/// In what a counter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How long it lasts from its first count, in seconds.
    pub seconds: u64,
    /// What must not set it back.
    pub kept: Kept,
}

/// What a counter must survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// A clean stop: for load, where a lost count costs nothing. No write waits for a disk.
    OverACleanStop,
    /// Any stop: for attempts at somebody's credentials.
    OverAnyStop,
}

/// How often something happened lately. Counts never go back before their window ends, but as [`Kept`] allows.
#[async_trait]
pub trait Counters: Send + Sync {
    /// Counts one more under `key` and tells how many there are in the window that is open now, or opens one.
    async fn increment(&self, key: &HandleHash, window: Window, now: Timestamp) -> Result<u64, StoreError>;
    /// Takes back what turned out not to count, in the window that is open now; never below zero. A stop may undo this.
    async fn give_back(&self, key: &HandleHash, count: u64, now: Timestamp) -> Result<(), StoreError>;
    /// How many there are in the window that is open now.
    async fn count(&self, key: &HandleHash, now: Timestamp) -> Result<u64, StoreError>;
}

/// Counts how often the signing keys were replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u64);

/// Signing keys, sealed at rest.
#[async_trait]
pub trait KeyRecords: Send + Sync {
    /// All keys and their generation; none and the generation 0 in a new store.
    async fn load(&self) -> Result<(Generation, Vec<StoredKey>), StoreError>;
    /// Stores these keys durably as the next generation; false when the generation is no longer the one expected. Of any
    /// number of callers that expect the same one exactly one is told true.
    async fn replace(&self, expected: Generation, keys: &[StoredKey]) -> Result<bool, StoreError>;
}

/// Every store of one server.
#[derive(Clone)]
pub struct Stores {
    /// See [`Clients`].
    pub clients: Arc<dyn Clients>,
    /// See [`Logos`].
    pub logos: Arc<dyn Logos>,
    /// See [`PushedRequests`].
    pub pushed_requests: Arc<dyn PushedRequests>,
    /// See [`Transactions`].
    pub transactions: Arc<dyn Transactions>,
    /// See [`Consents`].
    pub consents: Arc<dyn Consents>,
    /// See [`Grants`].
    pub grants: Arc<dyn Grants>,
    /// See [`Replays`].
    pub replays: Arc<dyn Replays>,
    /// See [`Counters`].
    pub counters: Arc<dyn Counters>,
    /// See [`KeyRecords`].
    pub keys: Arc<dyn KeyRecords>,
}
