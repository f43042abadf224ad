//! OpenID Connect for Identity Assurance (`protocol.md` 51): claims that the ID system has verified, with how it did.

use std::collections::BTreeSet;

use esignet_tests::login::{self, AMINA, ARJUN, MOUSSA, Person};
use esignet_tests::op::Setup;
use esignet_tests::{Browser, Call, Landing, Op, Page, RelyingParty};
use serde_json::{Map, Value, json};

/// A request for claims, which are asked about whatever was agreed to before.
fn push(rp: &RelyingParty, claims: &Value) -> Call {
    rp.push().set("scope", "openid").set("claims", claims.to_string()).set("prompt", "consent")
}

/// Claims that were verified under any trust framework, in userinfo.
fn verified(verification: &Value, claims: &Value) -> Value {
    json!({ "userinfo": { "verified_claims": { "verification": verification, "claims": claims } } })
}

/// A browser after the code is typed: on the page that asks what to release, if there is anything to ask.
async fn proved(rp: &RelyingParty, push: Call, person: Person) -> (Browser, Landing) {
    let (mut browser, first) = login::opened_as(rp, push).await.unwrap();
    let question = login::identify(&mut browser, &first, person.id).await.unwrap().page().unwrap();
    let landing = login::answer(&mut browser, &question, login::OTP).await.unwrap();
    (browser, landing)
}

/// The page that asks what to release.
async fn consent(rp: &RelyingParty, claims: &Value, person: Person) -> Page {
    proved(rp, push(rp, claims), person).await.1.page().unwrap()
}

/// Userinfo without `sub`, and the id_token, of a person who ticks these boxes; all of them when there is none.
async fn released(
    rp: &RelyingParty,
    claims: &Value,
    (person, ticked): (Person, &[&str]),
) -> (Map<String, Value>, Map<String, Value>) {
    let (mut browser, landing) = proved(rp, push(rp, claims), person).await;
    let landing = match landing {
        Landing::Page(page) => {
            let mut form = page.form();
            for field in form.fields.iter_mut().filter(|field| field.kind == "checkbox") {
                field.sent = ticked.is_empty() || ticked.contains(&field.name.as_str());
            }
            browser.press(&page, &form, "allow").await.unwrap()
        }
        away @ Landing::Away(_) => away,
    };
    let logged_in = login::finish(rp, landing.away().unwrap()).await.unwrap();
    let id_token = rp.verified(&logged_in.id_token).await.unwrap();
    let mut userinfo = logged_in.userinfo;
    userinfo.remove("sub");
    (userinfo, id_token)
}

/// What of `verified_claims` Amina releases when she ticks everything; `null` when there is nothing.
async fn of_amina(rp: &RelyingParty, claims: &Value) -> Value {
    let (mut userinfo, _) = released(rp, claims, (AMINA, &[])).await;
    userinfo.remove("verified_claims").unwrap_or_default()
}

#[tokio::test]
async fn verified_claims_come_with_what_was_asked_of_their_verification_and_no_more() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let asked = verified(
        &json!({ "trust_framework": { "value": "example_gov" }, "assurance_level": null, "time": null, "txn": null,
            "evidence": [{ "type": { "value": "document" }, "check_details": [{ "check_method": null }],
                "document_details": { "type": { "values": ["passport", "idcard"] }, "issuer": { "country_code": null } } }] }),
        &json!({ "given_name": null, "birthdate": { "essential": true }, "nationalities": null }),
    );
    let expected = json!({
        "verification": {
            "trust_framework": "example_gov", "assurance_level": "substantial", "time": "2026-03-12T10:21Z",
            "evidence": [{ "type": "document", "check_details": [{ "check_method": "vpip" }],
                "document_details": { "type": "passport", "issuer": { "country_code": "MAR" } } }],
        },
        "claims": { "given_name": "Amina", "birthdate": "1991-04-17" },
    });
    let (userinfo, id_token) = released(&rp, &asked, (AMINA, &[])).await;
    assert_eq!(Value::from(userinfo), json!({ "verified_claims": expected }), "and no plain claim");
    assert!(!id_token.contains_key("verified_claims"));
}

