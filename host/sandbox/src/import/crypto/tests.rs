use esignet_jose::{Algorithm, SigningKey};

use crypto::Host as _;
use zeroize::Zeroizing;

use super::*;
use crate::grant::Grant;
use crate::import::testing::{Nobody, call};
use esignet_jose::jwe::{DecryptionKey, KeyManagement};
use esignet_jose::seal::SealKey;
use std::sync::Arc;

fn with_keys() -> (CallState, SigningKey) {
    let signing = SigningKey::generate(Algorithm::Es256).unwrap();
    let mut grant = Grant::default();
    grant.keys.insert("mac".into(), KeyHandle::Hmac(Zeroizing::new(b"secret".to_vec())));
    grant.keys.insert("sign".into(), KeyHandle::Signing(signing.clone(), Vec::new()));
    (call(&grant, Nobody), signing)
}

#[test]
fn a_key_serves_what_it_is_for_and_nothing_else() {
    let (mut call, signing) = with_keys();
    let mac = call.hmac("mac".into(), b"data".to_vec()).unwrap().unwrap();
    assert_eq!(mac, hmac_sha256(b"secret", b"data"));
    assert!(matches!(call.hmac("sign".into(), Vec::new()).unwrap(), Err(Error::NotAllowed(_))));
    assert!(matches!(call.hmac("other".into(), Vec::new()).unwrap(), Err(Error::NoSuchKey(_))));

    let header = vec![("typ".to_owned(), "JWT".to_owned()), ("cty".to_owned(), "x".to_owned())];
    let jws = call.sign_jws("sign".into(), header, b"payload".to_vec(), false, false).unwrap().unwrap();
    let set = JwkSet::new(vec![signing.public_jwk().clone()]).to_value().to_string();
    assert_eq!(call.verify_jws(jws, set).unwrap().unwrap(), b"payload");
    let refused = call.sign_jws("mac".into(), Vec::new(), Vec::new(), false, false).unwrap();
    assert!(matches!(refused, Err(Error::NotAllowed(_))));
}

#[test]
fn a_plugin_cannot_choose_the_algorithm_or_the_key_of_a_header() {
    let (mut call, _) = with_keys();
    for member in ["alg", "kid", "jwk", "jku", "crit"] {
        let header = vec![(member.to_owned(), "none".to_owned())];
        let refused = call.sign_jws("sign".into(), header, Vec::new(), false, false).unwrap();
        assert!(matches!(refused, Err(Error::Invalid(_))), "{member} passed");
    }
}

#[test]
fn a_detached_signature_leaves_the_payload_out() {
    let (mut call, _) = with_keys();
    let jws = call.sign_jws("sign".into(), Vec::new(), b"payload".to_vec(), true, false).unwrap().unwrap();
    assert!(jws.contains(".."));
}

#[test]
fn randomness_comes_from_the_port_and_digests_are_the_standards() {
    let (mut call, _) = with_keys();
    assert_eq!(call.random(3).unwrap().unwrap(), [9, 9, 9]);
    assert!(matches!(call.random(1025).unwrap(), Err(Error::Invalid(_))));
    let digest = call.digest(DigestAlgorithm::Sha256, b"abc".to_vec()).unwrap();
    assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
    assert_eq!(call.digest(DigestAlgorithm::Sha384, Vec::new()).unwrap().len(), 48);
    assert_eq!(call.digest(DigestAlgorithm::Sha512, Vec::new()).unwrap().len(), 64);
    assert!(call.equal(b"a".to_vec(), b"a".to_vec()).unwrap());
    assert!(!call.equal(b"a".to_vec(), b"ab".to_vec()).unwrap());
}

