//! What broke other JOSE implementations and must not break this one; each test names its source.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use esignet_jose::jwe::{ContentEncryption, DecryptionKey, Header, JweError, KeyManagement, UndecryptedJwe};
use esignet_jose::jws::{JwsError, MaxLength};
use esignet_jose::jwt::{self, Audience, ClaimError};
use esignet_jose::seal::SealKey;
use esignet_jose::{Algorithm, SigningKey, UnverifiedJws};
use serde_json::{Value, json};

const LIMIT: MaxLength = MaxLength(8192);

fn encoded(octets: impl AsRef<[u8]>) -> String {
    esignet_jose::base64url::encode_base64url(octets)
}

/// A JWE with this header and arbitrary parts behind it.
fn jwe(header: &Value) -> String {
    format!("{}.AAAA.{}.AAAA.{}", encoded(header.to_string()), encoded([0; 12]), encoded([0; 16]))
}

fn refusal(header: &Value) -> Option<JweError> {
    UndecryptedJwe::parse(&jwe(header), LIMIT, &KeyManagement::ALL).err()
}

/// The claims of a token that a trusted key has signed.
fn verified(claims: &Value) -> jwt::Claims {
    let key = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let compact = key.sign_claims("JWT", claims).unwrap();
    UnverifiedJws::parse(&compact, LIMIT).unwrap().verify(key.public_jwk()).unwrap().into_claims()
}

#[test]
fn cve_2026_25537_a_signed_token_whose_times_have_another_type_is_not_a_token_without_times() {
    for wrong in [json!("1700000000"), json!(true), json!(null), json!([1_700_000_000]), json!({})] {
        let claims = verified(&json!({"exp": wrong, "nbf": wrong, "iat": wrong}));
        for claim in ["exp", "nbf", "iat"] {
            assert_eq!(jwt::numeric_date(&claims, claim), Err(ClaimError::WrongType { claim }), "{wrong}");
        }
    }
}

#[test]
fn cve_2022_36083_and_cve_2023_52428_and_cve_2026_27932_no_password_is_stretched_for_a_stranger() {
    for alg in ["PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"] {
        let header = json!({"alg": alg, "enc": "A256GCM", "p2c": 2_147_483_647, "p2s": "c2FsdA"});
        assert_eq!(refusal(&header), Some(JweError::AlgorithmNotAllowed), "{alg}");
    }
}

#[test]
fn cve_2024_28176_and_cve_2026_2575_nothing_is_inflated() {
    for zip in [json!("DEF"), json!("def"), json!(""), json!(null), json!(["DEF"])] {
        let header = json!({"alg": "RSA-OAEP-256", "enc": "A256GCM", "zip": zip});
        assert_eq!(refusal(&header), Some(JweError::Compressed), "{zip}");
    }
    let key = DecryptionKey::generate(KeyManagement::EcdhEs).unwrap();
    let zeros = vec![0; 4096];
    let compact = key
        .public_key()
        .encrypt(KeyManagement::EcdhEs, ContentEncryption::A256Gcm, &Header::nested(), &zeros)
        .unwrap();
    assert!(compact.len() > zeros.len(), "what we send is not deflated either");
}

#[test]
fn bleichenbacher_rsa1_5_and_oaep_with_sha_1_do_not_exist() {
    for alg in ["RSA1_5", "RSA-OAEP", "RSA-OAEP-384", "RSA-OAEP-512"] {
        let header = json!({"alg": alg, "enc": "A256GCM"});
        assert_eq!(refusal(&header), Some(JweError::AlgorithmNotAllowed), "{alg}");
    }
}

#[test]
fn symmetric_key_management_does_not_exist() {
    for alg in ["dir", "A128KW", "A256KW", "A256GCMKW", "ECDH-ES+A128KW", "none", ""] {
        let header = json!({"alg": alg, "enc": "A256GCM"});
        assert_eq!(refusal(&header), Some(JweError::AlgorithmNotAllowed), "{alg}");
    }
    for enc in ["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "none", ""] {
        let header = json!({"alg": "RSA-OAEP-256", "enc": enc});
        assert_eq!(refusal(&header), Some(JweError::ContentNotAllowed), "{enc}");
    }
}

#[test]
fn cve_2017_16007_an_ephemeral_key_off_the_curve_learns_nothing_of_ours() {
    let key = DecryptionKey::generate(KeyManagement::EcdhEs).unwrap();
    let point = key.public_key().to_value();
    let epk = json!({"kty": "EC", "crv": "P-256", "x": point["x"], "y": point["x"]});
    assert_eq!(
        refusal(&json!({"alg": "ECDH-ES", "enc": "A256GCM", "epk": epk})),
        Some(JweError::EphemeralKey)
    );
}

