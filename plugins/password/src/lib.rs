//! The factor PWD: the person types a password, the ID system judges it. What was typed is in no log and in no state.
//!
//! What happens in a login is that of every known secret ([`esignet_sdk::known_secret`]); here are the words ([`form`]), the
//! settings, and what can be a password.

mod form;
mod settings;

use esignet_sdk::prelude::*;

pub use settings::Settings as Password;

impl KnownSecret for Password {
    const FACTOR: &'static str = "PWD";
    /// RFC 8176 §2, a password.
    const AMR: &'static [&'static str] = &["pwd"];
    /// The proof format that ID systems take passwords in, as e-Signet calls it.
    const FORMAT: &'static str = "alpha-numeric";

    fn from_config() -> Result<Self, Failure> {
        Self::read()
    }

    fn max_tries(&self) -> u16 {
        self.max_tries
    }

    fn form(&self) -> Form {
        form::form(self)
    }

    /// As it was typed, spaces included.
    fn typed(&self, answers: &[Answer]) -> Option<Vec<u8>> {
        let typed = answer(answers, form::FIELD)?;
        let length = std::str::from_utf8(typed).ok()?.chars().count();
        (1..=usize::from(self.max_length)).contains(&length).then(|| typed.to_vec())
    }
}

esignet_sdk::export!(Password as auth_factor);

#[cfg(test)]
mod tests;
