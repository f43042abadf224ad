//! The stores of the core's ports, once, over any [`crate::kv::Kv`].

pub(crate) mod clients;
pub(crate) mod consents;
pub(crate) mod counters;
pub(crate) mod grants;
pub(crate) mod keys;
pub(crate) mod logos;
pub(crate) mod plugin_cache;
pub(crate) mod pushed_requests;
pub(crate) mod records;
pub(crate) mod replays;
pub(crate) mod transactions;
