mod vectors;

use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::RsaPublicKeyComponents;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::content::ContentKey;
use super::*;
use crate::base64url::{decode_base64url, encode_base64url};
use crate::jwk::material::Material;
use crate::jwk::{EncryptionKey, JwkError};
use crate::jws::MaxLength;
use crate::signing_key::KeyError;

const LIMIT: MaxLength = MaxLength(8192);
const PLAINTEXT: &[u8] = br#"{"sub":"somebody"}"#;

fn private(jwk: &str) -> DecryptionKey {
    DecryptionKey::from_private_jwk(&serde_json::from_str(jwk).unwrap()).unwrap()
}

fn encrypted(key: &DecryptionKey, algorithm: KeyManagement) -> String {
    key.public_key().encrypt(algorithm, ContentEncryption::A256Gcm, &Header::nested(), PLAINTEXT).unwrap()
}

fn opened(key: &DecryptionKey, compact: &str) -> Result<Vec<u8>, JweError> {
    UndecryptedJwe::parse(compact, LIMIT, &KeyManagement::ALL)?.decrypt(key).map(|plain| plain.to_vec())
}

fn header_of(compact: &str) -> Map<String, Value> {
    let header = decode_base64url(compact.split('.').next().unwrap()).unwrap();
    serde_json::from_slice(&header).unwrap()
}

/// The compact JWE with another header, whose ciphertext therefore belongs to no header at all.
fn with_header(header: &str) -> String {
    let iv_and_tag = (encode_base64url([0; 12]), encode_base64url([0; 16]));
    format!("{}..{}.AAAA.{}", encode_base64url(header), iv_and_tag.0, iv_and_tag.1)
}

fn gate_refusal(header: &Value) -> Option<JweError> {
    UndecryptedJwe::parse(&with_header(&header.to_string()), LIMIT, &KeyManagement::ALL).err()
}

fn epk() -> Value {
    header_of(vectors::ECDH_ES)["epk"].clone()
}

/// The compact JWE with one part exchanged.
fn with_part(compact: &str, at: usize, octets: &[u8]) -> String {
    let mut parts: Vec<String> = compact.split('.').map(str::to_owned).collect();
    parts[at] = encode_base64url(octets);
    parts.join(".")
}

#[test]
fn what_another_implementation_encrypted_decrypts() {
    for (key, compact, algorithm) in [
        (vectors::RSA_OAEP_256_KEY, vectors::RSA_OAEP_256, KeyManagement::RsaOaep256),
        (vectors::ECDH_ES_KEY, vectors::ECDH_ES, KeyManagement::EcdhEs),
        (vectors::ECDH_ES_A256KW_KEY, vectors::ECDH_ES_A256KW, KeyManagement::EcdhEsA256Kw),
    ] {
        let jwe = UndecryptedJwe::parse(compact, LIMIT, &[algorithm]).unwrap();
        assert_eq!(
            (jwe.algorithm(), jwe.key_id(), jwe.content_type()),
            (algorithm, Some("recipient"), Some("JWT"))
        );
        assert_eq!(jwe.decrypt(&private(key)).unwrap().as_slice(), PLAINTEXT, "{algorithm}");
        // Their keys take what we encrypt, too.
        let ours = encrypted(&private(key), algorithm);
        assert_eq!(opened(&private(key), &ours).unwrap(), PLAINTEXT, "{algorithm}");
    }
}

#[test]
fn a_header_has_what_the_recipient_needs_and_no_more() {
    for algorithm in KeyManagement::ALL {
        let key = DecryptionKey::generate(algorithm).unwrap();
        let members = header_of(&encrypted(&key, algorithm));
        let mut expected = json!({
            "alg": algorithm.as_str(), "enc": "A256GCM", "cty": "JWT", "kid": key.public_key().thumbprint(),
        });
        if let Some(epk) = members.get("epk") {
            assert_eq!(epk.as_object().unwrap().len(), 4, "kty, crv, x and y");
            expected["epk"] = epk.clone();
        }
        assert_eq!(Value::Object(members.clone()), expected);
        assert_eq!(members.contains_key("epk"), algorithm != KeyManagement::RsaOaep256);
    }
    let key = DecryptionKey::generate(KeyManagement::EcdhEs).unwrap();
    let typed = Header::plain().typed("JWE");
    let compact = key.public_key().encrypt(KeyManagement::EcdhEs, ContentEncryption::A256Gcm, &typed, b"");
    let members = header_of(&compact.unwrap());
    assert_eq!((members.get("typ"), members.get("cty")), (Some(&json!("JWE")), None));
}

