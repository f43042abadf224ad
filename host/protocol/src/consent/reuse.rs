//! When a person is not asked again: a stored consent that covers exactly the request (`login.md` 5, `protocol.md` 27).

use super::record::{Asked, ConsentEntry, ConsentEvent, ConsentNumber};
use crate::authorization_request::AuthorizationRequest;
use crate::client::Client;
use crate::error::Fault;
use crate::policy::Lifetimes;
use crate::provider::Provider;
use crate::transaction::Transaction;
use crate::transaction::stage::{Authenticated, OfferedClaim};
use crate::word::time::Timestamp;

/// On what a release rests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Nothing is asked for.
    NothingAsked,
    /// The person has just agreed to these.
    Given(Vec<OfferedClaim>),
    /// The person agreed to these before, to the same question.
    Stored(ConsentNumber, Vec<OfferedClaim>),
}

/// Why a stored consent does not answer a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MustAsk {
    /// OIDC Core §3.1.2.1, `prompt=consent`.
    #[error("the request wants consent to be asked for")]
    Prompted,
    /// It was withdrawn.
    #[error("the consent was withdrawn")]
    Withdrawn,
    /// Its time is over, by what was said when it was given or by what holds for the client now.
    #[error("the consent has expired")]
    Expired,
    /// It was given to another question: more, less, for another place or another kind of purpose.
    #[error("the request asks something else than the consent was given to")]
    OtherQuestion,
    /// Something that was granted is not registered for the client any more, or not to be had.
    #[error("the consent grants what is not offered any more")]
    NotOffered,
}

/// How long a consent to this client is remembered, in seconds; 0 when every login asks.
pub fn remembered_for(client: &Client, lifetimes: &Lifetimes) -> u64 {
    let minutes = client.consent_expires_after_minutes;
    match lifetimes.consent {
        // The server stores none, whatever the client would like.
        0 => 0,
        of_server => minutes.map_or(of_server, |minutes| minutes.saturating_mul(60)),
    }
}

/// Whether the latest consent answers the question of a login: gives what was granted then, no more and no less.
pub fn decide(
    latest: &ConsentEntry,
    request: &AuthorizationRequest,
    offer: &[OfferedClaim],
    client: &Client,
    (remembered_for, now): (u64, Timestamp),
) -> Result<Vec<OfferedClaim>, MustAsk> {
    if request.prompt.consent {
        return Err(MustAsk::Prompted);
    }
    let record = match &latest.event {
        ConsentEvent::Given(record) => record,
        ConsentEvent::Withdrawn { .. } => return Err(MustAsk::Withdrawn),
    };
    // A client whose consents are remembered for a shorter time now is not helped by what was promised before.
    if now >= record.expires_at.min(record.given_at.plus(remembered_for)) {
        return Err(MustAsk::Expired);
    }
    if record.asked_hash != Asked::of(request, offer).hash(client) {
        return Err(MustAsk::OtherQuestion);
    }
    if !record.granted.iter().all(|claim| offer.contains(claim)) {
        return Err(MustAsk::NotOffered);
    }
    Ok(record.granted.clone())
}

/// The stored consent that answers a login, if there is one.
pub async fn find(
    provider: &Provider,
    client: &Client,
    transaction: &Transaction,
    authenticated: &Authenticated,
    now: Timestamp,
) -> Result<Option<Agreement>, Fault> {
    let remembered = remembered_for(client, &provider.policy.lifetimes);
    if remembered == 0 || transaction.request.prompt.consent {
        return Ok(None);
    }
    let subject = &authenticated.login.subject;
    let Some(latest) = provider.stores.consents.latest(&client.client_id, subject, now).await? else {
        return Ok(None);
    };
    let granted = decide(&latest, &transaction.request, &authenticated.offer, client, (remembered, now));
    Ok(granted.ok().map(|granted| Agreement::Stored(latest.number, granted)))
}

#[cfg(test)]
mod tests;
