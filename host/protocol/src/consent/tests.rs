use super::record::{Asked, ConsentRecord};
use super::*;
use crate::testing::{client, key, person, request};
use crate::word::acr::Acr;
use crate::word::client_id::ClientId;
use crate::word::time::Timestamp;

/// A voluntary claim for userinfo.
pub(super) fn claim(name: &str) -> OfferedClaim {
    OfferedClaim { name: name.to_owned(), essential: false, userinfo: true, id_token: false, verified: None }
}

/// What is kept of a consent of `subject` to the client `rp`.
pub(super) fn record_of(
    (asked, asked_hash): (Asked, String),
    granted: Vec<OfferedClaim>,
    given_at: Timestamp,
    expires_at: Timestamp,
) -> ConsentRecord {
    ConsentRecord {
        receipt_id: "receipt".to_owned(),
        client_id: ClientId::parse("rp").expect("a client id"),
        subject: "subject".to_owned(),
        asked,
        asked_hash,
        granted,
        given_at,
        expires_at,
        acr: Acr("mosip:idp:acr:generated-code".to_owned()),
        amr: vec!["otp".to_owned()],
        receipt: String::new(),
    }
}

/// A consent to nothing.
pub(super) fn record(given_at: Timestamp) -> ConsentRecord {
    let asked = Asked::of(&request(&[]), &[]);
    record_of((asked, String::new()), Vec::new(), given_at, given_at.plus(60))
}

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
    let request = crate::testing::request_of(&client, &[("scope", Some("openid")), ("claims", Some(claims))]);
    let id_system = id_system(&["verified_claims", "verified_claims.name"]);
    assert!(offer(&request, &client, &id_system, &person(&[])).is_empty());
}
