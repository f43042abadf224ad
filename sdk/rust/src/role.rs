//! What a plugin can be, one module for each role of the contract.

pub mod audit_sink;
pub mod auth_factor;
pub mod captcha;
pub mod id_system;
pub mod key_binder;
pub mod notifier;
