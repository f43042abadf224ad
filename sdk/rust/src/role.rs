//! What a plugin can be, one module for each role of the contract.

pub mod auth_factor;
pub mod id_system;
