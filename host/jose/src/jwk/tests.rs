use serde_json::{Value, json};

use super::{Jwk, JwkError, JwkSet, MAX_KEYS};
use crate::algorithm::Algorithm;
use crate::base64url::encode_base64url;
use crate::signing_key::SigningKey;

/// The key of RFC 7515 §A.3.
fn p256() -> Value {
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    })
}

/// The key of RFC 8037 §A.2.
fn ed25519() -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
}

/// An RSA public key whose modulus has this many bits.
fn rsa(bits: usize, exponent: &[u8]) -> Value {
    let mut modulus = vec![0xff_u8; bits.div_ceil(8)];
    modulus[0] = 0xff >> (modulus.len() * 8 - bits);
    json!({"kty": "RSA", "n": encode_base64url(modulus), "e": encode_base64url(exponent)})
}

fn with(mut key: Value, member: &str, value: impl Into<Value>) -> Value {
    key[member] = value.into();
    key
}

fn refusal(key: &Value) -> JwkError {
    Jwk::from_value(key).expect_err("the key is refused")
}

#[test]
fn each_key_type_verifies_its_own_algorithms() {
    assert_eq!(Jwk::from_value(&p256()).unwrap().algorithms(), [Algorithm::Es256]);
    assert_eq!(Jwk::from_value(&ed25519()).unwrap().algorithms(), [Algorithm::EdDsa]);
    let rsa = Jwk::from_value(&rsa(2048, &[1, 0, 1])).unwrap();
    assert_eq!(rsa.algorithms(), [Algorithm::Ps256, Algorithm::Rs256]);
    assert!(rsa.verifier(Algorithm::Es256).is_none());
    let verifier = rsa.verifier(Algorithm::Ps256).unwrap();
    assert_eq!(verifier.algorithm(), jsonwebtoken::Algorithm::PS256);
}

#[test]
fn alg_narrows_a_key_to_one_algorithm() {
    let key = Jwk::from_value(&with(rsa(2048, &[1, 0, 1]), "alg", "PS256")).unwrap();
    assert_eq!(key.algorithms(), [Algorithm::Ps256]);
    assert!(key.verifier(Algorithm::Rs256).is_none());
    let narrowed = Jwk::from_value(&rsa(2048, &[1, 0, 1])).unwrap().with_alg(Algorithm::Rs256).unwrap();
    assert_eq!((narrowed.alg(), narrowed.algorithms()), (Some(Algorithm::Rs256), &[Algorithm::Rs256][..]));
    assert!(narrowed.verifier(Algorithm::Ps256).is_none());
    assert_eq!(narrowed.with_alg(Algorithm::Ps256), Err(JwkError::AlgorithmMismatch));
}

#[test]
fn an_alg_of_another_type_or_none_or_symmetric_is_refused() {
    for alg in ["EdDSA", "PS256", "ES384", "none", "HS256", "ECDH-ES"] {
        assert_eq!(refusal(&with(p256(), "alg", alg)), JwkError::AlgorithmMismatch, "{alg}");
    }
    assert_eq!(refusal(&with(p256(), "alg", 1)), JwkError::WrongType { member: "alg" });
}

#[test]
fn a_private_member_is_refused_whatever_its_value() {
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert_eq!(refusal(&with(p256(), member, "AQAB")), JwkError::PrivateMember, "{member}");
        assert_eq!(refusal(&with(ed25519(), member, Value::Null)), JwkError::PrivateMember, "{member}");
    }
    assert_eq!(refusal(&json!({"kty": "oct", "k": "c2VjcmV0"})), JwkError::SymmetricKey);
}

#[test]
fn other_key_types_and_curves_are_refused() {
    assert_eq!(refusal(&with(p256(), "kty", "AKP")), JwkError::UnknownKeyType);
    for curve in ["P-384", "P-521", "secp256k1", "p-256"] {
        assert_eq!(refusal(&with(p256(), "crv", curve)), JwkError::UnknownCurve, "{curve}");
    }
    for curve in ["Ed448", "X25519"] {
        assert_eq!(refusal(&with(ed25519(), "crv", curve)), JwkError::UnknownCurve, "{curve}");
    }
    assert_eq!(refusal(&json!({})), JwkError::MissingMember { member: "kty" });
    assert_eq!(refusal(&json!([])), JwkError::NotObject);
}

