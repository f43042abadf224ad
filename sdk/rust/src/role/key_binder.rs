//! Binds keys of wallets and devices to people (`esignet:key-binder`).

use std::marker::PhantomData;

use crate::bindings::key_binder::exports::esignet::key_binder::key_binder::Guest;
pub use crate::bindings::key_binder::exports::esignet::key_binder::key_binder::{
    Binding, Descriptor, Person,
};
use crate::word::{Caller, Failure};

/// A key binder. Export it with [`export!`](crate::export): `esignet_sdk::export!(MyBinder as key_binder);`
///
/// Every call runs in a fresh instance, so nothing is remembered.
pub trait KeyBinder {
    /// Which keys it binds, and what it answers. Asked once, when the plugin is loaded: the place to check the configuration.
    ///
    /// # Errors
    ///
    /// [`Failure::Misconfigured`] keeps the plugin from being loaded.
    fn describe() -> Result<Descriptor, Failure>;

    /// Binds a key, a public JWK as JSON, whose possession was shown to the host. The same key for the same person is bound anew.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; [`Failure::Rejected`] when this person's key is not bound.
    fn bind(caller: &Caller, person: &Person, public_jwk: &str) -> Result<Binding, Failure>;
}

impl Descriptor {
    /// Binds keys of these JWS algorithms, and answers in these formats ("x509-pem", "jwt").
    pub fn new(algorithms: &[&str], formats: &[&str]) -> Self {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        Self { algorithms: owned(algorithms), formats: owned(formats), attributes: Vec::new() }
    }
}

/// Stands between the contract's functions and the trait.
#[doc(hidden)]
pub struct Exported<T>(PhantomData<T>);

impl<T: KeyBinder> Guest for Exported<T> {
    fn describe() -> Result<Descriptor, Failure> {
        crate::panic::report_panics();
        T::describe()
    }

    fn bind(caller: Caller, person: Person, public_jwk: String) -> Result<Binding, Failure> {
        crate::panic::report_panics();
        T::bind(&caller, &person, &public_jwk)
    }
}
