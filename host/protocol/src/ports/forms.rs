//! What a plugin has the person asked, and what they answered (`esignet:types/forms`).

use serde::{Deserialize, Serialize};

use super::plugins::{Attribute, Message};

/// A field that the host renders and checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Letters, digits and underscores; unique in the form.
    pub name: String,
    /// "text", "otp", "pin", "password", "date", "choice", "checkbox", "phone", "notice", "image".
    pub kind: String,
    /// What it is called.
    pub label: Message,
    /// What helps to fill it in.
    pub hint: Option<Message>,
    /// Whether an empty answer is refused.
    pub required: bool,
    /// See `wit/deps/types`.
    pub constraints: Vec<Attribute>,
}

impl Field {
    /// Whether a person answers it, rather than only reads or looks.
    pub fn is_answered(&self) -> bool {
        !["notice", "image"].contains(&self.kind.as_str())
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// The heading.
    pub title: Message,
    /// The fields, in order.
    pub fields: Vec<Field>,
    /// The button.
    pub submit: Message,
    /// When the person may ask for the same again.
    pub resend_after_seconds: Option<u32>,
}

/// One field's answer. A credential: no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The field's name.
    pub name: String,
    /// The value as typed, trimmed by the rules of the field's kind.
    pub value: Vec<u8>,
}
