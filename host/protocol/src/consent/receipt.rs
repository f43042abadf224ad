//! The consent receipt: what was asked and granted, signed by this server (ISO/IEC TS 27560, Kantara Consent Receipt 1.1).
//!
//! It is for the person and for whoever must show that there was a consent. It is no token: it has no audience and a type
//! of its own, so nothing that takes tokens takes it.

use esignet_jose::algorithm::Algorithm;
use serde_json::{Map, Value, json};

use super::record::ConsentRecord;
use crate::client::Client;
use crate::client::purpose::Purpose;
use crate::transaction::stage::OfferedClaim;
use crate::word::issuer::Issuer;
use crate::word::time::Timestamp;

/// The `typ` of a receipt.
pub const TYPE: &str = "consent-receipt+jwt";

/// What signs receipts: no client reads them, so none has a say.
pub const ALGORITHM: Algorithm = Algorithm::Es256;

/// The version of the form below.
const VERSION: &str = "1";

/// In what words a person was asked.
#[derive(Clone, Copy, Debug)]
pub struct Wording<'a> {
    /// Who asked.
    pub client: &'a Client,
    /// The language of the page, BCP 47.
    pub locale: &'a str,
    /// When the person was authenticated.
    pub auth_time: Timestamp,
}

/// The claims of the receipt of a consent. Times are seconds since 1970; there is no `exp`, since a receipt stays true
/// after the consent has ended.
pub fn claims(record: &ConsentRecord, wording: Wording<'_>, issuer: &Issuer) -> Map<String, Value> {
    let Wording { client, locale, auth_time } = wording;
    let granted: Vec<&str> = record.granted.iter().map(|claim| claim.name.as_str()).collect();
    let Value::Object(claims) = json!({
        "iss": issuer.as_str(),
        "iat": record.given_at,
        "jti": record.receipt_id,
        "sub": record.subject,
        "version": VERSION,
        "lawful_basis": "consent",
        "client_id": record.client_id,
        "client_name": client.name(locale),
        "locale": locale,
        "purpose": purpose(client.purpose.as_ref(), locale),
        "scope": record.asked.scope,
        "asked": record.asked.claims.iter().map(asked).collect::<Vec<_>>(),
        "granted": granted,
        "asked_hash": record.asked_hash,
        "expires_at": record.expires_at,
        "acr": record.acr,
        "amr": record.amr,
        "auth_time": auth_time,
    }) else {
        return Map::new();
    };
    claims
}

fn asked(claim: &OfferedClaim) -> Value {
    let OfferedClaim { name, essential, userinfo, id_token, verified } = claim;
    let places = [(*userinfo, "userinfo"), (*id_token, "id_token")];
    let places: Vec<&str> = places.into_iter().filter_map(|(goes, place)| goes.then_some(place)).collect();
    match verified {
        None => json!({ "name": name, "essential": essential, "to": places }),
        Some(verified) => json!({ "name": name, "essential": essential, "to": places, "verified": verified }),
    }
}

fn purpose(purpose: Option<&Purpose>, locale: &str) -> Value {
    let purpose = purpose.cloned().unwrap_or_default();
    json!({
        "type": purpose.kind,
        "title": purpose.title(locale),
        "subtitle": purpose.subtitle(locale),
    })
}

#[cfg(test)]
mod tests;
