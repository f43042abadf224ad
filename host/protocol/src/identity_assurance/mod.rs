//! OpenID Connect for Identity Assurance 1.0 (OIDC4IDA): claims that the ID system has verified, with how it did.
//!
//! [`request`] reads what a relying party wants, [`offer`] says what of it a person is asked to agree to, [`matching`]
//! compares what the ID system then releases with what was wanted and agreed to, [`metadata`] publishes what there is. What
//! is verified only ever comes from the ID system's own `verified_claims`: nothing else is taken for verified.

pub mod constraint;
pub mod matching;
pub mod metadata;
pub mod offer;
pub mod request;
mod timestamp;

/// The claim that holds verified claims (OIDC4IDA §5.1).
pub const VERIFIED_CLAIMS: &str = "verified_claims";
