//! JOSE for the host: signatures, encryption, keys, certificates, typed claims, digests and sealing; bytes in, bytes out.
//!
//! The crate is synchronous and does no I/O; it reads no clock and fetches no key. It must never
//! decide policy: which algorithm a client may use, how old a token may be, whose key counts and which
//! certificate is trusted are questions for others. It must never accept a token whose header tries to choose the
//! key or to switch the rules (RFC 8725 §3.1, §3.10).
//!
//! # How `jsonwebtoken` is used
//!
//! A held key implements `jsonwebtoken`'s [`JwtSigner`](jsonwebtoken::crypto::JwtSigner) or
//! [`JwtVerifier`](jsonwebtoken::crypto::JwtVerifier), headers are written by its
//! [`Header`](jsonwebtoken::Header), and PEM is read by its
//! [`EncodingKey`](jsonwebtoken::EncodingKey). Its `encode` and `decode` are not called: they parse
//! the key again on every call, and `decode` knows neither `crit` nor duplicate members.
//! Tests hold both directions compatible with them.
//!
//! # The map
//!
//! | Specification | What | File |
//! |---|---|---|
//! | SP 800-38D | AES-256-GCM as partners ask for it | `aes_gcm.rs` |
//! | RFC 7518 §3.1, RFC 8037 §3.1 | the signature algorithms that exist here | `algorithm.rs` |
//! | RFC 4648 §5, RFC 7515 §2 | base64url without padding, one spelling per value | `base64url.rs` |
//! | RFC 5280, RFC 8705 §2 and §3.1 | what a client's certificate says of it | `certificate.rs` |
//! | RFC 4514, RFC 5280 §7.1 | distinguished names and when two are the same | `certificate/distinguished_name.rs` |
//! | RFC 4514 §2.3, RFC 4519 §2 | the names of attribute types | `certificate/distinguished_name/attribute.rs` |
//! | RFC 4514 §3 | the string form of a distinguished name | `certificate/distinguished_name/text.rs` |
//! | RFC 6234, RFC 2104, RFC 5869 | digests, MACs, key derivation, constant-time equality | `digest.rs` |
//! | RFC 8259, RFC 7493 §2.3 | JSON objects without duplicate members, bounded depth | `json.rs` |
//! | RFC 7517 | a public verification key, parsed once | `jwk.rs` |
//! | RFC 7518 §6, RFC 8037 §2 | the members of each key type and their bounds | `jwk/material.rs` |
//! | RFC 7517 §4.2 | a public key to encrypt to | `jwk/encryption.rs` |
//! | RFC 7517 §5 | a set of keys and the choice among them | `jwk/set.rs` |
//! | RFC 7638 | the thumbprint that names a key | `jwk/thumbprint.rs` |
//! | RFC 7518 §3.3–3.5, RFC 8037 §3.1 | verification with a held key | `jwk/verifier.rs` |
//! | RFC 7516 | compact JWE | `jwe.rs` |
//! | RFC 7518 §4.1, §5.1 | the encryption algorithms that exist here | `jwe/algorithm.rs` |
//! | RFC 7518 §4.6.2 | the key derivation of ECDH-ES | `jwe/concat_kdf.rs` |
//! | RFC 7518 §5.3 | the encryption of the content | `jwe/content.rs` |
//! | RFC 7516 §5.2 | the gate before a decryption, and the decryption | `jwe/decrypt.rs` |
//! | RFC 7516 §5.2, RFC 7518 §6 | a private key that decrypts, parsed once | `jwe/decryption_key.rs` |
//! | RFC 7516 §5.1 | encryption to a public key | `jwe/encrypt.rs` |
//! | RFC 7516 §4 | the header of a JWE that we write | `jwe/header.rs` |
//! | RFC 7515 | strict compact JWS: gate, then signature, then payload | `jws.rs` |
//! | RFC 7519 §4.1 | typed claim readers | `jwt.rs` |
//! | SP 800-38D | sealing of stored values with AES-256-GCM | `seal.rs` |
//! | RFC 7515 §5.1 | a private key, parsed once, and what it signs | `signing_key.rs` |
//! | X.690 §8 | the integers of an RSA key that we exported ourselves | `signing_key/der.rs` |
//! | RFC 7515 §4 | the header of a JWS that we write | `signing_key/header.rs` |
//! | RFC 7517 §4, RFC 7518 §6.2.2, §6.3.2 | private keys as JWK | `signing_key/private_jwk.rs` |
//! | RFC 7518 §3.3–3.5, RFC 8037 §3.1 | signing with a held key | `signing_key/signer.rs` |

#![forbid(unsafe_code)]

pub mod aes_gcm;
pub mod algorithm;
pub mod base64url;
pub mod certificate;
pub mod digest;
mod json;
pub mod jwe;
pub mod jwk;
pub mod jws;
pub mod jwt;
pub mod seal;
pub mod signing_key;

pub use algorithm::Algorithm;
pub use certificate::Certificate;
pub use jwk::{Jwk, JwkSet};
pub use jws::UnverifiedJws;
pub use signing_key::SigningKey;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    fn source() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
    }

    fn mapped() -> BTreeSet<String> {
        include_str!("lib.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//! |"))
            .filter_map(|row| row.split('`').nth(1))
            .map(str::to_owned)
            .collect()
    }

    fn written(directory: &Path, into: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "tests") {
                    written(&path, into);
                }
            } else if path.file_name().is_some_and(|name| name != "tests.rs" && name != "lib.rs") {
                into.insert(path.strip_prefix(source()).unwrap().to_str().unwrap().to_owned());
            }
        }
    }

    #[test]
    fn the_map_names_every_file_and_no_other() {
        let mut files = BTreeSet::new();
        written(&source(), &mut files);
        assert_eq!(mapped(), files);
    }
}
