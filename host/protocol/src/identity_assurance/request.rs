//! The `verified_claims` element of the `claims` parameter (OIDC4IDA §5.3–5.6): which claims, and verified in which way.
//!
//! The `verification` part is read as a tree of what is wanted, whatever the names in it: elements that nobody defined are
//! wanted of an ID system that has none, which leaves them out when they are unconstrained and leaves out the whole element
//! when they are not (OIDC4IDA §5.7).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::constraint::Constraint;
use crate::word::claims_request::{MalformedClaims, base};

/// The most elements in one array of them.
const MAX_ELEMENTS: usize = 8;
/// The most members of one object, and the most entries of one array in it.
const MAX_MEMBERS: usize = 64;
/// The deepest nesting in an element: what the deepest member of a document's issuer needs, and some room.
const MAX_DEPTH: usize = 10;

/// Members whose arrays are filters: an entry of the answer has to meet one of the entries here (OIDC4IDA §5.4).
/// `assurance_details` is none: it is given whole and filters nothing (ibid.).
const WHOLE: &str = "assurance_details";

/// What is wanted of one element of the `verification` part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The value, if it is as the constraint says.
    Value(Constraint),
    /// These members of an object.
    Members(BTreeMap<String, Wanted>),
    /// These members of the entries of an array that meet all of them; one of several lists will do.
    AnyOf(Vec<BTreeMap<String, Wanted>>),
    /// All that there is.
    Whole,
}

/// One element: claims, and how they must have been verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct VerifiedClaimsRequest {
    /// What is wanted of the verification. `trust_framework` is always among it.
    pub verification: BTreeMap<String, Wanted>,
    /// The claims, by names that may carry a language tag. Never empty.
    pub claims: BTreeMap<String, Constraint>,
}

/// Reads an element or an array of them.
pub fn parse(asked: &Value) -> Result<Vec<VerifiedClaimsRequest>, MalformedClaims> {
    match asked {
        Value::Array(elements) if (1..=MAX_ELEMENTS).contains(&elements.len()) => {
            elements.iter().map(VerifiedClaimsRequest::parse).collect()
        }
        Value::Object(_) => Ok(vec![VerifiedClaimsRequest::parse(asked)?]),
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Err(MalformedClaims)
        }
    }
}

impl VerifiedClaimsRequest {
    /// Reads one element. What stands beside `verification` and `claims` is ignored.
    pub fn parse(asked: &Value) -> Result<Self, MalformedClaims> {
        let part = |name: &str| asked.get(name).and_then(Value::as_object).ok_or(MalformedClaims);
        let verification = read_members(part("verification")?, 0)?;
        // OIDC4IDA §5.4: the trust framework is part of every answer, so a request says something of it. It is a word.
        if !matches!(verification.get("trust_framework"), Some(Wanted::Value(_))) {
            return Err(MalformedClaims);
        }
        match verification.get("evidence") {
            None | Some(Wanted::AnyOf(_)) => {}
            Some(Wanted::Value(wanted)) if !wanted.restricts() => {}
            Some(Wanted::Value(_) | Wanted::Members(_) | Wanted::Whole) => return Err(MalformedClaims),
        }
        let filters = part("verification")?.get("evidence").and_then(Value::as_array);
        if !filters.into_iter().flatten().all(names_its_type) {
            return Err(MalformedClaims);
        }
        let claims = part("claims")?;
        if !(1..=MAX_MEMBERS).contains(&claims.len()) {
            return Err(MalformedClaims);
        }
        let claims = claims.iter().map(|(name, asked)| Ok((name.clone(), Constraint::read(asked)?)));
        Ok(Self { verification, claims: claims.collect::<Result<_, _>>()? })
    }

    /// The trust frameworks that would do; `None` when any would.
    pub fn trust_frameworks(&self) -> Option<&[Value]> {
        match self.verification.get("trust_framework") {
            Some(Wanted::Value(wanted)) => wanted.values.as_deref(),
            Some(Wanted::Members(_) | Wanted::AnyOf(_) | Wanted::Whole) | None => None,
        }
    }

    /// Whether it wants to know what proved the claims: documents, records, people who vouched.
    pub fn wants_evidence(&self) -> bool {
        self.verification.contains_key("evidence")
    }

    /// The `verification` part as it stands in a request, without the purposes in it.
    pub fn verification_without_purposes(&self) -> Value {
        let mut silent = self.verification.clone();
        silent.values_mut().for_each(drop_purposes);
        members_to_value(&silent)
    }

