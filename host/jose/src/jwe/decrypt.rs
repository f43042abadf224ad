//! The gate before a JWE is decrypted, and the decryption (RFC 7516 §5.2).

use aws_lc_rs::agreement::{self, ECDH_P256, UnparsedPublicKey};
use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrap as _};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::concat_kdf::{self, OtherInfo};
use super::content::{ContentKey, Iv, TAG_LEN};
use super::decryption_key::{DecryptionKey, Private};
use super::{ContentEncryption, JweError, KeyManagement};
use crate::base64url::decode_base64url;
use crate::json;
use crate::jwk::PRIVATE_MEMBERS;
use crate::jwk::material::Material;
use crate::jws::MaxLength;

/// A JWE whose form and header have passed the gate and that nobody has decrypted.
pub struct UndecryptedJwe<'a> {
    protected: &'a str,
    header: Map<String, Value>,
    algorithm: KeyManagement,
    content: ContentEncryption,
    agreement: Option<Agreement>,
    encrypted_key: Vec<u8>,
    iv: Iv,
    ciphertext_and_tag: Vec<u8>,
}

/// What the header of the ECDH-ES family says for the agreement (RFC 7518 §4.6.1).
struct Agreement {
    point: Vec<u8>,
    party_u: Vec<u8>,
    party_v: Vec<u8>,
}

impl<'a> UndecryptedJwe<'a> {
    /// Takes a compact JWE through the gate: its length, its five parts, its header (RFC 7516 §5.2 steps 1 to 9).
    ///
    /// `allowed` are the algorithms of this context; what the header names beyond them is refused (RFC 8725 §3.1).
    pub fn parse(compact: &'a str, limit: MaxLength, allowed: &[KeyManagement]) -> Result<Self, JweError> {
        // Before anything is decoded, so that nobody makes us hold more than the context takes.
        if compact.len() > limit.0 {
            return Err(JweError::TooLong);
        }
        let mut parts = compact.split('.');
        let mut part = || parts.next().ok_or(JweError::NotCompact);
        let [protected, encrypted_key, iv, ciphertext, tag] = [part()?, part()?, part()?, part()?, part()?];
        if parts.next().is_some() || protected.is_empty() {
            return Err(JweError::NotCompact);
        }

        let header = json::object(&decode(protected)?)?;
        let (algorithm, content) = gate(&header)?;
        if !allowed.contains(&algorithm) {
            return Err(JweError::AlgorithmNotAllowed);
        }
        let agreement = match algorithm {
            KeyManagement::EcdhEs | KeyManagement::EcdhEsA256Kw => Some(Agreement::read(&header)?),
            KeyManagement::RsaOaep256 => None,
        };

        let encrypted_key = decode(encrypted_key)?;
        let iv = decode(iv)?.try_into().map_err(|_| JweError::WrongLength)?;
        let mut ciphertext_and_tag = decode(ciphertext)?;
        let tag: [u8; TAG_LEN] = decode(tag)?.try_into().map_err(|_| JweError::WrongLength)?;
        ciphertext_and_tag.extend_from_slice(&tag);
        Ok(Self { protected, header, algorithm, content, agreement, encrypted_key, iv, ciphertext_and_tag })
    }

    /// The algorithm that the header names, one of those that the caller allowed.
    pub fn algorithm(&self) -> KeyManagement {
        self.algorithm
    }

    /// The `kid`, a hint which of the held keys it was encrypted to (RFC 7516 §4.1.6).
    pub fn key_id(&self) -> Option<&str> {
        self.text("kid")
    }

    /// The `cty` as it was written; `JWT` around a signed JWT (RFC 7519 §5.2).
    pub fn content_type(&self) -> Option<&str> {
        self.text("cty")
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.header.get(member).and_then(Value::as_str)
    }

    /// Decrypts with this key (RFC 7516 §5.2 steps 10 to 17).
    ///
    /// A wrong encrypted key and a wrong tag are one error on one path: whoever could tell them apart could decrypt
    /// with our help (RFC 7516 §11.5).
    pub fn decrypt(&self, key: &DecryptionKey) -> Result<Zeroizing<Vec<u8>>, JweError> {
        if !key.public_key().algorithms().contains(&self.algorithm) {
            return Err(JweError::KeyMismatch);
        }
        let content_key = self.content_key(key.private())?;
        content_key.open(self.protected, self.iv, Zeroizing::new(self.ciphertext_and_tag.clone()))
    }

