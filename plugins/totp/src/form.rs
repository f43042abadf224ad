//! The question: a form with one field for the code.
//!
//! The keys here are those of `plugin.toml` and the README; the host has the words in the person's language, `text` is the
//! English for a host that lacks them.

use esignet_sdk::prelude::*;

/// The name of the only field.
pub(crate) const FIELD: &str = "totp";

/// Asks for a code of so many digits.
pub(crate) fn form(digits: u8) -> Form {
    let digits = digits.to_string();
    let hint =
        Message::new("totp-hint", format!("Open your authenticator app. The code has {digits} digits."))
            .argument("length", digits.as_str());
    let field = Field::new(FIELD, "otp", Message::new("totp-label", "Code"))
        .hint(hint)
        .constraint("length", digits)
        .constraint("characters", "digits")
        .constraint("autocomplete", "one-time-code");
    let title = Message::new("totp-title", "Enter the code from your app");
    Form::new(title, Message::new("totp-submit", "Continue")).field(field)
}
