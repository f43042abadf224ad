use proptest::prelude::*;
use serde_json::json;

use super::*;

/// 2027-01-15T08:00:00Z.
const NOW: Timestamp = Timestamp(1_800_000_000);

fn announced() -> VerifiedOffer {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    VerifiedOffer {
        trust_frameworks: words(&["de_aml", "eidas", "gold"]),
        claims: words(&["given_name", "family_name", "birthdate", "address"]),
        evidence: words(&["document", "electronic_record"]),
        documents: words(&["idcard", "passport"]),
        ..VerifiedOffer::default()
    }
}

/// What an ID system knows of a Max Mustermann, as the examples of the specification have him.
fn max() -> Value {
    json!({
        "verification": {
            "trust_framework": "de_aml",
            "assurance_level": "substantial",
            "time": "2026-04-23T18:25Z",
            "verification_process": "f24c6f-6d3f-4ec5-973e-b0d8506f3bc7",
            "assurance_process": { "policy": "gpg45", "assurance_details": [{ "assurance_type": "a", "evidence_ref": [{ "check_id": "1" }] }] },
            "evidence": [
                { "type": "document", "method": "pipp", "time": "2026-04-22T11:30Z",
                  "check_details": [{ "check_method": "vpip", "organization": "Bank" }, { "check_method": "vri" }],
                  "document_details": { "type": "idcard", "document_number": "53554554", "date_of_issuance": "2020-03-23",
                    "date_of_expiry": "2030-03-22", "issuer": { "name": "Stadt Augsburg", "country": "DE" } } },
                { "type": "electronic_record", "check_details": [{ "check_method": "kbv" }],
                  "record": { "type": "bank_account", "source": { "name": "Bank" } } },
            ],
        },
        "claims": { "given_name": "Max", "family_name": "Meier", "given_name#fr": "Maxime",
            "birthdate": "1956-01-28", "address": { "locality": "Augsburg", "country": "DE" } },
    })
}

fn of(given: &Value, asked: &Value) -> Vec<Value> {
    let elements = super::super::request::parse(asked).unwrap_or_else(|_| panic!("{asked} is well formed"));
    let offer = announced();
    let languages = Languages::OfThePage("de");
    matches(given, &elements, Terms { offer: &offer, languages, now: NOW })
}

/// The verification that comes back for a verification asked, together with one claim.
fn verification(asked: &Value) -> Option<Value> {
    let found = of(&max(), &json!({ "verification": asked, "claims": { "given_name": null } }));
    found.first().map(|element| element["verification"].clone())
}

/// The claims that come back for claims asked.
fn claims(asked: &Value) -> Option<Value> {
    let found = of(&max(), &json!({ "verification": { "trust_framework": null }, "claims": asked }));
    found.first().map(|element| element["claims"].clone())
}

#[test]
fn nothing_comes_back_but_the_trust_framework_and_the_claims_that_were_asked_for() {
    let asked = json!({ "verification": { "trust_framework": null }, "claims": { "family_name": null } });
    let expected =
        json!({ "verification": { "trust_framework": "de_aml" }, "claims": { "family_name": "Meier" } });
    assert_eq!(of(&max(), &asked), [expected]);
}

#[test]
fn members_of_the_verification_come_back_as_deep_as_they_were_asked_for() {
    for (asked, expected) in [
        (json!({ "trust_framework": null, "time": null }), json!({ "time": "2026-04-23T18:25Z" })),
        (json!({ "trust_framework": null, "txn": null, "new": { "deeper": null } }), json!({})),
        (json!({ "trust_framework": null, "assurance_process": null }), json!({})),
        (
            json!({ "trust_framework": null, "assurance_process": { "policy": null, "procedure": null } }),
            json!({ "assurance_process": { "policy": "gpg45" } }),
        ),
        (
            json!({ "trust_framework": null, "assurance_process": { "assurance_details": null } }),
            json!({ "assurance_process": { "assurance_details": [{ "assurance_type": "a", "evidence_ref": [{ "check_id": "1" }] }] } }),
        ),
        (
            json!({ "trust_framework": null, "evidence": null }),
            json!({ "evidence": [{ "type": "document" }, { "type": "electronic_record" }] }),
        ),
        (
            json!({ "trust_framework": null, "evidence": [{ "type": { "value": "document" }, "document_details": null, "check_details": null }] }),
            json!({ "evidence": [{ "type": "document", "document_details": { "type": "idcard" },
                "check_details": [{ "check_method": "vpip" }, { "check_method": "vri" }] }] }),
        ),
        (
            json!({ "trust_framework": null, "evidence": [{ "type": { "value": "document" },
                "document_details": { "date_of_expiry": null, "issuer": { "name": null, "country_code": null } } }] }),
            json!({ "evidence": [{ "type": "document", "document_details": { "type": "idcard", "date_of_expiry": "2030-03-22",
                "issuer": { "name": "Stadt Augsburg" } } }] }),
        ),
    ] {
        let mut whole = expected;
        whole["trust_framework"] = json!("de_aml");
        assert_eq!(verification(&asked), Some(whole), "{asked}");
    }
}

