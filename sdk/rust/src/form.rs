//! What a plugin has the person asked (`esignet:types/forms`), with constructors.

pub use crate::bindings::host::esignet::types::forms::{Answer, Field, Form};
use crate::word::{Attribute, Message};

impl Form {
    /// An empty form with a heading and a button.
    pub fn new(title: Message, submit: Message) -> Self {
        Self { title, fields: Vec::new(), submit, resend_after_seconds: None }
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Lets the person ask for the same again after so many seconds.
    #[must_use]
    pub fn resend_after(mut self, seconds: u32) -> Self {
        self.resend_after_seconds = Some(seconds);
        self
    }
}

impl Field {
    /// A field that must be filled in.
    pub fn new(name: impl Into<String>, kind: impl Into<String>, label: Message) -> Self {
        Self {
            name: name.into(),
            kind: kind.into(),
            label,
            hint: None,
            required: true,
            constraints: Vec::new(),
        }
    }

    /// Lets the field be left empty.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// Adds words that help to fill it in.
    #[must_use]
    pub fn hint(mut self, hint: Message) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Adds a constraint; the contract's `field.constraints` lists them.
    #[must_use]
    pub fn constraint(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.constraints.push(Attribute::new(name, value));
        self
    }
}

/// The only value the person gave to the field `name`; none if there is no such answer, or more than one.
pub fn answer<'a>(answers: &'a [Answer], name: &str) -> Option<&'a [u8]> {
    let mut named = answers.iter().filter(|answer| answer.name == name);
    let value = named.next().map(|answer| answer.value.as_slice());
    if named.next().is_some() { None } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_given_twice_is_no_answer() {
        let given = |value: &str| Answer { name: "otp".to_owned(), value: value.as_bytes().to_vec() };
        assert_eq!(answer(&[given("1")], "otp"), Some(b"1".as_slice()));
        assert_eq!(answer(&[given("1"), given("2")], "otp"), None);
        assert_eq!(answer(&[given("1")], "pin"), None);
    }
}
