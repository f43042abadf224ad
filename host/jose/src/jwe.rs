//! JSON Web Encryption (RFC 7516): what may encrypt, and nothing beyond it.

pub mod algorithm;

pub use algorithm::{ContentEncryption, KeyManagement};
