//! `esignet:host/log`: lines in the operator's log, cleaned, redacted and limited.

use std::fmt::Write;

use super::CallState;
use crate::accept;
use crate::bindings::esignet::host::log::{self, Level};

/// The longest value of one field, in characters.
const VALUE_CHARS: usize = 256;
/// The most fields of one line.
const FIELDS: usize = 32;

/// What one call may still log.
#[derive(Debug)]
pub(crate) struct Budget {
    left: usize,
    dropped: u32,
}

impl Budget {
    pub(crate) const fn new(bytes: usize) -> Self {
        Self { left: bytes, dropped: 0 }
    }

    pub(crate) const fn dropped(&self) -> u32 {
        self.dropped
    }

    /// Takes the cost of a line, or counts the line as dropped.
    fn spend(&mut self, bytes: usize) -> bool {
        let Some(left) = self.left.checked_sub(bytes) else {
            self.dropped = self.dropped.saturating_add(1);
            return false;
        };
        self.left = left;
        true
    }
}

impl log::Host for CallState {
    fn log(&mut self, level: Level, event: String, fields: Vec<(String, String)>) {
        let cost = fields.iter().fold(event.len(), |sum, (key, value)| sum + key.len() + value.len() + 2);
        if !self.log.spend(cost.max(16)) {
            return;
        }
        let plugin = self.plugin.id.as_str();
        let event = accept::cut(&event, 64);
        let fields = line(&fields);
        match level {
            Level::Debug => tracing::debug!(target: "plugin", plugin, event, fields),
            Level::Info => tracing::info!(target: "plugin", plugin, event, fields),
            Level::Warn => tracing::warn!(target: "plugin", plugin, event, fields),
            Level::Error => tracing::error!(target: "plugin", plugin, event, fields),
        }
    }
}

/// `key="value"` pairs on one line; nothing in a value can end the value or the line.
fn line(fields: &[(String, String)]) -> String {
    let mut line = String::new();
    for (key, value) in fields.iter().take(FIELDS) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(
            key.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')).take(64),
        );
        if is_sensitive(key) {
            line.push_str("=[redacted]");
            continue;
        }
        line.push_str("=\"");
        for c in value.chars().take(VALUE_CHARS) {
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
        line(&[(key.to_owned(), value.to_owned())])
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
    fn a_flood_is_dropped_and_counted() {
        let mut budget = Budget::new(100);
        assert!(budget.spend(60));
        assert!(!budget.spend(60));
        assert!(!budget.spend(60));
        assert_eq!(budget.dropped(), 2);
    }
}
