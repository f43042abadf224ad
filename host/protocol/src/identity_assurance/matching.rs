//! What the ID system states as verified, against what was asked and agreed to (OIDC4IDA §5.4–5.7).
//!
//! Only what was asked comes out. A requirement on the verification that is not met takes the whole element with it; one on
//! a claim takes the claim; what a valid element cannot be without takes what it is missing from (§5.7.4, §5.7.5). Nothing
//! of this is an error.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::constraint::Constraint;
use super::request::{VerifiedClaimsRequest, Wanted};
use crate::issue::claims::is_reserved;
use crate::issue::languages::{self, Languages};
use crate::ports::plugins::VerifiedOffer;
use crate::word::claims_request::base;
use crate::word::time::Timestamp;

/// The most verifications that are looked at.
const MAX_VERIFICATIONS: usize = 16;

/// What an answer is compared with besides the request.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// What the ID system said it can verify: it states nothing beyond that (OIDC4IDA §8).
    pub offer: &'a VerifiedOffer,
    /// The languages that claims are wanted in.
    pub languages: Languages<'a>,
    /// What time it is.
    pub now: Timestamp,
}

/// What evidence by an electronic signature is not valid without. It says much of a person: it is given when it is asked for
/// and not to make the evidence valid (OIDC4IDA §5.7.5).
const SIGNATURE: [&str; 3] = ["signature_type", "issuer", "serial_number"];

/// A requirement is not met.
struct Unmet;

/// The elements to return for the elements asked: each of the ID system's verifications that meets one, cut to it, each once
/// (OIDC4IDA §5.6).
pub fn matches(given: &Value, asked: &[VerifiedClaimsRequest], terms: Terms<'_>) -> Vec<Value> {
    let given = given.as_array().map_or(std::slice::from_ref(given), Vec::as_slice);
    let given = given.get(..MAX_VERIFICATIONS).unwrap_or(given);
    let mut matched = Vec::new();
    for element in asked {
        for found in given.iter().filter_map(|given| one_match(given, element, terms)) {
            if !matched.contains(&found) {
                matched.push(found);
            }
        }
    }
    matched
}

/// One verification cut to one element asked; nothing when it does not meet it or no claim is left.
fn one_match(given: &Value, asked: &VerifiedClaimsRequest, terms: Terms<'_>) -> Option<Value> {
    let verification = given.get("verification")?;
    let trust_framework = verification.get("trust_framework")?.as_str()?;
    terms.offer.trust_frameworks.iter().find(|announced| *announced == trust_framework)?;

    let announced = announced(verification, terms.offer);
    let wanted = Wanted::Members(asked.verification.clone());
    let verification = cut("verification", &wanted, Some(&announced), terms.now).ok()??;
    let claims = claims(given.get("claims")?.as_object()?, &asked.claims, terms);
    let mut element = Map::new();
    element.insert("verification".to_owned(), verification);
    // `protocol.md` 51: an element without claims is not returned.
    (!claims.is_empty()).then(|| {
        element.insert("claims".to_owned(), claims.into());
        element.into()
    })
}

/// The verification without evidence of a type that the ID system never announced (OIDC4IDA §8).
fn announced(verification: &Value, offer: &VerifiedOffer) -> Value {
    let mut verification = verification.clone();
    if let Some(Value::Array(evidence)) = verification.get_mut("evidence") {
        let is_announced = |kind: &str| offer.evidence.iter().any(|announced| announced == kind);
        evidence.retain(|entry| entry.get("type").and_then(Value::as_str).is_some_and(is_announced));
    }
    verification
}

/// The claims asked that are announced and as wanted, in the languages wanted. A fact of the protocol is none.
fn claims(
    given: &Map<String, Value>,
    asked: &BTreeMap<String, Constraint>,
    terms: Terms<'_>,
) -> Map<String, Value> {
    let is_one =
        |name: &str| !is_reserved(base(name)) && terms.offer.claims.iter().any(|claim| claim == base(name));
    let mut claims = Map::new();
    for (name, constraint) in asked.iter().filter(|(name, _)| is_one(name)) {
        // What is asked of a name holds for its value in whatever language it comes.
        let found = languages::choose(given, std::iter::once(name.as_str()), terms.languages).into_iter();
        claims.extend(found.filter(|(_, value)| !value.is_null() && constraint.is_met(value, terms.now)));
    }
    claims
}

