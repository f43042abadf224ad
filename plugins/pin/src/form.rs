//! The question: a form with one field for the PIN.
//!
//! The keys here are those of `plugin.toml` and the README; the host has the words in the person's language, `text` is the
//! English for a host that lacks them.

use esignet_sdk::prelude::*;

use crate::settings::Settings;

/// The name of the only field.
pub(crate) const FIELD: &str = "pin";

/// Asks for a PIN of as many digits as the settings allow.
pub(crate) fn form(settings: &Settings) -> Form {
    let (least, most) = (settings.min_length.to_string(), settings.max_length.to_string());
    let field = Field::new(FIELD, "pin", Message::new("pin-label", "PIN"))
        .hint(hint(&least, &most))
        .constraint("min-length", least)
        .constraint("max-length", most)
        .constraint("characters", "digits")
        // A browser's vault may know it, as it knows passwords.
        .constraint("autocomplete", "current-password");
    Form::new(Message::new("pin-title", "Enter your PIN"), Message::new("pin-submit", "Continue"))
        .field(field)
}

fn hint(least: &str, most: &str) -> Message {
    if least == most {
        return Message::new("pin-hint", format!("It has {least} digits.")).argument("length", least);
    }
    Message::new("pin-hint-range", format!("It has {least} to {most} digits."))
        .argument("least", least)
        .argument("most", most)
}
