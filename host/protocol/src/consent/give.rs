//! A consent being given: recorded, receipted and on the disk before anything is released under it (I2, I3).

use super::receipt::{self, Wording};
use super::record::{Asked, ConsentNumber, ConsentRecord};
use super::reuse::{Agreement, remembered_for};
use crate::client::Client;
use crate::error::Fault;
use crate::policy::Lifetimes;
use crate::provider::Provider;
use crate::transaction::Transaction;
use crate::transaction::stage::{Authenticated, OfferedClaim};
use crate::word::handle::random_text;
use crate::word::time::Timestamp;

/// Makes sure that what a release rests on is kept: tells the number of the consent, and the claims that it covers.
/// A consent that is stored already costs nothing; a new one is one write that waits for the disk.
pub async fn settle<'a>(
    provider: &Provider,
    client: &Client,
    transaction: &Transaction,
    authenticated: &Authenticated,
    agreement: &'a Agreement,
) -> Result<(Option<ConsentNumber>, &'a [OfferedClaim]), Fault> {
    match agreement {
        Agreement::NothingAsked => Ok((None, &[])),
        Agreement::Stored(number, granted) => Ok((Some(*number), granted)),
        // A page that asked for nothing is no consent to anything, and with a lifetime of 0 the server keeps none.
        Agreement::Given(granted)
            if authenticated.offer.is_empty() || provider.policy.lifetimes.consent == 0 =>
        {
            Ok((None, granted))
        }
        Agreement::Given(granted) => {
            let record = record(provider, client, transaction, authenticated, granted)?;
            let until = keep_until(record.expires_at, &provider.policy.lifetimes);
            let number = provider.stores.consents.give(&record, until).await?;
            Ok((Some(number), granted))
        }
    }
}

/// Until when the history keeps what happened to a consent that ended then.
pub const fn keep_until(ended_at: Timestamp, lifetimes: &Lifetimes) -> Timestamp {
    ended_at.plus(lifetimes.consent_history)
}

fn record(
    provider: &Provider,
    client: &Client,
    transaction: &Transaction,
    authenticated: &Authenticated,
    granted: &[OfferedClaim],
) -> Result<ConsentRecord, Fault> {
    let now = provider.now();
    let asked = Asked::of(&transaction.request, &authenticated.offer);
    let login = &authenticated.login;
    let mut record = ConsentRecord {
        receipt_id: random_text(provider.entropy.as_ref()),
        client_id: client.client_id.clone(),
        subject: login.subject.clone(),
        asked_hash: asked.hash(client),
        asked,
        granted: granted.to_vec(),
        given_at: now,
        expires_at: now.plus(remembered_for(client, &provider.policy.lifetimes)),
        acr: login.acr.clone(),
        amr: login.amr.clone(),
        receipt: String::new(),
    };
    let wording = Wording { client, locale: &transaction.locale, auth_time: login.auth_time };
    let claims = receipt::claims(&record, wording, &provider.policy.issuer);
    record.receipt = provider.keys.sign(receipt::ALGORITHM, receipt::TYPE, &claims, now)?;
    Ok(record)
}
