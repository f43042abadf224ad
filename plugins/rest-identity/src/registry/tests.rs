use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::settings::tests::{of, sample};

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

fn uin(value: &str) -> Individual {
    Individual { kind: "uin".into(), value: value.into(), attributes: vec![] }
}

/// What the host does with the operator's key, as far as tests need it: other octets for other data.
fn keyed(data: &[u8]) -> Vec<u8> {
    let octet = |at: u8| data.iter().fold(at, |sum, octet| sum.wrapping_mul(31).wrapping_add(*octet));
    (0..32).map(octet).collect()
}

/// Does something with the registry of a configuration, which gives one answer; and what it was asked.
fn with<T>(
    config: &BTreeMap<String, Value>,
    (status, document): (u16, Value),
    act: impl Fn(&Registry<'_>) -> T,
) -> (T, Vec<Outgoing>) {
    let settings = of(config).unwrap();
    let asked = RefCell::new(Vec::new());
    let ask = |outgoing: &Outgoing| {
        asked.borrow_mut().push(outgoing.clone());
        Ok(Answer { status, document: document.clone() })
    };
    let done =
        act(&Registry { settings: &settings, ask: &ask, keyed: &|data| Ok(keyed(data)), now: 1_800_000_000 });
    (done, asked.into_inner())
}

fn otp(value: &str) -> Proof {
    Proof::new("OTP", "alpha-numeric", value)
}

fn yes() -> (u16, Value) {
    (200, json!({ "result": "OK", "person": { "id": 4711 }, "token": "t0ken" }))
}

fn authenticated(
    answer: (u16, Value),
    proofs: &[Proof],
    evidence: &[Evidence],
) -> Result<Authenticated, Failure> {
    let act = |registry: &Registry<'_>| {
        let (authenticated, _) = registry.authenticate(&caller(), &uin("1"), (proofs, evidence))?;
        Ok(authenticated)
    };
    with(&sample(), answer, act).0
}

#[test]
fn a_code_is_sent_by_the_request_that_the_operator_wrote() {
    let act = |registry: &Registry<'_>| registry.send_otp(&caller(), &uin("1 2"), &["sms".to_owned()]);
    let (receipt, asked) = with(&sample(), (202, json!({ "phone": "XXXXXX1417", "validFor": 120 })), act);
    let target = MaskedTarget { channel: "sms".into(), masked: "XXXXXX1417".into() };
    assert_eq!(
        receipt,
        Ok(OtpReceipt { targets: vec![target], valid_seconds: 120, resend_after_seconds: 30 })
    );
    let [request] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(request.path, "/people/1%202/otp");
    assert_eq!(request.query, [("channel".to_owned(), "sms".to_owned())]);
    assert!(request.headers.contains(&("x-transaction".to_owned(), "t-1".to_owned())));
    assert_eq!(request.body, Some(json!({ "by": "bank-rp", "at": "2027-01-15T08:00:00Z" })));
}

#[test]
fn enumeration_sending_a_code_to_nobody_looks_like_sending_one_to_somebody() {
    let send = |answer: (u16, Value), who: &str| {
        with(&sample(), answer, |registry| registry.send_otp(&caller(), &uin(who), &[])).0.unwrap()
    };
    let shape = |receipt: &OtpReceipt| {
        let digit = |c: char| if c.is_ascii_digit() { '9' } else { c };
        let targets =
            receipt.targets.iter().map(|t| (t.channel.clone(), t.masked.chars().map(digit).collect()));
        (targets.collect::<Vec<(String, String)>>(), receipt.valid_seconds, receipt.resend_after_seconds)
    };
    let known = send((200, json!({ "phone": "XXXXXX1417", "validFor": 180 })), "1");
    let unknown = send((404, json!({ "error": "no such person" })), "2");
    assert_eq!(shape(&known), shape(&unknown));
    assert_eq!(unknown, send((404, Value::Null), "2"), "asking twice must not tell");
    assert_ne!(unknown.targets, send((404, Value::Null), "3").targets);
}

