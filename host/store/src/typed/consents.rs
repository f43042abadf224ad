//! What people consented to: one record for each event, added and never changed, the latest found first.
//!
//! The name of an entry is `hash of the subject ‖ hash of the client ‖ 16 hex digits`, and the digits count down, so that
//! the first record under a prefix is the latest. One durable write adds an entry, and with it everything that it ends
//! has ended: codes and tokens carry the number of their consent, and [`upholds`] asks the latest entry.

use async_trait::async_trait;
use esignet_protocol::consent::record::{ConsentEntry, ConsentNumber, ConsentRecord};
use esignet_protocol::ports::store::{Consents, StoreError};
use esignet_protocol::word::client_id::ClientId;
use esignet_protocol::word::handle::HandleHash;
use esignet_protocol::word::time::Timestamp;

use super::records::{Found, Records, Terms};
use crate::kv::{Condition, Durability, Key, Table};

/// See [`Consents`].
pub(crate) struct StoredConsents(pub(crate) Records);

/// All entries of a subject begin with this.
fn of_subject(subject: &str) -> String {
    HandleHash::of(subject.as_bytes()).as_str().to_owned()
}

/// All entries of a subject with a client begin with this.
fn of_both(client: &ClientId, subject: &str) -> String {
    of_subject(subject) + HandleHash::of(client.as_str().as_bytes()).as_str()
}

fn key(client: &ClientId, subject: &str, number: ConsentNumber) -> Key {
    let name = format!("{}{:016x}", of_both(client, subject), u64::MAX - number.0);
    Key::new(Table::Consent, &name)
}

/// Whether what rests on a consent is still good; what rests on none is.
pub(crate) async fn upholds(
    records: &Records,
    client: &ClientId,
    subject: &str,
    consent: Option<ConsentNumber>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(consent) = consent else { return Ok(true) };
    let latest = latest(records, client, subject, now).await?;
    Ok(latest.is_some_and(|latest| latest.record.upholds(consent)))
}

async fn latest(
    records: &Records,
    client: &ClientId,
    subject: &str,
    now: Timestamp,
) -> Result<Option<Found<ConsentEntry>>, StoreError> {
    records.first(&Key::new(Table::Consent, &of_both(client, subject)), now).await
}

impl StoredConsents {
    /// Adds the entry that `next` makes of the latest one, after whoever was faster; `None` when it makes none.
    async fn add(
        &self,
        client: &ClientId,
        subject: &str,
        keep_until: Timestamp,
        next: impl Fn(Option<&ConsentEntry>) -> Option<ConsentEntry> + Send + Sync,
    ) -> Result<Option<ConsentNumber>, StoreError> {
        let now = self.0.now();
        loop {
            let latest = latest(&self.0, client, subject, now).await?;
            let Some(entry) = next(latest.as_ref().map(|latest| &latest.record)) else { return Ok(None) };
            // With the latest entry goes what it has ended, so it goes last.
            let expires_at = keep_until.max(latest.map_or(keep_until, |latest| latest.expires_at));
            let terms = Terms { expires_at, condition: Condition::IfAbsent, durability: Durability::Durable };
            let number = entry.number;
            if self.0.put(&key(client, subject, number), &entry, terms, now).await?.is_some() {
                return Ok(Some(number));
            }
        }
    }
}

#[async_trait]
impl Consents for StoredConsents {
    async fn latest(
        &self,
        client: &ClientId,
        subject: &str,
        now: Timestamp,
    ) -> Result<Option<ConsentEntry>, StoreError> {
        Ok(latest(&self.0, client, subject, now).await?.map(|latest| latest.record))
    }

    async fn give(&self, record: &ConsentRecord, keep_until: Timestamp) -> Result<ConsentNumber, StoreError> {
        let next = |latest: Option<&ConsentEntry>| Some(ConsentEntry::given(latest, record.clone()));
        let number = self.add(&record.client_id, &record.subject, keep_until, next).await?;
        number.ok_or_else(|| StoreError::Unavailable("a consent was not added".to_owned()))
    }

    async fn withdraw(
        &self,
        client: &ClientId,
        subject: &str,
        at: Timestamp,
        keep_until: Timestamp,
    ) -> Result<bool, StoreError> {
        let next =
            |latest: Option<&ConsentEntry>| latest.and_then(|latest| ConsentEntry::withdrawn(latest, at));
        Ok(self.add(client, subject, keep_until, next).await?.is_some())
    }

    async fn list(&self, subject: &str, now: Timestamp) -> Result<Vec<ConsentEntry>, StoreError> {
        let prefix = Key::new(Table::Consent, &of_subject(subject));
        let mut entries: Vec<ConsentEntry> = self.0.list(&prefix, usize::MAX, now).await?;
        // The entries of a client follow each other, the latest first.
        entries.dedup_by(|later, first| later.event.client_id() == first.event.client_id());
        Ok(entries)
    }

    async fn history(
        &self,
        client: &ClientId,
        subject: &str,
        now: Timestamp,
    ) -> Result<Vec<ConsentEntry>, StoreError> {
        self.0.list(&Key::new(Table::Consent, &of_both(client, subject)), usize::MAX, now).await
    }
}