#[test]
fn rustsec_2023_0071_rsa_decryption_fails_in_one_way_and_the_crate_is_not_here() {
    let key = DecryptionKey::generate(KeyManagement::RsaOaep256).unwrap();
    let compact = key
        .public_key()
        .encrypt(KeyManagement::RsaOaep256, ContentEncryption::A256Gcm, &Header::plain(), b"text")
        .unwrap();
    let parts: Vec<&str> = compact.split('.').collect();
    let zero_key = encoded([0; 256]);
    let zero_tag = encoded([0; 16]);
    let wrong_padding = [parts[0], &zero_key, parts[2], parts[3], parts[4]].join(".");
    let wrong_tag = [parts[0], parts[1], parts[2], parts[3], &zero_tag].join(".");
    for wrong in [wrong_padding, wrong_tag] {
        let jwe = UndecryptedJwe::parse(&wrong, LIMIT, &KeyManagement::ALL).unwrap();
        assert_eq!(jwe.decrypt(&key).err(), Some(JweError::NotDecrypted));
    }
    let lock = include_str!("../../../Cargo.lock");
    assert!(lock.lines().any(|line| line == "name = \"aws-lc-rs\""));
    assert!(!lock.lines().any(|line| line == "name = \"rsa\""));
}

#[test]
fn esignet_27d5e082_an_unsigned_or_foreign_id_token_is_no_hint() {
    let [ours, foreign] = [(); 2].map(|()| SigningKey::generate(Algorithm::Es256).unwrap());
    let claims = json!({"iss": "https://op.example", "sub": "victim"});
    let forged = foreign.sign_claims("JWT", &claims).unwrap();
    let jws = UnverifiedJws::parse(&forged, LIMIT).unwrap();
    assert!(matches!(jws.verify(ours.public_jwk()), Err(JwsError::SignatureWrong)));
    let payload = encoded(claims.to_string());
    for (header, signature, expected) in [
        (r#"{"alg":"none"}"#, "", JwsError::NotCompact),
        (r#"{"alg":"none"}"#, "AAAA", JwsError::AlgorithmNotAllowed),
        (r#"{"alg":"ES256"}"#, "", JwsError::NotCompact),
    ] {
        let unsigned = format!("{}.{payload}.{signature}", encoded(header));
        assert_eq!(UnverifiedJws::parse(&unsigned, LIMIT).err(), Some(expected), "{header}");
    }
}

#[test]
fn esignet_ecb_cache_equal_blocks_and_equal_values_do_not_show() {
    let key = SealKey::new([7; 32]);
    let plain = [0x41; 64];
    let [one, two] = [(); 2].map(|()| key.seal(b"cache", &plain).unwrap());
    assert_ne!(one, two);
    let blocks: Vec<&[u8]> = one[13..77].chunks(16).collect();
    for (at, block) in blocks.iter().enumerate() {
        assert!(!blocks[at + 1..].contains(block), "block {at} stands twice");
    }
}

#[test]
fn esignet_2bc1300b_an_audience_in_an_array_is_never_taken_for_the_single_one() {
    let one = verified(&json!({"aud": "https://op.example"}));
    let several = verified(&json!({"aud": ["https://op.example", "https://attacker.example"]}));
    let alone = verified(&json!({"aud": ["https://op.example"]}));
    assert_eq!(jwt::audience(&one), Ok(Some(Audience::One("https://op.example"))));
    for claims in [several, alone] {
        assert!(matches!(jwt::audience(&claims), Ok(Some(Audience::Several(_)))));
    }
    let mixed = verified(&json!({"aud": ["https://op.example", 1]}));
    assert_eq!(jwt::audience(&mixed), Err(ClaimError::WrongType { claim: "aud" }));
}

#[test]
fn cve_2018_0114_a_key_that_travels_in_the_header_is_not_trusted() {
    let [ours, attacker] = [(); 2].map(|()| SigningKey::generate(Algorithm::Es256).unwrap());
    let forged = attacker.sign_claims_embedding_key("JWT", &json!({"sub": "victim"})).unwrap();
    let jws = UnverifiedJws::parse(&forged, LIMIT).unwrap();
    assert!(matches!(jws.verify(ours.public_jwk()), Err(JwsError::SignatureWrong)));
}

#[test]
fn cve_2022_21449_a_signature_of_zeros_is_wrong() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let zeros = format!("{}.{}.{}", encoded(r#"{"alg":"ES256"}"#), encoded("{}"), encoded([0; 64]));
    let jws = UnverifiedJws::parse(&zeros, LIMIT).unwrap();
    assert!(matches!(jws.verify(key.public_jwk()), Err(JwsError::SignatureWrong)));
}
