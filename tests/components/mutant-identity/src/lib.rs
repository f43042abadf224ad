//! The plugin `mock-identity` with one fault at a time: what the conformance kit has to find.
//!
//! Its modules are those of the plugin; their tests are beside them there, so none is compiled here. The config key `mutant`
//! chooses from [`MUTANTS`]; without it the plugin has no fault.

#[cfg(not(test))]
#[rustfmt::skip]
#[path = "../../../../plugins/mock-identity/src/claims.rs"]
mod claims;
#[cfg(not(test))]
mod fault;
#[cfg(not(test))]
#[rustfmt::skip]
#[path = "../../../../plugins/mock-identity/src/people.rs"]
mod people;
#[cfg(not(test))]
#[rustfmt::skip]
#[path = "../../../../plugins/mock-identity/src/register.rs"]
mod register;
#[cfg(not(test))]
#[rustfmt::skip]
#[path = "../../../../plugins/mock-identity/src/verified.rs"]
mod verified;
#[cfg(not(test))]
mod plugin;

#[cfg(not(test))]
pub use fault::MUTANTS;
#[cfg(not(test))]
pub use plugin::MutantIdentity;
