//! Digests, MACs, key derivation and constant-time equality (RFC 6234, RFC 2104, RFC 5869).

use aws_lc_rs::{digest, hmac};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
pub use crate::base64url::{NotBase64Url, decode_base64url, encode_base64url};

/// The SHA-256 digest of some bytes (RFC 6234 §6.2).
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    octets_32(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// The SHA-256 digest as base64url: `code_challenge` (RFC 7636 §4.2), `ath` (RFC 9449 §4.2).
pub fn sha256_base64url(bytes: &[u8]) -> String {
    encode_base64url(sha256(bytes))
}

/// The left half of the SHA-256 digest as base64url: `at_hash` where the `id_token` is signed with
/// ES256, PS256 or RS256 (OIDC Core §3.1.3.6). [`token_hash`] chooses by algorithm.
pub fn left_half_sha256_base64url(bytes: &[u8]) -> String {
    encode_base64url(sha256(bytes).split_at(16).0)
}

/// The `at_hash` or `c_hash` that belongs to an `id_token` signed with this algorithm
/// (OIDC Core §3.1.3.6, §3.3.2.11).
///
/// The digest is the one inside the signature: SHA-256, and SHA-512 for Ed25519 (RFC 8032 §5.1).
pub fn token_hash(algorithm: Algorithm, token: &[u8]) -> String {
    match algorithm {
        Algorithm::Es256 | Algorithm::Ps256 | Algorithm::Rs256 => left_half_sha256_base64url(token),
        Algorithm::EdDsa => encode_base64url(digest::digest(&digest::SHA512, token).as_ref().split_at(32).0),
    }
}

/// The HMAC-SHA-256 of some bytes under a key (RFC 2104 §2).
pub fn hmac_sha256(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    octets_32(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), bytes).as_ref())
}

/// A key of 32 bytes derived with HKDF-SHA-256 (RFC 5869 §2).
///
/// `info` says what the key is for, so that two uses never share a key (RFC 5869 §3.2).
pub fn hkdf_sha256(input_key: &[u8], salt: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    // One block is all of the output, so it is T(1) = HMAC(PRK, info ‖ 0x01) and cannot fail.
    let pseudorandom_key = Zeroizing::new(hmac_sha256(salt, input_key));
    let mut expansion =
        hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, pseudorandom_key.as_slice()));
    expansion.update(info);
    expansion.update(&[1]);
    Zeroizing::new(octets_32(expansion.sign().as_ref()))
}

/// Whether two byte strings are equal, in time that depends on their lengths only.
pub fn equal(left: impl AsRef<[u8]>, right: impl AsRef<[u8]>) -> bool {
    left.as_ref().ct_eq(right.as_ref()).into()
}

/// The output of a 256-bit primitive as an array.
fn octets_32(output: &[u8]) -> [u8; 32] {
    let mut octets = [0; 32];
    octets.copy_from_slice(output);
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn the_digest_of_abc_is_the_published_one() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc").to_vec(), hex(expected));
    }

    #[test]
    fn the_code_challenge_of_rfc_7636_appendix_b_comes_out() {
        assert_eq!(
            sha256_base64url(b"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn the_at_hash_of_the_oidc_core_example_comes_out() {
        // OIDC Core §A.4: the access token and the at_hash beside it.
        let token = b"jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(left_half_sha256_base64url(token), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(token_hash(Algorithm::Rs256, token), "77QmUPtjPfzWtF2AnpK9RQ");
    }

    #[test]
    fn the_at_hash_beside_an_eddsa_signature_is_half_of_sha_512() {
        // SHA-512("abc") is published in FIPS 180-4's examples.
        let half = hex("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a");
        assert_eq!(token_hash(Algorithm::EdDsa, b"abc"), encode_base64url(half));
    }

    #[test]
    fn the_mac_of_rfc_4231_test_case_2_comes_out() {
        let expected = hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert_eq!(hmac_sha256(b"Jefe", b"what do ya want for nothing?").to_vec(), expected);
    }

    #[test]
    fn the_keys_of_rfc_5869_test_cases_1_and_3_come_out() {
        let basic =
            hkdf_sha256(&[0x0b; 22], &hex("000102030405060708090a0b0c"), &hex("f0f1f2f3f4f5f6f7f8f9"));
        assert_eq!(basic.to_vec(), hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"));
        let bare = hkdf_sha256(&[0x0b; 22], &[], &[]);
        assert_eq!(bare.to_vec(), hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"));
    }

    #[test]
    fn equality_needs_every_byte_and_the_same_length() {
        assert!(equal("secret", b"secret"));
        assert!(!equal("secret", "secreT"));
        assert!(!equal("secret", "secret "));
        assert!(!equal("secret", ""));
    }
}
