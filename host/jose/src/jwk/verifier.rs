//! Verification with a key that is parsed once (RFC 7518 §3.3–3.5, RFC 8037 §3.1).

use aws_lc_rs::signature::ParsedPublicKey;
use jsonwebtoken::crypto::JwtVerifier;
use jsonwebtoken::signature::{Error, Verifier};

use crate::algorithm::Algorithm;

/// A public key bound to one algorithm, ready to verify.
///
/// The same octets under another algorithm are another verifier, so a signature cannot choose how
/// it is checked (RFC 8725 §3.1).
#[derive(Clone)]
pub(super) struct HeldVerifier {
    algorithm: Algorithm,
    key: ParsedPublicKey,
}

impl HeldVerifier {
    pub(super) fn new(algorithm: Algorithm, key: ParsedPublicKey) -> Self {
        Self { algorithm, key }
    }

    pub(super) fn held_algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl Verifier<Vec<u8>> for HeldVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        self.key.verify_sig(message, signature).map_err(|_| Error::new())
    }
}

impl JwtVerifier for HeldVerifier {
    fn algorithm(&self) -> jsonwebtoken::Algorithm {
        self.algorithm.into()
    }
}