#[test]
fn only_what_a_key_of_the_set_signed_verifies() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let other = SigningKey::generate(Algorithm::Es256).unwrap();
    let set = |key: &SigningKey| JwkSet::new(vec![key.public_jwk().clone()]).to_value().to_string();
    let jws = key.sign(&Header::typed("JWT"), br#"{"a":1}"#).unwrap();
    assert_eq!(verified(&jws, &set(&key)).unwrap(), br#"{"a":1}"#);
    assert!(verified(&jws, &set(&other)).is_err());
    assert!(verified(&jws[..jws.len() - 4], &set(&key)).is_err());
    assert!(verified(&jws, "{}").is_err());
}

#[test]
fn what_the_host_computes_for_one_call_is_bounded() {
    let mut budget = Budget::default();
    assert!(budget.hash(8 << 20).is_ok());
    assert!(matches!(budget.hash(1), Err(Stopped::Quota(_))));
    assert!((0..16).all(|_| budget.sign().is_ok()));
    assert!(budget.sign().is_err());
}

/// A call with a key of each kind.
fn with_every_key() -> (CallState, DecryptionKey) {
    let decrypting = DecryptionKey::generate(KeyManagement::EcdhEsA256Kw).unwrap();
    let mut grant = Grant::default();
    grant.keys.insert("seal".into(), KeyHandle::Seal(Arc::new(SealKey::new([1; 32]))));
    grant.keys.insert("same".into(), KeyHandle::Seal(Arc::new(SealKey::new([1; 32]))));
    grant.keys.insert("ours".into(), KeyHandle::Decrypting(decrypting.clone()));
    let signing = SigningKey::generate(Algorithm::Es256).unwrap();
    grant.keys.insert("sign".into(), KeyHandle::Signing(signing, vec!["MIIB".to_owned()]));
    (call(&grant, Nobody), decrypting)
}

#[test]
fn what_is_sealed_opens_under_its_name_and_for_its_purpose_only() {
    let (mut call, _) = with_every_key();
    let sealed = call.seal("seal".into(), b"person".to_vec(), b"plain".to_vec()).unwrap().unwrap();
    let mut open = |key: &str, associated: &[u8], sealed: &[u8]| {
        call.open(key.into(), associated.to_vec(), sealed.to_vec()).unwrap()
    };
    assert_eq!(open("seal", b"person", &sealed).unwrap(), b"plain");
    assert!(matches!(open("seal", b"other", &sealed), Err(Error::Invalid(_))));
    assert!(matches!(open("same", b"person", &sealed), Err(Error::Invalid(_))), "the name is bound");
    assert!(matches!(open("sign", b"person", &sealed), Err(Error::NotAllowed(_))));
    assert!(matches!(open("none", b"person", &sealed), Err(Error::NoSuchKey(_))));
}

#[test]
fn a_request_is_encrypted_as_partners_want_it() {
    let (mut call, _) = with_every_key();
    let key = vec![5; 32];
    let nonce = vec![6; 16];
    let encrypted =
        call.encrypt_aes_gcm(key.clone(), nonce.clone(), b"a".to_vec(), b"body".to_vec()).unwrap().unwrap();
    let decrypted = call.decrypt_aes_gcm(key, nonce, b"a".to_vec(), encrypted).unwrap().unwrap();
    assert_eq!(decrypted, b"body");
    let short = call.encrypt_aes_gcm(vec![5; 16], vec![6; 12], Vec::new(), Vec::new()).unwrap();
    assert!(matches!(short, Err(Error::Invalid(_))));

    let rsa = DecryptionKey::generate(KeyManagement::RsaOaep256).unwrap();
    let mut jwk = rsa.public_key().to_value();
    jwk.as_object_mut().unwrap().remove("use");
    let to_rsa = call.encrypt_rsa_oaep(jwk.to_string(), vec![5; 32]).unwrap().unwrap();
    assert_eq!(to_rsa.len(), 256);
    assert!(matches!(call.encrypt_rsa_oaep("{}".into(), vec![5]).unwrap(), Err(Error::Invalid(_))));
    assert!(matches!(call.encrypt_rsa_oaep("no key".into(), vec![5]).unwrap(), Err(Error::Invalid(_))));
}

#[test]
fn a_jwe_goes_to_a_partner_and_comes_to_a_named_key() {
    let (mut call, ours) = with_every_key();
    let recipient = ours.public_key().to_value().to_string();
    let jwe = call.encrypt_jwe(recipient, Some("JWT".into()), b"plain".to_vec()).unwrap().unwrap();
    assert_eq!(call.decrypt_jwe("ours".into(), jwe.clone()).unwrap().unwrap(), b"plain");
    let mut changed = jwe;
    changed.pop();
    assert!(matches!(call.decrypt_jwe("ours".into(), changed).unwrap(), Err(Error::Invalid(_))));
    assert!(matches!(call.decrypt_jwe("seal".into(), String::new()).unwrap(), Err(Error::NotAllowed(_))));
}

#[test]
fn certificates_travel_where_the_operator_gave_them() {
    let (mut call, _) = with_every_key();
    let jws = call.sign_jws("sign".into(), Vec::new(), b"{}".to_vec(), true, true).unwrap().unwrap();
    let header = jws.split('.').next().unwrap();
    let header = String::from_utf8(esignet_jose::base64url::decode_base64url(header).unwrap()).unwrap();
    assert!(header.contains("\"x5c\":[\"MIIB\"]"), "{header}");
    let (mut without, _) = with_keys();
    let refused = without.sign_jws("sign".into(), Vec::new(), b"{}".to_vec(), true, true).unwrap();
    assert!(matches!(refused, Err(Error::NotAllowed(rule)) if rule.contains("certificate_file")));
}
