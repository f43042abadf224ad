//! Encryption to the public key of a recipient (RFC 7516 §5.1).

use aws_lc_rs::agreement::{self, ECDH_P256, UnparsedPublicKey};
use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrap as _};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::RsaPublicKeyComponents;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::concat_kdf::{self, OtherInfo};
use super::content::ContentKey;
use super::{ContentEncryption, Header, JweError, KeyManagement};
use crate::base64url::append_base64url;
use crate::jwk::EncryptionKey;
use crate::jwk::material::Material;

/// A content key and what tells the recipient, and nobody else, which one it is.
struct Addressed {
    key: ContentKey,
    encrypted_key: Vec<u8>,
    epk: Option<Value>,
}

impl EncryptionKey {
    /// Encrypts to the owner of this key and returns the compact JWE.
    ///
    /// Every call draws a fresh content key or a fresh ephemeral key, and a fresh initialization vector. The header
    /// has `kid` where the owner named the key, and never `zip` (RFC 8725 §3.6).
    pub fn encrypt(
        &self,
        algorithm: KeyManagement,
        content: ContentEncryption,
        header: &Header<'_>,
        plaintext: &[u8],
    ) -> Result<String, JweError> {
        if !self.algorithms().contains(&algorithm) {
            return Err(JweError::KeyMismatch);
        }
        let addressed = address(self.material(), algorithm, content).ok_or(JweError::NotEncrypted)?;
        let mut members = header.members(algorithm, content, self.kid());
        if let Some(epk) = addressed.epk {
            members.insert("epk".to_owned(), epk);
        }

        let header = Value::Object(members).to_string();
        let mut compact = String::with_capacity((header.len() + plaintext.len()).div_ceil(3) * 4 + 768);
        append_base64url(header.as_bytes(), &mut compact);
        let mut ciphertext = plaintext.to_vec();
        let (iv, tag) = addressed.key.seal(&compact, &mut ciphertext).ok_or(JweError::NotEncrypted)?;
        for part in [addressed.encrypted_key.as_slice(), &iv, &ciphertext, &tag] {
            compact.push('.');
            append_base64url(part, &mut compact);
        }
        Ok(compact)
    }

    /// Encrypts a few octets, such as a key of the caller's, to the owner of this RSA key (RFC 8017 §7.1 with SHA-256).
    pub fn encrypt_oaep(&self, plaintext: &[u8]) -> Result<Vec<u8>, JweError> {
        let Material::Rsa { modulus, exponent } = self.material() else {
            return Err(JweError::KeyMismatch);
        };
        oaep(modulus, exponent, plaintext).ok_or(JweError::NotEncrypted)
    }
}

/// Makes a content key for the owner of this material; `None` when the system or the key fails.
fn address(material: &Material, algorithm: KeyManagement, content: ContentEncryption) -> Option<Addressed> {
    match (material, algorithm) {
        (Material::P256 { x, y }, KeyManagement::EcdhEs) => {
            let (agreed, epk) = agree([&[4], x.as_slice(), y].concat(), algorithm, content)?;
            // RFC 7516 §5.1 step 3: the agreed key is the content key, and the encrypted key is empty.
            Some(Addressed { key: ContentKey::new(agreed), encrypted_key: Vec::new(), epk: Some(epk) })
        }
        (Material::P256 { x, y }, KeyManagement::EcdhEsA256Kw) => {
            let (agreed, epk) = agree([&[4], x.as_slice(), y].concat(), algorithm, content)?;
            let key = ContentKey::generate()?;
            let mut encrypted_key = vec![0; key.octets().len() + 8];
            let kek = AesKek::new(&AES_256, agreed.as_slice()).ok()?;
            kek.wrap(key.octets(), &mut encrypted_key).ok()?;
            Some(Addressed { key, encrypted_key, epk: Some(epk) })
        }
        (Material::Rsa { modulus, exponent }, KeyManagement::RsaOaep256) => {
            let key = ContentKey::generate()?;
            let encrypted_key = oaep(modulus, exponent, key.octets())?;
            Some(Addressed { key, encrypted_key, epk: None })
        }
        (
            Material::P256 { .. } | Material::Rsa { .. } | Material::Ed25519 { .. },
            KeyManagement::EcdhEs | KeyManagement::EcdhEsA256Kw | KeyManagement::RsaOaep256,
        ) => None,
    }
}

/// RSAES-OAEP with SHA-256 and MGF1 with SHA-256 (RFC 8017 §7.1).
fn oaep(modulus: &[u8], exponent: &[u8], plaintext: &[u8]) -> Option<Vec<u8>> {
    let public: PublicEncryptingKey = RsaPublicKeyComponents { n: modulus, e: exponent }.try_into().ok()?;
    let public = OaepPublicEncryptingKey::new(public).ok()?;
    let mut ciphertext = vec![0; public.ciphertext_size()];
    public.encrypt(&OAEP_SHA256_MGF1SHA256, plaintext, &mut ciphertext, None).ok()?;
    Some(ciphertext)
}

/// Agrees on a key with the owner of the point, through a key pair that lives for this call, and gives the public half
/// as `epk` (RFC 7518 §4.6). `apu` and `apv` are absent, which the derivation sees as empty.
fn agree(
    point: Vec<u8>,
    algorithm: KeyManagement,
    content: ContentEncryption,
) -> Option<(Zeroizing<[u8; 32]>, Value)> {
    let ephemeral = agreement::PrivateKey::generate(&ECDH_P256).ok()?;
    let public = Material::p256(ephemeral.compute_public_key().ok()?.as_ref()).ok()?;
    let epk: Map<String, Value> =
        public.members().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let info = OtherInfo {
        algorithm_id: concat_kdf::algorithm_id(algorithm, content),
        party_u: &[],
        party_v: &[],
        key_bits: 256,
    };
    let peer = UnparsedPublicKey::new(&ECDH_P256, point);
    let agreed =
        agreement::agree(&ephemeral, peer, (), |secret| Ok(concat_kdf::derive(secret, &info))).ok()?;
    Some((agreed, Value::Object(epk)))
}
