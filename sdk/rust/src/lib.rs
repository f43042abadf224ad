//! Write an e-Signet plugin in Rust: a trait for each role, a macro that exports it, and what the host gives.
//!
//! A plugin is one WebAssembly component that runs in the host's sandbox: it reaches nothing but the modules below, and of
//! those only what the operator granted. The contract itself is in `wit/`.
//!
//! # A plugin in twenty lines
//!
//! ```
//! use esignet_sdk::prelude::*;
//!
//! pub struct Hello;
//!
//! impl AuthFactor for Hello {
//!     fn describe() -> Result<AuthFactorDescriptor, Failure> {
//!         let amr = vec!["kba".to_owned()];
//!         Ok(AuthFactorDescriptor { factor: "HELLO".to_owned(), amr, needs_individual: true, attributes: vec![] })
//!     }
//!     fn begin(_: &Caller, _: Option<&Individual>) -> Result<Step, Failure> {
//!         let word = Field::new("word", "text", Message::new("hello-word", "The magic word"));
//!         let form = Form::new(Message::new("hello-title", "Say it"), Message::new("hello-submit", "Continue"));
//!         Ok(Step::Ask(Question::new(form.field(word), vec![])))
//!     }
//!     fn resume(_: &Caller, _: Option<&Individual>, _: &[u8], input: Input) -> Result<Step, Failure> {
//!         match input {
//!             Input::Answers(given) if answer(&given, "word") == Some(b"please") => Ok(Step::Proved(Evidence::new("HELLO", &["kba"]))),
//!             _ => Ok(Step::Refused(Rejection::wrong())),
//!         }
//!     }
//! }
//!
//! esignet_sdk::export!(Hello as auth_factor);
//! # fn main() {}
//! ```
//!
//! # What it must never do
//!
//! Reach around the host: the crate is for `wasm32-unknown-unknown`, where there is nothing to reach. On other targets it
//! compiles so that a plugin's logic can be tested; a call of an import panics there.

mod panic;

#[doc(hidden)]
#[expect(clippy::pedantic, reason = "generated: the words are documented in `wit/`")]
pub mod bindings;
pub mod form;
pub mod import;
pub mod known_secret;
pub mod role;
pub mod word;

/// Everything a plugin needs, in one `use`.
pub mod prelude {
    pub use crate::form::{Answer, Field, Form, answer};
    pub use crate::import::{cache, clock, config, crypto, http, log};
    pub use crate::known_secret::KnownSecret;
    pub use crate::role::auth_factor::{
        AuthFactor, Descriptor as AuthFactorDescriptor, Input, JUDGED_BY, Pause, Question, SENDS_CODES, Step,
    };
    pub use crate::role::captcha::{Captcha, Challenge, Descriptor as CaptchaDescriptor};
    pub use crate::role::id_system::{
        Authenticated, ClaimStatus, Claims, ClaimsRequest, Descriptor as IdSystemDescriptor, IdSystem,
        JudgedFactor, VerifiedOffer,
    };
    pub use crate::role::notifier::{Descriptor as NotifierDescriptor, Notice, Notifier};
    pub use crate::word::{
        Attribute, Caller, Evidence, Failure, Individual, MaskedTarget, Message, OtpReceipt, Proof, Rejection,
    };
}

/// Exports a type's role, or several, from the component: `esignet_sdk::export!(MyFactor as auth_factor);`.
///
/// The roles are `id_system` ([`IdSystem`](role::id_system::IdSystem)), `auth_factor`
/// ([`AuthFactor`](role::auth_factor::AuthFactor)), `captcha` ([`Captcha`](role::captcha::Captcha)) and `notifier`
/// ([`Notifier`](role::notifier::Notifier)); several are separated by commas. A crate exports each role once.
#[macro_export]
macro_rules! export {
    ($plugin:ident as $($role:ident),+ $(,)?) => {
        $( $crate::__export_role!($plugin $role); )+
    };
}

/// Exports one role: for WebAssembly its functions, elsewhere only the proof that the type has the role, so that plugins
/// can be linked together into one test.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_role {
    ($plugin:ident id_system) => {
        const _: () = {
            type Exported = $crate::role::id_system::Exported<$plugin>;
            #[cfg(target_arch = "wasm32")]
            $crate::bindings::id_system::export_id_system_bindings!(
                Exported with_types_in $crate::bindings::id_system
            );
            const fn has_the_role<
                T: $crate::bindings::id_system::exports::esignet::id_system::id_system::Guest,
            >() {
            }
            has_the_role::<Exported>();
        };
    };
    ($plugin:ident auth_factor) => {
        const _: () = {
            type Exported = $crate::role::auth_factor::Exported<$plugin>;
            #[cfg(target_arch = "wasm32")]
            $crate::bindings::auth_factor::export_auth_factor_bindings!(
                Exported with_types_in $crate::bindings::auth_factor
            );
            const fn has_the_role<
                T: $crate::bindings::auth_factor::exports::esignet::auth_factor::auth_factor::Guest,
            >() {
            }
            has_the_role::<Exported>();
        };
    };
    ($plugin:ident captcha) => {
        const _: () = {
            type Exported = $crate::role::captcha::Exported<$plugin>;
            #[cfg(target_arch = "wasm32")]
            $crate::bindings::captcha::export_captcha_bindings!(
                Exported with_types_in $crate::bindings::captcha
            );
            const fn has_the_role<T: $crate::bindings::captcha::exports::esignet::captcha::captcha::Guest>() {
            }
            has_the_role::<Exported>();
        };
    };
    ($plugin:ident notifier) => {
        const _: () = {
            type Exported = $crate::role::notifier::Exported<$plugin>;
            #[cfg(target_arch = "wasm32")]
            $crate::bindings::notifier::export_notifier_bindings!(
                Exported with_types_in $crate::bindings::notifier
            );
            const fn has_the_role<
                T: $crate::bindings::notifier::exports::esignet::notifier::notifier::Guest,
            >() {
            }
            has_the_role::<Exported>();
        };
    };
    ($plugin:ident $other:ident) => {
        compile_error!(concat!(
            "no role `",
            stringify!($other),
            "`: the roles are id_system, auth_factor, captcha and notifier"
        ));
    };
}