#[test]
fn a_requirement_on_the_verification_that_is_not_met_omits_the_element() {
    let evidence = |filter: Value| json!({ "trust_framework": null, "evidence": [filter] });
    let document =
        |details: Value| evidence(json!({ "type": { "value": "document" }, "document_details": details }));
    for (asked, is_met) in [
        (json!({ "trust_framework": { "value": "de_aml" } }), true),
        (json!({ "trust_framework": { "values": ["eidas", "de_aml"] } }), true),
        (json!({ "trust_framework": { "value": "eidas" } }), false),
        (json!({ "trust_framework": { "values": ["gold", "silver"] } }), false),
        (json!({ "trust_framework": null, "assurance_level": { "value": "substantial" } }), true),
        (json!({ "trust_framework": null, "assurance_level": { "value": "high" } }), false),
        (json!({ "trust_framework": null, "new": { "essential": true } }), true),
        (json!({ "trust_framework": null, "new": { "value": "x" } }), false),
        (json!({ "trust_framework": null, "new": { "deeper": { "values": ["x"] } } }), false),
        (json!({ "trust_framework": null, "time": { "deeper": { "value": "x" } } }), false),
        (json!({ "trust_framework": null, "assurance_process": { "policy": { "value": "gpg45" } } }), true),
        (json!({ "trust_framework": null, "assurance_process": { "procedure": { "value": "x" } } }), false),
        (document(json!({ "type": { "values": ["idcard", "passport"] } })), true),
        (document(json!({ "type": { "value": "passport" } })), false),
        (document(json!({ "issuer": { "country": { "value": "DE" } } })), true),
        (document(json!({ "issuer": { "country": { "value": "FR" } } })), false),
        (evidence(json!({ "type": { "value": "document" }, "method": { "value": "pipp" } })), true),
        (evidence(json!({ "type": { "value": "document" }, "method": { "value": "eid" } })), false),
        (
            evidence(
                json!({ "type": { "value": "document" }, "check_details": [{ "check_method": { "value": "vri" } }] }),
            ),
            true,
        ),
        (
            evidence(
                json!({ "type": { "value": "document" }, "check_details": [{ "check_method": { "value": "kbv" } }] }),
            ),
            false,
        ),
        (
            evidence(
                json!({ "type": { "value": "document" }, "check_details": [{ "check_method": { "value": "kbv" } }, { "organization": null }] }),
            ),
            true,
        ),
        (
            evidence(
                json!({ "type": { "value": "electronic_record" }, "document_details": { "type": { "value": "idcard" } } }),
            ),
            false,
        ),
        (evidence(json!({ "type": { "value": "vouch" } })), false),
    ] {
        assert_eq!(verification(&asked).is_some(), is_met, "{asked}");
    }
}

#[test]
fn max_age_is_met_by_what_is_young_enough_and_never_by_what_has_no_age() {
    // From 2026-04-23T18:25:59Z on.
    let age = NOW.0 - 1_776_968_759;
    for (asked, is_met) in [
        (json!({ "trust_framework": null, "time": { "max_age": age } }), true),
        (json!({ "trust_framework": null, "time": { "max_age": age - 1 } }), false),
        (json!({ "trust_framework": null, "time": { "max_age": 0 } }), false),
        (json!({ "trust_framework": null, "assurance_level": { "max_age": 1 } }), false),
        (json!({ "trust_framework": null, "nothing": { "max_age": 1 } }), false),
        (
            json!({ "trust_framework": null, "evidence": [{ "type": { "value": "document" },
            "document_details": { "date_of_expiry": { "max_age": 0 } } }] }),
            true,
        ),
        (
            json!({ "trust_framework": null, "evidence": [{ "type": { "value": "document" },
            "document_details": { "date_of_issuance": { "max_age": 63_113_852 } } }] }),
            false,
        ),
    ] {
        assert_eq!(verification(&asked).is_some(), is_met, "{asked}");
    }
}

