//! Parsed values that refuse what the specifications refuse: a value that exists is valid, and nobody checks it again.

pub mod acr;
pub mod bytes;
pub mod claims_request;
pub mod client_id;
pub mod code_challenge;
pub mod digits;
pub mod handle;
pub mod issuer;
pub mod locale;
pub mod opaque;
pub mod parameters;
pub mod prompt;
pub mod query;
pub mod redirect_uri;
pub mod response_mode;
pub mod scope;
pub mod time;
