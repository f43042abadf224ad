//! The factor PIN: the person types a number that they know, the ID system judges it.
//!
//! What happens in a login is that of every known secret ([`esignet_sdk::known_secret`]); here are the words ([`form`]), the
//! settings, and what can be a PIN.

mod form;
mod settings;

use esignet_sdk::prelude::*;

pub use settings::Settings as Pin;

impl KnownSecret for Pin {
    const FACTOR: &'static str = "PIN";
    /// RFC 8176 §2, a personal identification number.
    const AMR: &'static [&'static str] = &["pin"];
    /// The proof format that ID systems take PINs in, as e-Signet calls it.
    const FORMAT: &'static str = "number";

    fn from_config() -> Result<Self, Failure> {
        Self::read()
    }

    fn max_tries(&self) -> u16 {
        self.max_tries.into()
    }

    fn form(&self) -> Form {
        form::form(self)
    }

    /// The host has folded other scripts' digits and taken out spaces.
    fn typed(&self, answers: &[Answer]) -> Option<Vec<u8>> {
        let typed = answer(answers, form::FIELD)?;
        let lengths = usize::from(self.min_length)..=usize::from(self.max_length);
        let is_pin = lengths.contains(&typed.len()) && typed.iter().all(u8::is_ascii_digit);
        is_pin.then(|| typed.to_vec())
    }
}

esignet_sdk::export!(Pin as auth_factor);

#[cfg(test)]
mod tests;
