use std::cell::RefCell;

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn endpoint(written: Value) -> Endpoint {
    let written: WrittenEndpoint = serde_json::from_value(written).unwrap();
    written.checked(Operation::Authenticate).unwrap()
}

fn request(endpoint: &Endpoint, value: &str, proofs: &[Proof]) -> Result<Outgoing, Failure> {
    let caller = Caller {
        transaction: "t-1".into(),
        short_transaction: "ABCDEFGH12".into(),
        relying_party: "bank-rp".into(),
        client: "bank".into(),
        locale: "fr".into(),
        claims_locales: vec!["fr".into()],
        attributes: vec![],
    };
    let individual = Individual {
        kind: "uin".into(),
        value: value.into(),
        attributes: vec![Attribute::new("born", "1991")],
    };
    let facts = Facts {
        caller: &caller,
        individual: &individual,
        proofs,
        evidence: &[Evidence::new("TOTP", &["otp", "hwk"])],
        channels: &[],
        continuation: None,
        claims: &[],
        now: 1_800_000_000,
        sent: RefCell::default(),
        told: RefCell::default(),
    };
    endpoint.request(&facts)
}

fn otp() -> [Proof; 1] {
    [Proof::new("OTP", "alpha-numeric", "111111")]
}

#[test]
fn everything_that_can_be_named_gets_its_value() {
    let endpoint = endpoint(json!({
        "method": "POST",
        "path": "/{caller.client}",
        "query": { "q": "{individual.value}" },
        "headers": { "X-Locale": "{caller.locale}" },
        "timeout-ms": 900,
        "body": {
            "login": "{caller.transaction} {caller.short-transaction} {caller.relying-party}",
            "who": ["{individual.kind}", "{individual.value}", "{individual.attribute.born}"],
            "proof": "{proof.OTP.format}={proof.OTP.value}",
            "judged": "{evidence.TOTP.amr}",
            "at": ["{now.seconds}", "{now.iso}"],
            "braces": "{{}}",
            "n": 1, "yes": true, "nothing": null,
        },
    }));
    let request = request(&endpoint, "a&b=\"c\"", &otp()).unwrap();
    assert_eq!(
        (request.upstream.as_str(), request.method.as_str(), request.path.as_str()),
        ("register", "POST", "/bank")
    );
    assert_eq!(request.query, [("q".to_owned(), "a&b=\"c\"".to_owned())], "the host encodes queries");
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        request.headers,
        [
            header("X-Locale", "fr"),
            header("accept", "application/json"),
            header("content-type", "application/json")
        ]
    );
    assert_eq!(request.timeout_ms, Some(900));
    assert_eq!(
        request.body.unwrap(),
        json!({
            "login": "t-1 ABCDEFGH12 bank-rp",
            "who": ["uin", "a&b=\"c\"", "1991"],
            "proof": "alpha-numeric=111111",
            "judged": "otp,hwk",
            "at": ["1800000000", "2027-01-15T08:00:00Z"],
            "braces": "{}",
            "n": 1, "yes": true, "nothing": null,
        })
    );
}

#[test]
fn what_names_something_without_a_value_is_left_out_but_never_a_part_of_the_path() {
    let with = |path: &str| {
        endpoint(json!({
            "method": "POST", "path": path,
            "query": { "pin": "{proof.PIN.value}", "otp": "{proof.OTP.value}" },
            "body": { "pin": "x{proof.PIN.value}", "list": ["{proof.PIN.value}", "{proof.OTP.value}"], "in": { "pin": "{proof.PIN.value}" } },
        }))
    };
    let sent = request(&with("/a"), "1", &otp()).unwrap();
    assert_eq!(sent.query, [("otp".to_owned(), "111111".to_owned())]);
    assert_eq!(sent.body.unwrap(), json!({ "list": ["111111"], "in": {} }));
    assert!(matches!(request(&with("/{proof.PIN.value}"), "1", &otp()), Err(Failure::Unavailable(_))));
}

#[test]
fn injection_a_value_cannot_leave_a_header_or_a_query() {
    let headers =
        endpoint(json!({ "method": "GET", "path": "/a", "headers": { "x-id": "{individual.value}" } }));
    let query = endpoint(json!({ "method": "GET", "path": "/a", "query": { "id": "{individual.value}" } }));
    for value in ["1\r\nx-admin: 1", "1\n", "1\0"] {
        for endpoint in [&headers, &query] {
            let refused = request(endpoint, value, &otp());
            assert_eq!(refused, Err(Failure::Rejected(Rejection::wrong())), "{value:?}");
        }
    }
    assert_eq!(request(&headers, "ü", &otp()), Err(Failure::Rejected(Rejection::wrong())));
    assert_eq!(request(&query, "ü&x=1", &otp()).unwrap().query, [("id".to_owned(), "ü&x=1".to_owned())]);
}

proptest! {
    #[test]
    fn whatever_is_typed_the_body_has_the_shape_of_its_template(
        value in "\\PC{0,40}|[\"\\\\{}\\[\\],:\u{0}\r\n\u{2028}]{0,12}",
        secret in "\\PC{0,20}|[\"\\\\]{0,6}",
    ) {
        let endpoint = endpoint(json!({
            "method": "POST", "path": "/a",
            "body": { "id": "{individual.value}", "text": "<{individual.value}|{proof.OTP.value}>", "last": [1, "{proof.OTP.value}"] },
        }));
        let proofs = [Proof::new("OTP", "alpha-numeric", secret.as_str())];
        let sent = request(&endpoint, &value, &proofs).unwrap().body.unwrap().to_string();
        let read: Value = serde_json::from_str(&sent).unwrap();
        prop_assert_eq!(read, json!({ "id": value, "text": format!("<{value}|{secret}>"), "last": [1, secret] }));
    }
}
