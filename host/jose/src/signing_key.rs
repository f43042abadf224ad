//! A private key, parsed once and held, and what it signs (RFC 7515 §5.1).

pub(crate) mod der;
mod header;
pub(crate) mod private_jwk;
mod signer;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use jsonwebtoken::EncodingKey;
use jsonwebtoken::signature::Signer as _;
use serde::Serialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::base64url::append_base64url;
use crate::jwk::{Jwk, JwkError};
pub use header::Header;
use signer::HeldSigner;

/// A private key for one algorithm, cheap to clone.
///
/// It is parsed when it is made, so a signature costs a signature and no key parsing. It cannot be
/// printed; leaving the process takes one of the `to_` functions.
#[derive(Clone)]
pub struct SigningKey(Arc<Held>);

struct Held {
    signer: HeldSigner,
    public: Jwk,
}

/// Why a private key cannot be made or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The system could not make a key.
    #[error("no key could be generated")]
    NotGenerated,
    /// The octets are not an unencrypted private key for the algorithm.
    #[error("this is not an unencrypted PKCS#8 private key for {algorithm}")]
    NotPrivateKey {
        /// The algorithm that the key was meant for.
        algorithm: Algorithm,
    },
    /// The text is not PEM with a `PRIVATE KEY` for the algorithm.
    #[error("this is not PEM with an unencrypted PRIVATE KEY for {algorithm}")]
    NotPem {
        /// The algorithm that the key was meant for.
        algorithm: Algorithm,
    },
    /// The octets are not an unencrypted private key of P-256 or RSA.
    #[error("this is not an unencrypted PKCS#8 private key of P-256 or RSA")]
    NotDecryptionKey,
    /// A private member of the JWK is absent or not base64url.
    #[error("the private member `{member}` of the JWK is missing or not base64url")]
    PrivateMember {
        /// The name of the member.
        member: &'static str,
    },
    /// The private and the public members belong to different keys, or `alg` to a different type.
    #[error("the members of the private JWK do not belong together")]
    Inconsistent,
    /// The public half is not a key that this host verifies with.
    #[error(transparent)]
    PublicHalf(#[from] JwkError),
    /// The key cannot be written.
    #[error("the private key could not be written")]
    NotWritten,
}

/// Why nothing was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The claims do not serialize to a JSON object.
    #[error("the claims do not serialize to a JSON object")]
    ClaimsNotObject,
    /// The header would set a member that the key sets, or one that this host never writes.
    #[error("the header member `{member}` is not the caller's to set")]
    ReservedMember {
        /// The name of the member.
        member: &'static str,
    },
    /// The header cannot be written as JSON.
    #[error("the header does not serialize to JSON")]
    HeaderNotJson,
    /// The key did not sign.
    #[error("the key did not sign")]
    NotSigned,
}

