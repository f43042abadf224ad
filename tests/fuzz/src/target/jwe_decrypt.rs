//! A compact JWE that somebody sends (RFC 7516).

use std::sync::LazyLock;

use esignet_jose::jwe::{ContentEncryption, DecryptionKey, Header, KeyManagement, UndecryptedJwe};
use esignet_jose::jws::MaxLength;
use serde_json::json;

use crate::party::{choice, text};

const LIMIT: usize = 16 * 1024;

/// The key of RFC 7515 §A.3 again, for encryption: the seeds were encrypted to it.
static KEY: LazyLock<DecryptionKey> = LazyLock::new(|| {
    DecryptionKey::from_private_jwk(&json!({
        "kty": "EC", "crv": "P-256", "use": "enc", "kid": "enc-1",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    }))
    .expect("a key")
});

/// As a text, what decrypts is no longer than its JWE; as a plaintext, what is encrypted comes back.
pub(crate) fn run(input: &[u8]) {
    let Some((raw, rest)) = choice(input) else { return };
    if raw {
        let Some(compact) = text(rest) else { return };
        let Ok(jwe) = UndecryptedJwe::parse(compact, MaxLength(LIMIT), &KeyManagement::ALL) else { return };
        assert!(compact.len() <= LIMIT, "the bound comes first");
        if let Ok(plaintext) = jwe.decrypt(&KEY) {
            assert!(plaintext.len() < compact.len(), "nothing is inflated");
        }
        return;
    }
    for algorithm in [KeyManagement::EcdhEs, KeyManagement::EcdhEsA256Kw] {
        let public = KEY.public_key();
        let compact = public.encrypt(algorithm, ContentEncryption::A256Gcm, &Header::nested(), rest);
        let compact = compact.expect("anything can be encrypted");
        let jwe = UndecryptedJwe::parse(&compact, MaxLength(usize::MAX), &[algorithm]).expect("our own");
        assert_eq!(jwe.decrypt(&KEY).expect("our own").as_slice(), rest);
    }
}
