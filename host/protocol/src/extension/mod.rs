//! One file per extension that alters a request or a token.

pub mod dpop;
pub mod id_token_hint;
pub mod jarm;
pub mod key_proof;
pub mod request_object;
