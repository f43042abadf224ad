//! ES256 keys: ours, which the provider knows, and a fresh one for each login, which binds its tokens (RFC 9449).

use std::sync::Arc;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::Value;

use crate::error::SignInError;

/// A private key with its public half. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Key {
    private: Arc<EncodingKey>,
    public: Jwk,
}

impl Key {
    /// Reads a private JWK for P-256 (RFC 7518 §6.2).
    pub(crate) fn from_private_jwk(jwk: &Value) -> Result<Self, SignInError> {
        let member = |name: &str| jwk.get(name).and_then(Value::as_str).unwrap_or_default();
        if member("kty") != "EC" || member("crv") != "P-256" {
            return Err(SignInError::Key("it is not an EC key on the curve P-256"));
        }
        let bytes = |name| {
            URL_SAFE_NO_PAD.decode(member(name)).map_err(|_| SignInError::Key("x, y or d is not base64url"))
        };
        let point = [&[4], bytes("x")?.as_slice(), bytes("y")?.as_slice()].concat();
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &bytes("d")?,
            &point,
        )
        .map_err(|_| SignInError::Key("x, y and d do not belong together"))?;
        let mut key = Self::from_pair(&pair)?;
        key.public.common.key_id = jwk.get("kid").and_then(Value::as_str).map(str::to_owned);
        Ok(key)
    }

    /// A key nobody else ever sees.
    pub(crate) fn fresh() -> Result<Self, SignInError> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .map_err(|_| SignInError::Key("it could not be made"))?;
        Self::from_pair(&pair)
    }

    fn from_pair(pair: &EcdsaKeyPair) -> Result<Self, SignInError> {
        let pkcs8 = pair.to_pkcs8v1().map_err(|_| SignInError::Key("it cannot be written"))?;
        let private = EncodingKey::from_ec_der(pkcs8.as_ref());
        let public = Jwk::from_encoding_key(&private, Algorithm::ES256)
            .map_err(|_| SignInError::Key("its public half cannot be computed"))?;
        Ok(Self { private: Arc::new(private), public })
    }

    /// Signs claims; the header names the key, for a provider that knows it.
    pub(crate) fn sign(&self, typ: &str, claims: &Value) -> Result<String, SignInError> {
        let header = Header { kid: self.public.common.key_id.clone(), ..typed(typ) };
        self.encode(&header, claims)
    }

    /// Signs claims; the header shows the public key itself, for a provider that has never seen it.
    pub(crate) fn sign_showing_key(&self, typ: &str, claims: &Value) -> Result<String, SignInError> {
        let header = Header { jwk: Some(self.public.clone()), ..typed(typ) };
        self.encode(&header, claims)
    }

    fn encode(&self, header: &Header, claims: &Value) -> Result<String, SignInError> {
        encode(header, claims, &self.private).map_err(|_| SignInError::Key("it did not sign"))
    }
}

fn typed(typ: &str) -> Header {
    Header { typ: Some(typ.to_owned()), ..Header::new(Algorithm::ES256) }
}

/// 256 bits nobody can guess, as text: for `state`, `nonce`, `jti`, `code_verifier` and session identifiers.
pub(crate) fn random_text() -> Result<String, SignInError> {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| SignInError::Key("there is no randomness"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The SHA-256 digest of a text, base64url: the `code_challenge` of RFC 7636 and the `ath` of RFC 9449.
pub(crate) fn sha256_text(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()))
}
