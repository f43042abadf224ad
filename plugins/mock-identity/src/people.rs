//! Who there is: people by their number, from the operator's configuration or from the file built in.
//!
//! Every call runs in a fresh instance and needs one person, so the file is read past all others without keeping them.

use std::collections::BTreeMap;
use std::fmt;

use esignet_sdk::prelude::*;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use crate::register::UIN;

/// Kinds of identifier that are addresses.
pub(crate) const PHONE: &str = "phone";
pub(crate) const EMAIL: &str = "email";

/// The people built in.
pub(crate) const BUILT_IN: &str = include_str!("people.json");

/// What the register answers about someone, whatever they prove.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// What a register does.
    #[default]
    Usual,
    /// The right code is rejected as locked.
    Locked,
    /// The register cannot answer.
    Unavailable,
}

/// One person of the register.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Person {
    /// Their number, which is the name of the member that they are.
    #[serde(skip)]
    pub(crate) uin: String,
    /// What the register answers.
    #[serde(default)]
    pub(crate) outcome: Outcome,
    /// Where a code by SMS goes.
    pub(crate) phone: String,
    /// Where a code by email goes.
    pub(crate) email: String,
    /// Their PIN, if it is not everybody's.
    #[serde(default)]
    pub(crate) pin: Option<String>,
    /// Their password, if it is not everybody's.
    #[serde(default)]
    pub(crate) password: Option<String>,
    /// Claims that are the same in all languages.
    #[serde(default)]
    pub(crate) claims: Claims,
    /// Which claims were verified, and how.
    #[serde(default)]
    pub(crate) verified: Vec<Verified>,
    /// Claims by language, and there by name.
    #[serde(default)]
    pub(crate) words: BTreeMap<String, Claims>,
}

/// One verification of some of a person's claims.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verified {
    /// The `verification` element as it stands (OpenID Identity Assurance Schema §5.4).
    pub(crate) verification: Claims,
    /// The names of the claims.
    pub(crate) claims: Vec<String>,
}

impl Person {
    /// The claim in the first of the languages that has it, or in whatever language there is.
    pub(crate) fn claim<'a>(
        &'a self,
        name: &str,
        mut languages: impl Iterator<Item = &'a str>,
    ) -> Option<&'a Value> {
        let in_language = |language: &str| self.words.get(language).and_then(|words| words.get(name));
        self.claims
            .get(name)
            .or_else(|| languages.find_map(in_language))
            .or_else(|| self.words.values().find_map(|words| words.get(name)))
    }
}

/// The person of that identifier, if there is one. `json` replaces the people built in.
pub(crate) fn find(json: Option<&str>, individual: &Individual) -> Result<Option<Person>, Failure> {
    let by = match individual.kind.as_str() {
        UIN => By::Number,
        PHONE => By::Phone,
        EMAIL => By::Email,
        _ => return Ok(None),
    };
    let mut deserializer = serde_json::Deserializer::from_str(json.unwrap_or(BUILT_IN));
    One { value: &individual.value, by }.deserialize(&mut deserializer).map_err(|error| unreadable(&error))
}

/// Whether two spellings are of one number: without what structures it.
pub(crate) fn is_same_number(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| !" -./()".contains(*c)).collect::<String>();
    plain(one) == plain(other)
}

/// Whether two spellings are of one mailbox: in any letters.
pub(crate) fn is_same_mailbox(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}

/// Everyone, by number.
pub(crate) fn all(json: Option<&str>) -> Result<BTreeMap<String, Person>, Failure> {
    serde_json::from_str(json.unwrap_or(BUILT_IN)).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> Failure {
    Failure::misconfigured(format!("config key `people`: {error}"))
}

/// What a person is looked for by.
#[derive(Clone, Copy)]
enum By {
    Number,
    Phone,
    Email,
}

/// Reads one person out of an object of many.
struct One<'a> {
    value: &'a str,
    by: By,
}

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = Option<Person>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for One<'_> {
    type Value = Option<Person>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of people by their number")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut people: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(uin) = people.next_key::<String>()? {
            if matches!(self.by, By::Number) && uin != self.value {
                people.next_value::<IgnoredAny>()?;
                continue;
            }
            let person: Person = people.next_value()?;
            let is_meant = match self.by {
                By::Number => true,
                By::Phone => is_same_number(&person.phone, self.value),
                By::Email => is_same_mailbox(&person.email, self.value),
            };
            if is_meant {
                found = Some(Person { uin, ..person });
            }
        }
        Ok(found)
    }
}
