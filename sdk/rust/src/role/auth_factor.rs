//! One way to prove who one is (`esignet:auth-factor`).

use std::marker::PhantomData;

use crate::bindings::auth_factor::exports::esignet::auth_factor::auth_factor::Guest;
pub use crate::bindings::auth_factor::exports::esignet::auth_factor::auth_factor::{
    Delegation, Delivery, Descriptor, Input, Pause, Question, Step,
};
use crate::form::Form;
use crate::panic::report_panics;
use crate::word::{Caller, Failure, Individual, Proof, Rejection};

/// The attribute of a descriptor, with the value `true`, by which a factor says that it sends codes itself: in `begin`, and when
/// it is asked for another. The host then counts and bounds them for each identifier as it does those of the ID system; one
/// that it does not let through comes as [`Input::OtpNotSent`] instead of [`Input::Resend`], or does not begin.
pub const SENDS_CODES: &str = "sends-codes";

/// The attribute of a descriptor, with the value `self`, by which a factor says that it hands no proof on to an ID system although ID
/// systems judge factors of its word. It is then offered with every ID system.
pub const JUDGED_BY: &str = "judged-by";

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
