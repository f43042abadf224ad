use super::*;
use crate::testing::{client, key, request};

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
    let offered = offer(&request, &client, &id_system(&["email", "name", "phone_number", "birthdate"]), &[]);
    assert_eq!(
        names(&offered),
        ["email", "name", "birthdate"],
        "phone_number is not registered for the client"
    );
    let without = offer(&request, &client, &id_system(&["email", "name"]), &["email".to_owned()]);
    assert_eq!(names(&without), ["name"], "not available for this person");
    assert!(offer(&request, &client, &id_system(&["sub", "acr", "exp"]), &[]).is_empty());
}

#[test]
fn the_claims_parameter_says_where_a_claim_goes_and_whether_it_is_essential() {
    let claims = r#"{"userinfo":{"name":{"essential":true}},"id_token":{"birthdate":null}}"#;
    let request = request(&[("scope", Some("openid")), ("claims", Some(claims))]);
    let offered = offer(&request, &client(&key()), &id_system(&["name", "birthdate", "email"]), &[]);
    assert_eq!(names(&offered), ["name", "birthdate"]);
    assert!(offered[0].essential && offered[0].userinfo && !offered[0].id_token);
    assert!(!offered[1].essential && !offered[1].userinfo && offered[1].id_token);
}
