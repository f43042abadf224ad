//! One login with a password: how often one was tried, and what should happen next.
//!
//! Whether a password is right, and when somebody is locked, is the ID system's to say; tries are counted here as well, so
//! that one login never asks it more often than the operator wants.

use esignet_sdk::prelude::*;
use serde::{Deserialize, Serialize};

use crate::FACTOR;
use crate::form::{FIELD, form};
use crate::settings::Settings;

/// The proof format that ID systems take passwords in, as e-Signet calls it.
const FORMAT: &str = "alpha-numeric";
/// The version of the state that this version of the plugin writes and reads.
const VERSION: u8 = 1;

/// What has happened in this login. It travels between calls as the step's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Login {
    /// The version of this form: another version of the plugin may have written it.
    version: u8,
    /// How many passwords went to the ID system.
    tries: u16,
}

impl Login {
    /// A login in which nothing has happened yet.
    pub(crate) fn new() -> Self {
        Self { version: VERSION, tries: 0 }
    }

    /// The login as an earlier step stored it.
    pub(crate) fn restore(state: &[u8]) -> Result<Self, Failure> {
        match serde_json::from_slice(state) {
            Ok(login @ Self { version: VERSION, .. }) => Ok(login),
            _ => Err(Failure::internal(format!("the factor's state is not of version {VERSION}"))),
        }
    }

    fn store(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Asks for the password, and says why the last one was not accepted.
    pub(crate) fn ask(&self, rejection: Option<Rejection>, settings: &Settings) -> Step {
        Step::Ask(Question { form: form(settings), rejection, state: self.store() })
    }

    /// Goes on with what came of the last step.
    pub(crate) fn go_on(mut self, input: Input, settings: &Settings) -> Result<Step, Failure> {
        Ok(match input {
            Input::Answers(answers) => match password(&answers, settings) {
                Some(_) if self.left(settings) == 0 => Step::Refused(Rejection::locked()),
                Some(password) => {
                    self.tries += 1;
                    Step::delegate(Proof::new(FACTOR, FORMAT, password), self.store())
                }
                None => self.ask(Some(Rejection::new("malformed")), settings),
            },
            Input::Rejected(rejection) if is_final(&rejection) => Step::Refused(rejection),
            Input::Rejected(_) if self.left(settings) == 0 => {
                Step::Refused(Rejection::locked().attempts_left(0))
            }
            Input::Rejected(rejection) => self.ask(Some(self.bounded(rejection, settings)), settings),
            Input::OtpSent(_) | Input::OtpNotSent(_) | Input::Resend | Input::Waited => {
                return Err(Failure::internal("the factor PWD neither sends nor waits"));
            }
        })
    }

    /// How many tries this login has left.
    fn left(&self, settings: &Settings) -> u16 {
        settings.max_tries.saturating_sub(self.tries)
    }

    /// The rejection, with no more tries left in it than this login has. What the ID system does not say is not made up.
    fn bounded(&self, mut rejection: Rejection, settings: &Settings) -> Rejection {
        let ours = self.left(settings).into();
        rejection.attempts_left = rejection.attempts_left.map(|theirs| theirs.min(ours));
        rejection
    }
}

/// The password as it was typed, spaces included, if it can be one.
fn password(answers: &[Answer], settings: &Settings) -> Option<Vec<u8>> {
    let typed = answer(answers, FIELD)?;
    let length = std::str::from_utf8(typed).ok()?.chars().count();
    (1..=usize::from(settings.max_length)).contains(&length).then(|| typed.to_vec())
}

/// Whether no other password can be accepted in this login.
fn is_final(rejection: &Rejection) -> bool {
    rejection.reason == "locked" || rejection.attempts_left == Some(0)
}

#[cfg(test)]
mod tests;
