//! The people one can sign in as: read from the file that the mock ID system itself has built in.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::Value;

use super::deployment::Deployment;

const PEOPLE: &str = include_str!("../../../../../plugins/mock-identity/src/people.json");

/// Someone to sign in as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    /// The number to type.
    pub(super) individual_id: String,
    /// Their name.
    pub(super) name: String,
    /// What happens, as a word for scripts: "usual", "locked", "unavailable".
    pub(super) outcome: String,
    /// What happens, for people.
    pub(super) shows: String,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default = "usual")]
    outcome: String,
    #[serde(default)]
    claims: BTreeMap<String, Value>,
    #[serde(default)]
    words: BTreeMap<String, BTreeMap<String, Value>>,
}

fn usual() -> String {
    "usual".to_owned()
}

/// Everyone; nobody when another ID system than ours is loaded.
pub(super) fn all(deployment: &Deployment) -> anyhow::Result<Vec<Person>> {
    if !deployment.has_mock_identity() {
        return Ok(Vec::new());
    }
    let entries: BTreeMap<String, Entry> = serde_json::from_str(PEOPLE).context("the file of people")?;
    Ok(entries.into_iter().map(|(individual_id, entry)| person(individual_id, entry)).collect())
}

fn person(individual_id: String, entry: Entry) -> Person {
    let name = entry.words.get("en").and_then(|words| words.get("name")).and_then(Value::as_str);
    let shows = match entry.outcome.as_str() {
        "usual" => {
            let languages: Vec<&str> = entry.words.keys().map(String::as_str).collect();
            let lacks = if entry.claims.contains_key("email") { "" } else { ", has no email" };
            format!("signs in ({}{lacks})", languages.join(" "))
        }
        "locked" => "the right code is rejected: locked".to_owned(),
        "unavailable" => "the ID system cannot answer".to_owned(),
        other => other.to_owned(),
    };
    Person { name: name.unwrap_or(&individual_id).to_owned(), outcome: entry.outcome, shows, individual_id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plugins_own_file_names_people_for_every_outcome() {
        let entries: BTreeMap<String, Entry> = serde_json::from_str(PEOPLE).unwrap();
        let people: Vec<Person> = entries.into_iter().map(|(id, entry)| person(id, entry)).collect();
        assert!(people.iter().any(|person| person.name == "Amina Benali" && person.outcome == "usual"));
        for outcome in ["locked", "unavailable"] {
            assert!(people.iter().any(|person| person.outcome == outcome), "{outcome}");
        }
        assert!(people.iter().all(|person| person.individual_id.bytes().all(|byte| byte.is_ascii_digit())));
    }
}
