use proptest::prelude::*;
use rcgen::{
    CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519,
    PKCS_RSA_SHA256, SanType, SignatureAlgorithm, date_time_ymd,
};

use super::*;
use crate::algorithm::Algorithm;
use crate::base64url::decode_base64url;
use crate::digest::sha256_base64url;
use crate::signing_key::SigningKey;

/// Made once with `cryptography` 48 for Python. Its subject has a relative name of two attributes, a `BMPString`, an
/// attribute that has no name, and the common name `RP  One` with two spaces; it starts a second before 1970.
pub(super) const UNUSUAL: &str = "MIICBzCCAa2gAwIBAgIBATAKBggqhkjOPQQDAjCBizELMAkGA1UEBhMCWFgxGzAZBgNVBAoeEgBCAOQAbgBrACwAIABMAHQAZDEeMAsGA1UEBRMEMDA0MjAPBgNVBAsMCFBheW1lbnRzMRcwFQYEKgMEBQwNQ2FzZVNlbnNpdGl2ZTEUMBIGA1UEYQwLUFNEWFgtTkNBLTExEDAOBgNVBAMMB1JQICBPbmUwIBcNNjkxMjMxMjM1OTU5WhgPMjA1MDAxMDEwMDAwMDBaMIGLMQswCQYDVQQGEwJYWDEbMBkGA1UECh4SAEIA5ABuAGsALAAgAEwAdABkMR4wCwYDVQQFEwQwMDQyMA8GA1UECwwIUGF5bWVudHMxFzAVBgQqAwQFDA1DYXNlU2Vuc2l0aXZlMRQwEgYDVQRhDAtQU0RYWC1OQ0EtMTEQMA4GA1UEAwwHUlAgIE9uZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCPjRYQ9JT2HXodF3YkhMCdpB2ta0xxv1w2-lHex7VE5YbGEQoqHE7Rh7ntn_Yp8RCn_nDWq3jlNP9W9qhDQIV0wCgYIKoZIzj0EAwIDSAAwRQIhAPRJSESiPhree8gb481cMF5WbLf8brF4vWNixbucS2pNAiBJiWBBYpDqUx1yqWj4DQb2TmmKgZ3eA2eun73Vmejwfw";

pub(super) fn unusual() -> Certificate {
    Certificate::from_der(&decode_base64url(UNUSUAL).unwrap()).unwrap()
}

fn made(names: Vec<SanType>) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "rp");
    params.subject_alt_names = names;
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    params.self_signed(&key).unwrap().der().to_vec()
}

fn self_signed(key: &SigningKey, algorithm: &'static SignatureAlgorithm) -> Certificate {
    let pkcs8 = key.to_pkcs8_der().unwrap().to_vec();
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8.into(), algorithm).unwrap();
    let certificate = CertificateParams::default().self_signed(&pair).unwrap();
    Certificate::from_der(certificate.der()).unwrap()
}

fn names() -> Vec<SanType> {
    vec![
        SanType::DnsName("rp.bank.example".try_into().unwrap()),
        SanType::DnsName("*.bank.example".try_into().unwrap()),
        SanType::URI("https://rp.bank.example/Client".try_into().unwrap()),
        SanType::IpAddress("192.0.2.7".parse().unwrap()),
        SanType::IpAddress("2001:db8::7".parse().unwrap()),
        SanType::Rfc822Name("Ops@bank.example".try_into().unwrap()),
    ]
}

#[test]
fn the_thumbprint_is_the_digest_of_the_der() {
    let der = made(Vec::new());
    assert_eq!(Certificate::from_der(&der).unwrap().thumbprint(), sha256_base64url(&der));
    assert_eq!(unusual().thumbprint(), "zM9RTfLJWaEg3AsXxzq_cfPQv5mJUHfc7PaUkfEP8a0");
}

