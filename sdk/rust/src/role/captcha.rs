//! What tells people from programs (`esignet:captcha`).

use std::marker::PhantomData;

use crate::bindings::captcha::exports::esignet::captcha::captcha::Guest;
pub use crate::bindings::captcha::exports::esignet::captcha::captcha::{Challenge, Descriptor};
use crate::form::{Answer, Form};
use crate::panic::report_panics;
use crate::word::{Caller, Failure};

/// A captcha. Export it with [`export!`](crate::export): `esignet_sdk::export!(MyCaptcha as captcha);`
///
/// Every call runs in a fresh instance, so nothing is remembered but the `state` of the challenge.
pub trait Captcha {
    /// What it is. Asked once, when the plugin is loaded: the place to check the configuration.
    ///
    /// # Errors
    ///
    /// [`Failure::Misconfigured`] keeps the plugin from being loaded.
    fn describe() -> Result<Descriptor, Failure> {
        Ok(Descriptor { attributes: Vec::new() })
    }

    /// A new challenge, also in place of one that the person cannot read. Somebody who cannot see or hear must be able to
    /// pass it, or another one that this function makes.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; nobody gets further until there is a challenge.
    fn begin(caller: &Caller) -> Result<Challenge, Failure>;

    /// Judges the answers to a challenge, which come once.
    ///
    /// # Errors
    ///
    /// [`Failure::Rejected`] if they are not right: a new challenge begins. Nobody gets through on any other failure either.
    fn verify(caller: &Caller, state: &[u8], answers: &[Answer]) -> Result<(), Failure>;
}

impl Challenge {
    /// Asks with `form`; `state` comes back with the answers.
    pub fn new(form: Form, state: Vec<u8>) -> Self {
        Self { form, state }
    }
}

/// Stands between the contract's functions and the trait.
#[doc(hidden)]
pub struct Exported<T>(PhantomData<T>);

impl<T: Captcha> Guest for Exported<T> {
    fn describe() -> Result<Descriptor, Failure> {
        report_panics();
        T::describe()
    }

    fn begin(caller: Caller) -> Result<Challenge, Failure> {
        report_panics();
        T::begin(&caller)
    }

    fn verify(caller: Caller, state: Vec<u8>, answers: Vec<Answer>) -> Result<(), Failure> {
        report_panics();
        T::verify(&caller, &state, &answers)
    }
}
