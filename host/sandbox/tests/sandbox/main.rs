//! The sandbox from outside: real components, real limits.
//!
//! The components are built by `cargo xtask plugins`; `tests/components/` says what each behaviour does.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod capabilities;
mod failing;
mod identity;
mod lies;
mod limits;
mod loading;
mod login;
mod observing;
mod record;
mod runtimes;
mod signatures;
mod steps;
mod swapping;
mod watching;
mod world;
