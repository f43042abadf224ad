//! What plugins do for the host: one file for each interface that they export, and the words these share.

pub(crate) mod audit_sink;
pub(crate) mod auth_factor;
pub(crate) mod captcha;
mod form;
pub(crate) mod id_system;
mod image;
pub(crate) mod key_binder;
pub(crate) mod measured;
pub(crate) mod notifier;
mod step;
mod word;
