//! Keys that others publish, as JWK or in a certificate, and what is encrypted to them and to us.

use esignet_jose::certificate;
use esignet_jose::digest;
use esignet_jose::jwe::{ContentEncryption, DecryptionKey, Header, KeyManagement, UndecryptedJwe};
use esignet_jose::jwk::EncryptionKey;
use esignet_jose::jws::MaxLength;
use serde_json::Value;

use super::{Certificate, Error, JOSE_BYTES, invalid};

/// The key to encrypt to, of a public JWK or of a certificate in PEM. What a JWK without `use` is for, the plugin says.
pub(super) fn key(recipient: &str) -> Result<EncryptionKey, Error> {
    if recipient.len() > JOSE_BYTES {
        return Err(Error::Invalid(format!("the recipient is larger than {JOSE_BYTES} bytes")));
    }
    let mut key = if recipient.trim_start().starts_with('{') {
        serde_json::from_str(recipient).map_err(|_| Error::Invalid("the JWK is not JSON".to_owned()))?
    } else {
        let certificate = certificate::Certificate::from_pem_or_der(recipient.as_bytes()).map_err(invalid)?;
        certificate
            .public_key()
            .ok_or_else(|| Error::Invalid("the certificate has no P-256 or RSA key".to_owned()))?
    };
    if let Value::Object(members) = &mut key
        && !members.contains_key("use")
    {
        members.insert("use".to_owned(), "enc".into());
    }
    EncryptionKey::from_value(&key).map_err(invalid)
}

/// A compact JWE to the owner of a key, by the first algorithm that it does.
pub(super) fn jwe(key: &EncryptionKey, content_type: Option<&str>, plain: &[u8]) -> Result<String, Error> {
    let algorithm = key.algorithms().first().copied().unwrap_or(KeyManagement::EcdhEsA256Kw);
    let header = content_type.map_or_else(Header::default, Header::containing);
    key.encrypt(algorithm, ContentEncryption::A256Gcm, &header, plain).map_err(invalid)
}

/// What was encrypted to a key of ours.
pub(super) fn decrypted(key: &DecryptionKey, jwe: &str) -> Result<Vec<u8>, Error> {
    let undecrypted =
        UndecryptedJwe::parse(jwe, MaxLength(JOSE_BYTES), &KeyManagement::ALL).map_err(invalid)?;
    undecrypted.decrypt(key).map(|plain| plain.to_vec()).map_err(invalid)
}

/// What a certificate says.
pub(super) fn certificate(bytes: &[u8]) -> Result<Certificate, Error> {
    let read = certificate::Certificate::from_pem_or_der(bytes).map_err(invalid)?;
    Ok(Certificate {
        subject: read.subject_text().to_owned(),
        issuer: read.issuer_text().to_owned(),
        serial_number: read.serial_number().to_owned(),
        not_before: read.not_before(),
        not_after: read.not_after(),
        thumbprint: digest::decode_base64url(read.thumbprint()).unwrap_or_default(),
        public_jwk: read.public_key().map(|key| key.to_string()),
    })
}