#[tokio::test]
async fn userinfo_and_the_id_token_each_have_what_was_asked_for_there() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let gov = json!({ "trust_framework": { "value": "example_gov" } });
    let asked = json!({
        "userinfo": { "name": null, "verified_claims": { "verification": gov, "claims": { "given_name": null } } },
        "id_token": { "verified_claims": { "verification": gov, "claims": { "family_name": null } } },
    });
    let (userinfo, id_token) = released(&rp, &asked, (AMINA, &[])).await;
    let verification = json!({ "trust_framework": "example_gov" });
    let expected = json!({ "verification": verification, "claims": { "given_name": "Amina" } });
    assert_eq!(Value::from(userinfo), json!({ "name": AMINA.name, "verified_claims": expected }));
    let expected = json!({ "verification": verification, "claims": { "family_name": "Benali" } });
    assert_eq!(id_token["verified_claims"], expected);
    assert!(!id_token.contains_key("name"));
}

#[tokio::test]
async fn several_elements_are_answered_each_by_itself() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let element = |framework: &str, claim: &str| json!({ "verification": { "trust_framework": { "value": framework } }, "claims": { claim: null } });
    let answered = |framework: &str, claims: Value| json!({ "verification": { "trust_framework": framework }, "claims": claims });
    let gov = answered("example_gov", json!({ "given_name": "Amina" }));
    let aml = answered("example_aml", json!({ "birthdate": "1991-04-17" }));
    let elements = json!([
        element("example_gov", "given_name"),
        element("example_aml", "birthdate"),
        element("example_aml", "given_name"),
        element("made_up", "name")
    ]);
    let asked = json!({ "userinfo": { "verified_claims": elements } });
    assert_eq!(of_amina(&rp, &asked).await, json!([gov, aml]), "what cannot be answered is no error");

    let any = verified(&json!({ "trust_framework": null }), &json!({ "birthdate": null }));
    let gov = answered("example_gov", json!({ "birthdate": "1991-04-17" }));
    assert_eq!(of_amina(&rp, &any).await, json!([gov, aml]), "both trust frameworks meet it");
}

#[tokio::test]
async fn a_requirement_that_is_not_met_leaves_the_element_out_and_the_login_goes_on() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let name = json!({ "given_name": { "essential": true } });
    let gov = |member: &str, wanted: Value| json!({ "trust_framework": { "value": "example_gov" }, member: wanted });
    let document = |number: &str| json!([{ "type": { "value": "document" }, "document_details": { "document_number": { "value": number } } }]);
    // The clock stands at 2027-01-15, some ten months after Amina was verified.
    let year = 366 * 24 * 60 * 60;
    for (verification, is_met) in [
        (gov("time", json!({ "max_age": year })), true),
        (gov("time", json!({ "max_age": year / 2 })), false),
        (gov("assurance_level", json!({ "value": "substantial" })), true),
        (gov("assurance_level", json!({ "value": "high" })), false),
        (gov("evidence", document("EX4417201")), true),
        (gov("evidence", document("EX0000000")), false),
        (gov("evidence", json!([{ "type": { "value": "vouch" } }])), false),
        (gov("unheard_of", json!({ "value": true })), false),
        (gov("unheard_of", Value::Null), true),
        (json!({ "trust_framework": { "values": ["made_up", "nobodys"] } }), false),
    ] {
        let found = of_amina(&rp, &verified(&verification, &name)).await;
        assert_eq!(found["claims"]["given_name"] == "Amina", is_met, "{verification}: {found}");
        assert_eq!(found.is_null(), !is_met, "{verification}: {found}");
    }
    let somebody_else = json!({ "given_name": { "value": "Zineb" }, "family_name": { "value": "Benali" } });
    let found = of_amina(&rp, &verified(&gov("time", Value::Null), &somebody_else)).await;
    assert_eq!(
        found["claims"],
        json!({ "family_name": "Benali" }),
        "a claim that is another is left out alone"
    );
}