#[test]
fn a_registry_that_does_not_answer_has_sent_no_code() {
    let act = |registry: &Registry<'_>| registry.send_otp(&caller(), &uin("1"), &[]);
    assert!(matches!(with(&sample(), (500, Value::Null), act).0, Err(Failure::Unavailable(_))));
    let mut without = sample();
    without.remove("send-otp");
    without.insert("factors".into(), json!({ "PIN": ["number"] }));
    without.get_mut("authenticate").unwrap()["body"]["otp"] = json!("none");
    assert!(matches!(with(&without, (200, Value::Null), act).0, Err(Failure::Unsupported(_))));
}

#[test]
fn proofs_are_sent_and_a_yes_has_a_subject_and_what_is_kept() {
    let pin = Proof::new("PIN", "number", "12\"34");
    let proofs = [otp("111111"), pin];
    let act =
        |registry: &Registry<'_>| registry.authenticate(&caller(), &uin("1"), (&proofs, &[])).unwrap().0;
    let (authenticated, asked) = with(&sample(), yes(), act);
    assert_eq!((authenticated.subject.as_str(), authenticated.partner_specific), ("4711", false));
    assert_eq!(authenticated.claims, [], "what can be released is not known yet");
    let body =
        json!({ "id": { "type": "uin", "value": "1" }, "otp": "111111", "pin": "12\"34", "consent": true });
    assert_eq!(asked[0].body, Some(body));
    let kept = Continuation::restore(&authenticated.continuation).unwrap();
    assert_eq!(kept.values, BTreeMap::from([("token".to_owned(), "t0ken".to_owned())]));
}

#[test]
fn nobody_gets_in_on_an_answer_that_says_nothing() {
    for answer in [
        (200, Value::Null),
        (200, json!({ "result": "OK" })),
        (200, json!({ "result": "OK", "person": { "id": "" } })),
        (200, json!({ "result": "OK", "person": { "id": null } })),
        (200, json!({ "result": "NO", "person": { "id": "4711" } })),
        (201, json!({ "result": "OK", "person": { "id": "4711" } })),
        (302, json!({ "result": "OK", "person": { "id": "4711" } })),
        (500, json!({ "result": "OK", "person": { "id": "4711" } })),
    ] {
        let failed = authenticated(answer.clone(), &[otp("111111")], &[]);
        assert!(matches!(failed, Err(Failure::Unavailable(_))), "{answer:?}");
    }
    let no =
        (200, json!({ "result": "OK", "person": { "id": "4711" }, "error": { "code": "BAD", "left": 2 } }));
    assert_eq!(authenticated(no, &[otp("1")], &[]), Err(Rejection::wrong().attempts_left(2).into()));
}

#[test]
fn what_the_registry_cannot_judge_and_what_is_not_anothers_to_judge_never_reaches_it() {
    let totp = || vec![Evidence::new("TOTP", &["otp"])];
    for (proofs, evidence) in [
        (vec![], vec![]),
        (vec![otp("1"), otp("1")], vec![]),
        (vec![Proof::new("OTP", "number", "1")], vec![]),
        (vec![Proof::new("BIO", "sbi-json", "{}")], totp()),
        (vec![Proof::new("OTP", "alpha-numeric", vec![0xff])], vec![]),
        (vec![otp("1")], vec![Evidence::new("PIN", &["pin"])]),
        (vec![], vec![Evidence::new("WLA", &["swk"])]),
        (vec![], vec![Evidence::new("TOTP", &[])]),
    ] {
        let act = |registry: &Registry<'_>| {
            registry
                .authenticate(&caller(), &uin("1"), (&proofs, &evidence))
                .map(|(authenticated, _)| authenticated)
        };
        let (judged, asked) = with(&sample(), yes(), act);
        assert!(matches!(judged, Err(Failure::Unsupported(_))), "{proofs:?} {evidence:?}");
        assert!(asked.is_empty());
    }
    authenticated(yes(), &[], &totp()).unwrap();
}

#[test]
fn a_proof_that_would_be_left_out_with_its_neighbour_is_not_forgotten() {
    let mut config = sample();
    config.get_mut("authenticate").unwrap()["body"] =
        json!({ "both": "{proof.OTP.value}/{proof.PIN.value}" });
    let act =
        |registry: &Registry<'_>| registry.authenticate(&caller(), &uin("1"), (&[otp("1")], &[])).map(drop);
    let (judged, asked) = with(&config, yes(), act);
    assert!(matches!(judged, Err(Failure::Misconfigured(text)) if text.contains("a member of its own")));
    assert!(asked.is_empty());
}