#[test]
fn what_people_read_and_the_key_are_told_of_pem_and_of_der() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(
        &key.to_pkcs8_der().unwrap().to_vec().into(),
        &PKCS_ECDSA_P256_SHA256,
    );
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::OrganizationName, "Register");
    params.serial_number = Some(vec![0x0a, 0xbc].into());
    let made = params.self_signed(&pair.unwrap()).unwrap();
    for bytes in [made.der().to_vec(), made.pem().into_bytes(), format!("\n{}", made.pem()).into_bytes()] {
        let read = Certificate::from_pem_or_der(&bytes).unwrap();
        assert!(read.subject_text().contains("O=Register"), "{}", read.subject_text());
        assert_eq!(read.issuer_text(), read.subject_text());
        assert_eq!(read.serial_number(), "0abc");
        let public = read.public_key().unwrap();
        assert_eq!(public["x"], key.public_jwk().to_value()["x"]);
    }
    assert!(Certificate::from_pem_or_der(b"-----BEGIN CERTIFICATE-----").is_err());
}

#[test]
fn each_kind_of_name_is_compared_as_its_kind_asks() {
    let certificate = Certificate::from_der(&made(names())).unwrap();
    assert_eq!(certificate.alternative_names().len(), 6);
    let dns = |name: &str| certificate.is_named(&AlternativeName::Dns(name.to_owned()));
    assert!(dns("rp.bank.example") && dns("RP.Bank.Example"));
    assert!(!dns("rp.bank.example.") && !dns("bank.example") && !dns("other.bank.example") && !dns(""));
    let uri = |name: &str| certificate.is_named(&AlternativeName::Uri(name.to_owned()));
    assert!(uri("https://rp.bank.example/Client"));
    assert!(!uri("https://rp.bank.example/client") && !uri("HTTPS://rp.bank.example/Client"));
    let ip = |name: &str| certificate.is_named(&AlternativeName::Ip(name.parse().unwrap()));
    assert!(ip("192.0.2.7") && ip("2001:DB8:0:0:0:0:0:7"));
    assert!(!ip("192.0.2.8") && !ip("::ffff:192.0.2.7"));
    let email = |name: &str| certificate.is_named(&AlternativeName::Email(name.to_owned()));
    assert!(email("Ops@BANK.example"));
    assert!(!email("ops@bank.example") && !email("Ops") && !email("@bank.example"));
}

#[test]
fn a_name_of_one_kind_is_not_that_of_another() {
    let certificate = Certificate::from_der(&made(names())).unwrap();
    for name in ["https://rp.bank.example/Client", "192.0.2.7", "Ops@bank.example"] {
        assert!(!certificate.is_named(&AlternativeName::Dns(name.to_owned())), "{name}");
    }
    assert!(!certificate.is_named(&AlternativeName::Uri("rp.bank.example".to_owned())));
    assert!(!certificate.is_named(&AlternativeName::Email("rp.bank.example".to_owned())));
    let unnamed = Certificate::from_der(&made(Vec::new())).unwrap();
    assert!(unnamed.alternative_names().is_empty(), "a common name is no alternative name");
}

#[test]
fn the_validity_counts_seconds_with_both_ends_in_it() {
    let mut params = CertificateParams::default();
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let certificate = Certificate::from_der(params.self_signed(&key).unwrap().der()).unwrap();
    assert_eq!((certificate.not_before(), certificate.not_after()), (1_767_225_600, 1_798_761_600));
    for (now, valid) in [
        (1_767_225_599, false),
        (1_767_225_600, true),
        (1_798_761_600, true),
        (1_798_761_601, false),
        (0, false),
        (u64::MAX, false),
    ] {
        assert_eq!(certificate.is_valid_at(now), valid, "{now}");
    }
    assert_eq!(unusual().not_before(), -1);
    assert!(unusual().is_valid_at(0));
}