#[test]
fn evidence_that_meets_one_of_the_filters_comes_back_and_no_other() {
    let record = json!({ "type": { "value": "electronic_record" }, "record": { "type": null } });
    let passport =
        json!({ "type": { "value": "document" }, "document_details": { "type": { "value": "passport" } } });
    let asked = json!({ "trust_framework": null, "evidence": [passport, record] });
    let expected = json!({ "trust_framework": "de_aml",
        "evidence": [{ "type": "electronic_record", "record": { "type": "bank_account" } }] });
    assert_eq!(verification(&asked), Some(expected));
}

#[test]
fn a_claim_that_is_not_as_asked_is_omitted_alone_whether_essential_or_not() {
    let unmet = json!({ "given_name": { "value": "Erika", "essential": true }, "family_name": null });
    assert_eq!(claims(&unmet), Some(json!({ "family_name": "Meier" })));
    let met = json!({ "given_name": { "values": ["Erika", "Max"] } });
    assert_eq!(claims(&met), Some(json!({ "given_name": "Max" })));
    assert_eq!(claims(&json!({ "given_name": { "value": "Erika" } })), None, "no claim is left");
    assert_eq!(claims(&json!({ "birthdate": { "max_age": 60 } })), None);
    assert_eq!(claims(&json!({ "nationalities": null })), None, "it is not verified");
    assert_eq!(
        claims(&json!({ "address": null })),
        Some(json!({ "address": { "locality": "Augsburg", "country": "DE" } }))
    );
}

#[test]
fn verified_claims_come_in_the_languages_that_were_asked_for() {
    assert_eq!(claims(&json!({ "given_name#fr-CA": null })), Some(json!({ "given_name#fr": "Maxime" })));
    assert_eq!(claims(&json!({ "given_name": null })), Some(json!({ "given_name": "Max" })));
    assert_eq!(claims(&json!({ "given_name#fr": { "value": "Max" } })), None);
    assert_eq!(claims(&json!({ "given_name#fr-CA": { "value": "Max" } })), None, "nor by way of a wider tag");
    assert_eq!(
        claims(&json!({ "given_name#fr-CA": { "value": "Maxime" } })),
        Some(json!({ "given_name#fr": "Maxime" }))
    );
}

#[test]
fn each_element_is_answered_by_each_verification_that_meets_it() {
    let eidas = json!({ "verification": { "trust_framework": "eidas" }, "claims": { "given_name": "Max" } });
    let given = json!([max(), eidas]);
    let element = |framework: Value| json!({ "verification": { "trust_framework": framework }, "claims": { "given_name": null } });
    let answered = |framework: &str| json!({ "verification": { "trust_framework": framework }, "claims": { "given_name": "Max" } });

    assert_eq!(of(&given, &element(json!(null))), [answered("de_aml"), answered("eidas")]);
    let one = json!([element(json!({ "value": "eidas" })), element(json!({ "value": "gold" }))]);
    assert_eq!(of(&given, &one), [answered("eidas")], "gold is not met, and that is no error");
    let both = json!([element(json!({ "value": "eidas" })), element(json!({ "value": "de_aml" }))]);
    assert_eq!(of(&given, &both), [answered("eidas"), answered("de_aml")]);
    let twice = json!([element(json!({ "value": "eidas" })), element(json!({ "values": ["eidas"] }))]);
    assert_eq!(of(&given, &twice), [answered("eidas")], "the same once");
}

#[test]
fn what_an_id_system_never_announced_or_cannot_be_read_is_no_verification() {
    let asked = json!({ "verification": { "trust_framework": null, "evidence": null },
        "claims": { "given_name": null, "salary": null, "sub": null, "acr": null } });
    let framework = json!({ "trust_framework": "de_aml" });
    let claims = json!({ "given_name": "Max" });
    for given in [
        json!(null),
        json!("eidas"),
        json!({}),
        json!({ "verification": framework }),
        json!({ "claims": claims }),
        json!({ "verification": {}, "claims": claims }),
        json!({ "verification": null, "claims": claims }),
        json!({ "verification": { "trust_framework": null }, "claims": claims }),
        json!({ "verification": { "trust_framework": ["de_aml"] }, "claims": claims }),
        json!({ "verification": { "trust_framework": "made_up" }, "claims": claims }),
        json!({ "verification": framework, "claims": {} }),
        json!({ "verification": framework, "claims": [] }),
        json!({ "verification": framework, "claims": { "given_name": null } }),
        json!({ "verification": framework, "claims": { "salary": 1, "sub": "evil", "acr": "evil" } }),
        json!([[max()]]),
    ] {
        assert!(of(&given, &asked).is_empty(), "{given}");
    }
    let with_a_vouch = json!({ "verification": { "trust_framework": "de_aml", "evidence": [{ "type": "vouch" }, {}, 1] }, "claims": claims });
    assert_eq!(of(&with_a_vouch, &asked), [json!({ "verification": framework, "claims": claims })]);
}