/// What of `given` is wanted. Nothing when there is nothing, or when what is left would not be valid; unmet when there is a
/// requirement that it does not meet. `name` is the name of the member it is, or of the array it is an entry of.
fn cut(name: &str, wanted: &Wanted, given: Option<&Value>, now: Timestamp) -> Result<Option<Value>, Unmet> {
    let given = given.filter(|given| !given.is_null());
    match (wanted, given) {
        (Wanted::Whole, given) => Ok(given.cloned()),
        (Wanted::Value(constraint), Some(given)) if constraint.is_met(given, now) => Ok(bare(name, given)),
        (Wanted::Value(constraint), None) if !constraint.restricts() => Ok(None),
        (Wanted::Value(_), _) => Err(Unmet),
        (Wanted::Members(members), Some(Value::Object(given))) => cut_members(name, members, given, now),
        (Wanted::AnyOf(filters), Some(Value::Array(given))) => {
            let found: Vec<Value> =
                given.iter().filter_map(|entry| filtered(name, filters, entry, now)).collect();
            let none = if filters.iter().any(|filter| !filter.values().any(restricts)) {
                Ok(None)
            } else {
                Err(Unmet)
            };
            if found.is_empty() { none } else { Ok(Some(found.into())) }
        }
        (Wanted::Members(_) | Wanted::AnyOf(_), _) => {
            if restricts(wanted) {
                Err(Unmet)
            } else {
                Ok(None)
            }
        }
    }
}

/// The members wanted, and those that the object is not valid without.
fn cut_members(
    name: &str,
    members: &BTreeMap<String, Wanted>,
    given: &Map<String, Value>,
    now: Timestamp,
) -> Result<Option<Value>, Unmet> {
    let mut kept = Map::new();
    for (member, wanted) in members {
        if let Some(value) = cut(member, wanted, given.get(member), now)? {
            kept.insert(member.clone(), value);
        }
    }
    Ok(completed(name, kept, given))
}

/// An entry of an array as the first of the filters wants it that it meets (OIDC4IDA §5.4: filters are linked by OR).
fn filtered(
    name: &str,
    filters: &[BTreeMap<String, Wanted>],
    entry: &Value,
    now: Timestamp,
) -> Option<Value> {
    let entry = entry.as_object()?;
    filters.iter().find_map(|filter| cut_members(name, filter, entry, now).ok()).flatten()
}

/// Whether a requirement is anywhere in it.
fn restricts(wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Value(constraint) => constraint.restricts(),
        Wanted::Members(members) => members.values().any(restricts),
        Wanted::AnyOf(filters) => filters.iter().all(|filter| filter.values().any(restricts)),
        Wanted::Whole => false,
    }
}

/// What a value is without naming what is in it: a value of one piece is itself; of an object only what it is not valid
/// without (OIDC4IDA §5.4: who wants more has to set members one step deeper).
fn bare(name: &str, given: &Value) -> Option<Value> {
    match given {
        Value::Null => None,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(given.clone()),
        Value::Array(entries) => {
            let entries: Vec<Value> = entries.iter().filter_map(|entry| bare(name, entry)).collect();
            (!entries.is_empty()).then(|| entries.into())
        }
        Value::Object(given) => completed(name, Map::new(), given),
    }
}

/// Adds what the object is not valid without; nothing when that is not there, or when nothing is left (OIDC4IDA §5.7.5).
fn completed(name: &str, mut kept: Map<String, Value>, given: &Map<String, Value>) -> Option<Value> {
    for member in required(name) {
        let value = given.get(*member).filter(|value| value.is_string())?;
        kept.insert((*member).to_owned(), value.clone());
    }
    let is_signature =
        name == "evidence" && kept.get("type").is_some_and(|kind| kind == "electronic_signature");
    if is_signature && !SIGNATURE.iter().all(|member| kept.contains_key(*member)) {
        return None;
    }
    (!kept.is_empty()).then(|| kept.into())
}

/// What an object of this name is not valid without (OpenID Identity Assurance Schema §5.4).
fn required(name: &str) -> &'static [&'static str] {
    match name {
        "verification" => &["trust_framework"],
        "evidence" | "document_details" | "document" | "record" | "attestation" => &["type"],
        "check_details" => &["check_method"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests;
