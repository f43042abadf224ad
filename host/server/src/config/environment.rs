//! `ESIGNET__SECTION__KEY` in the environment takes the place of `key` in `[section]`.
//!
//! Names are compared without regard to case, and `_` stands for `-` too, so that
//! `ESIGNET__PLUGINS__MOCK_IDENTITY__CONFIG__OTP` reaches `[plugins."mock-identity".config]`. The value is taken in the
//! type of the key: text as it stands, numbers and booleans as in TOML, arrays and tables in TOML's notation.

use std::sync::Arc;

use super::document::{Entry, Node, Place, Table, Value};
use super::finding::Findings;

/// What the names of our variables begin with.
pub(crate) const PREFIX: &str = "ESIGNET__";

/// Puts variables into the tree. Which of them the configuration does not know comes out when it is read.
pub(crate) fn apply(
    table: &mut Table,
    variables: impl IntoIterator<Item = (String, String)>,
    findings: &Findings,
) {
    let mut ours: Vec<_> = variables.into_iter().filter(|(name, _)| name.starts_with(PREFIX)).collect();
    ours.sort();
    for (name, value) in ours {
        let place = Place::Variable(Arc::from(name.as_str()));
        let path: Vec<&str> = name.get(PREFIX.len()..).unwrap_or_default().split("__").collect();
        let nested = path.len() > 1 && path.iter().all(|word| !word.is_empty());
        if !nested {
            let problem = "the name does not lead to a key of a section";
            findings.error("unknown-variable", &place, problem, "name it ESIGNET__SECTION__KEY");
            continue;
        }
        if let Err(section) = put(table, &path, Value::Variable(value), &place) {
            findings.error(
                "unknown-variable",
                &place,
                format!("`{section}` is a value, so it has no keys below it"),
                "name it ESIGNET__SECTION__KEY, as the keys are nested in the file",
            );
        }
    }
}

/// Puts a value at a path; fails with the word of the path that is no table.
fn put<'a>(table: &mut Table, path: &[&'a str], value: Value, place: &Place) -> Result<(), &'a str> {
    let Some((word, rest)) = path.split_first() else { return Ok(()) };
    let at = table.entries.iter().position(|entry| same_name(&entry.key, word)).unwrap_or_else(|| {
        let node = Node { place: place.clone(), value: Value::Table(Table::default()) };
        table.entries.push(Entry { key: word.to_ascii_lowercase(), place: place.clone(), node });
        table.entries.len() - 1
    });
    let Some(entry) = table.entries.get_mut(at) else { return Ok(()) };
    if rest.is_empty() {
        entry.place = place.clone();
        entry.node = Node { place: place.clone(), value };
        return Ok(());
    }
    if let Value::Table(inner) = &mut entry.node.value { put(inner, rest, value, place) } else { Err(word) }
}

fn same_name(key: &str, word: &str) -> bool {
    key.len() == word.len()
        && key.bytes().zip(word.bytes()).all(|(key, word)| match key {
            b'-' => word == b'_',
            key => key.eq_ignore_ascii_case(&word),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_reaches_a_key_with_hyphens_and_leaves_others_alone() {
        assert!(same_name("mock-identity", "MOCK_IDENTITY"));
        assert!(same_name("listen", "LISTEN"));
        assert!(!same_name("listen", "LISTENS"));
        assert!(!same_name("a_b", "A-B"));
    }
}
