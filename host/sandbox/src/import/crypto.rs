//! `esignet:host/crypto`: randomness, digests, and keys that are used by name and never enter the sandbox.

use aws_lc_rs::digest;
use esignet_jose::aes_gcm::Under;
use esignet_jose::digest::{equal, hmac_sha256};
use esignet_jose::jws::MaxLength;
use esignet_jose::signing_key::{Header, SigningKey};
use esignet_jose::{JwkSet, UnverifiedJws};

use super::CallState;
use crate::bindings::esignet::host::crypto::{self, Certificate, DigestAlgorithm, Error};
use crate::failure::Stopped;
use crate::grant::KeyHandle;
use crate::manifest::KeyUse;

mod recipient;

/// The most random bytes at once.
const RANDOM_BYTES: u32 = 1024;
/// The largest JWS and the largest JWK set taken, in bytes.
const JOSE_BYTES: usize = 256 * 1024;

/// What one call may still have computed by the host, where no CPU budget counts.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes: usize,
    operations: u32,
    signatures: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self { bytes: 8 << 20, operations: 10_000, signatures: 16 }
    }
}

impl Budget {
    pub(super) fn hash(&mut self, bytes: usize) -> Result<(), Stopped> {
        let left = self.bytes.checked_sub(bytes).zip(self.operations.checked_sub(1));
        (self.bytes, self.operations) = left.ok_or(Stopped::Quota("crypto: digests"))?;
        Ok(())
    }

    fn sign(&mut self) -> Result<(), Stopped> {
        self.signatures = self.signatures.checked_sub(1).ok_or(Stopped::Quota("crypto: signatures"))?;
        Ok(())
    }
}

impl crypto::Host for CallState {
    fn random(&mut self, length: u32) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        if length > RANDOM_BYTES {
            return Ok(Err(Error::Invalid(format!("at most {RANDOM_BYTES} random bytes at once"))));
        }
        self.crypto.hash(length as usize)?;
        let mut bytes = vec![0; length as usize];
        self.plugin.sandbox.host.entropy.fill(&mut bytes);
        Ok(Ok(bytes))
    }

    fn digest(&mut self, algorithm: DigestAlgorithm, data: Vec<u8>) -> wasmtime::Result<Vec<u8>> {
        self.crypto.hash(data.len())?;
        let algorithm = match algorithm {
            DigestAlgorithm::Sha256 => &digest::SHA256,
            DigestAlgorithm::Sha384 => &digest::SHA384,
            DigestAlgorithm::Sha512 => &digest::SHA512,
        };
        Ok(digest::digest(algorithm, &data).as_ref().to_vec())
    }

    fn hmac(&mut self, key: String, data: Vec<u8>) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        self.crypto.hash(data.len())?;
        Ok(match self.key(&key, KeyUse::Hmac) {
            Ok(KeyHandle::Hmac(secret)) => Ok(hmac_sha256(&secret, &data).to_vec()),
            Ok(other) => Err(not_for(&other)),
            Err(error) => Err(error),
        })
    }

    fn seal(
        &mut self,
        key: String,
        associated: Vec<u8>,
        plain: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        self.crypto.hash(associated.len() + plain.len())?;
        let associated = self.bound(&key, &associated);
        Ok(match self.key(&key, KeyUse::Seal) {
            Ok(KeyHandle::Seal(held)) => held.seal(&associated, &plain).map_err(invalid),
            Ok(other) => Err(not_for(&other)),
            Err(error) => Err(error),
        })
    }

    fn open(
        &mut self,
        key: String,
        associated: Vec<u8>,
        sealed: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        self.crypto.hash(associated.len() + sealed.len())?;
        let associated = self.bound(&key, &associated);
        Ok(match self.key(&key, KeyUse::Seal) {
            Ok(KeyHandle::Seal(held)) => {
                held.open(&associated, &sealed).map(|plain| plain.to_vec()).map_err(invalid)
            }
            Ok(other) => Err(not_for(&other)),
            Err(error) => Err(error),
        })
    }

    fn encrypt_aes_gcm(
        &mut self,
        key: Vec<u8>,
        nonce: Vec<u8>,
        associated: Vec<u8>,
        plain: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        self.crypto.hash(associated.len() + plain.len())?;
        let under = Under { key: &key, nonce: &nonce, associated: &associated };
        Ok(under.encrypt(&plain).map_err(invalid))
    }

    fn decrypt_aes_gcm(
        &mut self,
        key: Vec<u8>,
        nonce: Vec<u8>,
        associated: Vec<u8>,
        ciphertext: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        self.crypto.hash(associated.len() + ciphertext.len())?;
        let under = Under { key: &key, nonce: &nonce, associated: &associated };
        Ok(under.decrypt(&ciphertext).map_err(invalid))
    }

    fn encrypt_rsa_oaep(
        &mut self,
        recipient: String,
        plain: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        self.crypto.sign()?;
        Ok(recipient::key(&recipient).and_then(|key| key.encrypt_oaep(&plain).map_err(invalid)))
    }

    fn encrypt_jwe(
        &mut self,
        recipient: String,
        content_type: Option<String>,
        plain: Vec<u8>,
    ) -> wasmtime::Result<Result<String, Error>> {
        self.crypto.sign()?;
        self.crypto.hash(plain.len())?;
        Ok(recipient::key(&recipient).and_then(|key| recipient::jwe(&key, content_type.as_deref(), &plain)))
    }

    fn decrypt_jwe(&mut self, key: String, jwe: String) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        self.crypto.sign()?;
        self.crypto.hash(jwe.len())?;
        Ok(match self.key(&key, KeyUse::Decrypt) {
            Ok(KeyHandle::Decrypting(held)) => recipient::decrypted(&held, &jwe),
            Ok(other) => Err(not_for(&other)),
            Err(error) => Err(error),
        })
    }

    fn read_certificate(&mut self, certificate: Vec<u8>) -> wasmtime::Result<Result<Certificate, Error>> {
        self.crypto.hash(certificate.len())?;
        Ok(recipient::certificate(&certificate))
    }

    fn equal(&mut self, a: Vec<u8>, b: Vec<u8>) -> wasmtime::Result<bool> {
        self.crypto.hash(a.len())?;
        Ok(equal(a, b))
    }

    fn sign_jws(
        &mut self,
        key: String,
        header: Vec<(String, String)>,
        payload: Vec<u8>,
        detached: bool,
        certificates: bool,
    ) -> wasmtime::Result<Result<String, Error>> {
        self.crypto.sign()?;
        let asked = Jws { header: &header, payload: &payload, detached, certificates };
        Ok(match self.key(&key, KeyUse::Sign) {
            Ok(KeyHandle::Signing(signing, chain)) => asked.signed(&signing, &chain),
            Ok(other) => Err(not_for(&other)),
            Err(error) => Err(error),
        })
    }

    fn verify_jws(&mut self, signed: String, jwks: String) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        self.crypto.sign()?;
        Ok(verified(&signed, &jwks).map_err(Error::Invalid))
    }
}

