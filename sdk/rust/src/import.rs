//! What the host gives a plugin, one module for each interface of `esignet:host`.
//!
//! What a plugin does not use does not become an import of its component; what the operator did not grant answers with an
//! error that names the rule.

pub mod cache;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod http;
pub mod log;
