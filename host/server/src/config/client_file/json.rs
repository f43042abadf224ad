//! A registration as JSON: its values have no line of their own, so their place is the name of the member.

use std::path::Path;

use serde_json::{Map, Value as Json};

use super::Source;
use crate::config::document::{Entry, Node, Place, Table, Value};
use crate::config::finding::Findings;

/// Reads the text of a file.
pub(super) fn parse(file: &Path, text: &str, source: &Source, findings: &Findings) -> Table {
    match serde_json::from_str(text) {
        Ok(Json::Object(members)) => return table(members, source),
        Ok(_) => findings.error(
            "syntax",
            &source.whole(),
            "this is not a JSON object",
            "write one client as { \"client_id\": … }",
        ),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            let place = Place::File { file: file.display().to_string().into(), line, column };
            findings.error("syntax", &place, format!("this is not JSON: {error}"), "correct the line");
        }
    }
    Table::default()
}

/// The members of a registration. `null` is no value (RFC 7591 §2).
pub(super) fn table(members: Map<String, Json>, source: &Source) -> Table {
    let members = members.into_iter().filter(|(_, value)| !value.is_null());
    let entry = |(key, value): (String, Json)| {
        let place = source.member(&key);
        Entry { node: node(value, &place), key, place }
    };
    Table { entries: members.map(entry).collect() }
}

fn node(value: Json, place: &Place) -> Node {
    let value = match value {
        Json::Null => Value::Text(String::new()),
        Json::Bool(flag) => Value::Boolean(flag),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Integer(i128::from(whole)),
            None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::Text(text),
        Json::Array(values) => Value::Array(values.into_iter().map(|value| node(value, place)).collect()),
        Json::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            let entry = |(key, value)| Entry { key, place: place.clone(), node: node(value, place) };
            Value::Table(Table { entries: members.map(entry).collect() })
        }
    };
    Node { place: place.clone(), value }
}
