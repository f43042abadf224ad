//! Places in the registry's JSON (RFC 6901).

use esignet_sdk::prelude::*;
use serde_json::Value;

use crate::setting::unusable;

/// A JSON pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pointer(String);

impl Pointer {
    /// Reads the pointer of a config key.
    pub(crate) fn parse(key: &str, text: &str) -> Result<Self, Failure> {
        let escapes = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        if !escapes || !(text.is_empty() || text.starts_with('/')) {
            return Err(unusable(
                key,
                format!("{text:?} is no JSON pointer (RFC 6901); write it as /person/name"),
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// What is there, unless it is null.
    pub(crate) fn of<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        document.pointer(&self.0).filter(|value| !value.is_null())
    }

    /// The text that is there: a string that is not empty, a number or a boolean.
    pub(crate) fn text(&self, document: &Value) -> Option<String> {
        self.of(document).and_then(text)
    }

    /// The number that is there, which may be written as a string.
    pub(crate) fn number(&self, document: &Value) -> Option<u32> {
        self.text(document)?.parse().ok()
    }
}

/// A value as text, if it is one.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => (!text.trim().is_empty()).then(|| text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
