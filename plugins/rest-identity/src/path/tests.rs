use std::cell::RefCell;

use esignet_sdk::prelude::*;
use proptest::prelude::*;

use super::*;

fn caller() -> Caller {
    Caller {
        transaction: "t-1".into(),
        short_transaction: "ABCDEFGH12".into(),
        relying_party: "bank-rp".into(),
        client: "bank".into(),
        locale: "fr".into(),
        claims_locales: vec!["fr".into()],
        attributes: vec![],
    }
}

fn filled(template: &str, value: &str) -> Result<String, Unfit> {
    let individual = Individual { kind: "uin".into(), value: value.into(), attributes: vec![] };
    let facts = Facts {
        caller: &caller(),
        individual: &individual,
        proofs: &[],
        evidence: &[],
        channels: &[],
        continuation: None,
        claims: &[],
        now: 0,
        sent: RefCell::default(),
        told: RefCell::default(),
    };
    PathTemplate::parse(template, Operation::SendOtp).unwrap().fill(&facts)
}

fn decoded(path: &str) -> String {
    let mut octets = Vec::new();
    let mut rest = path.bytes();
    while let Some(octet) = rest.next() {
        if octet == b'%' {
            let digits: Vec<u8> = rest.by_ref().take(2).collect();
            octets.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            octets.push(octet);
        }
    }
    String::from_utf8(octets).unwrap()
}

#[test]
fn a_value_is_percent_encoded_within_its_segment() {
    assert_eq!(
        filled("/people/{individual.value}/otp", "a b+ü?#&").unwrap(),
        "/people/a%20b%2B%C3%BC%3F%23%26/otp"
    );
    assert_eq!(filled("/{individual.kind}:{individual.value}", "1.2").unwrap(), "/uin:1.2");
    assert_eq!(filled("/a/", "x").unwrap(), "/a/");
}

#[test]
fn traversal_a_value_cannot_leave_its_segment() {
    for value in ["..", ".", "", "a/b", "../b", "a\\b", "%2e%2e", "%2f", "a\r\nb", "a\0", &"x".repeat(2048)] {
        let path = filled("/people/{individual.value}/otp", value);
        assert_eq!(path, Err(Unfit::Unplaceable { typed: true }), "{value:?}");
    }
    assert_eq!(filled("/people/.{individual.value}", "."), Err(Unfit::Unplaceable { typed: true }));
    assert_eq!(filled("/people/x{individual.value}", ".").unwrap(), "/people/x.");
}

proptest! {
    #[test]
    fn whatever_is_typed_the_path_has_the_segments_of_its_template(value in "\\PC{0,40}|[./%\\\\a-c\u{0}\r\n ]{0,8}") {
        match filled("/v1/{individual.value}/x{individual.value}y/otp", &value) {
            Err(unfit) => prop_assert_eq!(unfit, Unfit::Unplaceable { typed: true }),
            Ok(path) => {
                let segments: Vec<&str> = path.split('/').collect();
                prop_assert_eq!(segments.len(), 5, "{}", path);
                prop_assert!(!segments.iter().any(|segment| matches!(*segment, "." | "..")), "{}", path);
                prop_assert!(path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/%-._~".contains(&b)), "{}", path);
                prop_assert_eq!(decoded(&path), format!("/v1/{value}/x{value}y/otp"));
            }
        }
    }

    #[test]
    fn no_text_makes_the_reader_of_templates_panic(text in "\\PC{0,40}|[{}a-z./]{0,20}") {
        if let Ok(template) = PathTemplate::parse(&format!("/{text}"), Operation::SendOtp) {
            prop_assert!(!template.0.is_empty());
        }
    }
}
