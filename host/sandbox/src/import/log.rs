//! `esignet:host/log`: lines in the operator's log, cleaned, redacted and limited.
//!
//! What goes over the budget is dropped; a call that goes on and on is ended, because reading a line costs the host
//! more than writing it costs the guest.

use std::fmt::Write;

use super::CallState;
use crate::accept;
use crate::bindings::esignet::host::log::{self, Level};
use crate::failure::Stopped;
use crate::personal::Personal;

/// The longest value of one field, in characters.
const VALUE_CHARS: usize = 256;
/// The longest event.
const EVENT_BYTES: usize = 64;
/// The most fields of one line.
const FIELDS: usize = 32;
/// What the shortest line costs, in bytes.
const LINE_BYTES: usize = 16;
/// How often the budget may be offered before the call is ended.
const OVERDRAFT: usize = 16;

/// What one call may still log.
#[derive(Debug)]
pub(crate) struct Budget {
    left: usize,
    dropped: u32,
    bytes_to_end: usize,
    lines_to_end: usize,
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Self {
        let bytes_to_end = bytes.saturating_mul(OVERDRAFT).max(64 * 1024);
        let lines_to_end = (bytes / LINE_BYTES).max(256);
        Self { left: bytes, dropped: 0, bytes_to_end, lines_to_end }
    }

    pub(crate) const fn dropped(&self) -> u32 {
        self.dropped
    }

    /// Takes the cost of a line, or counts the line as dropped; an error when there is no end to it.
    pub(super) fn spend(&mut self, bytes: usize) -> Result<bool, Stopped> {
        let bytes = bytes.max(LINE_BYTES);
        let Some(left) = self.left.checked_sub(bytes) else {
            self.dropped = self.dropped.saturating_add(1);
            let overdrawn = self.bytes_to_end.checked_sub(bytes).zip(self.lines_to_end.checked_sub(1));
            (self.bytes_to_end, self.lines_to_end) = overdrawn.ok_or(Stopped::Quota("log: lines"))?;
            return Ok(false);
        };
        self.left = left;
        Ok(true)
    }
}

impl log::Host for CallState {
    fn log(&mut self, level: Level, event: String, fields: Vec<(String, String)>) -> wasmtime::Result<()> {
        let cost = fields.iter().fold(event.len(), |sum, (key, value)| sum + key.len() + value.len() + 2);
        if !self.log.spend(cost)? {
            return Ok(());
        }
        self.tell_line(level_word(level), &event, &fields);
        let plugin = self.plugin.id.as_str();
        let event = word(&self.personal, event);
        let fields = line(&self.personal, &fields);
        match level {
            Level::Debug => tracing::debug!(target: "plugin", plugin, event, fields),
            Level::Info => tracing::info!(target: "plugin", plugin, event, fields),
            Level::Warn => tracing::warn!(target: "plugin", plugin, event, fields),
            Level::Error => tracing::error!(target: "plugin", plugin, event, fields),
        }
        Ok(())
    }
}

const fn level_word(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}

/// The event, if it is the name of one.
fn word(personal: &Personal, event: String) -> String {
    accept::word("event", event, EVENT_BYTES)
        .map_or_else(|_| "malformed-event".to_owned(), |event| personal.taken_out_of(&event).into_owned())
}

/// `key="value"` pairs on one line; nothing in a value can end the value or the line.
pub(super) fn line(personal: &Personal, fields: &[(String, String)]) -> String {
    let mut line = String::new();
    for (key, value) in fields.iter().take(FIELDS) {
        if !line.is_empty() {
            line.push(' ');
        }
        let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let name: String = key.chars().filter(plain).collect();
        line.extend(personal.taken_out_of(&name).chars().take(64));
        if is_sensitive(key) {
            line.push_str("=[redacted]");
            continue;
        }
        line.push_str("=\"");
        for c in personal.taken_out_of(value).chars().take(VALUE_CHARS) {
            if accept::steers(c) {
                // Writing to a string does not fail.
                let _ = write!(line, "\\u{{{:x}}}", u32::from(c));
            } else if matches!(c, '"' | '\\') {
                line.extend(['\\', c]);
            } else {
                line.push(c);
            }
        }
        line.push('"');
    }
    line
}

