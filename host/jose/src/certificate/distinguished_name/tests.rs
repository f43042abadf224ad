use proptest::prelude::*;

use super::*;
use crate::certificate::tests::unusual;

fn name(text: &str) -> DistinguishedName {
    DistinguishedName::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refusal(text: &str) -> Option<DistinguishedNameError> {
    DistinguishedName::parse(text).err()
}

const UNUSUAL: &str =
    "CN=RP One,2.5.4.97=PSDXX-NCA-1,1.2.3.4.5=CaseSensitive,serialNumber=0042+OU=Payments,O=Bänk\\, Ltd,C=XX";

#[test]
fn the_subject_of_a_certificate_is_its_registered_text() {
    let certificate = unusual();
    assert_eq!(certificate.subject(), &name(UNUSUAL));
    for same in [
        UNUSUAL.replace("CN=RP One", "cn = rp   ONE "),
        UNUSUAL.replace("CN=", "commonName=").replace("2.5.4.97", "organizationIdentifier"),
        UNUSUAL.replace("serialNumber=0042+OU=Payments", "OU=payments+serialNumber=0042"),
        UNUSUAL.replace("Bänk\\, Ltd", "B\\C3\\A4nk\\2C Ltd"),
        UNUSUAL.replace(
            "O=Bänk\\, Ltd",
            "O=#1e1200420 0e4006e006b002c0020004c00740064".replace(' ', "").as_str(),
        ),
        UNUSUAL.replace(',', ", ").replace("\\, ", "\\,"),
    ] {
        assert_eq!(certificate.subject(), &name(&same), "{same}");
    }
}

#[test]
fn a_name_that_differs_in_anything_that_counts_is_another() {
    let certificate = unusual();
    for other in [
        UNUSUAL.replace("RP One", "RP Two"),
        UNUSUAL.replace("RP One", "RPOne"),
        UNUSUAL.replace("CaseSensitive", "casesensitive"),
        UNUSUAL.replace("+OU=Payments", ""),
        UNUSUAL.replace("serialNumber=0042+OU=Payments", "serialNumber=0042,OU=Payments"),
        UNUSUAL.replace("O=B", "OU=B"),
        UNUSUAL.replace("Bänk", "Bank"),
        UNUSUAL.replace(",C=XX", ""),
        format!("{UNUSUAL},C=XX"),
        "C=XX,O=Bänk\\, Ltd,OU=Payments+serialNumber=0042,1.2.3.4.5=CaseSensitive,2.5.4.97=PSDXX-NCA-1,CN=RP One".into(),
    ] {
        assert_ne!(certificate.subject(), &name(&other), "{other}");
    }
}

#[test]
fn the_examples_of_rfc_4514_section_4_are_read() {
    let two_attributes = name("OU=Sales+CN=J.  Smith,DC=example,DC=net");
    assert_eq!(two_attributes, name("CN=J. Smith+OU=Sales,DC=example,DC=net"));
    assert_ne!(two_attributes, name("CN=J. Smith,OU=Sales,DC=example,DC=net"));
    assert_eq!(
        name(r#"CN=James \"Jim\" Smith\, III,DC=example,DC=net"#),
        name(r"CN=James \22Jim\22 Smith\2C III,DC=example,DC=net")
    );
    assert_eq!(name(r"CN=Before\0dAfter,DC=example,DC=net"), name("CN=before after,DC=example,DC=net"));
    assert_eq!(name(r"CN=Lu\C4\8Di\C4\87"), name("CN=Lučić"));
    // The value is an OCTET STRING, which is no text.
    let octets = name("1.3.6.1.4.1.1466.0=#04024869");
    assert_ne!(octets, name("1.3.6.1.4.1.1466.0=Hi"));
    assert_ne!(octets, name("1.3.6.1.4.1.1466.0=#04024868"));
    assert_eq!(octets, name("1.3.6.1.4.1.1466.0=#04024869 "));
    assert_eq!(name("1.3.6.1.4.1.1466.0=#0C024869"), name("1.3.6.1.4.1.1466.0=Hi"));
    assert_eq!(
        name("UID=jsmith,DC=example,DC=net"),
        name("0.9.2342.19200300.100.1.1=JSmith,dc=EXAMPLE,dc=net")
    );
}

#[test]
fn escapes_are_resolved_and_nothing_else_is() {
    assert_eq!(name(r"1.2.3=\ a\ "), only(" a "));
    assert_eq!(name(r"1.2.3=  a \  "), only("a  "));
    assert_eq!(name(r"1.2.3=\#\=\+\,\;\<\>\\\22"), only("#=+,;<>\\\""));
    assert_eq!(name("1.2.3=a=b#c"), only("a=b#c"));
    assert_eq!(name("1.2.3="), only(""));
    for text in [r"CN=a\", r"CN=a\g", r"CN=a\1", r"CN=a\zz", "CN=\"a\"", "CN=a;O=b", "CN=<a>", "CN=a\0"] {
        assert_eq!(refusal(text), Some(DistinguishedNameError::Escape), "{text}");
    }
    assert_eq!(refusal(r"CN=\ff"), Some(DistinguishedNameError::NotUtf8));
}

/// The name of one attribute that nobody here knows, with exactly this value.
fn only(text: &str) -> DistinguishedName {
    let attribute = Attribute { kind: "1.2.3".to_owned(), value: Value::Text(text.to_owned()) };
    DistinguishedName(vec![RelativeName(vec![attribute])])
}

#[test]
fn what_is_no_distinguished_name_is_refused() {
    assert_eq!(refusal(""), Some(DistinguishedNameError::Empty));
    assert_eq!(refusal("   "), Some(DistinguishedNameError::Empty));
    for text in [
        "rp",
        "CN=a,",
        ",CN=a",
        "CN=a,,O=b",
        "CN=a+",
        "XY=a",
        "=a",
        "2=a",
        "2.05=a",
        "2..5=a",
        "2.5.=a",
        "C N=a",
    ] {
        assert_eq!(refusal(text), Some(DistinguishedNameError::UnknownAttribute), "{text}");
    }
    for text in
        ["CN=#", "CN=#0", "CN=#0c", "CN=#0c0161ff", "CN=#zz", "CN=#0c01 61", "CN=#é", "CN=#0c02c3,O=a"]
    {
        assert_eq!(refusal(text), Some(DistinguishedNameError::NotHexadecimal), "{text}");
    }
    assert_eq!(refusal(&format!("CN={}", "a".repeat(MAX_TEXT))), Some(DistinguishedNameError::TooLong));
    for separator in [",", "+"] {
        let several = |count: usize| vec!["CN=a"; count].join(separator);
        assert_eq!(refusal(&several(MAX_ATTRIBUTES)), None);
        assert_eq!(refusal(&several(MAX_ATTRIBUTES + 1)), Some(DistinguishedNameError::TooLong));
    }
}

#[test]
fn an_attribute_that_stands_twice_in_a_relative_name_stands_there_once() {
    assert_eq!(name("CN=a+CN=A+OU=b"), name("OU=b+CN=a"));
    assert_ne!(name("CN=a,CN=a"), name("CN=a"));
}

#[test]
fn a_certificate_without_a_subject_has_no_name_that_can_be_registered() {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let certificate = params.self_signed(&key).unwrap();
    let certificate = crate::certificate::Certificate::from_der(certificate.der()).unwrap();
    assert_eq!(certificate.subject(), &DistinguishedName(Vec::new()));
}

proptest! {
    #[test]
    fn any_text_gets_an_answer(text in ".{0,60}") {
        let _ = DistinguishedName::parse(&text);
    }

    #[test]
    fn any_text_like_a_name_gets_an_answer(text in "(CN|O|1\\.2)(=|=#)[a-c0-9 \\\\,+=é]{0,30}") {
        if let Ok(read) = DistinguishedName::parse(&text) {
            let longer = format!("{text},C=XX");
            prop_assert_ne!(DistinguishedName::parse(&longer), Ok(read));
        }
    }

    #[test]
    fn a_value_reads_back_whatever_its_characters(value in "[^\\s\\x00]{1,20}") {
        let octets = value.bytes().fold(String::new(), |text, octet| format!("{text}\\{octet:02x}"));
        prop_assert_eq!(name(&format!("1.2.3={octets}")), only(&value));
    }
}