#[test]
fn a_self_signed_certificate_has_the_key_that_made_it_and_no_other() {
    for (algorithm, signs) in [
        (Algorithm::Es256, &PKCS_ECDSA_P256_SHA256),
        (Algorithm::EdDsa, &PKCS_ED25519),
        (Algorithm::Ps256, &PKCS_RSA_SHA256),
    ] {
        let [key, other] = [(); 2].map(|()| SigningKey::generate(algorithm).unwrap());
        let certificate = self_signed(&key, signs);
        assert!(certificate.has_key_of(key.public_jwk()), "{algorithm}");
        assert!(certificate.has_key_of(&key.public_jwk().clone().with_kid("renamed")), "{algorithm}");
        assert!(!certificate.has_key_of(other.public_jwk()), "{algorithm}");
        assert!(!unusual().has_key_of(key.public_jwk()), "{algorithm}");
    }
}

#[test]
fn a_certificate_with_a_key_of_another_type_is_read_and_has_nobodys_key() {
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let certificate = CertificateParams::default().self_signed(&pair).unwrap();
    let certificate = Certificate::from_der(certificate.der()).unwrap();
    assert!(!certificate.has_key_of(SigningKey::generate(Algorithm::Es256).unwrap().public_jwk()));
}

#[test]
fn what_is_not_one_whole_certificate_is_refused() {
    let der = made(names());
    let refusal = |der: &[u8]| Certificate::from_der(der).err();
    assert_eq!(refusal(&[&der[..], &[0]].concat()), Some(CertificateError::NotCertificate));
    assert_eq!(refusal(&[&der[..], &der[..]].concat()), Some(CertificateError::NotCertificate));
    for length in 0..der.len() {
        assert_eq!(refusal(&der[..length]), Some(CertificateError::NotCertificate), "{length}");
    }
    assert_eq!(refusal(&vec![0x30; MAX_LENGTH]), Some(CertificateError::NotCertificate));
    assert_eq!(refusal(&vec![0x30; MAX_LENGTH + 1]), Some(CertificateError::TooLong));
    let pem = b"-----BEGIN CERTIFICATE-----";
    assert_eq!(refusal(pem), Some(CertificateError::NotCertificate));
}

#[test]
fn alternative_names_that_cannot_be_read_or_stand_twice_are_refused() {
    let mut params = CertificateParams::default();
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let extension =
        |content: &[u8]| rcgen::CustomExtension::from_oid_content(&[2, 5, 29, 17], content.to_vec());
    params.custom_extensions = vec![extension(&[0x04, 0x01, 0x00])];
    let unreadable = params.self_signed(&key).unwrap();
    assert_eq!(Certificate::from_der(unreadable.der()).err(), Some(CertificateError::AlternativeNames));
    let rp = [&[0x30, 0x04, 0x82, 0x02][..], b"rp"].concat();
    params.custom_extensions = vec![extension(&rp)];
    let once = Certificate::from_der(params.self_signed(&key).unwrap().der()).unwrap();
    assert_eq!(once.alternative_names(), [AlternativeName::Dns("rp".to_owned())]);
    params.custom_extensions = vec![extension(&rp), extension(&rp)];
    let twice = params.self_signed(&key).unwrap();
    assert_eq!(Certificate::from_der(twice.der()).err(), Some(CertificateError::AlternativeNames));
}

#[test]
fn a_name_with_a_null_octet_is_not_cut_there() {
    let mut params = CertificateParams::default();
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let name = [&[0x30, 0x07, 0x82, 0x05][..], b"rp\0.x"].concat();
    params.custom_extensions = vec![rcgen::CustomExtension::from_oid_content(&[2, 5, 29, 17], name)];
    let certificate = Certificate::from_der(params.self_signed(&key).unwrap().der()).unwrap();
    assert!(!certificate.is_named(&AlternativeName::Dns("rp".to_owned())));
}

#[test]
fn nothing_of_a_person_is_printed() {
    assert_eq!(format!("{:?}", unusual()), "Certificate { .. }");
}

proptest! {
    #[test]
    fn any_bytes_get_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Certificate::from_der(&bytes);
    }

    #[test]
    fn a_damaged_certificate_gets_an_answer(at in 0_usize..500, octet: u8) {
        let mut der = decode_base64url(UNUSUAL).unwrap();
        let at = at % der.len();
        der[at] = octet;
        let _ = Certificate::from_der(&der);
    }
}