/// Whether values under this key are likely to be personal or secret.
fn is_sensitive(key: &str) -> bool {
    const PARTS: [&str; 15] = [
        "password",
        "passphrase",
        "secret",
        "token",
        "credential",
        "individual",
        "phone",
        "mobile",
        "email",
        "birth",
        "address",
        "biometric",
        "subject",
        "authorization",
        "cookie",
    ];
    const WORDS: [&str; 17] = [
        "otp", "pin", "code", "name", "uin", "vid", "nin", "id", "dob", "gender", "sub", "key", "face",
        "iris", "finger", "user", "answer",
    ];
    let squashed: String =
        key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    PARTS.iter().any(|part| squashed.contains(part))
        || words(key).iter().any(|word| WORDS.contains(&word.as_str()))
}

/// The words of `snake_case`, `kebab-case`, `dotted.names` and `camelCase`, in lower case.
fn words(key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in key.chars() {
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && after_lower) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_ascii_alphanumeric(), words.last_mut()) {
            word.push(c.to_ascii_lowercase());
        }
        after_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(key: &str, value: &str) -> String {
        line(&Personal::default(), &[(key.to_owned(), value.to_owned())])
    }

    #[test]
    fn a_value_cannot_begin_a_line_of_its_own() {
        let line = joined("status", "ok\r\n2026-01-01 ERROR forged=\"yes\" \u{1b}[31m\u{2028}");
        assert!(!line.chars().any(accept::steers));
        assert!(line.contains(r#"forged=\"yes\""#));
    }

    #[test]
    fn sensitive_keys_are_redacted_in_every_spelling() {
        for key in [
            "otp",
            "OTP",
            "user_pin",
            "user-pin",
            "userPin",
            "individualId",
            "access_token",
            "Email",
            "full.name",
        ] {
            assert!(joined(key, "4711").ends_with("=[redacted]"), "{key}");
        }
        for key in ["mapping", "shipping", "status", "elapsed_ms", "upstream"] {
            assert!(joined(key, "4711").ends_with("=\"4711\""), "{key}");
        }
    }

    #[test]
    fn a_flood_is_dropped_and_counted_and_then_ended() {
        let mut budget = Budget::new(100);
        assert!(budget.spend(60).unwrap());
        for _ in 0..256 {
            assert!(!budget.spend(60).unwrap());
        }
        assert_eq!(budget.dropped(), 256);
        assert!(matches!(budget.spend(60), Err(Stopped::Quota(_))));
        assert!(matches!(Budget::new(100).spend(64 * 1024 + 1), Err(Stopped::Quota(_))));
    }

    #[test]
    fn an_event_that_is_no_word_is_not_repeated() {
        let personal = Personal::of(["2053718694"]);
        assert_eq!(word(&personal, "otp-sent".into()), "otp-sent");
        assert_eq!(word(&personal, "of-2053718694".into()), "of-[redacted]");
        for bad in ["", "two words", "2053\u{7}718694", &"x".repeat(65)] {
            assert_eq!(word(&personal, bad.to_owned()), "malformed-event");
        }
    }

    #[test]
    fn what_is_the_persons_is_in_no_name_and_no_value() {
        let long = format!("{}2053718694", "x".repeat(250));
        let fields = [("n2053718694", "v"), ("a", "of 2053718694."), ("b", long.as_str())];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let line = line(&Personal::of(["2053718694"]), &fields);
        assert!(line.starts_with(r#"n[redacted]="v" a="of [redacted].""#), "{line}");
        assert!(!line.contains("2053"), "{line}");
    }
}
