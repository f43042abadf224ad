//! Key pairs of the tests' own, made and used without the code under test.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
};
use serde_json::{Value, json};

use crate::jwt::base64url;

/// A private key. Cheap to clone.
#[derive(Clone)]
pub struct Key {
    pair: Pair,
    /// The name under which it is registered.
    pub kid: String,
}

#[derive(Clone)]
enum Pair {
    P256(Arc<EcdsaKeyPair>),
    Ed25519(Arc<Ed25519KeyPair>),
    Rsa(Arc<RsaKeyPair>),
}

impl Key {
    /// A P-256 key, for ES256.
    pub fn p256() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a P-256 key can be made");
        Self::named(Pair::P256(Arc::new(pair)))
    }

    /// An Ed25519 key, for EdDSA.
    pub fn ed25519() -> Self {
        let pair = Ed25519KeyPair::generate().expect("an Ed25519 key can be made");
        Self::named(Pair::Ed25519(Arc::new(pair)))
    }

    /// An RSA key of 2048 bits, for PS256 and RS256.
    pub fn rsa() -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("an RSA key can be made");
        Self::named(Pair::Rsa(Arc::new(pair)))
    }

    fn named(pair: Pair) -> Self {
        Self { pair, kid: format!("key-{}", random_text(6)) }
    }

    /// Reads a private JWK for P-256, as `esignet dev --json` writes them.
    pub fn from_private_jwk(jwk: &Value) -> Result<Self> {
        let member = |name: &str| {
            let text =
                jwk.get(name).and_then(Value::as_str).with_context(|| format!("the JWK has no `{name}`"))?;
            crate::jwt::decode(text).with_context(|| format!("`{name}` of the JWK is not base64url"))
        };
        if jwk.get("crv").and_then(Value::as_str) != Some("P-256") {
            bail!("the JWK is not for P-256");
        }
        let point = [vec![4], member("x")?, member("y")?].concat();
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &member("d")?,
            &point,
        )
        .ok()
        .context("the members of the JWK do not belong together")?;
        let kid = jwk.get("kid").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { pair: Pair::P256(Arc::new(pair)), kid })
    }

    /// What it signs with, unless told otherwise.
    pub fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::P256(_) => "ES256",
            Pair::Ed25519(_) => "EdDSA",
            Pair::Rsa(_) => "PS256",
        }
    }

    /// The public half with `kid`, `use` and `alg`.
    pub fn public_jwk(&self) -> Value {
        let mut jwk = self.bare_jwk();
        if let Some(members) = jwk.as_object_mut() {
            members.insert("kid".to_owned(), self.kid.clone().into());
            members.insert("use".to_owned(), "sig".into());
            members.insert("alg".to_owned(), self.algorithm().into());
        }
        jwk
    }

    /// The members of RFC 7638 §3.2 and no other: what a DPoP proof shows.
    pub fn bare_jwk(&self) -> Value {
        match &self.pair {
            Pair::P256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y) })
            }
            Pair::Ed25519(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(pair.public_key().as_ref()) })
            }
            Pair::Rsa(pair) => {
                let public = pair.public_key();
                let (n, e) = (public.modulus(), public.exponent());
                json!({
                    "kty": "RSA",
                    "n": base64url(n.big_endian_without_leading_zero()),
                    "e": base64url(e.big_endian_without_leading_zero()),
                })
            }
        }
    }

    /// The private key of a P-256 pair as JWK.
    pub fn private_jwk(&self) -> Value {
        let mut jwk = self.public_jwk();
        if let (Pair::P256(pair), Some(members)) = (&self.pair, jwk.as_object_mut()) {
            use aws_lc_rs::encoding::{AsBigEndian, EcPrivateKeyBin};
            let secret: EcPrivateKeyBin<'_> =
                pair.private_key().as_be_bytes().expect("a private key has bytes");
            members.insert("d".to_owned(), base64url(secret.as_ref()).into());
        }
        jwk
    }

    /// The thumbprint of RFC 7638.
    pub fn thumbprint(&self) -> String {
        // serde_json writes members in the order of the alphabet, as RFC 7638 §3.3 wants it.
        crate::jwt::sha256(self.bare_jwk().to_string().as_bytes())
    }

    /// Signs bytes the way `alg` says; an algorithm that this key cannot do leaves an empty signature.
    pub fn sign(&self, alg: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match (&self.pair, alg) {
            (Pair::P256(pair), "ES256") => pair.sign(&random, message).expect("ES256").as_ref().to_vec(),
            (Pair::Ed25519(pair), "EdDSA" | "Ed25519") => pair.sign(message).as_ref().to_vec(),
            (Pair::Rsa(pair), "PS256" | "RS256") => {
                let padding = if alg == "PS256" {
                    &RSA_PSS_SHA256 as &dyn aws_lc_rs::signature::RsaEncoding
                } else {
                    &RSA_PKCS1_SHA256
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature).expect("RSA");
                signature
            }
            _ => Vec::new(),
        }
    }

    /// The public key as octets, for tricks that use it as a shared secret (RFC 8725 §2.1).
    pub fn public_octets(&self) -> Vec<u8> {
        match &self.pair {
            Pair::P256(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Rsa(pair) => pair.public_key().as_der().expect("DER").as_ref().to_vec(),
        }
    }
}

/// Text nobody has seen before, of so many random bytes.
pub fn random_text(bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    aws_lc_rs::rand::fill(&mut buffer).expect("there is randomness");
    base64url(&buffer)
}
