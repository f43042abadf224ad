//! From the registry's JSON to a claim: where it is, and what has to be made of it.
//!
//! Steps come in one order, whichever of them there are: `values`, `transform`, `date`, `prefix`, `boolean`. What does not
//! go through all of them is no claim; nothing half done is released.

use std::collections::BTreeMap;

use esignet_sdk::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::date::DateFormat;
use crate::pointer::{Pointer, text};
use crate::setting::unusable;

/// A mapping, as the operator writes it.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct WrittenMapping {
    pointer: Option<String>,
    join: Option<Vec<String>>,
    separator: Option<String>,
    constant: Option<Value>,
    members: Option<BTreeMap<String, WrittenMapping>>,
    values: BTreeMap<String, Value>,
    transform: Option<String>,
    date: Option<String>,
    prefix: Option<String>,
    boolean: Option<Vec<Value>>,
}

/// Where a claim comes from and what is made of it.
pub(crate) struct Mapping {
    source: Source,
    values: BTreeMap<String, Value>,
    letters: Letters,
    date: Option<DateFormat>,
    prefix: Option<String>,
    boolean: Option<Vec<Value>>,
}

enum Source {
    Pointer(Pointer),
    Join { pointers: Vec<Pointer>, separator: String },
    Constant(Value),
    Members(Vec<(String, Mapping)>),
}

#[derive(Clone, Copy)]
enum Letters {
    AsTheyAre,
    Lower,
    Upper,
    Title,
}

/// What came of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mapped {
    Claim(Value),
    /// The registry has nothing there.
    Absent,
    /// The registry has something that the mapping does not expect.
    Unexpected,
}

impl WrittenMapping {
    /// The mapping of a config key.
    pub(crate) fn checked(self, key: &str) -> Result<Mapping, Failure> {
        let at = |name: &str| format!("{key}.{name}");
        if self.separator.is_some() && self.join.is_none() {
            return Err(unusable(&at("separator"), "it belongs to `join`; take it out"));
        }
        let steps = !self.values.is_empty()
            || self.transform.is_some()
            || self.date.is_some()
            || self.prefix.is_some()
            || self.boolean.is_some();
        let source = match (self.pointer, self.join, self.constant, self.members) {
            (Some(pointer), None, None, None) => Source::Pointer(Pointer::parse(&at("pointer"), &pointer)?),
            (None, Some(pointers), None, None) if !pointers.is_empty() => {
                let read = |pointer: &String| Pointer::parse(&at("join"), pointer);
                let pointers = pointers.iter().map(read).collect::<Result<_, _>>()?;
                Source::Join { pointers, separator: self.separator.unwrap_or_else(|| " ".to_owned()) }
            }
            (None, None, Some(constant), None) if !steps => Source::Constant(constant),
            (None, None, None, Some(members)) if !steps && !members.is_empty() => {
                let read = |(name, member): (String, Self)| {
                    let member = member.checked(&at(&format!("members.{name}")))?;
                    Ok((name, member))
                };
                Source::Members(members.into_iter().map(read).collect::<Result<_, Failure>>()?)
            }
            (None, None, Some(_), None) | (None, None, None, Some(_)) => {
                return Err(unusable(
                    key,
                    "`constant` and `members` stand alone and are not empty; take the rest out",
                ));
            }
            _ => {
                return Err(unusable(
                    key,
                    "say where it comes from: one of `pointer`, `join`, `constant`, `members`",
                ));
            }
        };
        let date = self.date.map(|format| DateFormat::parse(&format)).transpose();
        Ok(Mapping {
            source,
            values: self.values,
            letters: Letters::parse(&at("transform"), self.transform.as_deref())?,
            date: date.map_err(|problem| unusable(&at("date"), problem))?,
            prefix: self.prefix,
            boolean: self.boolean,
        })
    }
}

impl Mapping {
    /// The claim, by the registry's document.
    pub(crate) fn of(&self, document: &Value) -> Mapped {
        let found = match &self.source {
            Source::Pointer(pointer) => pointer.of(document).filter(|value| !is_blank(value)).cloned(),
            Source::Join { pointers, separator } => {
                let parts = pointers.iter().filter_map(|pointer| pointer.text(document));
                let parts: Vec<String> = parts.map(|part| part.trim().to_owned()).collect();
                (!parts.is_empty()).then(|| Value::String(parts.join(separator)))
            }
            Source::Constant(value) => Some(value.clone()),
            Source::Members(members) => return object(members, document),
        };
        let Some(found) = found else { return Mapped::Absent };
        self.made_of(found).map_or(Mapped::Unexpected, Mapped::Claim)
    }

    fn made_of(&self, found: Value) -> Option<Value> {
        let mut value = found;
        if !self.values.is_empty() {
            value = self.values.get(&text(&value)?)?.clone();
        }
        if !matches!(self.letters, Letters::AsTheyAre) {
            value = Value::String(self.letters.of(&text(&value)?));
        }
        if let Some(format) = &self.date {
            value = Value::String(format.iso(&text(&value)?)?);
        }
        if let Some(prefix) = &self.prefix {
            let text = text(&value)?;
            value = Value::String(if text.starts_with(prefix) { text } else { format!("{prefix}{text}") });
        }
        if let Some(yes) = &self.boolean {
            let written = text(&value);
            value = Value::Bool(
                yes.iter().any(|yes| *yes == value || (written.is_some() && text(yes) == written)),
            );
        }
        Some(value)
    }
}

/// An object of what is there; a member that is unexpected makes it so.
fn object(members: &[(String, Mapping)], document: &Value) -> Mapped {
    let mut object = Map::new();
    for (name, mapping) in members {
        match mapping.of(document) {
            Mapped::Claim(value) => drop(object.insert(name.clone(), value)),
            Mapped::Absent => {}
            Mapped::Unexpected => return Mapped::Unexpected,
        }
    }
    if object.is_empty() { Mapped::Absent } else { Mapped::Claim(Value::Object(object)) }
}

fn is_blank(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().is_empty())
}

impl Letters {
    fn parse(key: &str, word: Option<&str>) -> Result<Self, Failure> {
        match word {
            None | Some("copy") => Ok(Self::AsTheyAre),
            Some("lower") => Ok(Self::Lower),
            Some("upper") => Ok(Self::Upper),
            Some("title") => Ok(Self::Title),
            Some(other) => {
                Err(unusable(key, format!("{other:?} is not known; use one of copy, lower, upper, title")))
            }
        }
    }

    fn of(self, text: &str) -> String {
        match self {
            Self::AsTheyAre => text.to_owned(),
            Self::Lower => text.to_lowercase(),
            Self::Upper => text.to_uppercase(),
            Self::Title => titled(text),
        }
    }
}

/// Each word with a capital letter first; what stands between words are spaces, hyphens and apostrophes.
fn titled(text: &str) -> String {
    let mut titled = String::with_capacity(text.len());
    let mut begins = true;
    for letter in text.to_lowercase().chars() {
        if begins {
            titled.extend(letter.to_uppercase());
        } else {
            titled.push(letter);
        }
        begins = letter.is_whitespace() || matches!(letter, '-' | '\'' | '’');
    }
    titled
}

#[cfg(test)]
mod tests;
