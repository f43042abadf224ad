use serde_json::{Value, json};

use super::*;
use crate::testing::{client, key, person, request_of};

fn announced() -> VerifiedOffer {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    VerifiedOffer {
        trust_frameworks: words(&["gold", "silver"]),
        claims: words(&["birthdate", "name", "email", "sub"]),
        ..VerifiedOffer::default()
    }
}

fn asked(claims: &Value) -> AuthorizationRequest {
    let mut client = client(&key());
    client.claims.insert(VERIFIED_CLAIMS.to_owned());
    request_of(&client, &[("claims", Some(&claims.to_string()))])
}

fn element(framework: &Value, claims: &Value) -> Value {
    json!({ "verification": { "trust_framework": framework }, "claims": claims })
}

fn names(offered: &[OfferedClaim]) -> Vec<&str> {
    offered.iter().map(|claim| claim.name.as_str()).collect()
}

#[test]
fn each_claim_is_offered_once_with_all_that_was_said_of_it() {
    let gold = json!({ "value": "gold" });
    let first = element(&gold, &json!({ "name": { "purpose": "To open an account" }, "birthdate": null }));
    let mut second = element(
        &json!(null),
        &json!({ "name": { "essential": true, "purpose": "By law" }, "name#fr": { "purpose": "By law" } }),
    );
    second["verification"]["evidence"] = json!(null);
    let request = asked(
        &json!({ "userinfo": { "verified_claims": first }, "id_token": { "verified_claims": [second] } }),
    );
    let offered = offer(&request, &announced(), &person(&[]));
    assert_eq!(names(&offered), ["verified_claims.birthdate", "verified_claims.name"]);
    let [birthdate, name] = offered.as_slice() else { panic!("two claims") };
    assert!(birthdate.userinfo && !birthdate.id_token && !birthdate.essential);
    let silent = birthdate.verified.as_ref().expect("it is verified");
    assert!(silent.purposes.is_empty() && !silent.evidence);
    assert!(name.userinfo && name.id_token && name.essential);
    let purposes = vec!["To open an account".to_owned(), "By law".to_owned()];
    let told = name.verified.as_ref().expect("it is verified");
    assert_eq!((&told.purposes, told.evidence), (&purposes, true));
}

#[test]
fn what_cannot_be_had_verified_is_not_offered() {
    let any = json!(null);
    let claims = json!({ "name": null, "birthdate": null, "email": null, "phone_number": null, "sub": null });
    let request = asked(&json!({ "userinfo": { "verified_claims": element(&any, &claims) } }));
    let mut amina = person(&["email"]);
    amina.unverified_claims = vec!["birthdate".to_owned()];
    assert_eq!(names(&offer(&request, &announced(), &amina)), ["verified_claims.name"]);

    let bronze =
        asked(&json!({ "userinfo": { "verified_claims": element(&json!({ "value": "bronze" }), &claims) } }));
    assert!(offer(&bronze, &announced(), &person(&[])).is_empty(), "a trust framework that there is not");
    let silver = json!({ "values": ["bronze", "silver"] });
    let silver = asked(&json!({ "userinfo": { "verified_claims": element(&silver, &claims) } }));
    assert_eq!(offer(&silver, &announced(), &person(&[])).len(), 3);
}

#[test]
fn a_client_that_is_not_registered_for_verified_claims_is_offered_none() {
    let claims =
        json!({ "userinfo": { "verified_claims": element(&json!(null), &json!({ "name": null })) } });
    let request = request_of(&client(&key()), &[("claims", Some(&claims.to_string()))]);
    assert!(offer(&request, &announced(), &person(&[])).is_empty());
}

#[test]
fn the_name_of_an_offer_leads_back_to_its_claim_alone() {
    assert_eq!(claim_of(&offered_name("given_name")), Some("given_name"));
    for other in ["given_name", "verified_claims", "verified_claimsgiven_name"] {
        assert_eq!(claim_of(other), None, "{other}");
    }
}

#[test]
fn a_question_differs_by_what_is_asked_of_the_verification_and_not_by_what_it_is_for() {
    let hash = |member: &str, wanted: Value| {
        let mut element = element(&json!(null), &json!({ "name": null }));
        element["verification"][member] = wanted;
        let request = asked(&json!({ "userinfo": { "verified_claims": element } }));
        let offered = offer(&request, &announced(), &person(&[]));
        offered[0].verified.clone().expect("it is verified").asked_hash
    };
    let filter = |member: &str| json!([{ "type": { "value": "document" }, member: null }]);
    let of_check = hash("evidence", filter("check_details"));
    assert_eq!(of_check, hash("evidence", filter("check_details")));
    assert_ne!(of_check, hash("evidence", filter("document_details")), "both read as evidence");
    assert_eq!(hash("time", json!(null)), hash("time", json!({ "purpose": "By law" })));
    assert_ne!(hash("time", json!(null)), hash("time", json!({ "max_age": 60 })));
}

#[test]
fn the_same_verifications_for_another_place_are_another_question() {
    let of = |framework: &str| element(&json!({ "value": framework }), &json!({ "name": null }));
    let timed = |framework: &str| {
        let mut element = of(framework);
        element["verification"]["time"] = json!(null);
        element
    };
    let hash = |userinfo: Value, id_token: Value| {
        let places = json!({ "userinfo": { "verified_claims": userinfo }, "id_token": { "verified_claims": id_token } });
        let offered = offer(&asked(&places), &announced(), &person(&[]));
        offered[0].verified.clone().expect("it is verified").asked_hash
    };
    let one = hash(json!([of("gold")]), json!([of("silver"), timed("gold")]));
    let other = hash(json!([of("gold"), of("silver")]), json!([timed("gold")]));
    assert_ne!(one, other);
}
