//! One way to prove who one is (`esignet:auth-factor`).

use std::marker::PhantomData;

use crate::bindings::auth_factor::exports::esignet::auth_factor::auth_factor::Guest;
pub use crate::bindings::auth_factor::exports::esignet::auth_factor::auth_factor::{
    Answer, Delegation, Delivery, Descriptor, Field, Form, Input, Pause, Question, Step,
};
use crate::panic::report_panics;
use crate::word::{Attribute, Caller, Failure, Individual, Message, Proof, Rejection};

/// An authentication factor. Export it with [`export!`](crate::export): `esignet_sdk::export!(MyFactor as auth_factor);`
///
/// Every call runs in a fresh instance, so nothing is remembered but the `state` of the last step.
pub trait AuthFactor {
    /// What the factor is. Asked once, when the plugin is loaded: the place to check the configuration.
    ///
    /// # Errors
    ///
    /// [`Failure::Misconfigured`] keeps the plugin from being loaded.
    fn describe() -> Result<Descriptor, Failure>;

    /// Starts the factor in one login. `individual` is there if the person has named themselves.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; it ends the factor in this login.
    fn begin(caller: &Caller, individual: Option<&Individual>) -> Result<Step, Failure>;

    /// Goes on with the state of the last step and what came of it.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; it ends the factor in this login.
    fn resume(
        caller: &Caller,
        individual: Option<&Individual>,
        state: &[u8],
        input: Input,
    ) -> Result<Step, Failure>;
}

impl Question {
    /// Asks with `form`; `state` comes back with the answers.
    pub fn new(form: Form, state: Vec<u8>) -> Self {
        Self { form, rejection: None, state }
    }

    /// Says why the last answer was not accepted.
    #[must_use]
    pub fn because(mut self, rejection: Rejection) -> Self {
        self.rejection = Some(rejection);
        self
    }
}

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

impl Step {
    /// Has the ID system send an OTP over `channels`, or over its usual one if there are none.
    pub fn deliver_otp(channels: Vec<String>, state: Vec<u8>) -> Self {
        Self::DeliverOtp(Delivery { channels, state })
    }

    /// Leaves `proof` to the ID system; `state` comes back if it says no.
    pub fn delegate(proof: Proof, state: Vec<u8>) -> Self {
        Self::Delegate(Delegation { proof, state })
    }
}

/// The only value the person gave to the field `name`; none if there is no such answer, or more than one.
pub fn answer<'a>(answers: &'a [Answer], name: &str) -> Option<&'a [u8]> {
    let mut named = answers.iter().filter(|answer| answer.name == name);
    let value = named.next().map(|answer| answer.value.as_slice());
    if named.next().is_some() { None } else { value }
}

/// Stands between the contract's functions and the trait.
#[doc(hidden)]
pub struct Exported<T>(PhantomData<T>);

impl<T: AuthFactor> Guest for Exported<T> {
    fn describe() -> Result<Descriptor, Failure> {
        report_panics();
        T::describe()
    }

    fn begin(caller: Caller, individual: Option<Individual>) -> Result<Step, Failure> {
        report_panics();
        T::begin(&caller, individual.as_ref())
    }

    fn resume(
        caller: Caller,
        individual: Option<Individual>,
        state: Vec<u8>,
        input: Input,
    ) -> Result<Step, Failure> {
        report_panics();
        T::resume(&caller, individual.as_ref(), &state, input)
    }
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
