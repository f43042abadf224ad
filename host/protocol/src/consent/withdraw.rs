//! A consent being withdrawn: nothing is released under it any more, in logins, by codes or by tokens (ASVS 10.7.3).
//!
//! Codes and access tokens carry the number of the consent that they rest on, and the store gives none out whose consent
//! was withdrawn: one write ends them all, on every node and after every restart, and no list of them is kept.

use super::give::keep_until;
use crate::policy::Lifetimes;
use crate::ports::store::{Consents, StoreError};
use crate::word::client_id::ClientId;
use crate::word::time::Timestamp;

/// Withdraws the consent of a person to a client, durably; false when there is none.
pub async fn handle(
    consents: &dyn Consents,
    client: &ClientId,
    subject: &str,
    lifetimes: &Lifetimes,
    now: Timestamp,
) -> Result<bool, StoreError> {
    consents.withdraw(client, subject, now, keep_until(now, lifetimes)).await
}
