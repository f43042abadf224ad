use super::*;

fn read(asked: &Value) -> VerifiedClaimsRequest {
    VerifiedClaimsRequest::parse(asked).unwrap_or_else(|_| panic!("{asked} is well formed"))
}

/// The examples of OIDC4IDA §5.3–5.6 and of its appendix.
fn examples() -> Vec<Value> {
    let names = json!({ "given_name": null, "family_name": null, "birthdate": null });
    vec![
        json!({ "verification": { "trust_framework": null }, "claims": names }),
        json!({ "verification": { "trust_framework": null }, "claims": {
            "given_name": { "essential": true }, "family_name": { "essential": true }, "birthdate": null } }),
        json!({ "verification": { "trust_framework": null, "time": null }, "claims": names }),
        json!({ "verification": { "trust_framework": null, "time": null, "evidence": [
            { "type": { "value": "document" }, "check_details": [{ "check_method": null }],
              "document_details": { "type": null } } ] }, "claims": names }),
        json!({ "verification": { "trust_framework": null, "evidence": [
            { "type": { "value": "document" }, "check_details": [{ "check_method": null, "time": null }],
              "document_details": { "type": null, "issuer": { "country_code": null, "name": null },
                "document_number": null, "date_of_issuance": null } } ] }, "claims": names }),
        json!({ "verification": { "trust_framework": { "values": ["gold", "silver"] } }, "claims": names }),
        json!({ "verification": { "trust_framework": { "value": "de_aml" }, "evidence": [
            { "type": { "value": "document" }, "method": { "value": "pipp" },
              "document": { "type": { "values": ["idcard", "passport"] } } } ] }, "claims": names }),
        json!({ "verification": { "trust_framework": { "value": "jp_aml" }, "evidence": [
            { "type": { "value": "document" }, "check_details": [{ "check_method": null }],
              "document_details": { "date_of_expiry": { "max_age": 0 } } } ] }, "claims": names }),
        json!({ "verification": { "trust_framework": { "value": "jp_aml" }, "time": { "max_age": 63_113_852 } },
            "claims": names }),
        json!({ "verification": { "trust_framework": { "value": "eidas" }, "assurance_level": { "value": "high" },
            "assurance_process": { "policy": null, "procedure": { "value": "p" } },
            "verification_process": null }, "claims": names }),
        json!({ "verification": { "trust_framework": null }, "claims": {
            "given_name": { "essential": true, "purpose": "This is why RP is verifying your identity" },
            "birthdate": { "value": "1991-04-17" }, "given_name#fr": null } }),
    ]
}

#[test]
fn every_example_of_the_specification_is_read_and_written_as_it_was() {
    for example in examples() {
        let parsed = read(&example);
        assert_eq!(Value::from(parsed.clone()), example);
        let written = serde_json::to_string(&parsed).expect("it can be written");
        let again: VerifiedClaimsRequest = serde_json::from_str(&written).expect("it reads back");
        assert_eq!(again, parsed);
    }
    let several = parse(&Value::Array(examples().into_iter().take(3).collect())).expect("an array");
    assert_eq!(several.len(), 3);
    assert_eq!(parse(&examples()[0]).expect("an object").len(), 1);
}

#[test]
fn assurance_details_are_wanted_whole_and_filter_nothing() {
    let details = json!([{ "assurance_type": { "value": "x" }, "evidence_ref": [{ "check_id": null }] }]);
    let asked = json!({ "verification": { "trust_framework": null, "assurance_process": {
        "assurance_details": details } }, "claims": { "name": null } });
    let verification = read(&asked).verification;
    let expected = BTreeMap::from([("assurance_details".to_owned(), Wanted::Whole)]);
    assert_eq!(verification["assurance_process"], Wanted::Members(expected));
}

#[test]
fn elements_that_nobody_defined_are_read_and_members_of_a_constraint_that_nobody_defined_are_ignored() {
    let asked = json!({ "verification": { "trust_framework": { "value": "x", "unknown": [1] }, "new": { "value": 1 },
        "newer": { "deep": null } }, "claims": { "name": { "unknown": true } }, "beside": 1 });
    let read = read(&asked);
    assert_eq!(read.trust_frameworks(), Some(&[json!("x")][..]));
    assert!(matches!(read.verification["new"], Wanted::Value(_)));
    assert_eq!(read.claims["name"], Constraint::default());
}

