//! The keys of plugins, from their files.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use esignet_jose::algorithm::Algorithm;
use esignet_jose::base64url::decode_base64url;
use esignet_jose::certificate::Certificate;
use esignet_jose::jwe::DecryptionKey;
use esignet_jose::seal::SealKey;
use esignet_jose::signing_key::SigningKey;
use esignet_sandbox::{Grant, KeyFile, KeyHandle, KeyUse};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

use crate::config::finding::Finding;
use crate::secret_file;

/// The fewest bytes of an HMAC secret (RFC 2104 §3 wants as many as the digest has; gateways give out 16).
const MIN_HMAC_BYTES: usize = 16;

/// The grants with the keys from their files. A key that cannot be had is a finding, and its plugin is refused.
pub(super) fn loaded(
    grants: &BTreeMap<String, Grant>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, Grant> {
    let mut grants = grants.clone();
    for grant in grants.values_mut() {
        for (name, file) in grant.key_files.clone() {
            match key(&file) {
                Ok(key) => drop(grant.keys.insert(name, key)),
                Err(finding) => findings.push(finding),
            }
        }
    }
    grants
}

fn key(file: &KeyFile) -> Result<KeyHandle, Finding> {
    let KeyFile { purpose, file, certificate_file } = file;
    match purpose {
        KeyUse::Hmac => {
            let content = secret_file::read(file)?;
            let secret = content.strip_suffix(b"\n").unwrap_or(&content);
            if secret.len() < MIN_HMAC_BYTES {
                let problem =
                    format!("an HMAC secret has at least {MIN_HMAC_BYTES} bytes; these are {}", secret.len());
                return Err(unusable(file, problem, "have a longer secret agreed upon"));
            }
            Ok(KeyHandle::Hmac(Zeroizing::new(secret.to_vec())))
        }
        KeyUse::Seal => seal_key(file, &secret_file::read(file)?).map(KeyHandle::Seal),
        KeyUse::Sign => {
            let key = signing_key(file, &secret_file::read(file)?)?;
            let chain = certificate_file.as_deref().map(|file| certificates(file, &key)).transpose()?;
            Ok(KeyHandle::Signing(key, chain.unwrap_or_default()))
        }
        KeyUse::Decrypt => decryption_key(file, &secret_file::read(file)?).map(KeyHandle::Decrypting),
    }
}

/// A private key that signs, from the content of its file: PEM or JWK.
pub(super) fn signing_key(file: &Path, content: &[u8]) -> Result<SigningKey, Finding> {
    let jwk = serde_json::from_slice(content).ok();
    if let Some(key) = jwk.and_then(|jwk| SigningKey::from_private_jwk(&jwk).ok()) {
        return Ok(key);
    }
    // A PEM file does not say what its RSA key is for: PS256, since nothing here signs RS256 by default.
    let by_pem = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256];
    by_pem.into_iter().find_map(|algorithm| SigningKey::from_pem(algorithm, content).ok()).ok_or_else(|| {
        let problem = "this is neither a PEM file with an unencrypted P-256, Ed25519 or RSA private key nor a private JWK";
        unusable(file, problem.to_owned(), "convert it, for example with: openssl pkcs8 -topk8 -nocrypt")
    })
}

/// 32 bytes, as they are or in base64url or hexadecimal.
fn seal_key(file: &Path, content: &[u8]) -> Result<Arc<SealKey>, Finding> {
    let text = std::str::from_utf8(content).ok().map(str::trim);
    let bytes = text.and_then(|text| decode_base64url(text).ok()).map(Zeroizing::new);
    let key = <[u8; 32]>::try_from(content)
        .or_else(|_| <[u8; 32]>::try_from(bytes.as_deref().map_or(&[][..], Vec::as_slice)));
    key.map(|key| Arc::new(SealKey::new(key))).map_err(|_| {
        unusable(
            file,
            "a key that seals is 32 random bytes, as they are or in base64url".to_owned(),
            "make one: head -c 32 /dev/urandom",
        )
    })
}

fn decryption_key(file: &Path, content: &[u8]) -> Result<DecryptionKey, Finding> {
    let jwk = serde_json::from_slice(content).ok();
    if let Some(key) = jwk.and_then(|jwk| DecryptionKey::from_private_jwk(&jwk).ok()) {
        return Ok(key);
    }
    let der = PrivatePkcs8KeyDer::from_pem_slice(content).ok();
    der.and_then(|der| DecryptionKey::from_pkcs8_der(der.secret_pkcs8_der()).ok()).ok_or_else(|| {
        let problem = "this is neither a PEM file with an unencrypted P-256 or RSA private key (PKCS #8) nor a private JWK";
        unusable(file, problem.to_owned(), "convert it, for example with: openssl pkcs8 -topk8 -nocrypt")
    })
}

/// The chain of a key that signs, in base64 DER, after a look whether the first one is for the key (RFC 7515 §4.1.6).
fn certificates(file: &Path, key: &SigningKey) -> Result<Vec<String>, Finding> {
    let text = std::fs::read(file).map_err(|error| {
        unusable(file, format!("the file cannot be read ({error})"), "make it readable for the server")
    })?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&text).filter_map(Result::ok).collect();
    let own = chain.first().and_then(|der| Certificate::from_der(der).ok());
    if !own.is_some_and(|own| own.has_key_of(key.public_jwk())) {
        let problem = "the first certificate of the file is not that of the key";
        return Err(unusable(
            file,
            problem.to_owned(),
            "put the key's certificate first, then those that issued it (PEM)",
        ));
    }
    Ok(chain.iter().map(|der| STANDARD.encode(der)).collect())
}

fn unusable(file: &Path, problem: String, fix: &str) -> Finding {
    Finding::error("file", file.display(), problem, fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signing_key_is_taken_as_pem_or_as_jwk_and_nothing_else_is() {
        let made = SigningKey::generate(Algorithm::EdDsa).unwrap();
        let jwk = made.to_private_jwk().unwrap();
        assert_eq!(signing_key(Path::new("k"), jwk.as_bytes()).unwrap().algorithm(), Algorithm::EdDsa);
        let refused = signing_key(Path::new("k"), b"-----BEGIN NOTHING-----").unwrap_err();
        assert_eq!(refused.code, "file");
    }

    #[test]
    fn a_short_hmac_secret_is_refused_and_the_line_end_does_not_count() {
        let directory = tempfile::tempdir().unwrap();
        let secret = |name: &str, content: &[u8]| {
            let file = directory.path().join(name);
            secret_file::create(&file, content).unwrap();
            key(&KeyFile { purpose: KeyUse::Hmac, file, certificate_file: None })
        };
        assert!(secret("short", b"fifteen bytes!!\n").is_err());
        assert!(
            matches!(secret("good", b"sixteen bytes!!!\n"), Ok(KeyHandle::Hmac(bytes)) if bytes.len() == 16)
        );
    }
}