#[test]
fn traversal_an_identifier_that_would_leave_its_segment_is_wrong_and_never_asked_for() {
    for typed in ["..", "a/../b", "%2e%2e"] {
        let act = |registry: &Registry<'_>| registry.send_otp(&caller(), &uin(typed), &[]);
        let (sent, asked) = with(&sample(), (200, json!({})), act);
        assert_eq!((sent, asked), (Err(Rejection::wrong().into()), vec![]), "{typed}");
    }
}

fn released(
    config: &BTreeMap<String, Value>,
    continuation: &[u8],
    answer: (u16, Value),
) -> (Result<Value, Failure>, Vec<Outgoing>) {
    let request = ClaimsRequest {
        claims: vec!["name".to_owned(), "name#fr".to_owned(), "birthdate".to_owned()],
        verified_claims: Some(
            r#"[{"verification":{"trust_framework":null},"claims":{"name":null}}]"#.to_owned(),
        ),
    };
    let act = |registry: &Registry<'_>| {
        let (claims, unexpected) = registry.release_claims(&caller(), continuation, &request)?;
        assert_eq!(unexpected, [""; 0]);
        Ok(Value::Object(claims))
    };
    with(config, answer, act)
}

fn told() -> Value {
    json!({ "first": "Amina", "last": "Benali", "nomComplet": "Amina Benali (fr)", "born": "17/04/1991", "verified": true })
}

fn claims() -> Value {
    json!({
        "name": "Amina Benali (fr)", "name#fr": "Amina Benali (fr)", "birthdate": "1991-04-17",
        "verified_claims": [{
            "verification": { "trust_framework": "xx_civil" },
            "claims": { "name": "Amina Benali (fr)", "name#fr": "Amina Benali (fr)" },
        }],
    })
}

#[test]
fn claims_are_asked_for_by_what_was_kept() {
    let kept = authenticated(yes(), &[otp("111111")], &[]).unwrap().continuation;
    let (claims_told, asked) = released(&sample(), &kept, (200, told()));
    assert_eq!(claims_told, Ok(claims()));
    assert_eq!(asked[0].path, "/people/4711/claims");
    assert_eq!(asked[0].query, [("fields".to_owned(), "birthdate,name".to_owned())]);
    assert!(asked[0].headers.contains(&("x-token".to_owned(), "t0ken".to_owned())));
    for answer in [(404, Value::Null), (500, told())] {
        assert!(matches!(released(&sample(), &kept, answer).0, Err(Failure::Unavailable(_))));
    }
    assert!(matches!(released(&sample(), b"{}", (200, told())).0, Err(Failure::Internal(_))));
}

#[test]
fn a_registry_that_tells_claims_only_once_is_not_asked_again() {
    let mut config = sample();
    config.remove("release-claims");
    let mut document = told();
    document["result"] = json!("OK");
    document["person"] = json!({ "id": "4711" });
    let act =
        |registry: &Registry<'_>| registry.authenticate(&caller(), &uin("1"), (&[otp("1")], &[])).unwrap().0;
    let (authenticated, _) = with(&config, (200, document.clone()), act);
    let available: Vec<_> =
        authenticated.claims.iter().map(|s| (s.claim.as_str(), s.available, s.verified)).collect();
    assert_eq!(available, [("birthdate", true, false), ("name", true, true)]);
    let (claims_told, asked) = released(&config, &authenticated.continuation, (500, Value::Null));
    assert_eq!((claims_told, asked), (Ok(claims()), vec![]));

    document["first"] = json!("x".repeat(5000));
    let act =
        |registry: &Registry<'_>| registry.authenticate(&caller(), &uin("1"), (&[otp("1")], &[])).map(drop);
    let too_much = with(&config, (200, document), act).0;
    assert!(matches!(too_much, Err(Failure::Misconfigured(text)) if text.contains("`release-claims`")));
}

/// The evidence of a factor that sent a code to an address.
fn code_to(channel: &str, address: &str) -> Evidence {
    Evidence::new("OTP", &["otp"]).attribute("channel", channel).attribute("address", address)
}

