//! The signature algorithms that exist in this host (RFC 7518 §3.1, RFC 8037 §3.1).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A digital signature algorithm that a JWS may name in `alg`.
///
/// `none` and the HMAC family have no value here, so no code can accept them (RFC 8725 §3.1, §3.2).
/// Whether `RS256` may be used is policy; it exists for the `interop` profile only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4).
    #[serde(rename = "ES256")]
    Es256,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 7518 §3.5).
    #[serde(rename = "PS256")]
    Ps256,
    /// Ed25519 under the name `EdDSA` (RFC 8037 §3.1).
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
    #[serde(rename = "RS256")]
    Rs256,
}

/// The fully-specified name of what `EdDSA` means here (RFC 9864 §2.2).
const ED25519: &str = "Ed25519";

/// The text names no algorithm that this host accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the algorithm is not one of ES256, PS256, EdDSA, RS256")]
pub struct UnknownAlgorithm;

impl Algorithm {
    /// Every algorithm, the preferred first.
    pub const ALL: [Self; 4] = [Self::Es256, Self::Ps256, Self::EdDsa, Self::Rs256];

    /// The name under which this host signs, as it stands in `alg`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
        }
    }

    /// What someone else's `alg` names. Since RFC 9864 §2.2 the same signature is also called `Ed25519`; what this host
    /// signs stays `EdDSA`, which every library knows.
    pub fn named(name: &str) -> Result<Self, UnknownAlgorithm> {
        if name == ED25519 { Ok(Self::EdDsa) } else { name.parse() }
    }

    /// Every name by which signatures of these algorithms are taken ([`named`](Self::named)), for metadata.
    pub fn accepted_names(algorithms: &[Self]) -> Vec<&'static str> {
        let second = algorithms.contains(&Self::EdDsa).then_some(ED25519);
        algorithms.iter().map(|algorithm| algorithm.as_str()).chain(second).collect()
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    /// Names are case-sensitive (RFC 7515 §4.1.1).
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name).ok_or(UnknownAlgorithm)
    }
}

impl From<Algorithm> for jsonwebtoken::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Es256 => Self::ES256,
            Algorithm::Ps256 => Self::PS256,
            Algorithm::EdDsa => Self::EdDSA,
            Algorithm::Rs256 => Self::RS256,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, UnknownAlgorithm};

    #[test]
    fn every_algorithm_reads_back_from_its_name_and_its_json() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.as_str().parse(), Ok(algorithm));
            let json = serde_json::to_string(&algorithm).unwrap();
            assert_eq!(json, format!("\"{algorithm}\""));
            assert_eq!(serde_json::from_str::<Algorithm>(&json).unwrap(), algorithm);
        }
    }

    #[test]
    fn what_others_sign_may_be_called_ed25519_and_what_we_sign_is_not() {
        assert_eq!(Algorithm::named("Ed25519"), Ok(Algorithm::EdDsa));
        assert_eq!(Algorithm::named("EdDSA"), Ok(Algorithm::EdDsa));
        assert_eq!(Algorithm::named("Ed448"), Err(UnknownAlgorithm));
        assert_eq!(Algorithm::EdDsa.as_str(), "EdDSA");
        assert_eq!(
            Algorithm::accepted_names(&[Algorithm::Es256, Algorithm::EdDsa]),
            ["ES256", "EdDSA", "Ed25519"]
        );
        assert_eq!(Algorithm::accepted_names(&[Algorithm::Es256]), ["ES256"]);
    }

    #[test]
    fn none_and_symmetric_and_unlisted_names_are_refused() {
        for name in [
            "none", "None", "NONE", "nOnE", "HS256", "HS384", "HS512", "es256", "ES384", "PS512", "Ed25519",
            "",
        ] {
            assert_eq!(name.parse::<Algorithm>(), Err(UnknownAlgorithm), "{name}");
            assert!(serde_json::from_value::<Algorithm>(name.into()).is_err(), "{name}");
        }
    }
}
