use super::*;
use crate::client::Purpose;
use crate::client::purpose::PurposeKind;
use crate::consent::tests::{claim, record};
use crate::testing::{client, key, request};

const NOW: Timestamp = Timestamp(1_700_000_000);

fn hash_of(scope: &str, offer: &[OfferedClaim]) -> String {
    Asked::of(&request(&[("scope", Some(scope))]), offer).hash(&client(&key()))
}

#[test]
fn the_same_question_has_the_same_hash_whatever_its_order() {
    let (name, email) = (claim("name"), claim("email"));
    let asked = hash_of("openid profile", &[name.clone(), email.clone()]);
    assert_eq!(asked, hash_of("profile openid", &[email, name]));
    assert_eq!(asked.len(), 43, "SHA-256, base64url");
}

#[test]
fn every_change_of_what_is_asked_is_another_question() {
    let asked = hash_of("openid profile", &[claim("name"), claim("email")]);
    let changed = [
        hash_of("openid", &[claim("name"), claim("email")]),
        hash_of("openid profile", &[claim("name")]),
        hash_of("openid profile", &[claim("name"), claim("email"), claim("phone_number")]),
        hash_of("openid profile", &[claim("name"), OfferedClaim { essential: true, ..claim("email") }]),
        hash_of("openid profile", &[claim("name"), OfferedClaim { id_token: true, ..claim("email") }]),
        hash_of("openid profile", &[claim("name"), OfferedClaim { userinfo: false, ..claim("email") }]),
    ];
    for other in changed {
        assert_ne!(asked, other);
    }
}

#[test]
fn another_kind_of_purpose_is_another_question_and_other_words_for_it_are_not() {
    let asked = Asked::of(&request(&[]), &[claim("name")]);
    let mut client = client(&key());
    client.purpose = Some(Purpose::default());
    let before = asked.hash(&client);
    let words = [("en".to_owned(), "Open an account".to_owned())];
    client.purpose = Some(Purpose { title: words.into(), ..Purpose::default() });
    assert_eq!(before, asked.hash(&client));
    client.purpose = Some(Purpose { kind: PurposeKind::Link, ..Purpose::default() });
    assert_ne!(before, asked.hash(&client));
}

#[test]
fn languages_and_wanted_values_make_no_other_question() {
    let offer = [OfferedClaim { userinfo: true, ..claim("name") }];
    let plain = request(&[("scope", Some("openid")), ("claims", Some(r#"{"userinfo":{"name":null}}"#))]);
    let wanted = request(&[
        ("scope", Some("openid")),
        ("claims", Some(r#"{"userinfo":{"name":{"value":"Amina"}}}"#)),
        ("claims_locales", Some("fr")),
    ]);
    let client = client(&key());
    assert_eq!(Asked::of(&plain, &offer).hash(&client), Asked::of(&wanted, &offer).hash(&client));
}

#[test]
fn a_withdrawal_ends_what_was_given_before_it_and_nothing_after() {
    let first = ConsentEntry::given(None, record(NOW));
    assert!(first.upholds(ConsentNumber(1)));
    let second = ConsentEntry::given(Some(&first), record(NOW));
    assert!(second.upholds(ConsentNumber(1)) && second.upholds(ConsentNumber(2)));

    let gone = ConsentEntry::withdrawn(&second, NOW).expect("there was a consent");
    assert!(!gone.upholds(ConsentNumber(1)) && !gone.upholds(ConsentNumber(2)));
    assert_eq!(ConsentEntry::withdrawn(&gone, NOW), None, "there is nothing left to withdraw");

    let again = ConsentEntry::given(Some(&gone), record(NOW));
    assert_eq!(again.number, ConsentNumber(4));
    assert!(!again.upholds(ConsentNumber(2)), "giving again revives nothing");
    assert!(again.upholds(ConsentNumber(4)));
}

#[test]
fn a_consent_that_the_history_does_not_reach_is_not_upheld() {
    let latest = ConsentEntry::given(None, record(NOW));
    assert!(!latest.upholds(ConsentNumber(2)));
}

#[test]
fn what_proves_a_claim_and_what_it_is_for_are_part_of_the_question() {
    let verified = |evidence, purpose: &str, asked: &str| OfferedClaim {
        verified: Some(AsVerified {
            purposes: vec![purpose.to_owned()],
            evidence,
            asked_hash: asked.to_owned(),
        }),
        ..claim("verified_claims.name")
    };
    let asked = hash_of("openid", &[verified(false, "To open an account", "by one framework")]);
    for other in [
        verified(true, "To open an account", "by one framework"),
        verified(false, "To sell to others", "by one framework"),
        verified(false, "To open an account", "by another"),
        claim("verified_claims.name"),
    ] {
        assert_ne!(asked, hash_of("openid", &[other]));
    }
}