#[test]
fn coordinates_of_another_length_or_off_the_curve_are_refused() {
    let short = encode_base64url([1; 31]);
    let long = encode_base64url([0; 33]);
    assert_eq!(refusal(&with(p256(), "x", short.clone())), JwkError::WrongLength { member: "x" });
    assert_eq!(refusal(&with(p256(), "y", long)), JwkError::WrongLength { member: "y" });
    assert_eq!(refusal(&with(ed25519(), "x", short)), JwkError::WrongLength { member: "x" });
    assert_eq!(refusal(&with(p256(), "y", encode_base64url([1; 32]))), JwkError::NotOnCurve);
    assert_eq!(refusal(&with(p256(), "x", encode_base64url([0; 32]))), JwkError::NotOnCurve);
    assert_eq!(refusal(&with(p256(), "x", "a+b/")), JwkError::NotBase64Url { member: "x" });
    assert_eq!(refusal(&with(p256(), "x", 7)), JwkError::MissingMember { member: "x" });
}

#[test]
fn rsa_keys_outside_of_2048_to_4096_bits_are_refused() {
    for bits in [512, 1024, 2040, 2047, 4097, 8192] {
        assert_eq!(refusal(&rsa(bits, &[1, 0, 1])), JwkError::RsaModulusSize, "{bits}");
    }
    for bits in [2048, 3072, 4096] {
        assert!(Jwk::from_value(&rsa(bits, &[1, 0, 1])).is_ok(), "{bits}");
    }
}

#[test]
fn rsa_exponents_other_than_3_and_65537_are_refused() {
    assert!(Jwk::from_value(&rsa(2048, &[3])).is_ok());
    for exponent in [&[1][..], &[2], &[17], &[0, 1, 0, 1], &[1, 0, 1, 0], &[]] {
        assert_eq!(refusal(&rsa(2048, exponent)), JwkError::RsaExponent, "{exponent:?}");
    }
    let mut padded = vec![0];
    padded.extend([0xff; 256]);
    let padded = with(rsa(2048, &[3]), "n", encode_base64url(padded));
    assert_eq!(refusal(&padded), JwkError::WrongLength { member: "n" });
}

#[test]
fn a_key_for_another_use_is_refused() {
    assert_eq!(refusal(&with(p256(), "use", "enc")), JwkError::NotForSignatures);
    assert_eq!(refusal(&with(p256(), "use", 1)), JwkError::WrongType { member: "use" });
    assert_eq!(refusal(&with(p256(), "key_ops", json!(["deriveKey"]))), JwkError::NotForSignatures);
    assert_eq!(refusal(&with(p256(), "key_ops", "verify")), JwkError::WrongType { member: "key_ops" });
    assert!(Jwk::from_value(&with(p256(), "key_ops", json!(["verify"]))).is_ok());
}