#[test]
fn what_is_not_of_the_shape_of_the_specification_is_refused() {
    let claims = json!({ "name": null });
    let with = |member: &str, wanted: Value| {
        let mut verification = json!({ "trust_framework": null });
        verification[member] = wanted;
        json!({ "verification": verification, "claims": claims })
    };
    let claim =
        |wanted: Value| json!({ "verification": { "trust_framework": null }, "claims": { "name": wanted } });
    let deep = (0..12).fold(json!({ "a": null }), |inner, _| json!({ "a": inner }));
    let many: Map<String, Value> = (0..65).map(|number| (number.to_string(), Value::Null)).collect();
    let bad = [
        json!(null),
        json!("x"),
        json!({}),
        json!({ "claims": claims }),
        json!({ "verification": { "trust_framework": null } }),
        json!({ "verification": {}, "claims": claims }),
        json!({ "verification": { "time": null }, "claims": claims }),
        json!({ "verification": null, "claims": claims }),
        json!({ "verification": [], "claims": claims }),
        json!({ "verification": { "trust_framework": null }, "claims": {} }),
        json!({ "verification": { "trust_framework": null }, "claims": null }),
        json!({ "verification": { "trust_framework": null }, "claims": ["name"] }),
        json!({ "verification": { "trust_framework": null }, "claims": many }),
        with("trust_framework", json!("gold")),
        with("trust_framework", json!(["gold"])),
        with("trust_framework", json!([{ "value": "gold" }])),
        with("trust_framework", json!({ "deeper": null })),
        with("trust_framework", json!({ "value": "a", "values": ["a"] })),
        with("trust_framework", json!({ "values": [] })),
        with("trust_framework", json!({ "values": "a" })),
        with("time", json!({ "max_age": -1 })),
        with("time", json!({ "max_age": "1" })),
        with("time", json!({ "essential": "yes" })),
        with("time", json!(true)),
        with("evidence", json!([])),
        with("evidence", json!([1])),
        with("evidence", json!([{}])),
        with("evidence", json!([{ "type": null }])),
        with("evidence", json!([{ "type": { "values": ["document"] } }])),
        with("evidence", json!([{ "type": { "value": 1 } }])),
        with("evidence", json!({ "type": { "value": "document" } })),
        with("evidence", json!({ "value": "document" })),
        with("deep", deep),
        with("wide", Value::Object(many.clone())),
        claim(json!("Amina")),
        claim(json!(["Amina"])),
        claim(json!({ "essential": 1 })),
        claim(json!({ "purpose": 1 })),
    ];
    for asked in bad {
        assert_eq!(VerifiedClaimsRequest::parse(&asked), Err(MalformedClaims), "{asked}");
    }
    let good = examples().remove(0);
    assert_eq!(parse(&json!([])), Err(MalformedClaims));
    assert_eq!(parse(&json!([good, 1])), Err(MalformedClaims));
    assert_eq!(parse(&Value::Array(vec![good; 9])), Err(MalformedClaims));
}

#[test]
fn a_purpose_has_3_to_300_characters_wherever_it_stands() {
    let of_claim = |purpose: &str| json!({ "verification": { "trust_framework": null }, "claims": { "name": { "purpose": purpose } } });
    let of_time = |purpose: &str| json!({ "verification": { "trust_framework": null, "time": { "purpose": purpose } }, "claims": { "name": null } });
    for good in ["abc", "為什麼", &"é".repeat(300)] {
        assert!(VerifiedClaimsRequest::parse(&of_claim(good)).is_ok(), "{good}");
        assert!(VerifiedClaimsRequest::parse(&of_time(good)).is_ok(), "{good}");
    }
    for bad in ["", "ab", &"x".repeat(301)] {
        assert_eq!(VerifiedClaimsRequest::parse(&of_claim(bad)), Err(MalformedClaims), "{bad}");
        assert_eq!(VerifiedClaimsRequest::parse(&of_time(bad)), Err(MalformedClaims), "{bad}");
    }
}

#[test]
fn evidence_alone_asks_for_its_types_and_a_fraction_of_a_second_counts_for_nothing() {
    let asked = json!({ "verification": { "trust_framework": null, "evidence": null, "time": { "max_age": 1.9 } },
        "claims": { "name": null } });
    let read = read(&asked);
    assert!(read.wants_evidence());
    let Wanted::Value(time) = &read.verification["time"] else { panic!("no constraint") };
    assert_eq!(time.max_age, Some(1));
}

#[test]
fn claims_that_may_not_be_had_are_not_had_by_way_of_the_evidence_either() {
    let asked = json!({ "verification": { "trust_framework": null, "evidence": [
        { "type": { "value": "document" }, "derived_claims": { "name": null, "salary": null } },
        { "type": { "value": "vouch" }, "derived_claims": { "salary": null } },
        { "type": { "value": "electronic_record" }, "derived_claims": null } ] },
        "claims": { "name": null, "name#fr": null, "salary": null } });
    let kept = read(&asked).only(&|name| name == "name").expect("a claim is left");
    let expected = json!({ "verification": { "trust_framework": null, "evidence": [
        { "type": { "value": "document" }, "derived_claims": { "name": null } },
        { "type": { "value": "vouch" } },
        { "type": { "value": "electronic_record" } } ] },
        "claims": { "name": null, "name#fr": null } });
    assert_eq!(Value::from(kept), expected);
    assert_eq!(read(&asked).only(&|_| false), None);
}