impl SigningKey {
    /// Makes a new key; RSA keys have 2048 bits.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        Self::hold(HeldSigner::generate(algorithm)?, None)
    }

    /// Reads an unencrypted PKCS#8 private key (RFC 5208 §5, RFC 8410 §7).
    pub fn from_pkcs8_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        Self::hold(HeldSigner::from_pkcs8(algorithm, der)?, None)
    }

    /// Reads a PEM file with one unencrypted `PRIVATE KEY`; for RSA also `RSA PRIVATE KEY`.
    pub fn from_pem(algorithm: Algorithm, pem: &[u8]) -> Result<Self, KeyError> {
        let not_pem = KeyError::NotPem { algorithm };
        let signer = match algorithm {
            Algorithm::Es256 => EncodingKey::from_ec_pem(pem)
                .map_err(|_| not_pem)
                .and_then(|key| HeldSigner::from_pkcs8(algorithm, key.as_bytes())),
            Algorithm::EdDsa => EncodingKey::from_ed_pem(pem)
                .map_err(|_| not_pem)
                .and_then(|key| HeldSigner::from_pkcs8(algorithm, key.as_bytes())),
            Algorithm::Ps256 | Algorithm::Rs256 => EncodingKey::from_rsa_pem(pem)
                .map_err(|_| not_pem)
                .and_then(|key| HeldSigner::from_pkcs1(algorithm, key.as_bytes())),
        };
        Self::hold(signer?, None)
    }

    /// Reads a private JWK (RFC 7517 §4, RFC 7518 §6.2.2, §6.3.2, RFC 8037 §2).
    ///
    /// The algorithm is that of `alg`; without one, `EC` means ES256 and `OKP` EdDSA. The `kid`
    /// stays when there is one.
    pub fn from_private_jwk(jwk: &Value) -> Result<Self, KeyError> {
        let (signer, kid) = private_jwk::read(jwk)?;
        Self::hold(signer, kid)
    }

    fn hold(signer: HeldSigner, kid: Option<String>) -> Result<Self, KeyError> {
        let public = Jwk::of_signer(signer.public_material()?, kid, signer.held_algorithm())?;
        Ok(Self(Arc::new(Held { signer, public })))
    }

    /// The key as unencrypted PKCS#8 (RFC 5208 §5).
    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.0.signer.to_pkcs8()
    }

    /// The key as a private JWK, JSON text.
    pub fn to_private_jwk(&self) -> Result<Zeroizing<String>, KeyError> {
        private_jwk::write(&self.0.signer, &self.0.public)
    }

    /// The public half with `kid` (the RFC 7638 thumbprint unless the key came with another),
    /// `use` and `alg`.
    pub fn public_jwk(&self) -> &Jwk {
        &self.0.public
    }

    /// The algorithm that the key signs with, and no other (RFC 8725 §3.5).
    pub fn algorithm(&self) -> Algorithm {
        self.0.signer.held_algorithm()
    }

    /// Signs octets and returns the compact JWS.
    pub fn sign(&self, header: &Header<'_>, payload: &[u8]) -> Result<String, SignError> {
        let mut compact = self.encoded_header(header)?;
        compact.reserve(payload.len().div_ceil(3) * 4 + 512);
        compact.push('.');
        append_base64url(payload, &mut compact);
        let signature = self.0.signer.try_sign(compact.as_bytes()).map_err(|_| SignError::NotSigned)?;
        compact.push('.');
        append_base64url(&signature, &mut compact);
        Ok(compact)
    }

    /// Signs claims as a JWT of this `typ`, with `kid` in the header (RFC 8725 §3.11).
    pub fn sign_claims(&self, typ: &str, claims: &impl Serialize) -> Result<String, SignError> {
        self.sign(&Header::typed(typ), &json_object(claims)?)
    }

    /// Signs claims as a JWT of this `typ`, with the public key itself in the header, as a DPoP proof
    /// has it (RFC 9449 §4.2).
    pub fn sign_claims_embedding_key(&self, typ: &str, claims: &impl Serialize) -> Result<String, SignError> {
        self.sign(&Header::typed(typ).embedding_key(), &json_object(claims)?)
    }

    /// Signs octets that travel beside the signature and returns `header..signature`
    /// (RFC 7515 appendix F).
    pub fn sign_detached(&self, header: &Header<'_>, payload: &[u8]) -> Result<String, SignError> {
        let compact = self.sign(header, payload)?;
        match (compact.split_once('.'), compact.rsplit_once('.')) {
            (Some((header, _)), Some((_, signature))) => Ok(format!("{header}..{signature}")),
            _ => Err(SignError::NotSigned),
        }
    }

    fn encoded_header(&self, header: &Header<'_>) -> Result<String, SignError> {
        let json = header.to_json(self.algorithm(), &self.0.public)?;
        let mut encoded = String::new();
        append_base64url(&json, &mut encoded);
        Ok(encoded)
    }
}

/// Claims as the octets of a JSON object (RFC 7519 §3).
fn json_object(claims: &impl Serialize) -> Result<Vec<u8>, SignError> {
    let json = serde_json::to_vec(claims).map_err(|_| SignError::ClaimsNotObject)?;
    if json.first() == Some(&b'{') { Ok(json) } else { Err(SignError::ClaimsNotObject) }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SigningKey").field("algorithm", &self.algorithm()).finish_non_exhaustive()
    }
}