#[tokio::test]
async fn what_a_person_does_not_agree_to_is_not_in_the_element() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let mut asked = verified(
        &json!({ "trust_framework": { "value": "example_gov" } }),
        &json!({ "given_name": null, "family_name": null, "name": { "essential": true } }),
    );
    asked["userinfo"]["given_name"] = Value::Null;
    let (userinfo, _) = released(&rp, &asked, (AMINA, &["claim.verified_claims.given_name"])).await;
    let claims = json!({ "given_name": "Amina", "name": "Amina Benali" });
    assert_eq!(userinfo["verified_claims"]["claims"], claims, "the essential one by going on");
    assert!(!userinfo.contains_key("given_name"), "verified, and not besides");

    let (userinfo, _) = released(&rp, &asked, (AMINA, &["claim.given_name"])).await;
    assert_eq!(userinfo["given_name"], "Amina");
    assert_eq!(
        userinfo["verified_claims"]["claims"],
        json!({ "name": "Amina Benali" }),
        "to agree to one is not to agree to the other"
    );

    let voluntary = verified(&json!({ "trust_framework": null }), &json!({ "given_name": null }));
    let (userinfo, _) = released(&rp, &voluntary, (AMINA, &["nothing"])).await;
    assert!(userinfo.is_empty(), "{userinfo:?}");
}

#[tokio::test]
async fn a_person_of_whom_nothing_is_verified_is_not_asked_and_nothing_is_stated() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let mut asked = verified(&json!({ "trust_framework": null }), &json!({ "name": { "essential": true } }));
    asked["userinfo"]["name"] = json!({ "essential": true });
    let page = consent(&rp, &asked, MOUSSA).await;
    assert_eq!(page.all(".claims li"), ["Full name"]);
    let (userinfo, _) = released(&rp, &asked, (MOUSSA, &[])).await;
    assert_eq!(
        Value::from(userinfo),
        json!({ "name": MOUSSA.name }),
        "a plain claim is not made a verified one"
    );
}

#[tokio::test]
async fn a_client_may_have_verified_only_what_it_may_have_and_only_if_it_may_have_it_verified() {
    let op = Op::start().await;
    let asked = verified(&json!({ "trust_framework": null }), &json!({ "name": null, "birthdate": null }));
    let modest = op.client("modest").await;
    let (userinfo, _) = released(&modest, &asked, (AMINA, &[])).await;
    assert!(userinfo.is_empty(), "it may have the name, and no verified_claims: {userinfo:?}");
}

#[tokio::test]
async fn the_page_says_that_a_claim_is_checked_and_what_for_whatever_the_purpose_says() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let evil = "<script>alert(1)</script>\u{202e}\" onfocus=x";
    let asked = verified(
        &json!({ "trust_framework": null, "evidence": [{ "type": { "value": "document" } }] }),
        &json!({ "given_name": { "purpose": "To open your account" }, "birthdate": { "purpose": evil, "essential": true } }),
    );
    let page = consent(&rp, &asked, AMINA).await;
    let html = page.reply.text();
    assert!(!html.contains("<script>alert") && !html.contains('\u{202e}'), "{html}");
    assert!(
        page.text().contains("To open your account") && page.text().contains("<script>alert(1)</script>")
    );
    assert_eq!(page.all(".note").len(), 4, "checked, and what for, of two claims");
    assert_eq!(page.attributes("input[type=checkbox]", "name"), ["claim.verified_claims.given_name"]);
    assert!(page.attributes("[onfocus]", "onfocus").is_empty());
}

#[tokio::test]
async fn a_request_that_is_not_of_the_shape_of_the_specification_is_refused() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let any = json!({ "trust_framework": null });
    let purpose = |length: usize| verified(&any, &json!({ "name": { "purpose": "x".repeat(length) } }));
    for length in [3, 300] {
        assert_eq!(push(&rp, &purpose(length)).send().await.unwrap().status, 201, "{length}");
    }
    for claims in [
        purpose(2),
        purpose(301),
        verified(&any, &json!({})),
        verified(&json!({}), &json!({ "name": null })),
        verified(&json!({ "trust_framework": "example_gov" }), &json!({ "name": null })),
        json!({ "id_token": { "verified_claims": [] } }),
        json!({ "id_token": { "verified_claims": null } }),
        json!({ "id_token": { "verified_claims": { "claims": { "name": null } } } }),
    ] {
        let reply = push(&rp, &claims).send().await.unwrap();
        assert_eq!((reply.status, reply.error()), (400, "invalid_request".to_owned()), "{claims}");
    }
}