    /// Keeps the claims of these names, language tags aside, also where they are wanted as derived from evidence; nothing
    /// when none is left.
    pub fn only(&self, keep: &impl Fn(&str) -> bool) -> Option<Self> {
        let mut kept = self.clone();
        kept.claims.retain(|name, _| keep(base(name)));
        kept.verification.values_mut().for_each(|wanted| keep_derived(wanted, keep));
        (!kept.claims.is_empty()).then_some(kept)
    }
}

/// OIDC4IDA §5.4: an entry of `evidence` filters by the one type that it names, by `value` and not by `values`.
fn names_its_type(filter: &Value) -> bool {
    let kind = filter.get("type");
    kind.is_some_and(|kind| kind.get("value").is_some_and(Value::is_string) && kind.get("values").is_none())
}

fn drop_purposes(wanted: &mut Wanted) {
    match wanted {
        Wanted::Value(constraint) => constraint.purpose = None,
        Wanted::Members(members) => members.values_mut().for_each(drop_purposes),
        Wanted::AnyOf(filters) => filters.iter_mut().flat_map(BTreeMap::values_mut).for_each(drop_purposes),
        Wanted::Whole => {}
    }
}

/// `derived_claims` has claims about the person in the middle of the evidence: it never says more than `claims` does
/// (OpenID Identity Assurance Schema §5.4.4).
fn keep_derived(wanted: &mut Wanted, keep: &impl Fn(&str) -> bool) {
    let within = |members: &mut BTreeMap<String, Wanted>| {
        if let Some(Wanted::Members(claims)) = members.get_mut("derived_claims") {
            claims.retain(|name, _| keep(base(name)));
        }
        let names_some = |wanted: &Wanted| matches!(wanted, Wanted::Members(claims) if !claims.is_empty());
        members.retain(|name, wanted| name != "derived_claims" || names_some(wanted));
        for deeper in members.values_mut() {
            keep_derived(deeper, keep);
        }
    };
    match wanted {
        Wanted::Value(_) | Wanted::Whole => {}
        Wanted::Members(members) => within(members),
        Wanted::AnyOf(filters) => filters.iter_mut().for_each(within),
    }
}

fn read_members(
    object: &Map<String, Value>,
    depth: usize,
) -> Result<BTreeMap<String, Wanted>, MalformedClaims> {
    if object.len() > MAX_MEMBERS {
        return Err(MalformedClaims);
    }
    object.iter().map(|(name, asked)| Ok((name.clone(), read_wanted(name, asked, depth + 1)?))).collect()
}

fn read_wanted(name: &str, asked: &Value, depth: usize) -> Result<Wanted, MalformedClaims> {
    if depth > MAX_DEPTH {
        return Err(MalformedClaims);
    }
    match asked {
        _ if name == WHOLE => Ok(Wanted::Whole),
        Value::Null => Ok(Wanted::Value(Constraint::default())),
        Value::Object(object) if Constraint::is(object) => Ok(Wanted::Value(Constraint::read(asked)?)),
        Value::Object(object) => Ok(Wanted::Members(read_members(object, depth)?)),
        Value::Array(entries) if (1..=MAX_MEMBERS).contains(&entries.len()) => {
            let filter = |entry: &Value| read_members(entry.as_object().ok_or(MalformedClaims)?, depth + 1);
            Ok(Wanted::AnyOf(entries.iter().map(filter).collect::<Result<_, _>>()?))
        }
        Value::Array(_) | Value::Bool(_) | Value::Number(_) | Value::String(_) => Err(MalformedClaims),
    }
}

fn members_to_value(members: &BTreeMap<String, Wanted>) -> Value {
    members.iter().map(|(name, wanted)| (name.clone(), wanted.to_value())).collect::<Map<_, _>>().into()
}

impl Wanted {
    /// As it stands in a request.
    fn to_value(&self) -> Value {
        match self {
            Self::Value(constraint) => constraint.to_value(),
            Self::Members(members) => members_to_value(members),
            Self::AnyOf(filters) => filters.iter().map(members_to_value).collect(),
            Self::Whole => Value::Null,
        }
    }
}

impl TryFrom<Value> for VerifiedClaimsRequest {
    type Error = MalformedClaims;

    fn try_from(value: Value) -> Result<Self, MalformedClaims> {
        Self::parse(&value)
    }
}

impl From<VerifiedClaimsRequest> for Value {
    fn from(request: VerifiedClaimsRequest) -> Self {
        let claims = request.claims.iter().map(|(name, constraint)| (name.clone(), constraint.to_value()));
        json!({
            "verification": members_to_value(&request.verification),
            "claims": claims.collect::<Map<_, _>>(),
        })
    }
}

#[cfg(test)]
mod tests;