impl CallState {
    /// A key by its name, if the plugin has one of that name for that.
    fn key(&mut self, name: &str, purpose: KeyUse) -> Result<KeyHandle, Error> {
        match self.plugin.rights.keys.get(name) {
            Some(key) if key.purpose() == purpose => Ok(key.clone()),
            Some(key) => Err(not_for(key)),
            None => {
                let rule = format!("the key \"{name}\" is not granted");
                self.deny("crypto", &rule);
                Err(Error::NoSuchKey(rule))
            }
        }
    }

    /// What was sealed by one plugin under one name does not open for another that was given the same key.
    fn bound(&self, key: &str, associated: &[u8]) -> Vec<u8> {
        let mut bound = Vec::new();
        for part in [self.plugin.id.as_bytes(), key.as_bytes(), associated] {
            bound.extend((part.len() as u64).to_be_bytes());
            bound.extend(part);
        }
        bound
    }
}

fn not_for(key: &KeyHandle) -> Error {
    Error::NotAllowed(format!("the key is for `{}`, by `use` in the operator's file", key.purpose().as_str()))
}

fn invalid(error: impl std::fmt::Display) -> Error {
    Error::Invalid(error.to_string())
}

/// A JWS that a plugin asks for.
struct Jws<'a> {
    header: &'a [(String, String)],
    payload: &'a [u8],
    detached: bool,
    certificates: bool,
}

impl Jws<'_> {
    fn signed(&self, key: &SigningKey, chain: &[String]) -> Result<String, Error> {
        if self.payload.len() > JOSE_BYTES {
            return Err(Error::Invalid(format!("the payload is larger than {JOSE_BYTES} bytes")));
        }
        let typ = self.header.iter().find(|(name, _)| name == "typ").map(|(_, value)| value.as_str());
        let members = self.header.iter().filter(|(name, _)| name != "typ");
        let mut header = members
            .fold(typ.map_or_else(Header::untyped, Header::typed), |header, (name, value)| {
                header.with(name, value.as_str())
            });
        if self.certificates {
            if chain.is_empty() {
                let rule = "the operator gave no certificates with the key: `certificate_file`";
                return Err(Error::NotAllowed(rule.to_owned()));
            }
            header = header.with("x5c", chain.to_vec());
        }
        let signed = if self.detached {
            key.sign_detached(&header, self.payload)
        } else {
            key.sign(&header, self.payload)
        };
        signed.map_err(invalid)
    }
}

fn verified(signed: &str, jwks: &str) -> Result<Vec<u8>, String> {
    if jwks.len() > JOSE_BYTES {
        return Err(format!("the JWK set is larger than {JOSE_BYTES} bytes"));
    }
    let keys = JwkSet::from_json(jwks).map_err(|error| error.to_string())?;
    let unverified =
        UnverifiedJws::parse(signed, MaxLength(JOSE_BYTES)).map_err(|error| error.to_string())?;
    let mut refusal = "no key of the set fits the header".to_owned();
    for key in keys.find(unverified.key_id(), unverified.algorithm()) {
        match unverified.verify_octets(key) {
            Ok(payload) => return Ok(payload.to_vec()),
            Err(error) => refusal = error.to_string(),
        }
    }
    Err(refusal)
}

#[cfg(test)]
#[path = "crypto/tests.rs"]
mod tests;
