//! The plugin `totp` with one fault at a time: what the conformance kit has to find.
//!
//! Its modules are those of the plugin; their tests are beside them there, so none is compiled here. The config key `mutant`
//! chooses from [`MUTANTS`]; without it the plugin has no fault.

#[cfg(not(test))]
#[rustfmt::skip]
#[path = "../../../../plugins/totp/src/code.rs"]
mod code;
#[cfg(not(test))]
mod fault;
#[cfg(not(test))]
#[rustfmt::skip]
#[path = "../../../../plugins/totp/src/flow.rs"]
mod flow;
#[cfg(not(test))]
#[rustfmt::skip]
#[path = "../../../../plugins/totp/src/form.rs"]
mod form;
#[cfg(not(test))]
#[rustfmt::skip]
#[path = "../../../../plugins/totp/src/secret.rs"]
mod secret;
#[cfg(not(test))]
#[rustfmt::skip]
#[path = "../../../../plugins/totp/src/settings.rs"]
mod settings;
#[cfg(not(test))]
mod plugin;

#[cfg(not(test))]
pub use fault::MUTANTS;
#[cfg(not(test))]
pub use plugin::MutantTotp;

#[cfg(not(test))]
const FACTOR: &str = "TOTP";
#[cfg(not(test))]
const AMR: [&str; 1] = ["otp"];
