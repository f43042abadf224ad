//! Who vouches for a component: minisign signatures at its end, and what the operator makes of them.
//!
//! A plugin is one file, signed or not: signatures are custom sections named `esignet:signature` behind everything else,
//! and what is signed is every byte before the first of them. Those bytes, and no others, are then compiled.
//!
//! | What | File |
//! |---|---|
//! | the sections at the end of a component | `signature/section.rs` |
//! | keys and signatures as minisign writes them | `signature/minisign.rs` |
//! | what a signature says of the component | `signature/facts.rs` |
//! | which publishers may sign what, and what is no longer taken | `signature/trust.rs` |
//! | why a component is refused, and what to do | `signature/refusal.rs` |
//!
//! Ed25519 is aws-lc, as everywhere else; `BLAKE2b`, which it lacks, is of the crate `blake2` (`docs/adr/0091`).

pub mod facts;
pub mod minisign;
mod refusal;
pub mod section;
mod trust;

pub use refusal::{NotCounted, Refusal};
pub use trust::{Admitted, Component, IdPattern, Publisher, Revoked, Trust};

#[cfg(test)]
mod tests;
