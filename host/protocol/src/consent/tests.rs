use super::*;
use crate::testing::{client, key, person, request};

fn names(offer: &[OfferedClaim]) -> Vec<&str> {
    offer.iter().map(|claim| claim.name.as_str()).collect()
}

fn id_system(claims: &[&str]) -> IdSystemDescriptor {
    IdSystemDescriptor {
        claims: claims.iter().map(|claim| (*claim).to_owned()).collect(),
        ..Default::default()
    }
}

#[test]
fn only_what_is_requested_registered_and_released_is_offered() {
    let client = client(&key());
    let request = request(&[("scope", Some("openid profile email phone"))]);
    let offered =
        offer(&request, &client, &id_system(&["email", "name", "phone_number", "birthdate"]), &person(&[]));
    assert_eq!(
        names(&offered),
        ["email", "name", "birthdate"],
        "phone_number is not registered for the client"
    );
    let without = offer(&request, &client, &id_system(&["email", "name"]), &person(&["email"]));
    assert_eq!(names(&without), ["name"], "not available for this person");
    assert!(offer(&request, &client, &id_system(&["sub", "acr", "exp"]), &person(&[])).is_empty());
}

#[test]
fn the_claims_parameter_says_where_a_claim_goes_and_whether_it_is_essential() {
    let claims = r#"{"userinfo":{"name":{"essential":true}},"id_token":{"birthdate":null}}"#;
    let request = request(&[("scope", Some("openid")), ("claims", Some(claims))]);
    let offered = offer(&request, &client(&key()), &id_system(&["name", "birthdate", "email"]), &person(&[]));
    assert_eq!(names(&offered), ["name", "birthdate"]);
    assert!(offered[0].essential && offered[0].userinfo && !offered[0].id_token);
    assert!(!offered[1].essential && !offered[1].userinfo && offered[1].id_token);
}

#[test]
fn a_claim_that_is_asked_for_in_several_languages_is_one_choice() {
    let claims = r#"{"userinfo":{"name#fr":null},"id_token":{"name":null,"name#ar":{"essential":true},"phone_number#fr":null}}"#;
    let request = request(&[("scope", Some("openid")), ("claims", Some(claims))]);
    let offered = offer(&request, &client(&key()), &id_system(&["name", "phone_number"]), &person(&[]));
    assert_eq!(names(&offered), ["name"], "phone_number is not registered for the client, in any language");
    assert!(offered[0].essential && offered[0].userinfo && offered[0].id_token);
}

#[test]
fn what_is_verified_is_not_offered_as_a_claim_of_its_own() {
    let mut client = client(&key());
    client.claims.insert("verified_claims".to_owned());
    client.claims.insert("verified_claims.name".to_owned());
    let claims = r#"{"userinfo":{"verified_claims.name":null,"verified_claims#fr":null}}"#;
    let pushed = crate::testing::request_with(&[("scope", Some("openid")), ("claims", Some(claims))]);
    let request =
        crate::endpoint::pushed_authorization::decide(&pushed, &client, None, |_| Ok(String::new()))
            .expect("a good request");
    let id_system = id_system(&["verified_claims", "verified_claims.name"]);
    assert!(offer(&request, &client, &id_system, &person(&[])).is_empty());
}
