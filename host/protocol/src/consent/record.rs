//! What is kept of a consent: what was asked, what was granted, and what became of it (`state.md`, consents and history).
//!
//! The record knows the person by the pairwise subject alone, never by an individual id.

use esignet_jose::digest;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::authorization_request::AuthorizationRequest;
use crate::client::Client;
use crate::identity_assurance::offer::AsVerified;
use crate::transaction::stage::OfferedClaim;
use crate::word::acr::Acr;
use crate::word::client_id::ClientId;
use crate::word::scope::Scope;
use crate::word::time::Timestamp;

/// The place of an event in the history of one person with one client: 1 for the first, and one more for each after it.
/// Codes and tokens carry the number of the consent that they rest on, so that no clock decides what a withdrawal ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConsentNumber(pub u64);

impl ConsentNumber {
    /// The number of the next event.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// The question that a person was asked: the scope, and each claim with where it goes and whether it is essential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The scope of the request.
    pub scope: Scope,
    /// The claims that were offered, by name.
    pub claims: Vec<OfferedClaim>,
}

impl Asked {
    /// The question that a request makes for a person who can be offered these claims.
    pub fn of(request: &AuthorizationRequest, offer: &[OfferedClaim]) -> Self {
        let mut claims = offer.to_vec();
        claims.sort_by(|left, right| left.name.cmp(&right.name));
        Self { scope: request.scope.clone(), claims }
    }

    /// SHA-256 over a canonical form, base64url: equal when a person would be asked the same for the same kind of purpose.
    /// Neither the order of claims nor their languages (`claims_locales`), wanted values or texts make another question.
    pub fn hash(&self, client: &Client) -> String {
        let claims: Vec<Value> = self.claims.iter().map(canonical).collect();
        let purpose = client.purpose.as_ref().map(|purpose| purpose.kind);
        let form = json!(["esignet consent 1", purpose, self.scope, claims]);
        digest::sha256_base64url(form.to_string().as_bytes())
    }
}

/// Written out by hand, member by member: a new one does not compile until it was decided whether it makes another question,
/// and whoever was asked before is not asked again when it is left out where it says nothing.
fn canonical(claim: &OfferedClaim) -> Value {
    let OfferedClaim { name, essential, userinfo, id_token, verified } = claim;
    match verified {
        None => json!([name, essential, userinfo, id_token]),
        Some(AsVerified { purposes, evidence, asked_hash }) => {
            json!([name, essential, userinfo, id_token, purposes, evidence, asked_hash])
        }
    }
}

/// One consent as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentRecord {
    /// Random; the `jti` of the receipt.
    pub receipt_id: String,
    /// To whom.
    pub client_id: ClientId,
    /// Of whom: what this client sees of the person.
    pub subject: String,
    /// The question.
    pub asked: Asked,
    /// [`Asked::hash`] of the question.
    pub asked_hash: String,
    /// The answer: the claims that may be released, with where each goes.
    pub granted: Vec<OfferedClaim>,
    /// When.
    pub given_at: Timestamp,
    /// From when it must be asked for again; `given_at` when it is for one login.
    pub expires_at: Timestamp,
    /// The class of the login in which it was given.
    pub acr: Acr,
    /// The methods of that login (RFC 8176).
    pub amr: Vec<String>,
    /// The signed receipt, a compact JWS.
    pub receipt: String,
}

/// Something that happened to the consent of a person to a client. That one has expired is no event: it says itself when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsentEvent {
    /// It was given, in place of any earlier one.
    Given(Box<ConsentRecord>),
    /// It was withdrawn, with all that was issued under it or an earlier one.
    Withdrawn {
        /// Of which client.
        client_id: ClientId,
        /// When.
        at: Timestamp,
    },
}

impl ConsentEvent {
    /// Whose consent it is about.
    pub const fn client_id(&self) -> &ClientId {
        match self {
            Self::Given(record) => &record.client_id,
            Self::Withdrawn { client_id, .. } => client_id,
        }
    }
}

/// An event with its place in the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentEntry {
    /// Which one it is.
    pub number: ConsentNumber,
    /// The last withdrawal up to here, itself included; 0 when there was none. What is older has ended.
    pub withdrawn_before: ConsentNumber,
    /// What happened.
    pub event: ConsentEvent,
}

impl ConsentEntry {
    /// The entry of a consent that is given after `latest`.
    pub fn given(latest: Option<&Self>, record: ConsentRecord) -> Self {
        let (number, withdrawn_before) = after(latest);
        Self { number, withdrawn_before, event: ConsentEvent::Given(Box::new(record)) }
    }

    /// The entry of a withdrawal after `latest`; `None` when no consent is there to be withdrawn. One that has expired is:
    /// what was issued under it may still live.
    pub fn withdrawn(latest: &Self, at: Timestamp) -> Option<Self> {
        match &latest.event {
            ConsentEvent::Withdrawn { .. } => None,
            ConsentEvent::Given(record) => {
                let (number, _) = after(Some(latest));
                let event = ConsentEvent::Withdrawn { client_id: record.client_id.clone(), at };
                Some(Self { number, withdrawn_before: number, event })
            }
        }
    }

    /// Whether what rests on a consent is still good, this being the latest entry. Of a consent that the history does not
    /// reach, nobody knows, and so nothing is good.
    pub fn upholds(&self, consent: ConsentNumber) -> bool {
        self.withdrawn_before <= consent && consent <= self.number
    }
}

fn after(latest: Option<&ConsentEntry>) -> (ConsentNumber, ConsentNumber) {
    latest.map_or((ConsentNumber(1), ConsentNumber(0)), |latest| {
        (latest.number.next(), latest.withdrawn_before)
    })
}

#[cfg(test)]
mod tests;
