//! The sandbox from outside: real components, real limits.
//!
//! The components are built by `cargo xtask plugins`; `tests/components/` says what each behaviour does.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod canary;
mod capabilities;
mod failing;
mod gateway;
mod hostile_files;
mod identity;
mod lies;
mod limits;
mod loading;
mod login;
mod metrics;
mod observing;
mod record;
mod runtimes;
mod signatures;
mod steps;
mod swapping;
mod versions;
mod watching;
mod world;
