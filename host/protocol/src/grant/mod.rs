//! One file per grant type. There is one.

pub mod authorization_code;
