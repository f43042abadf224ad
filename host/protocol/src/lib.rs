//! The OpenID Provider as pure decisions over ports.
#![forbid(unsafe_code)]

pub mod ports;
pub mod word;