#[test]
fn two_encryptions_of_the_same_text_have_nothing_in_common() {
    for algorithm in KeyManagement::ALL {
        let key = DecryptionKey::generate(algorithm).unwrap();
        let [one, two] = [encrypted(&key, algorithm), encrypted(&key, algorithm)];
        let [one, two]: [Vec<&str>; 2] = [one.split('.').collect(), two.split('.').collect()];
        for (at, (one, two)) in one.iter().zip(two).enumerate() {
            let same_by_nature = match at {
                0 => algorithm == KeyManagement::RsaOaep256,
                1 => algorithm == KeyManagement::EcdhEs,
                _ => false,
            };
            assert_eq!(*one == two, same_by_nature, "part {at} with {algorithm}");
        }
    }
}

#[test]
fn a_key_is_used_with_its_own_algorithms_only() {
    let rsa = private(vectors::RSA_OAEP_256_KEY);
    let p256 = private(vectors::ECDH_ES_KEY);
    let refused = |key: &EncryptionKey, algorithm| {
        key.encrypt(algorithm, ContentEncryption::A256Gcm, &Header::plain(), b"").err()
    };
    assert_eq!(refused(rsa.public_key(), KeyManagement::EcdhEs), Some(JweError::KeyMismatch));
    assert_eq!(refused(p256.public_key(), KeyManagement::RsaOaep256), Some(JweError::KeyMismatch));
    assert_eq!(opened(&rsa, vectors::ECDH_ES), Err(JweError::KeyMismatch));
    assert_eq!(opened(&p256, vectors::RSA_OAEP_256), Err(JweError::KeyMismatch));
    let narrowed = DecryptionKey::generate(KeyManagement::EcdhEs).unwrap();
    assert_eq!(narrowed.public_key().algorithms(), [KeyManagement::EcdhEs]);
    assert_eq!(opened(&narrowed, vectors::ECDH_ES_A256KW), Err(JweError::KeyMismatch));
}

#[test]
fn an_algorithm_that_the_caller_does_not_allow_is_refused_though_it_exists() {
    let allowed = [KeyManagement::EcdhEsA256Kw, KeyManagement::RsaOaep256];
    let refusal = UndecryptedJwe::parse(vectors::ECDH_ES, LIMIT, &allowed).err();
    assert_eq!(refusal, Some(JweError::AlgorithmNotAllowed));
    assert_eq!(
        UndecryptedJwe::parse(vectors::ECDH_ES, LIMIT, &[]).err(),
        Some(JweError::AlgorithmNotAllowed)
    );
}

#[test]
fn a_jwe_longer_than_the_context_allows_is_refused_before_anything_else() {
    let compact = vectors::ECDH_ES;
    assert!(UndecryptedJwe::parse(compact, MaxLength(compact.len()), &KeyManagement::ALL).is_ok());
    let refusal = UndecryptedJwe::parse(compact, MaxLength(compact.len() - 1), &[]).err();
    assert_eq!(refusal, Some(JweError::TooLong));
    assert_eq!(UndecryptedJwe::parse("\u{0}", MaxLength(0), &[]).err(), Some(JweError::TooLong));
}

#[test]
fn what_does_not_have_five_parts_in_base64url_is_refused() {
    let refusal = |compact: &str| UndecryptedJwe::parse(compact, LIMIT, &KeyManagement::ALL).err();
    for compact in ["", "....", "a.b.c.d", "a.b.c.d.e.f", &format!("{}.", vectors::ECDH_ES)] {
        assert_eq!(refusal(compact), Some(JweError::NotCompact), "{compact}");
    }
    for at in 0..5 {
        let mut parts: Vec<&str> = vectors::ECDH_ES_A256KW.split('.').collect();
        let padded = format!("{}=", parts[at]);
        parts[at] = &padded;
        assert_eq!(refusal(&parts.join(".")), Some(JweError::BadBase64), "part {at}");
    }
    for (at, octets) in [(2, 11), (2, 13), (2, 0), (4, 15), (4, 17), (4, 12), (4, 0)] {
        let compact = with_part(vectors::ECDH_ES, at, &vec![0; octets]);
        assert_eq!(refusal(&compact), Some(JweError::WrongLength), "{octets} octets in part {at}");
    }
}

