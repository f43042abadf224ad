//! Randomness, digests and named keys (`esignet:host/crypto`). Keys never enter the sandbox.

use std::fmt::Write;

use crate::bindings::host::esignet::host::crypto;
pub use crate::bindings::host::esignet::host::crypto::{Certificate, DigestAlgorithm, Error};
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
    crypto::sign_jws(key, &owned(header), payload, false, false)
}

/// A compact JWS without its payload (RFC 7515 appendix F).
///
/// # Errors
///
/// As [`sign_jws`].
pub fn sign_detached_jws(key: &str, header: &[(&str, &str)], payload: &[u8]) -> Result<String, Error> {
    crypto::sign_jws(key, &owned(header), payload, true, false)
}

/// [`sign_detached_jws`] with the certificates that the operator gave with the key in `x5c` (RFC 7515 §4.1.6).
///
/// # Errors
///
/// As [`sign_jws`]; [`Error::NotAllowed`] if there are none.
pub fn sign_detached_jws_with_certificates(
    key: &str,
    header: &[(&str, &str)],
    payload: &[u8],
) -> Result<String, Error> {
    crypto::sign_jws(key, &owned(header), payload, true, true)
}

/// Seals `plain` by the granted `key`, for this plugin to [`open`] on any node; `associated` says what and whose it is.
///
/// # Errors
///
/// [`Error::NoSuchKey`] and [`Error::NotAllowed`] if the grant does not cover it.
pub fn seal(key: &str, associated: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
    crypto::seal(key, associated, plain)
}

/// What was sealed with the same `associated`.
///
/// # Errors
///
/// As [`seal`]; [`Error::Invalid`] if it was not sealed so.
pub fn open(key: &str, associated: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    crypto::open(key, associated, sealed)
}

/// AES-256-GCM (NIST SP 800-38D) under a key of the plugin's own, from [`random`]; the tag is behind the ciphertext.
///
/// # Errors
///
/// [`Error::Invalid`] unless the key has 32 bytes and the nonce 12 or 16. Never use a nonce twice under a key.
pub fn encrypt_aes_gcm(key: &[u8], nonce: &[u8], associated: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
    crypto::encrypt_aes_gcm(key, nonce, associated, plain)
}

/// What was encrypted as [`encrypt_aes_gcm`] does.
///
/// # Errors
///
/// [`Error::Invalid`] if it was not.
pub fn decrypt_aes_gcm(
    key: &[u8],
    nonce: &[u8],
    associated: &[u8],
    ciphertext: &[u8],
) -> Result<Vec<u8>, Error> {
    crypto::decrypt_aes_gcm(key, nonce, associated, ciphertext)
}

/// RSAES-OAEP with SHA-256 (RFC 8017 §7.1) to the RSA key of a public JWK or of a certificate in PEM.
///
/// # Errors
///
/// [`Error::Invalid`] if `recipient` is neither, or `plain` too long for the key.
pub fn encrypt_rsa_oaep(recipient: &str, plain: &[u8]) -> Result<Vec<u8>, Error> {
    crypto::encrypt_rsa_oaep(recipient, plain)
}

/// A compact JWE (RFC 7516) with A256GCM to the key of a public JWK or of a certificate in PEM.
///
/// # Errors
///
/// [`Error::Invalid`] if `recipient` is neither.
pub fn encrypt_jwe(recipient: &str, content_type: Option<&str>, plain: &[u8]) -> Result<String, Error> {
    crypto::encrypt_jwe(recipient, content_type, plain)
}

/// What was encrypted to the granted `key`.
///
/// # Errors
///
/// [`Error::NoSuchKey`] and [`Error::NotAllowed`] if the grant does not cover it; [`Error::Invalid`] if it does not decrypt.
pub fn decrypt_jwe(key: &str, jwe: &str) -> Result<Vec<u8>, Error> {
    crypto::decrypt_jwe(key, jwe)
}

/// What a certificate in PEM or DER says; whether it is to be trusted is the caller's to decide.
///
/// # Errors
///
/// [`Error::Invalid`] if it is none.
pub fn read_certificate(certificate: &[u8]) -> Result<Certificate, Error> {
    crypto::read_certificate(certificate)
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
