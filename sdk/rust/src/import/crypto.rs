//! Randomness, digests and named keys (`esignet:host/crypto`). Keys never enter the sandbox.

use std::fmt::Write;

use crate::bindings::host::esignet::host::crypto;
pub use crate::bindings::host::esignet::host::crypto::{DigestAlgorithm, Error};
use crate::word::Failure;

/// `length` random octets; at most 1024 a call. The only source of randomness a plugin has.
///
/// # Errors
///
/// [`Error::Invalid`] if `length` is too large.
pub fn random(length: u32) -> Result<Vec<u8>, Error> {
    crypto::random(length)
}

/// The digest of `data`.
pub fn digest(algorithm: DigestAlgorithm, data: &[u8]) -> Vec<u8> {
    crypto::digest(algorithm, data)
}

/// The SHA-256 digest of `data`.
pub fn sha256(data: &[u8]) -> Vec<u8> {
    digest(DigestAlgorithm::Sha256, data)
}

/// HMAC-SHA-256 (RFC 2104) of `data` under the key that the operator granted as `key`.
///
/// # Errors
///
/// [`Error::NoSuchKey`] and [`Error::NotAllowed`] if the grant does not cover it.
pub fn hmac(key: &str, data: &[u8]) -> Result<Vec<u8>, Error> {
    crypto::hmac(key, data)
}

/// Whether `a` and `b` are the same, in a time that does not depend on their content.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    crypto::equal(a, b)
}

/// A compact JWS (RFC 7515 §3.1) over `payload` by the granted `key`; `header` are further protected members.
///
/// # Errors
///
/// [`Error::NoSuchKey`] and [`Error::NotAllowed`] if the grant does not cover it; [`Error::Invalid`] for a header member
/// that is the key's to set.
pub fn sign_jws(key: &str, header: &[(&str, &str)], payload: &[u8]) -> Result<String, Error> {
    crypto::sign_jws(key, &owned(header), payload, false)
}

/// A compact JWS without its payload (RFC 7515 appendix F).
///
/// # Errors
///
/// As [`sign_jws`].
pub fn sign_detached_jws(key: &str, header: &[(&str, &str)], payload: &[u8]) -> Result<String, Error> {
    crypto::sign_jws(key, &owned(header), payload, true)
}

/// The payload of a compact JWS whose signature verifies under one key of the JWK set (RFC 7517 §5) `key_set`.
///
/// # Errors
///
/// [`Error::Invalid`] if it does not verify.
pub fn verify_jws(jws: &str, key_set: &str) -> Result<Vec<u8>, Error> {
    crypto::verify_jws(jws, key_set)
}

/// Octets in lower-case hexadecimal digits.
pub fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::with_capacity(2 * octets.len()), |mut text, octet| {
        // Writing to a string does not fail.
        let _ = write!(text, "{octet:02x}");
        text
    })
}

fn owned(header: &[(&str, &str)]) -> Vec<(String, String)> {
    header.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::NoSuchKey(key) => Self::Misconfigured(format!("grant the plugin a key named `{key}`")),
            Error::NotAllowed(rule) => Self::Misconfigured(rule),
            Error::Invalid(what) => Self::Internal(what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_octet_has_two_digits() {
        assert_eq!(hex(&[0, 10, 255]), "000aff");
    }
}
