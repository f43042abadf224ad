//! JWTs as a client makes them, with a way to make every member wrong.

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::key::Key;

/// A JWT before it is signed.
#[derive(Clone)]
pub struct Jwt {
    /// The header. `alg` decides how it is signed.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Map<String, Value>,
    key: Key,
}

impl Jwt {
    /// A JWT of this type and with these claims.
    pub fn new(key: &Key, typ: &str, claims: Value) -> Self {
        let header = object(json!({ "typ": typ, "alg": key.algorithm() }));
        Self { header, claims: object(claims), key: key.clone() }
    }

    /// With another header member, or another value of it.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    /// Without a header member.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    /// With another claim, or another value of it.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Without a claim.
    #[must_use]
    pub fn without_claim(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Signed by another key; the header stays as it is but for `alg`.
    #[must_use]
    pub fn signed_by(mut self, key: &Key) -> Self {
        self.header.insert("alg".to_owned(), key.algorithm().into());
        self.key = key.clone();
        self
    }

    /// The compact serialisation.
    pub fn encode(&self) -> String {
        let alg = self.header.get("alg").and_then(Value::as_str).unwrap_or_default();
        let header = base64url(Value::Object(self.header.clone()).to_string().as_bytes());
        let claims = base64url(Value::Object(self.claims.clone()).to_string().as_bytes());
        let message = format!("{header}.{claims}");
        let signature = match alg {
            // The trick of RFC 8725 §2.1: our public key as a shared secret.
            "HS256" => {
                let secret =
                    aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &self.key.public_octets());
                aws_lc_rs::hmac::sign(&secret, message.as_bytes()).as_ref().to_vec()
            }
            alg => self.key.sign(alg, message.as_bytes()),
        };
        format!("{message}.{}", base64url(&signature))
    }
}

/// The header and the claims of a JWT; nothing is verified.
pub fn parts(jwt: &str) -> Result<(Map<String, Value>, Map<String, Value>)> {
    let mut parts =
        jwt.split('.').map(|part| -> Result<Value> { Ok(serde_json::from_slice(&decode(part)?)?) });
    let mut next = || parts.next().context("the JWT has too few parts")?;
    Ok((object(next()?), object(next()?)))
}

/// Verifies a JWS with ES256 by a public JWK, with no code of the server.
pub fn verify_es256(jwt: &str, jwk: &Value) -> Result<()> {
    let (message, signature) = jwt.rsplit_once('.').context("the JWT has no signature")?;
    let member = |name: &str| decode(jwk.get(name).and_then(Value::as_str).unwrap_or_default());
    let point = [vec![4], member("x")?, member("y")?].concat();
    let algorithm = &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED;
    aws_lc_rs::signature::UnparsedPublicKey::new(algorithm, point)
        .verify(message.as_bytes(), &decode(signature)?)
        .ok()
        .context("the signature does not verify")
}

/// The SHA-256 digest, base64url.
pub fn sha256(bytes: &[u8]) -> String {
    base64url(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref())
}

/// The left half of the SHA-256 digest, base64url: `at_hash` with ES256 (OIDC Core §3.1.3.6).
pub fn left_half_sha256(bytes: &[u8]) -> String {
    base64url(&aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref()[..16])
}

/// Base64url without padding.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What base64url stands for.
pub fn decode(text: &str) -> Result<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).context("not base64url")
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(members) = value else { return Map::new() };
    members
}
