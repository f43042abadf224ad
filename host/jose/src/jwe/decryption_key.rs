//! A private key that decrypts, parsed once and held (RFC 7516 §5.2).

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::agreement::{self, ECDH_P256};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::KeyManagement;
use crate::jwk::material::Material;
use crate::jwk::{EncryptionKey, JwkError, PRIVATE_MEMBERS};
use crate::signing_key::{KeyError, der, private_jwk};

/// A private key for decryption: P-256, or RSA of 2048 to 4096 bits. Cheap to clone.
///
/// It cannot be printed; leaving the process takes [`to_pkcs8_der`](Self::to_pkcs8_der).
#[derive(Clone)]
pub struct DecryptionKey(Arc<Held>);

struct Held {
    private: Private,
    public: EncryptionKey,
}

/// The parsed private half.
pub(super) enum Private {
    /// A scalar on P-256, for the ECDH-ES family.
    P256(agreement::PrivateKey),
    /// For RSA-OAEP-256.
    Rsa(PrivateDecryptingKey),
}

impl DecryptionKey {
    /// Makes a new key for one algorithm; RSA keys have 2048 bits. Its `kid` is the thumbprint.
    pub fn generate(algorithm: KeyManagement) -> Result<Self, KeyError> {
        let private = match algorithm {
            KeyManagement::EcdhEs | KeyManagement::EcdhEsA256Kw => {
                agreement::PrivateKey::generate(&ECDH_P256).map(Private::P256)
            }
            KeyManagement::RsaOaep256 => PrivateDecryptingKey::generate(KeySize::Rsa2048).map(Private::Rsa),
        };
        Self::hold(private.map_err(|_| KeyError::NotGenerated)?, None, Some(algorithm))
    }

    /// Reads an unencrypted PKCS#8 private key of P-256 or RSA (RFC 5208 §5). Its `kid` is the thumbprint.
    pub fn from_pkcs8_der(octets: &[u8]) -> Result<Self, KeyError> {
        let private = agreement::PrivateKey::from_private_key_der(&ECDH_P256, octets)
            .map(Private::P256)
            .or_else(|_| PrivateDecryptingKey::from_pkcs8(octets).map(Private::Rsa))
            .map_err(|_| KeyError::NotDecryptionKey)?;
        Self::hold(private, None, None)
    }

    /// Reads a private JWK whose `use` or `alg` says that it is for encryption (RFC 7518 §6.2.2, §6.3.2). The `kid`
    /// and the `alg` stay when they are there.
    pub fn from_private_jwk(jwk: &Value) -> Result<Self, KeyError> {
        let members = jwk.as_object().ok_or(JwkError::NotObject)?;
        let public: Map<String, Value> = members
            .iter()
            .filter(|(name, _)| !PRIVATE_MEMBERS.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        // The usual bounds hold for the public half.
        let public = EncryptionKey::from_value(&Value::Object(public))?;
        let private = match public.material() {
            Material::P256 { .. } => {
                agreement::PrivateKey::from_private_key(&ECDH_P256, &private_jwk::secret(members, "d")?)
                    .map(Private::P256)
                    .map_err(|_| KeyError::Inconsistent)?
            }
            Material::Rsa { modulus, exponent } => {
                let pair = private_jwk::rsa(members, modulus, exponent)?;
                let pkcs8 =
                    AsDer::<Pkcs8V1Der<'static>>::as_der(&pair).map_err(|_| KeyError::Inconsistent)?;
                PrivateDecryptingKey::from_pkcs8(pkcs8.as_ref())
                    .map(Private::Rsa)
                    .map_err(|_| KeyError::Inconsistent)?
            }
            Material::Ed25519 { .. } => return Err(KeyError::NotDecryptionKey),
        };
        let held = Self::hold(private, public.kid().map(str::to_owned), public.alg())?;
        if held.public_key().thumbprint() == public.thumbprint() {
            Ok(held)
        } else {
            Err(KeyError::Inconsistent)
        }
    }

    fn hold(private: Private, kid: Option<String>, alg: Option<KeyManagement>) -> Result<Self, KeyError> {
        let public = EncryptionKey::of_recipient(public_material(&private)?, kid, alg)?;
        Ok(Self(Arc::new(Held { private, public })))
    }

    /// The key as unencrypted PKCS#8 (RFC 5208 §5).
    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        pkcs8(&self.0.private)
    }

    /// The public half, which others encrypt to, with `kid` and `use`.
    pub fn public_key(&self) -> &EncryptionKey {
        &self.0.public
    }

    pub(super) fn private(&self) -> &Private {
        &self.0.private
    }
}

fn pkcs8(private: &Private) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let document: Result<Pkcs8V1Der<'static>, _> = match private {
        Private::P256(key) => key.as_der(),
        Private::Rsa(key) => key.as_der(),
    };
    document.map(|document| Zeroizing::new(document.as_ref().to_vec())).map_err(|_| KeyError::NotWritten)
}

fn public_material(private: &Private) -> Result<Material, KeyError> {
    match private {
        Private::P256(key) => {
            let point = key.compute_public_key().map_err(|_| KeyError::NotDecryptionKey)?;
            Ok(Material::p256(point.as_ref())?)
        }
        Private::Rsa(_) => {
            let pair = RsaKeyPair::from_pkcs8(&pkcs8(private)?).map_err(|_| KeyError::NotDecryptionKey)?;
            let (modulus, exponent) =
                der::rsa_public_integers(pair.public_key().as_ref()).ok_or(KeyError::NotDecryptionKey)?;
            Ok(Material::rsa(modulus.to_vec(), exponent.to_vec())?)
        }
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DecryptionKey").finish_non_exhaustive()
    }
}