#[test]
fn a_member_that_stands_twice_is_refused() {
    let text = p256().to_string().replacen('{', r#"{"kty":"EC","#, 1);
    assert_eq!(Jwk::from_json(&text), Err(JwkError::DuplicateMember));
    assert_eq!(Jwk::from_json("{"), Err(JwkError::NotObject));
}

#[test]
fn a_key_is_written_with_its_public_members_and_reads_back() {
    let value = with(with(with(p256(), "kid", "a"), "use", "sig"), "alg", "ES256");
    let key = Jwk::from_value(&with(value.clone(), "x5t", "ignored")).unwrap();
    assert_eq!(key.to_value(), value);
    assert_eq!(Jwk::from_value(&p256()).unwrap().to_value(), p256());
    assert_eq!(key.to_bare_value(), p256());
    let text = serde_json::to_string(&key).unwrap();
    assert_eq!(serde_json::from_str::<Jwk>(&text).unwrap().to_value(), value);
    assert!(serde_json::from_value::<Jwk>(with(value, "d", "AQAB")).is_err());
}

#[test]
fn keys_are_equal_by_content_and_not_by_name() {
    let key = Jwk::from_value(&p256()).unwrap();
    let renamed = key.clone().with_kid("other");
    assert_eq!(renamed.kid(), Some("other"));
    assert_eq!(key.kid(), None);
    assert_eq!(key, renamed);
    assert_ne!(key, Jwk::from_value(&ed25519()).unwrap());
}

#[test]
fn neither_an_error_nor_a_key_shows_what_was_sent() {
    let sent = "sent-by-somebody";
    for (member, value) in
        [("kty", json!(sent)), ("crv", json!(sent)), ("x", json!(sent)), ("alg", json!(sent))]
    {
        let error = refusal(&with(p256(), member, value));
        assert!(!format!("{error} {error:?}").contains(sent));
    }
    let key = Jwk::from_value(&with(p256(), "kid", sent)).unwrap();
    assert_eq!(format!("{key:?}"), "Jwk { algorithms: [Es256], .. }");
}

#[test]
fn a_set_leaves_out_keys_that_it_has_no_use_for_and_says_why() {
    let set = JwkSet::from_value(&json!({"keys": [
        with(p256(), "kid", "a"),
        with(p256(), "use", "enc"),
        with(p256(), "use", "other"),
        {"kty": "AKP", "alg": "ML-DSA-44"},
        with(p256(), "crv", "P-384"),
        rsa(1024, &[1, 0, 1]),
        "text",
        with(ed25519(), "kid", "b"),
    ]}))
    .unwrap();
    assert_eq!(set.iter().filter_map(Jwk::kid).collect::<Vec<_>>(), ["a", "b"]);
    assert!(set.encrypts(crate::jwe::KeyManagement::EcdhEs), "a key to encrypt to is kept apart");
    assert_eq!(
        set.skipped(),
        [
            JwkError::NotForSignatures,
            JwkError::UnknownKeyType,
            JwkError::UnknownCurve,
            JwkError::RsaModulusSize,
            JwkError::NotObject
        ]
    );
}

#[test]
fn one_private_or_symmetric_key_spoils_the_set() {
    let private = json!({"keys": [p256(), with(ed25519(), "d", "AQAB")]});
    assert_eq!(JwkSet::from_value(&private).err(), Some(JwkError::PrivateMember));
    let unknown_type_with_private = json!({"keys": [{"kty": "AKP", "d": "AQAB"}]});
    assert_eq!(JwkSet::from_value(&unknown_type_with_private).err(), Some(JwkError::PrivateMember));
    let symmetric = json!({"keys": [{"kty": "oct", "k": "AQAB"}]});
    assert_eq!(JwkSet::from_value(&symmetric).err(), Some(JwkError::SymmetricKey));
}

#[test]
fn a_set_has_at_most_twenty_entries() {
    let keys = |count: usize| json!({"keys": vec![p256(); count]});
    assert_eq!(JwkSet::from_value(&keys(MAX_KEYS)).unwrap().len(), 20);
    assert_eq!(JwkSet::from_value(&keys(MAX_KEYS + 1)).err(), Some(JwkError::TooManyKeys));
    assert_eq!(
        JwkSet::from_value(&json!({"keys": {}})).err(),
        Some(JwkError::MissingMember { member: "keys" })
    );
    assert_eq!(JwkSet::from_json(r#"{"keys":[],"keys":[]}"#).err(), Some(JwkError::DuplicateMember));
    assert!(JwkSet::from_json(r#"{"keys":[]}"#).unwrap().is_empty());
}

#[test]
fn candidates_are_chosen_by_kid_and_algorithm() {
    let [one, two] = [SigningKey::generate(Algorithm::Es256), SigningKey::generate(Algorithm::Es256)]
        .map(|key| key.unwrap().public_jwk().clone());
    let other = SigningKey::generate(Algorithm::EdDsa).unwrap().public_jwk().clone().with_kid("c");
    let unnamed = Jwk::from_value(&p256()).unwrap();
    let set: JwkSet = [one.with_kid("a"), two.with_kid("b"), other, unnamed].into_iter().collect();
    let names = |kid, alg| set.find(kid, alg).map(|key| key.kid().unwrap_or("-")).collect::<Vec<_>>();
    assert_eq!(names(Some("a"), Algorithm::Es256), ["a"]);
    assert_eq!(names(Some("c"), Algorithm::Es256), [""; 0]);
    assert_eq!(names(Some("unknown"), Algorithm::Es256), [""; 0]);
    assert_eq!(names(None, Algorithm::Es256), ["a", "b", "-"]);
    assert_eq!(names(None, Algorithm::EdDsa), ["c"]);
    let read: JwkSet = serde_json::from_str(&serde_json::to_string(&set).unwrap()).unwrap();
    assert_eq!(read.to_value(), set.to_value());
}