    fn content_key(&self, private: &Private) -> Result<ContentKey, JweError> {
        let substitute = ContentKey::generate().ok_or(JweError::NotDecrypted)?;
        match (private, &self.agreement, self.algorithm) {
            (Private::P256(scalar), Some(agreement), KeyManagement::EcdhEs) => {
                let agreed = self.agree(scalar, agreement)?;
                // RFC 7516 §5.2 step 10: with direct agreement the encrypted key is empty.
                let found = self.encrypted_key.is_empty().then_some(agreed.as_slice());
                Ok(ContentKey::or_substitute(found, substitute))
            }
            (Private::P256(scalar), Some(agreement), KeyManagement::EcdhEsA256Kw) => {
                let agreed = self.agree(scalar, agreement)?;
                let kek = AesKek::new(&AES_256, agreed.as_slice()).map_err(|_| JweError::NotDecrypted)?;
                let mut unwrapped = Zeroizing::new([0; 32]);
                let found = kek.unwrap(&self.encrypted_key, unwrapped.as_mut_slice()).ok();
                Ok(ContentKey::or_substitute(found.as_deref(), substitute))
            }
            (Private::Rsa(key), None, KeyManagement::RsaOaep256) => Ok(self.decrypt_oaep(key, substitute)),
            (
                Private::P256(_) | Private::Rsa(_),
                _,
                KeyManagement::EcdhEs | KeyManagement::EcdhEsA256Kw | KeyManagement::RsaOaep256,
            ) => Err(JweError::KeyMismatch),
        }
    }

    fn agree(
        &self,
        scalar: &agreement::PrivateKey,
        agreement: &Agreement,
    ) -> Result<Zeroizing<[u8; 32]>, JweError> {
        let info = OtherInfo {
            algorithm_id: concat_kdf::algorithm_id(self.algorithm, self.content),
            party_u: &agreement.party_u,
            party_v: &agreement.party_v,
            key_bits: 256,
        };
        let peer = UnparsedPublicKey::new(&ECDH_P256, agreement.point.as_slice());
        agreement::agree(scalar, peer, JweError::NotDecrypted, |secret| Ok(concat_kdf::derive(secret, &info)))
    }

    fn decrypt_oaep(&self, key: &PrivateDecryptingKey, substitute: ContentKey) -> ContentKey {
        let mut room = Zeroizing::new(vec![0; key.key_size_bytes()]);
        let found = OaepPrivateDecryptingKey::new(key.clone())
            .and_then(|key| key.decrypt(&OAEP_SHA256_MGF1SHA256, &self.encrypted_key, &mut room, None))
            .ok();
        ContentKey::or_substitute(found.as_deref(), substitute)
    }
}

impl Agreement {
    fn read(header: &Map<String, Value>) -> Result<Self, JweError> {
        let epk = header.get("epk").and_then(Value::as_object).ok_or(JweError::EphemeralKey)?;
        // RFC 7518 §4.6.1.1: a public key and nothing private beside it.
        if PRIVATE_MEMBERS.iter().any(|member| epk.contains_key(*member)) {
            return Err(JweError::EphemeralKey);
        }
        let material = Material::from_members(epk).map_err(|_| JweError::EphemeralKey)?;
        // A point off the curve would let the sender read our key out of what we answer (RFC 8725 §3.4).
        material.check().map_err(|_| JweError::EphemeralKey)?;
        let point = match material {
            Material::P256 { x, y } => [&[4], x.as_slice(), y.as_slice()].concat(),
            Material::Ed25519 { .. } | Material::Rsa { .. } => return Err(JweError::EphemeralKey),
        };
        Ok(Self { point, party_u: party(header, "apu")?, party_v: party(header, "apv")? })
    }
}

/// The octets of `apu` or `apv`, empty when the member is absent (RFC 7518 §4.6.1.2, §4.6.1.3).
fn party(header: &Map<String, Value>, member: &'static str) -> Result<Vec<u8>, JweError> {
    match header.get(member) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => decode(text),
        Some(_) => Err(JweError::HeaderMemberType { member }),
    }
}

/// Checks the header members that change how a JWE is read (RFC 7516 §4).
fn gate(header: &Map<String, Value>) -> Result<(KeyManagement, ContentEncryption), JweError> {
    if header.contains_key("crit") {
        return Err(JweError::UnknownCritical);
    }
    if header.contains_key("zip") {
        return Err(JweError::Compressed);
    }
    for member in ["kid", "typ", "cty"] {
        if header.get(member).is_some_and(|value| !value.is_string()) {
            return Err(JweError::HeaderMemberType { member });
        }
    }
    let text = |member: &str| header.get(member).and_then(Value::as_str);
    let algorithm = text("alg").and_then(|name| name.parse().ok()).ok_or(JweError::AlgorithmNotAllowed)?;
    let content = text("enc").and_then(|name| name.parse().ok()).ok_or(JweError::ContentNotAllowed)?;
    Ok((algorithm, content))
}

fn decode(part: &str) -> Result<Vec<u8>, JweError> {
    decode_base64url(part).map_err(|_| JweError::BadBase64)
}
