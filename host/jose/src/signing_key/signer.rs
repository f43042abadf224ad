//! Signing with a key that is parsed once (RFC 7518 §3.3–3.5, RFC 8037 §3.1).

use aws_lc_rs::encoding::{AsBigEndian, AsDer, EcPrivateKeyBin, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use jsonwebtoken::crypto::JwtSigner;
use jsonwebtoken::signature::{Error, Signer};
use zeroize::Zeroizing;

use super::{KeyError, der};
use crate::algorithm::Algorithm;
use crate::jwk::material::Material;

/// A parsed private key, bound to one algorithm.
pub(super) enum HeldSigner {
    /// ES256; signatures are `r ‖ s`, 32 octets each (RFC 7518 §3.4).
    P256(EcdsaKeyPair),
    /// EdDSA with Ed25519.
    Ed25519(Ed25519KeyPair),
    /// PS256 with a salt as long as the digest (RFC 7518 §3.5).
    RsaPss(RsaKeyPair),
    /// RS256.
    RsaPkcs1(RsaKeyPair),
}

impl HeldSigner {
    pub(super) fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let held = match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Self::P256),
            Algorithm::EdDsa => Ed25519KeyPair::generate().map(Self::Ed25519),
            Algorithm::Ps256 => RsaKeyPair::generate(KeySize::Rsa2048).map(Self::RsaPss),
            Algorithm::Rs256 => RsaKeyPair::generate(KeySize::Rsa2048).map(Self::RsaPkcs1),
        };
        held.map_err(|_| KeyError::NotGenerated)
    }

    pub(super) fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        let held = match algorithm {
            Algorithm::Es256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map(Self::P256)
            }
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(der).map(Self::Ed25519),
            Algorithm::Ps256 => RsaKeyPair::from_pkcs8(der).map(Self::RsaPss),
            Algorithm::Rs256 => RsaKeyPair::from_pkcs8(der).map(Self::RsaPkcs1),
        };
        held.map_err(|_| KeyError::NotPrivateKey { algorithm })
    }

    /// Reads an `RSAPrivateKey` (RFC 8017 §A.1.2).
    pub(super) fn from_pkcs1(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        let key = RsaKeyPair::from_der(der).map_err(|_| KeyError::NotPrivateKey { algorithm })?;
        Self::from_rsa(algorithm, key)
    }

    pub(super) fn from_rsa(algorithm: Algorithm, key: RsaKeyPair) -> Result<Self, KeyError> {
        match algorithm {
            Algorithm::Ps256 => Ok(Self::RsaPss(key)),
            Algorithm::Rs256 => Ok(Self::RsaPkcs1(key)),
            Algorithm::Es256 | Algorithm::EdDsa => Err(KeyError::Inconsistent),
        }
    }

    pub(super) fn held_algorithm(&self) -> Algorithm {
        match self {
            Self::P256(_) => Algorithm::Es256,
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::RsaPss(_) => Algorithm::Ps256,
            Self::RsaPkcs1(_) => Algorithm::Rs256,
        }
    }

    /// The public half.
    pub(super) fn public_material(&self) -> Result<Material, KeyError> {
        Ok(match self {
            Self::P256(key) => Material::p256(key.public_key().as_ref())?,
            Self::Ed25519(key) => Material::ed25519(key.public_key().as_ref())?,
            Self::RsaPss(key) | Self::RsaPkcs1(key) => {
                let (modulus, exponent) =
                    der::rsa_public_integers(key.public_key().as_ref()).ok_or(KeyError::NotWritten)?;
                Material::rsa(modulus.to_vec(), exponent.to_vec())?
            }
        })
    }

    pub(super) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let der = match self {
            Self::P256(key) => key.to_pkcs8v1().map(|document| document.as_ref().to_vec()),
            // Version 1, since OpenSSL's tools do not read version 2.
            Self::Ed25519(key) => key.to_pkcs8v1().map(|document| document.as_ref().to_vec()),
            Self::RsaPss(key) | Self::RsaPkcs1(key) => {
                AsDer::<Pkcs8V1Der<'static>>::as_der(key).map(|document| document.as_ref().to_vec())
            }
        };
        der.map(Zeroizing::new).map_err(|_| KeyError::NotWritten)
    }

    /// The private scalar or seed of a curve key; `None` for RSA, which has several integers.
    pub(super) fn curve_secret(&self) -> Option<Result<Zeroizing<Vec<u8>>, KeyError>> {
        let secret = match self {
            Self::P256(key) => AsBigEndian::<EcPrivateKeyBin<'static>>::as_be_bytes(&key.private_key())
                .map(|scalar| scalar.as_ref().to_vec()),
            Self::Ed25519(key) => {
                key.seed().and_then(|seed| seed.as_be_bytes()).map(|seed| seed.as_ref().to_vec())
            }
            Self::RsaPss(_) | Self::RsaPkcs1(_) => return None,
        };
        Some(secret.map(Zeroizing::new).map_err(|_| KeyError::NotWritten))
    }
}

impl Signer<Vec<u8>> for HeldSigner {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let random = SystemRandom::new();
        match self {
            Self::P256(key) => key
                .sign(&random, message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| Error::new()),
            Self::Ed25519(key) => {
                key.try_sign(message).map(|signature| signature.as_ref().to_vec()).map_err(|_| Error::new())
            }
            Self::RsaPss(key) => sign_rsa(key, &RSA_PSS_SHA256, message),
            Self::RsaPkcs1(key) => sign_rsa(key, &RSA_PKCS1_SHA256, message),
        }
    }
}

impl JwtSigner for HeldSigner {
    fn algorithm(&self) -> jsonwebtoken::Algorithm {
        self.held_algorithm().into()
    }
}

fn sign_rsa(key: &RsaKeyPair, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Result<Vec<u8>, Error> {
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(encoding, &SystemRandom::new(), message, &mut signature).map_err(|_| Error::new())?;
    Ok(signature)
}