#[test]
fn a_header_that_is_ambiguous_or_changes_the_rules_is_refused() {
    let twice = with_header(r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","alg":"RSA-OAEP-256"}"#);
    let refusal = UndecryptedJwe::parse(&twice, LIMIT, &KeyManagement::ALL).err();
    assert_eq!(refusal, Some(JweError::DuplicateMember));
    let refusal = UndecryptedJwe::parse(&with_header("[]"), LIMIT, &KeyManagement::ALL).err();
    assert_eq!(refusal, Some(JweError::HeaderNotJson));
    let deep = json!({"alg": "RSA-OAEP-256", "enc": "A256GCM", "x": [[[[[[[[1]]]]]]]]});
    assert_eq!(gate_refusal(&deep), Some(JweError::TooDeep));
    for crit in [json!(["exp"]), json!([]), json!(null)] {
        let header = json!({"alg": "RSA-OAEP-256", "enc": "A256GCM", "crit": crit});
        assert_eq!(gate_refusal(&header), Some(JweError::UnknownCritical), "{crit}");
    }
    for member in ["kid", "typ", "cty"] {
        let mut header = json!({"alg": "RSA-OAEP-256", "enc": "A256GCM"});
        header[member] = json!(1);
        assert_eq!(gate_refusal(&header), Some(JweError::HeaderMemberType { member }));
    }
    for member in ["apu", "apv"] {
        let mut header = json!({"alg": "ECDH-ES", "enc": "A256GCM", "epk": epk()});
        header[member] = json!(1);
        assert_eq!(gate_refusal(&header), Some(JweError::HeaderMemberType { member }));
        header[member] = json!("A=");
        assert_eq!(gate_refusal(&header), Some(JweError::BadBase64));
    }
}

#[test]
fn an_ephemeral_key_that_is_no_public_point_on_p256_is_refused() {
    let refusal = |epk: Value| gate_refusal(&json!({"alg": "ECDH-ES", "enc": "A256GCM", "epk": epk}));
    assert_eq!(refusal(epk()), None);
    let changed = |member: &str, value: Value| {
        let mut epk = epk();
        epk[member] = value;
        refusal(epk)
    };
    let off_curve = encode_base64url([1; 32]);
    let infinity = encode_base64url([0; 32]);
    for (member, value) in [
        ("y", json!(off_curve)),
        ("x", json!(infinity)),
        ("x", json!(encode_base64url([0xff; 32]))),
        ("x", json!(encode_base64url([1; 31]))),
        ("y", json!(null)),
        ("crv", json!("P-384")),
        ("kty", json!("OKP")),
        ("d", json!("AQAB")),
        ("d", json!(null)),
    ] {
        assert_eq!(changed(member, value.clone()), Some(JweError::EphemeralKey), "{member}: {value}");
    }
    for epk in [json!(null), json!("text"), json!({}), json!([])] {
        assert_eq!(refusal(epk.clone()), Some(JweError::EphemeralKey), "{epk}");
    }
    let zero = json!({"kty": "EC", "crv": "P-256", "x": infinity, "y": infinity});
    assert_eq!(refusal(zero), Some(JweError::EphemeralKey));
    let ed25519 = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    assert_eq!(refusal(ed25519), Some(JweError::EphemeralKey));
    assert_eq!(gate_refusal(&json!({"alg": "ECDH-ES", "enc": "A256GCM"})), Some(JweError::EphemeralKey));
}

#[test]
fn every_bit_counts() {
    for (key, compact) in
        [(vectors::ECDH_ES_KEY, vectors::ECDH_ES), (vectors::ECDH_ES_A256KW_KEY, vectors::ECDH_ES_A256KW)]
    {
        let key = private(key);
        for at in 0..compact.len() {
            for bit in 0..7 {
                let mut flipped = compact.as_bytes().to_vec();
                flipped[at] ^= 1 << bit;
                let flipped = String::from_utf8(flipped).unwrap();
                assert!(opened(&key, &flipped).is_err(), "bit {bit} of character {at}");
            }
        }
    }
    // One bit of every character, since each costs an RSA decryption.
    let key = private(vectors::RSA_OAEP_256_KEY);
    for at in 0..vectors::RSA_OAEP_256.len() {
        let mut flipped = vectors::RSA_OAEP_256.as_bytes().to_vec();
        flipped[at] ^= 1 << (at % 6);
        let flipped = String::from_utf8(flipped).unwrap();
        assert!(opened(&key, &flipped).is_err(), "character {at}");
    }
}

#[test]
fn whatever_is_wrong_with_key_or_content_the_answer_is_the_same() {
    for (key, compact, algorithm) in [
        (vectors::RSA_OAEP_256_KEY, vectors::RSA_OAEP_256, KeyManagement::RsaOaep256),
        (vectors::ECDH_ES_KEY, vectors::ECDH_ES, KeyManagement::EcdhEs),
        (vectors::ECDH_ES_A256KW_KEY, vectors::ECDH_ES_A256KW, KeyManagement::EcdhEsA256Kw),
    ] {
        let key = private(key);
        let encrypted_key = decode_base64url(compact.split('.').nth(1).unwrap()).unwrap();
        let mut wrong =
            vec![[&encrypted_key[..], &[0]].concat(), vec![0; 24], vec![0; 40], vec![0xff; 256], vec![1]];
        if let Some((_, shorter)) = encrypted_key.split_first() {
            wrong.extend([shorter.to_vec(), Vec::new()]);
        }
        for at in (0..encrypted_key.len()).step_by(7) {
            let mut flipped = encrypted_key.clone();
            flipped[at] ^= 0x40;
            wrong.push(flipped);
        }
        for encrypted_key in wrong {
            let refusal = opened(&key, &with_part(compact, 1, &encrypted_key));
            assert_eq!(refusal, Err(JweError::NotDecrypted), "{algorithm}");
        }
        assert_eq!(opened(&key, &with_part(compact, 2, &[0; 12])), Err(JweError::NotDecrypted));
        assert_eq!(opened(&key, &with_part(compact, 3, &[])), Err(JweError::NotDecrypted));
        assert_eq!(opened(&key, &with_part(compact, 4, &[0; 16])), Err(JweError::NotDecrypted));
        let stranger = DecryptionKey::generate(algorithm).unwrap();
        assert_eq!(opened(&stranger, compact), Err(JweError::NotDecrypted));
    }
}

#[test]
fn a_content_key_of_another_length_is_not_used_though_its_padding_is_right() {
    let key = private(vectors::RSA_OAEP_256_KEY);
    let Material::Rsa { modulus, exponent } = key.public_key().material() else { panic!("an RSA key") };
    let public = RsaPublicKeyComponents { n: modulus, e: exponent };
    let public: PublicEncryptingKey = public.try_into().unwrap();
    let public = OaepPublicEncryptingKey::new(public).unwrap();
    let header = json!({"alg": "RSA-OAEP-256", "enc": "A256GCM"}).to_string();
    let with_content_key = |content_key: &[u8]| {
        let mut encrypted_key = vec![0; public.ciphertext_size()];
        public.encrypt(&OAEP_SHA256_MGF1SHA256, content_key, &mut encrypted_key, None).unwrap();
        let mut full = [0; 32];
        full[..content_key.len().min(32)].copy_from_slice(&content_key[..content_key.len().min(32)]);
        let mut content = PLAINTEXT.to_vec();
        let protected = encode_base64url(&header);
        let (iv, tag) =
            ContentKey::new(zeroize::Zeroizing::new(full)).seal(&protected, &mut content).unwrap();
        let parts = [encrypted_key, iv.to_vec(), content, tag.to_vec()].map(encode_base64url);
        format!("{protected}.{}", parts.join("."))
    };
    assert_eq!(opened(&key, &with_content_key(&[7; 32])).unwrap(), PLAINTEXT);
    for length in [0, 16, 31, 33, 64] {
        assert_eq!(
            opened(&key, &with_content_key(&vec![7; length])),
            Err(JweError::NotDecrypted),
            "{length}"
        );
    }
}

#[test]
fn a_decryption_key_reads_back_from_what_it_was_written_as() {
    for algorithm in KeyManagement::ALL {
        let key = DecryptionKey::generate(algorithm).unwrap();
        let read = DecryptionKey::from_pkcs8_der(&key.to_pkcs8_der().unwrap()).unwrap();
        assert_eq!(read.public_key().thumbprint(), key.public_key().thumbprint());
        assert_eq!(opened(&read, &encrypted(&key, algorithm)).unwrap(), PLAINTEXT);
        assert_eq!(format!("{read:?}"), "DecryptionKey { .. }");
    }
    assert_eq!(DecryptionKey::from_pkcs8_der(b"text").err(), Some(KeyError::NotDecryptionKey));
}

#[test]
fn a_private_jwk_whose_halves_do_not_belong_together_is_refused() {
    let changed = |jwk: &str, member: &str, value: Value| {
        let mut jwk: Value = serde_json::from_str(jwk).unwrap();
        jwk[member] = value;
        DecryptionKey::from_private_jwk(&jwk).err()
    };
    let other: Value = serde_json::from_str(vectors::ECDH_ES_A256KW_KEY).unwrap();
    let p256 = vectors::ECDH_ES_KEY;
    assert_eq!(changed(p256, "d", other["d"].clone()), Some(KeyError::Inconsistent));
    assert_eq!(changed(p256, "d", json!(encode_base64url([0; 32]))), Some(KeyError::Inconsistent));
    assert_eq!(changed(p256, "d", json!(null)), Some(KeyError::PrivateMember { member: "d" }));
    assert_eq!(changed(p256, "d", json!("AQAB")), Some(KeyError::Inconsistent));
    let refusal = KeyError::PublicHalf(JwkError::NotForEncryption);
    assert_eq!(changed(p256, "use", json!("sig")), Some(refusal));
    let rsa = vectors::RSA_OAEP_256_KEY;
    assert_eq!(changed(rsa, "d", json!("AQAB")), Some(KeyError::Inconsistent));
    assert_eq!(changed(rsa, "qi", json!(null)), Some(KeyError::PrivateMember { member: "qi" }));
    let refusal = KeyError::PublicHalf(JwkError::AlgorithmMismatch);
    assert_eq!(changed(rsa, "alg", json!("RSA1_5")), Some(refusal));
}

#[test]
fn a_few_octets_are_encrypted_to_an_rsa_key_alone() {
    let rsa = private(vectors::RSA_OAEP_256_KEY);
    let encrypted = rsa.public_key().encrypt_oaep(&[7; 32]).unwrap();
    assert_eq!(encrypted.len(), 256);
    assert_ne!(encrypted, rsa.public_key().encrypt_oaep(&[7; 32]).unwrap(), "the padding is random");
    assert_eq!(rsa.public_key().encrypt_oaep(&[7; 300]), Err(JweError::NotEncrypted));
    assert_eq!(private(vectors::ECDH_ES_KEY).public_key().encrypt_oaep(b"x"), Err(JweError::KeyMismatch));
}

#[test]
fn no_refusal_repeats_what_was_sent() {
    let sent = "sent-by-somebody";
    for header in [json!({"alg": sent}), json!({"alg": "ECDH-ES", "enc": sent, "kid": sent})] {
        let error = gate_refusal(&header).unwrap();
        assert!(!format!("{error} {error:?}").contains(sent));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_encrypted_decrypts(plaintext in proptest::collection::vec(any::<u8>(), 0..600)) {
        for key in [vectors::ECDH_ES_KEY, vectors::RSA_OAEP_256_KEY] {
            let key = private(key);
            for algorithm in key.public_key().algorithms() {
                let compact = key
                    .public_key()
                    .encrypt(*algorithm, ContentEncryption::A256Gcm, &Header::nested(), &plaintext)
                    .unwrap();
                prop_assert_eq!(opened(&key, &compact), Ok(plaintext.clone()));
            }
        }
    }

    #[test]
    fn any_text_gets_an_answer(text in "[A-Za-z0-9_.-]{0,80}") {
        let _ = opened(&private(vectors::ECDH_ES_KEY), &text);
    }

    #[test]
    fn any_header_gets_an_answer(alg in "ECDH-ES|ECDH-ES\\+A256KW|RSA-OAEP-256|dir", x in ".{0,50}", key in proptest::collection::vec(any::<u8>(), 0..60)) {
        let header = json!({"alg": alg, "enc": "A256GCM", "epk": {"kty": "EC", "crv": "P-256", "x": x, "y": x}});
        let compact = with_part(&with_header(&header.to_string()), 1, &key);
        let _ = opened(&private(vectors::ECDH_ES_KEY), &compact);
        prop_assert!(compact.len() < LIMIT.0);
    }
}
