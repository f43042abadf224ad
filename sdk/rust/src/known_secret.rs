//! A factor for something that the person knows: one field, whose content the ID system judges.
//!
//! A PIN and a password differ in their words and in what can be one. What happens in a login is the same, and is here:
//! whether a secret is right, and when somebody is locked, is the ID system's to say; tries are counted here as well, so
//! that one login never asks it more often than the operator wants.

use serde::{Deserialize, Serialize};

use crate::form::{Answer, Form};
use crate::role::auth_factor::{AuthFactor, Descriptor, Input, Question, Step};
use crate::word::{Caller, Failure, Individual, Proof, Rejection};

/// The version of the state that is written and read here.
const VERSION: u8 = 1;

/// The words and the rules of a secret; the value is the operator's settings for it. Whatever has them is an
/// [`AuthFactor`]: `esignet_sdk::export!(Pin as auth_factor)`.
pub trait KnownSecret: Sized {
    /// The word of the acr mapping: "PIN".
    const FACTOR: &'static str;
    /// Authentication method references (RFC 8176).
    const AMR: &'static [&'static str];
    /// The format of the proof, as ID systems take it.
    const FORMAT: &'static str;

    /// Reads and checks the operator's settings.
    ///
    /// # Errors
    ///
    /// [`Failure::Misconfigured`] that names the key.
    fn from_config() -> Result<Self, Failure>;

    /// How many secrets go to the ID system in one login.
    fn max_tries(&self) -> u16;

    /// The question.
    fn form(&self) -> Form;

    /// What the person typed, if it can be such a secret.
    fn typed(&self, answers: &[Answer]) -> Option<Vec<u8>>;
}

/// What has happened in one login. It travels between calls as the step's state; what was typed does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The version of this form: another version of the plugin may have written it.
    version: u8,
    /// How many secrets went to the ID system.
    tries: u16,
}

impl Default for Login {
    fn default() -> Self {
        Self::new()
    }
}

impl Login {
    /// A login in which nothing has happened yet.
    pub fn new() -> Self {
        Self { version: VERSION, tries: 0 }
    }

    /// The login as an earlier step stored it.
    ///
    /// # Errors
    ///
    /// [`Failure::Internal`] for a state of another version, which is never the person's fault.
    pub fn restore(state: &[u8]) -> Result<Self, Failure> {
        match serde_json::from_slice(state) {
            Ok(login @ Self { version: VERSION, .. }) => Ok(login),
            _ => Err(Failure::internal(format!("the factor's state is not of version {VERSION}"))),
        }
    }

    fn store(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Asks for the secret, and says why the last one was not accepted.
    pub fn ask<S: KnownSecret>(&self, rejection: Option<Rejection>, secret: &S) -> Step {
        Step::Ask(Question { form: secret.form(), rejection, state: self.store() })
    }

    /// Goes on with what came of the last step.
    ///
    /// # Errors
    ///
    /// [`Failure::Internal`] for an input that such a factor never has.
    pub fn go_on<S: KnownSecret>(mut self, input: Input, secret: &S) -> Result<Step, Failure> {
        Ok(match input {
            Input::Answers(answers) => match secret.typed(&answers) {
                Some(_) if self.left(secret) == 0 => Step::Refused(Rejection::locked()),
                Some(typed) => {
                    self.tries += 1;
                    Step::delegate(Proof::new(S::FACTOR, S::FORMAT, typed), self.store())
                }
                None => self.ask(Some(Rejection::new("malformed")), secret),
            },
            Input::Rejected(rejection) if rejection.is_final() => Step::Refused(rejection),
            Input::Rejected(_) if self.left(secret) == 0 => {
                Step::Refused(Rejection::locked().attempts_left(0))
            }
            Input::Rejected(rejection) => self.ask(Some(self.bounded(rejection, secret)), secret),
            Input::OtpSent(_) | Input::OtpNotSent(_) | Input::Resend | Input::Waited => {
                return Err(Failure::internal(format!("the factor {} neither sends nor waits", S::FACTOR)));
            }
        })
    }

    /// How many tries this login has left.
    fn left<S: KnownSecret>(&self, secret: &S) -> u16 {
        secret.max_tries().saturating_sub(self.tries)
    }

    /// The rejection, with no more tries left in it than this login has. What the ID system does not say is not made up.
    fn bounded<S: KnownSecret>(&self, mut rejection: Rejection, secret: &S) -> Rejection {
        let ours = self.left(secret).into();
        rejection.attempts_left = rejection.attempts_left.map(|theirs| theirs.min(ours));
        rejection
    }
}

impl<S: KnownSecret> AuthFactor for S {
    fn describe() -> Result<Descriptor, Failure> {
        S::from_config()?;
        Ok(Descriptor {
            factor: S::FACTOR.to_owned(),
            amr: S::AMR.iter().map(|&value| value.to_owned()).collect(),
            needs_individual: true,
            attributes: Vec::new(),
        })
    }

    fn begin(_: &Caller, individual: Option<&Individual>) -> Result<Step, Failure> {
        if individual.is_none() {
            let factor = S::FACTOR;
            return Err(Failure::internal(format!(
                "the factor {factor} begins when the person has named themselves"
            )));
        }
        Ok(Login::new().ask(None, &S::from_config()?))
    }

    fn resume(_: &Caller, _: Option<&Individual>, state: &[u8], input: Input) -> Result<Step, Failure> {
        Login::restore(state)?.go_on(input, &S::from_config()?)
    }
}

#[cfg(test)]
mod tests;
