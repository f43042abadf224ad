//! `code_challenge` with S256, the only method (RFC 7636 §4.2–4.6, FAPI 2.0 SP §5.3.2.2).

use esignet_jose::digest;
use serde::{Deserialize, Serialize};

/// A base64url SHA-256 hash of a code verifier: 43 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodeChallenge(String);

/// Not 43 base64url characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a code_challenge has 43 base64url characters")]
pub struct MalformedCodeChallenge;

impl CodeChallenge {
    /// Takes 43 characters of the base64url alphabet.
    pub fn parse(text: &str) -> Result<Self, MalformedCodeChallenge> {
        let alphabet = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if text.len() != 43 || !alphabet {
            return Err(MalformedCodeChallenge);
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether `verifier` has the right shape (43 to 128 unreserved characters) and hashes to this challenge.
    pub fn is_met_by(&self, verifier: &str) -> bool {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let well_formed = (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved);
        well_formed
            && digest::equal(digest::sha256_base64url(verifier.as_bytes()).as_bytes(), self.0.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_specification_verifies() {
        let challenge = CodeChallenge::parse(CHALLENGE).expect("43 characters");
        assert!(challenge.is_met_by(VERIFIER));
        assert!(!challenge.is_met_by(&VERIFIER.to_lowercase()));
        assert!(!challenge.is_met_by(CHALLENGE), "the challenge itself is not its verifier");
    }

    #[test]
    fn a_verifier_outside_its_charset_or_length_never_verifies() {
        for bad in [VERIFIER.get(..42).expect("ascii").to_owned(), "a".repeat(129), format!("{VERIFIER} ")] {
            let challenge = CodeChallenge::parse(&digest::sha256_base64url(bad.as_bytes())).expect("a hash");
            assert!(!challenge.is_met_by(&bad));
        }
    }

    #[test]
    fn a_malformed_challenge_is_refused() {
        for bad in ["", "short", &"=".repeat(43), &"a".repeat(44)] {
            assert_eq!(CodeChallenge::parse(bad), Err(MalformedCodeChallenge));
        }
    }
}
