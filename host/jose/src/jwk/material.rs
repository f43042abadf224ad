//! The members of each key type and the bounds within which a key is taken (RFC 7518 §6, RFC 8037 §2).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaParameters, RsaPublicKeyComponents,
};
use serde_json::{Map, Value};

use super::JwkError;
use super::verifier::HeldVerifier;
use crate::algorithm::Algorithm;
use crate::base64url::{decode_base64url, encode_base64url};

/// The smallest and the largest RSA modulus in bits: below it breaks, above it costs too much to
/// verify for whoever is asked to.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
/// The exponents 3 and 65537; others are rare, slow or wrong.
const RSA_EXPONENTS: [&[u8]; 2] = [&[3], &[1, 0, 1]];

/// The public octets of a key.
#[derive(Clone)]
pub(crate) enum Material {
    /// A point on P-256 (RFC 7518 §6.2.1).
    P256 { x: [u8; 32], y: [u8; 32] },
    /// An Ed25519 key (RFC 8037 §2).
    Ed25519 { x: [u8; 32] },
    /// An RSA modulus and exponent without leading zeros (RFC 7518 §6.3.1).
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
}

impl Material {
    /// Reads the members that `kty` and `crv` call for.
    pub(crate) fn from_members(members: &Map<String, Value>) -> Result<Self, JwkError> {
        match text(members, "kty")? {
            "EC" => {
                curve(members, "P-256")?;
                Ok(Self::P256 { x: coordinate(members, "x")?, y: coordinate(members, "y")? })
            }
            "OKP" => {
                curve(members, "Ed25519")?;
                Ok(Self::Ed25519 { x: coordinate(members, "x")? })
            }
            "RSA" => Self::rsa(octets(members, "n")?, octets(members, "e")?),
            "oct" => Err(JwkError::SymmetricKey),
            _ => Err(JwkError::UnknownKeyType),
        }
    }

    /// Takes an RSA public key within the bounds.
    pub(crate) fn rsa(modulus: Vec<u8>, exponent: Vec<u8>) -> Result<Self, JwkError> {
        // RFC 7518 §6.3.1.1: the minimum number of octets, so no leading zero.
        let first = *modulus.first().ok_or(JwkError::WrongLength { member: "n" })?;
        if first == 0 {
            return Err(JwkError::WrongLength { member: "n" });
        }
        let bits = modulus.len() * 8 - first.leading_zeros() as usize;
        if !RSA_BITS.contains(&bits) {
            return Err(JwkError::RsaModulusSize);
        }
        if !RSA_EXPONENTS.contains(&exponent.as_slice()) {
            return Err(JwkError::RsaExponent);
        }
        Ok(Self::Rsa { modulus, exponent })
    }

    /// Takes an uncompressed point, `0x04 ‖ x ‖ y` (SEC 1 §2.3.3).
    pub(crate) fn p256(point: &[u8]) -> Result<Self, JwkError> {
        let (prefix, coordinates) = point.split_first().ok_or(JwkError::NotOnCurve)?;
        let (x, y) = coordinates.split_first_chunk::<32>().ok_or(JwkError::NotOnCurve)?;
        match (prefix, y.try_into()) {
            (4, Ok(y)) => Ok(Self::P256 { x: *x, y }),
            _ => Err(JwkError::NotOnCurve),
        }
    }

    /// Takes the octets of an Ed25519 key.
    pub(crate) fn ed25519(octets: &[u8]) -> Result<Self, JwkError> {
        let x = octets.try_into().map_err(|_| JwkError::WrongLength { member: "x" })?;
        Ok(Self::Ed25519 { x })
    }

    /// What a key of this type can verify, the preferred first.
    pub(super) const fn algorithms(&self) -> &'static [Algorithm] {
        match self {
            Self::P256 { .. } => &[Algorithm::Es256],
            Self::Ed25519 { .. } => &[Algorithm::EdDsa],
            Self::Rsa { .. } => &[Algorithm::Ps256, Algorithm::Rs256],
        }
    }

    /// The public members as JSON.
    pub(crate) fn to_map(&self) -> Map<String, Value> {
        self.members().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
    }

    /// The public members of this type, all of them required (RFC 7638 §3.2).
    pub(crate) fn members(&self) -> Vec<(&'static str, String)> {
        let named = |name: &str| name.to_owned();
        match self {
            Self::P256 { x, y } => vec![
                ("kty", named("EC")),
                ("crv", named("P-256")),
                ("x", encode_base64url(x)),
                ("y", encode_base64url(y)),
            ],
            Self::Ed25519 { x } => {
                vec![("kty", named("OKP")), ("crv", named("Ed25519")), ("x", encode_base64url(x))]
            }
            Self::Rsa { modulus, exponent } => vec![
                ("kty", named("RSA")),
                ("n", encode_base64url(modulus)),
                ("e", encode_base64url(exponent)),
            ],
        }
    }

    /// Whether the octets are a public key of their type.
    pub(crate) fn check(&self) -> Result<(), JwkError> {
        self.algorithms().iter().take(1).try_for_each(|algorithm| self.verifier(*algorithm).map(drop))
    }

    /// Parses the key for one algorithm; fails when the point is not on the curve.
    pub(super) fn verifier(&self, algorithm: Algorithm) -> Result<HeldVerifier, JwkError> {
        let key = match (self, algorithm) {
            (Self::P256 { x, y }, Algorithm::Es256) => {
                let point = [&[4], x.as_slice(), y.as_slice()].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map_err(|_| JwkError::NotOnCurve)?
            }
            (Self::Ed25519 { x }, Algorithm::EdDsa) => {
                ParsedPublicKey::new(&ED25519, x).map_err(|_| JwkError::NotOnCurve)?
            }
            (Self::Rsa { modulus, exponent }, Algorithm::Ps256) => {
                parsed_rsa(modulus, exponent, &RSA_PSS_2048_8192_SHA256)?
            }
            (Self::Rsa { modulus, exponent }, Algorithm::Rs256) => {
                parsed_rsa(modulus, exponent, &RSA_PKCS1_2048_8192_SHA256)?
            }
            (_, Algorithm::Es256 | Algorithm::EdDsa | Algorithm::Ps256 | Algorithm::Rs256) => {
                return Err(JwkError::AlgorithmMismatch);
            }
        };
        Ok(HeldVerifier::new(algorithm, key))
    }
}

fn parsed_rsa(n: &[u8], e: &[u8], parameters: &'static RsaParameters) -> Result<ParsedPublicKey, JwkError> {
    RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters).map_err(|_| JwkError::RsaModulusSize)
}

/// A member that must be a string.
pub(super) fn text<'a>(members: &'a Map<String, Value>, member: &'static str) -> Result<&'a str, JwkError> {
    members.get(member).and_then(Value::as_str).ok_or(JwkError::MissingMember { member })
}

fn curve(members: &Map<String, Value>, supported: &str) -> Result<(), JwkError> {
    if text(members, "crv")? == supported { Ok(()) } else { Err(JwkError::UnknownCurve) }
}

fn octets(members: &Map<String, Value>, member: &'static str) -> Result<Vec<u8>, JwkError> {
    decode_base64url(text(members, member)?).map_err(|_| JwkError::NotBase64Url { member })
}

/// A coordinate in its full length, leading zeros included (RFC 7518 §6.2.1.2).
fn coordinate(members: &Map<String, Value>, member: &'static str) -> Result<[u8; 32], JwkError> {
    octets(members, member)?.try_into().map_err(|_| JwkError::WrongLength { member })
}