#[test]
fn an_element_that_lacks_what_it_is_not_valid_without_is_left_out() {
    let given = json!({ "verification": { "trust_framework": "de_aml", "evidence": [
        { "type": "document", "check_details": [{ "organization": "Bank" }], "document_details": { "document_number": "1" } } ] },
        "claims": { "given_name": "Max" } });
    let asked = json!({ "verification": { "trust_framework": null, "evidence": [{ "type": { "value": "document" },
        "check_details": [{ "organization": null }], "document_details": { "document_number": null } }] },
        "claims": { "given_name": null } });
    let expected = json!({ "verification": { "trust_framework": "de_aml", "evidence": [{ "type": "document" }] },
        "claims": { "given_name": "Max" } });
    assert_eq!(of(&given, &asked), [expected]);
}

#[test]
fn evidence_by_a_signature_comes_with_all_that_names_the_signature_or_not_at_all() {
    let mut offer = announced();
    offer.evidence.push("electronic_signature".to_owned());
    let signature = json!({ "type": "electronic_signature", "signature_type": "qes_eidas", "issuer": "CA", "serial_number": "1" });
    let given = json!({ "verification": { "trust_framework": "de_aml", "evidence": [signature] }, "claims": { "given_name": "Max" } });
    let answer = |filter: Value| {
        let asked = json!({ "verification": { "trust_framework": null, "evidence": [filter] }, "claims": { "given_name": null } });
        let asked = super::super::request::parse(&asked).expect("well formed");
        let found =
            matches(&given, &asked, Terms { offer: &offer, languages: Languages::OfThePage("de"), now: NOW });
        found.first().map(|element| element["verification"]["evidence"].clone())
    };
    let all = json!({ "type": { "value": "electronic_signature" }, "signature_type": null, "issuer": null, "serial_number": null });
    assert_eq!(answer(all), Some(json!([signature])));
    // The filter names a type, which is a requirement: without evidence to show it is not met.
    assert_eq!(answer(json!({ "type": { "value": "electronic_signature" }, "signature_type": null })), None);
}

/// JSON in the vocabulary of identity assurance, in any shape.
fn any_json() -> impl Strategy<Value = Value> {
    const NAMES: &[&str] = &[
        "verification",
        "trust_framework",
        "time",
        "evidence",
        "type",
        "document_details",
        "claims",
        "given_name",
        "secret",
    ];
    const WORDS: &[&str] = &["de_aml", "document", "idcard", "2026-01-01", "secret", ""];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        proptest::sample::select(WORDS).prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 4, |inner| {
        let members = proptest::collection::btree_map(proptest::sample::select(NAMES), inner.clone(), 0..4);
        prop_oneof![
            proptest::collection::vec(inner, 0..3).prop_map(Value::from),
            members.prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_an_id_system_gives_only_what_was_asked_comes_back(
        [other, details, time, claim] in [any_json(), any_json(), any_json(), any_json()],
    ) {
        let evidence = json!([other, { "type": "document", "document_details": details, "secret": 1 }]);
        let given = json!({
            "verification": { "trust_framework": "de_aml", "time": time, "evidence": evidence, "secret": 1 },
            "claims": { "given_name": claim, "secret": 1 },
        });
        let asked = json!({ "verification": { "trust_framework": null, "time": null, "evidence": [
            { "type": { "value": "document" }, "document_details": { "type": null } }] }, "claims": { "given_name": null } });
        for element in of(&given, &asked) {
            let keys = |value: &Value| value.as_object().map(|object| object.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
            prop_assert_eq!(keys(&element), ["claims", "verification"]);
            prop_assert_eq!(keys(&element["claims"]), ["given_name"]);
            prop_assert!(keys(&element["verification"]).iter().all(|name| ["evidence", "time", "trust_framework"].contains(&name.as_str())));
            for entry in element["verification"]["evidence"].as_array().into_iter().flatten() {
                prop_assert_eq!(&entry["type"], "document");
                prop_assert!(keys(entry).iter().all(|name| ["document_details", "type"].contains(&name.as_str())));
                prop_assert!(keys(&entry["document_details"]).iter().all(|name| name == "type"));
            }
        }
    }

    #[test]
    fn any_request_gets_an_answer_and_reads_back_as_it_was(asked in any_json()) {
        let asked = json!({ "verification": { "trust_framework": null, "evidence": null, "other": asked }, "claims": { "name": null } });
        if let Ok(parsed) = VerifiedClaimsRequest::parse(&asked) {
            prop_assert_eq!(VerifiedClaimsRequest::parse(&Value::from(parsed.clone())), Ok(parsed));
        }
    }
}
