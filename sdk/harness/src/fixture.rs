//! What an author writes down so that the conformance kit can test a plugin: what the operator would grant, what upstreams
//! answer, and who there is (`docs/plugins/testing.md`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use esignet_protocol::ports::plugins::{Attribute, Individual, Proof};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::harness::Harness;
use crate::key;
use crate::upstream::Rule;

mod key_written;
mod reading;

pub use key_written::KeyWritten;
pub use reading::FixtureError;

/// One file of fixtures: one world in which the whole kit runs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fixture {
    /// The file's name without its end.
    #[serde(skip)]
    pub name: String,
    /// What the file is about.
    pub about: Option<String>,
    /// When it is, in seconds since 1970-01-01 UTC.
    pub now: Option<u64>,
    /// The plugin's settings.
    pub settings: BTreeMap<String, Value>,
    /// Whether the operator takes its own partner-specific subjects.
    pub partner_specific_subjects: bool,
    /// Keys by name; those that are not here are made up.
    pub keys: BTreeMap<String, KeyWritten>,
    /// What upstreams answer, by name.
    pub upstreams: BTreeMap<String, Vec<Rule>>,
    /// Who there is.
    pub people: Vec<Person>,
    /// Somebody whom the ID system does not know; made from the first of the people when absent.
    pub stranger: Option<Identifier>,
}

/// How somebody names themselves.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    /// The kind.
    pub kind: String,
    /// The identifier.
    pub value: String,
    /// Further fields of the login form.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}

impl Identifier {
    /// As plugins get it.
    pub fn individual(&self) -> Individual {
        let attribute =
            |(name, value): (&String, &String)| Attribute { name: name.clone(), value: value.clone() };
        Individual {
            kind: self.kind.clone(),
            value: self.value.clone(),
            attributes: self.attributes.iter().map(attribute).collect(),
        }
    }
}

/// A proof as it is written down.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofWritten {
    /// The factor.
    pub factor: String,
    /// The format.
    pub format: String,
    /// The value.
    pub value: String,
}

impl ProofWritten {
    /// As ID systems get it.
    pub fn proof(&self) -> Proof {
        crate::calls::proof(&self.factor, &self.format, self.value.clone())
    }
}

/// What has to come of what somebody proves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// They get in.
    #[default]
    Accepted,
    /// They are rejected.
    Rejected,
    /// The ID system cannot answer.
    Unavailable,
}

/// Somebody, what they prove, and what has to come of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Person {
    /// What the case is called.
    pub name: String,
    /// How they name themselves; nothing for a factor that needs no individual.
    pub individual: Option<Identifier>,
    /// What an ID system has to judge, all together.
    pub proofs: Vec<ProofWritten>,
    /// What they answer to a factor, by the names of fields.
    pub answers: BTreeMap<String, String>,
    /// What has to come of it.
    pub expect: Expected,
    /// With which reason, when they are rejected.
    pub reason: Option<String>,
    /// Whether what they prove counts only once.
    pub once: bool,
    /// Claims that have to be released of them, among others.
    pub claims: Map<String, Value>,
    /// BCP 47: the languages that these claims are wanted in.
    pub claims_locales: Vec<String>,
}

impl Person {
    /// How they name themselves, as plugins get it.
    pub fn individual(&self) -> Option<Individual> {
        self.individual.as_ref().map(Identifier::individual)
    }

    /// What they prove, as ID systems get it.
    pub fn proofs(&self) -> Vec<Proof> {
        self.proofs.iter().map(ProofWritten::proof).collect()
    }
}

impl Fixture {
    /// Reads a file.
    pub fn read(file: &Path) -> Result<Self, FixtureError> {
        reading::read(file)
    }

    /// Reads every `*.toml` of a directory, in the order of their names.
    pub fn read_all(directory: &Path) -> Result<Vec<Self>, FixtureError> {
        let unreadable = |error| FixtureError::unreadable(directory, &error);
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(directory).map_err(unreadable)?.flatten().map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|end| end == "toml"));
        files.sort();
        files.iter().map(|file| Self::read(file)).collect()
    }

    /// Reads the text of a file of that name.
    pub fn parse(file: &Path, text: &str) -> Result<Self, FixtureError> {
        reading::parse(file, text)
    }

    /// A harness for a component in this world.
    pub fn harness(&self, component: &Path) -> Harness {
        let mut harness = Harness::of(component);
        if let Some(now) = self.now {
            harness = harness.at(now);
        }
        if self.partner_specific_subjects {
            harness = harness.partner_specific_subjects();
        }
        for (name, value) in &self.settings {
            harness = harness.setting(name, value.clone());
        }
        for (name, rules) in &self.upstreams {
            harness = harness.upstream(name, rules.clone());
        }
        for (name, written) in &self.keys {
            if let Some(key) = written.handle() {
                harness = harness.key(name, key);
            }
        }
        harness
    }

    /// The first of the people who get in.
    pub fn known(&self) -> Option<&Person> {
        self.people.iter().find(|person| person.expect == Expected::Accepted)
    }
}

/// The same text with other digits and letters: of the same shape, and not what it was.
pub fn altered(text: &str) -> String {
    let next = |c: char| match c {
        '0'..='8' | 'a'..='y' | 'A'..='Y' => char::from_u32(u32::from(c) + 1).unwrap_or(c),
        '9' => '0',
        'z' => 'a',
        'Z' => 'A',
        other => other,
    };
    let altered: String = text.chars().map(next).collect();
    if altered == text { format!("{text}x") } else { altered }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_altered_has_the_same_shape() {
        assert_eq!(altered("2053718694"), "3164829705");
        assert_eq!(altered("Correct horse Zz9"), "Dpssfdu ipstf Aa0");
        assert_eq!(altered("!"), "!x");
    }
}
