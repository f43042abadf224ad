//! Events as lines of JSON, in the words of `docs/operations/audit.md`.

use esignet_sdk::prelude::*;
use serde::Serialize;

#[derive(Serialize)]
struct Line<'a> {
    log: &'a str,
    sequence: u64,
    at_ms: u64,
    action: &'a str,
    outcome: &'a str,
    transaction: &'a str,
    client: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<&'a str>,
    attributes: Vec<(&'a str, &'a str)>,
    hash: String,
}

/// A line for each event.
pub(crate) fn of(log: &str, events: &[Event]) -> Result<Vec<u8>, Failure> {
    let mut lines = Vec::new();
    for event in events {
        let attributes = event.attributes.iter();
        let line = Line {
            log,
            sequence: event.sequence,
            at_ms: event.at_ms,
            action: &event.action,
            outcome: &event.outcome,
            transaction: &event.transaction,
            client: &event.client,
            person: event.person.as_deref(),
            attributes: attributes.map(|fact| (fact.name.as_str(), fact.value.as_str())).collect(),
            hash: crypto::hex(&event.hash),
        };
        serde_json::to_writer(&mut lines, &line).map_err(|error| Failure::internal(error.to_string()))?;
        lines.push(b'\n');
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_a_line_that_names_its_log() {
        let event = |sequence| Event {
            sequence,
            at_ms: 1_000,
            action: "token".to_owned(),
            outcome: "success".to_owned(),
            transaction: "t".to_owned(),
            client: "bank".to_owned(),
            person: Some("p".to_owned()),
            attributes: vec![Attribute::new("scope", "openid")],
            hash: vec![0xab; 32],
        };
        let text = String::from_utf8(of("log", &[event(7), event(8)]).unwrap()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        let expected = format!(
            "{{\"log\":\"log\",\"sequence\":7,\"at_ms\":1000,\"action\":\"token\",\"outcome\":\"success\",\"transaction\":\"t\",\
             \"client\":\"bank\",\"person\":\"p\",\"attributes\":[[\"scope\",\"openid\"]],\"hash\":\"{}\"}}",
            "ab".repeat(32)
        );
        assert_eq!(lines[0], expected);
    }
}
