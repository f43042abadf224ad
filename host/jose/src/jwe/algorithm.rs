//! The encryption algorithms that exist in this host (RFC 7518 §4.1, §5.1).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a JWE says its content key, the value of `alg` (RFC 7518 §4.1).
///
/// `RSA1_5`, `RSA-OAEP` with SHA-1, `dir`, the PBES2 family and plain AES key wrap have no value here, so no code can use
/// them (RFC 8725 §3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum KeyManagement {
    /// Ephemeral-static ECDH, the agreed key used directly (RFC 7518 §4.6).
    #[serde(rename = "ECDH-ES")]
    EcdhEs,
    /// The same, the agreed key wrapping a random content key (RFC 7518 §4.6).
    #[serde(rename = "ECDH-ES+A256KW")]
    EcdhEsA256Kw,
    /// RSAES-OAEP with SHA-256 and MGF1 with SHA-256 (RFC 7518 §4.3).
    #[serde(rename = "RSA-OAEP-256")]
    RsaOaep256,
}

/// How a JWE encrypts its content, the value of `enc` (RFC 7518 §5.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ContentEncryption {
    /// AES in Galois/Counter Mode with a key of 256 bits (RFC 7518 §5.3).
    #[default]
    #[serde(rename = "A256GCM")]
    A256Gcm,
}

/// The text names no algorithm that this host encrypts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the algorithm is not one of ECDH-ES, ECDH-ES+A256KW, RSA-OAEP-256 with A256GCM")]
pub struct UnknownEncryption;

impl KeyManagement {
    /// Every algorithm, the preferred first.
    pub const ALL: [Self; 3] = [Self::EcdhEsA256Kw, Self::EcdhEs, Self::RsaOaep256];

    /// The registered name, as it stands in `alg`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
            Self::RsaOaep256 => "RSA-OAEP-256",
        }
    }
}

impl ContentEncryption {
    /// Every algorithm.
    pub const ALL: [Self; 1] = [Self::A256Gcm];

    /// The registered name, as it stands in `enc`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A256Gcm => "A256GCM",
        }
    }
}

impl fmt::Display for KeyManagement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Display for ContentEncryption {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for KeyManagement {
    type Err = UnknownEncryption;

    /// Names are case-sensitive (RFC 7516 §4.1.1).
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name).ok_or(UnknownEncryption)
    }
}

impl FromStr for ContentEncryption {
    type Err = UnknownEncryption;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name).ok_or(UnknownEncryption)
    }
}

#[cfg(test)]
mod tests {
    use super::{ContentEncryption, KeyManagement, UnknownEncryption};

    #[test]
    fn every_algorithm_reads_back_from_its_name_and_its_json() {
        for algorithm in KeyManagement::ALL {
            assert_eq!(algorithm.as_str().parse(), Ok(algorithm));
            assert_eq!(serde_json::to_value(algorithm).unwrap(), algorithm.as_str());
        }
        for algorithm in ContentEncryption::ALL {
            assert_eq!(algorithm.as_str().parse(), Ok(algorithm));
            assert_eq!(serde_json::to_value(algorithm).unwrap(), algorithm.as_str());
        }
    }

    #[test]
    fn what_breaks_or_costs_too_much_has_no_name_here() {
        for name in ["RSA1_5", "RSA-OAEP", "dir", "PBES2-HS256+A128KW", "A256KW", "ecdh-es", ""] {
            assert_eq!(name.parse::<KeyManagement>(), Err(UnknownEncryption), "{name}");
        }
        for name in ["A128CBC-HS256", "A128GCM", ""] {
            assert_eq!(name.parse::<ContentEncryption>(), Err(UnknownEncryption), "{name}");
        }
    }
}