/// A configuration that takes the word of a factor which sends codes itself.
fn sending(body: &Value, addresses: &Value) -> BTreeMap<String, Value> {
    let mut config = sample();
    config.remove("send-otp");
    config.insert("factors".to_owned(), json!({}));
    config.insert("evidence".to_owned(), json!(["OTP"]));
    config.insert("authenticate".to_owned(), json!({ "method": "POST", "path": "/find", "body": body }));
    config.insert("person".to_owned(), json!({ "subject": "/person/id", "addresses": addresses }));
    config.remove("release-claims");
    config
}

fn found(
    config: &BTreeMap<String, Value>,
    evidence: &Evidence,
    answer: Value,
) -> (Result<String, Failure>, Vec<Outgoing>) {
    let act = |registry: &Registry<'_>| {
        let judged = registry.authenticate(&caller(), &uin("1"), (&[], std::slice::from_ref(evidence)));
        judged.map(|(authenticated, _)| authenticated.subject)
    };
    with(config, (200, answer), act)
}

#[test]
fn an_address_that_a_factor_proved_is_told_to_the_registry_which_judges_whose_it_is() {
    let config = sending(&json!({ "phone": "{evidence.OTP.attribute.address}" }), &json!({}));
    let (subject, asked) =
        found(&config, &code_to("sms", "+212655501417"), json!({ "person": { "id": "7" } }));
    assert_eq!(subject.as_deref(), Ok("7"));
    assert_eq!(asked[0].body, Some(json!({ "phone": "+212655501417" })));
}

#[test]
fn an_address_that_is_not_the_persons_in_the_registrys_answer_is_wrong() {
    let config = sending(
        &json!({ "id": "{individual.value}" }),
        &json!({ "sms": "/person/phone", "email": "/person/mail" }),
    );
    let person =
        json!({ "person": { "id": "7", "phone": "+212 655-50 14 17", "mail": "Amina@Mail.example" } });
    for (channel, address, is_theirs) in [
        ("sms", "+212655501417", true),
        ("email", "amina@mail.example", true),
        ("sms", "+212655501418", false),
        ("email", "a-mina@mail.example", false),
    ] {
        let (subject, _) = found(&config, &code_to(channel, address), person.clone());
        let expected =
            if is_theirs { Ok("7".to_owned()) } else { Err(Failure::Rejected(Rejection::wrong())) };
        assert_eq!(subject, expected, "{channel} {address}");
    }
    let (nobodys, _) = found(&config, &code_to("sms", "+212655501417"), json!({ "person": { "id": "7" } }));
    assert_eq!(
        nobodys,
        Err(Failure::Rejected(Rejection::wrong())),
        "a registry that has no number has not this one"
    );
}

#[test]
fn the_word_of_a_factor_that_sends_codes_counts_for_nobody_while_nobody_says_whose_the_address_is() {
    let refused = of(&sending(&json!({ "id": "{individual.value}" }), &json!({})));
    assert!(
        matches!(&refused, Err(Failure::Misconfigured(text)) if text.contains("{evidence.OTP.attribute.address}")),
        "{:?}",
        refused.err()
    );
    let by_number = sending(&json!({ "id": "{individual.value}" }), &json!({ "sms": "/person/phone" }));
    let (by_email, asked) =
        found(&by_number, &code_to("email", "a@b.example"), json!({ "person": { "id": "7" } }));
    assert!(matches!(by_email, Err(Failure::Misconfigured(_))), "{by_email:?}");
    assert!(asked.is_empty(), "nobody is asked");
    // Beside something that has no value the address would be left out with it.
    let lost = sending(&json!({ "x": "{evidence.OTP.attribute.address} {evidence.TOTP.amr}" }), &json!({}));
    let (lost, asked) = found(&lost, &code_to("sms", "+212655501417"), json!({ "person": { "id": "7" } }));
    assert!(matches!(lost, Err(Failure::Misconfigured(_))) && asked.is_empty(), "{lost:?}");
    let without = Evidence::new("OTP", &["otp"]);
    let (without, _) = found(&by_number, &without, json!({ "person": { "id": "7" } }));
    assert!(matches!(without, Err(Failure::Unsupported(_))), "{without:?}");
}