#[tokio::test]
async fn verified_claims_come_in_the_languages_that_were_asked_for() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let asked = verified(
        &json!({ "trust_framework": { "value": "example_gov" } }),
        &json!({ "given_name": null, "name#ar": null }),
    );
    let response =
        login::respond(&rp, push(&rp, &asked).set("claims_locales", "fr-CA"), AMINA.id).await.unwrap();
    let userinfo = login::finish(&rp, response).await.unwrap().userinfo;
    let claims = json!({ "given_name": "Amina", "given_name#fr": "Amina", "name#ar": "أمينة بنعلي" });
    assert_eq!(userinfo["verified_claims"]["claims"], claims);
}

#[tokio::test]
async fn what_an_id_system_states_as_verified_beyond_what_was_asked_or_announced_is_dropped() {
    let asked = verified(
        &json!({ "trust_framework": null, "evidence": [{ "type": { "value": "document" }, "document_details": { "type": null } }] }),
        &json!({ "name": null }),
    );
    let honest = json!({
        "verification": { "trust_framework": "example_gov",
            "evidence": [{ "type": "document", "document_details": { "type": "passport" } }] },
        "claims": { "name": "as asked" },
    });
    for (behaviour, expected) in [
        ("unasked-verified", json!({ "verified_claims": honest })),
        ("unannounced-verified", json!({})),
        // It has no evidence that could meet the filter.
        ("verified-as-plain", json!({})),
        ("well-behaved", json!({})),
    ] {
        let op = Setup::default().misbehaving_identity(behaviour).start().await;
        let rp = op.rp().await;
        let (userinfo, id_token) = released(&rp, &asked, (AMINA, &[])).await;
        assert_eq!(Value::from(userinfo), expected, "{behaviour}");
        assert!(!Value::from(id_token).to_string().contains("forged"), "{behaviour}");
    }
}

/// The entries of an array, or the one value that is none.
fn several(value: Value) -> Vec<Value> {
    if let Value::Array(entries) = value { entries } else { vec![value] }
}

#[tokio::test]
async fn what_is_published_can_be_had() {
    let op = Op::start().await;
    let rp = op.rp().await;
    assert_eq!(rp.metadata["verified_claims_supported"], true);
    let list = |member: &str| {
        let words = rp.metadata[member].as_array().unwrap_or_else(|| panic!("{member} is a list"));
        words.iter().map(|word| word.as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let names = list("claims_in_verified_claims_supported");
    let claims: Map<_, _> = names.iter().map(|name| (name.clone(), Value::Null)).collect();
    let evidence = json!([
        { "type": { "value": "document" }, "check_details": [{}], "document_details": { "type": null } },
        { "type": { "value": "electronic_record" }, "check_details": [{}], "record": { "type": null } },
    ]);
    let asked = verified(&json!({ "trust_framework": null, "evidence": evidence }), &claims.into());
    let mut seen = Vec::new();
    for person in [AMINA, ARJUN] {
        let (mut userinfo, _) = released(&rp, &asked, (person, &[])).await;
        seen.extend(several(userinfo.remove("verified_claims").unwrap()));
    }
    let words = |pointer: &[&str]| {
        let step = |values: Vec<Value>, name: &&str| {
            values.iter().filter_map(|value| value.get(*name).cloned()).flat_map(several).collect()
        };
        let found: Vec<Value> = pointer.iter().fold(seen.clone(), step);
        found.iter().map(|word| word.as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    assert_eq!(list("trust_frameworks_supported"), words(&["verification", "trust_framework"]));
    assert_eq!(list("evidence_supported"), words(&["verification", "evidence", "type"]));
    assert_eq!(list("documents_supported"), words(&["verification", "evidence", "document_details", "type"]));
    let check_methods = words(&["verification", "evidence", "check_details", "check_method"]);
    assert_eq!(list("documents_check_methods_supported"), check_methods);
    assert_eq!(list("electronic_records_supported"), words(&["verification", "evidence", "record", "type"]));
    let had: BTreeSet<_> =
        seen.iter().flat_map(|element| element["claims"].as_object().unwrap().keys().cloned()).collect();
    assert_eq!(names, had);
}
