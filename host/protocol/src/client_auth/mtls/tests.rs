use std::sync::Arc;

use esignet_jose::signing_key::SigningKey;
use rcgen::{CertificateParams, DnType, KeyPair, SanType};
use serde_json::{Value, json};

use super::*;
use crate::testing;

/// A certificate of the subject `CN=rp,O=Bank` with one alternative name of each kind, and its key.
fn certificate(is_trusted: bool) -> (ClientCertificate, SigningKey) {
    let pair = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec!["rp.example".to_owned()]).expect("parameters");
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Bank");
    params.distinguished_name.push(DnType::CommonName, "rp");
    params.subject_alt_names.push(SanType::URI("urn:rp".try_into().expect("ASCII")));
    params.subject_alt_names.push(SanType::IpAddress("192.0.2.7".parse().expect("an address")));
    params.subject_alt_names.push(SanType::Rfc822Name("it@rp.example".try_into().expect("ASCII")));
    let der: Arc<[u8]> = params.self_signed(&pair).expect("signs").der().as_ref().into();
    let algorithm = esignet_jose::Algorithm::Es256;
    let key = SigningKey::from_pkcs8_der(algorithm, &pair.serialize_der()).expect("a P-256 key");
    (ClientCertificate { der, is_trusted }, key)
}

fn client(key: &SigningKey, members: &Value) -> Client {
    let mut registration = serde_json::to_value(testing::client(key)).expect("serializes");
    for (name, value) in members.as_object().expect("an object") {
        registration[name] = value.clone();
    }
    serde_json::from_value(registration).expect("a registration")
}

fn refusal(client: &Client, certificate: Option<&ClientCertificate>) -> Option<CertificateRefusal> {
    match decide(client, &client.jwks, certificate) {
        Ok(()) => None,
        Err(ClientRefusal::Certificate(refusal)) => Some(refusal),
        Err(other) => panic!("{other}"),
    }
}

fn by_name(member: &str, value: &str) -> Client {
    client(&testing::key(), &json!({ "token_endpoint_auth_method": "tls_client_auth", member: value }))
}

#[test]
fn a_certificate_is_known_by_the_one_name_that_is_registered() {
    let (shown, _) = certificate(true);
    for (member, good, wrong) in [
        ("tls_client_auth_subject_dn", "cn=RP, O=Bank", "O=Bank,CN=rp"),
        ("tls_client_auth_san_dns", "RP.example", "example"),
        ("tls_client_auth_san_uri", "urn:rp", "urn:RP"),
        ("tls_client_auth_san_ip", "192.0.2.7", "192.0.2.8"),
        ("tls_client_auth_san_email", "it@rp.example", "IT@rp.example"),
    ] {
        assert_eq!(refusal(&by_name(member, good), Some(&shown)), None, "{member}");
        assert_eq!(
            refusal(&by_name(member, wrong), Some(&shown)),
            Some(CertificateRefusal::OtherName),
            "{member}"
        );
    }
}

#[test]
fn a_name_is_worth_nothing_without_a_trusted_issuer() {
    let (self_made, _) = certificate(false);
    let client = by_name("tls_client_auth_san_dns", "rp.example");
    assert_eq!(refusal(&client, Some(&self_made)), Some(CertificateRefusal::Untrusted));
    assert_eq!(refusal(&client, None), Some(CertificateRefusal::Missing));
}

#[test]
fn a_client_without_a_registered_name_is_nobody() {
    let (shown, _) = certificate(true);
    let nameless = client(&testing::key(), &json!({ "token_endpoint_auth_method": "tls_client_auth" }));
    assert_eq!(refusal(&nameless, Some(&shown)), Some(CertificateRefusal::OtherName));
}

#[test]
fn a_self_made_certificate_is_known_by_its_registered_key() {
    let (shown, key) = certificate(false);
    let method = json!({ "token_endpoint_auth_method": "self_signed_tls_client_auth" });
    assert_eq!(refusal(&client(&key, &method), Some(&shown)), None);
    let other = client(&testing::key(), &method);
    assert_eq!(refusal(&other, Some(&shown)), Some(CertificateRefusal::OtherKey));
    let garbage = ClientCertificate { der: Arc::from(&b"garbage"[..]), is_trusted: true };
    assert!(matches!(refusal(&other, Some(&garbage)), Some(CertificateRefusal::Unreadable(_))));
}

#[test]
fn a_certificate_is_no_credential_of_a_client_that_signs() {
    let (shown, key) = certificate(true);
    let signs = testing::client(&key);
    assert!(matches!(decide(&signs, &signs.jwks, Some(&shown)), Err(ClientRefusal::NoCredential)));
}
