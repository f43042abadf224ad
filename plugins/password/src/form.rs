//! The question: a form with one field for the password.
//!
//! The keys here are those of `plugin.toml` and the README; the host has the words in the person's language, `text` is the
//! English for a host that lacks them.

use esignet_sdk::prelude::*;

use crate::settings::Settings;

/// The name of the only field.
pub(crate) const FIELD: &str = "password";

/// Asks for a password. Nothing is said of its form: that would tell a stranger about it.
pub(crate) fn form(settings: &Settings) -> Form {
    let field = Field::new(FIELD, "password", Message::new("password-label", "Password"))
        .constraint("max-length", settings.max_length.to_string())
        .constraint("autocomplete", "current-password");
    let title = Message::new("password-title", "Enter your password");
    Form::new(title, Message::new("password-submit", "Continue")).field(field)
}
