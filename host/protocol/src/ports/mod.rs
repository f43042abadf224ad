//! What the core asks of the world: traits that adapters implement and tests replace.

pub mod audit;
pub mod captcha;
pub mod clock;
pub mod entropy;
pub mod fetch;
pub mod forms;
pub mod key_binder;
pub mod keys;
pub mod notices;
pub mod plugin_build;
pub mod plugin_cache;
pub mod plugins;
pub mod store;
mod unprinted;
