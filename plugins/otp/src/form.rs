//! The question: a form with one field for the code, and words that say where the code went.
//!
//! The keys here are those the README lists; the host has the words in the person's language, `text` is the English for a
//! host that lacks them.

use esignet_sdk::prelude::*;

/// The name of the only field.
pub(crate) const FIELD: &str = "otp";

/// Asks for a code of `length` digits that went to `targets`; `resend_after` is there if another may be asked for.
pub(crate) fn form(length: u8, targets: &[MaskedTarget], resend_after: Option<u32>) -> Form {
    let length = length.to_string();
    let field = Field::new(FIELD, "otp", Message::new("otp-label", "One-time code"))
        .hint(hint(&length, targets))
        .constraint("length", length)
        .constraint("characters", "digits")
        .constraint("autocomplete", "one-time-code");
    let form = Form::new(
        Message::new("otp-title", "Enter the code we sent you"),
        Message::new("otp-submit", "Continue"),
    )
    .field(field);
    match resend_after {
        Some(seconds) => form.resend_after(seconds),
        None => form,
    }
}

fn hint(length: &str, targets: &[MaskedTarget]) -> Message {
    let (key, text) = match targets {
        [] => ("otp-hint", format!("We sent a code of {length} digits.")),
        [one] if one.channel == "sms" => {
            ("otp-hint-sms", format!("We sent a code of {length} digits to the phone {}.", one.masked))
        }
        [one] if one.channel == "email" => (
            "otp-hint-email",
            format!("We sent a code of {length} digits to the email address {}.", one.masked),
        ),
        several => ("otp-hint-targets", format!("We sent a code of {length} digits to {}.", joined(several))),
    };
    let message = Message::new(key, text).argument("length", length);
    match targets {
        [] => message,
        some => message.argument("targets", joined(some)),
    }
}

fn joined(targets: &[MaskedTarget]) -> String {
    targets.iter().map(|target| target.masked.as_str()).collect::<Vec<_>>().join(", ")
}
