use super::*;
use crate::consent::tests::{claim, record_of};
use crate::testing::{client, key, request};

const NOW: Timestamp = Timestamp(1_700_000_000);
const YEAR: u64 = 365 * 86_400;

fn offer() -> Vec<OfferedClaim> {
    vec![OfferedClaim { essential: true, ..claim("name") }, claim("email")]
}

/// A consent to `name` alone, given now for a year.
fn latest() -> ConsentEntry {
    let asked = Asked::of(&request(&[]), &offer());
    let hash = asked.hash(&client(&key()));
    ConsentEntry::given(None, record_of((asked, hash), offer()[..1].to_vec(), NOW, NOW.plus(YEAR)))
}

fn decided(latest: &ConsentEntry, request: &AuthorizationRequest, now: Timestamp) -> Result<usize, MustAsk> {
    decide(latest, request, &offer(), &client(&key()), (YEAR, now)).map(|granted| granted.len())
}

#[test]
fn the_same_question_is_not_asked_again_and_gets_what_was_granted_then() {
    let granted = decide(&latest(), &request(&[]), &offer(), &client(&key()), (YEAR, NOW));
    assert_eq!(granted, Ok(offer()[..1].to_vec()), "the voluntary claim was not granted then");
    assert_eq!(decided(&latest(), &request(&[("prompt", Some("login"))]), NOW), Ok(1));
}

#[test]
fn prompt_consent_asks_whatever_is_stored() {
    let prompted = request(&[("prompt", Some("login consent"))]);
    assert_eq!(decided(&latest(), &prompted, NOW), Err(MustAsk::Prompted));
}

#[test]
fn a_consent_is_good_until_the_second_it_expires() {
    assert_eq!(decided(&latest(), &request(&[]), NOW.plus(YEAR - 1)), Ok(1));
    assert_eq!(decided(&latest(), &request(&[]), NOW.plus(YEAR)), Err(MustAsk::Expired));
}

#[test]
fn a_client_whose_consents_are_remembered_for_less_time_now_asks_sooner() {
    let at = |now| decide(&latest(), &request(&[]), &offer(), &client(&key()), (600, now)).map(|_| ());
    assert_eq!(at(NOW.plus(599)), Ok(()));
    assert_eq!(at(NOW.plus(600)), Err(MustAsk::Expired));
}

#[test]
fn another_question_is_asked_even_when_it_asks_for_less() {
    let other_scope = request(&[("scope", Some("openid"))]);
    assert_eq!(decided(&latest(), &other_scope, NOW), Err(MustAsk::OtherQuestion));
    for offer in [offer()[..1].to_vec(), [offer(), vec![claim("birthdate")]].concat()] {
        let decided = decide(&latest(), &request(&[]), &offer, &client(&key()), (YEAR, NOW));
        assert_eq!(decided, Err(MustAsk::OtherQuestion));
    }
}

#[test]
fn what_is_granted_and_not_offered_is_not_released() {
    let mut latest = latest();
    if let ConsentEvent::Given(record) = &mut latest.event {
        record.granted.push(claim("birthdate"));
    }
    assert_eq!(decided(&latest, &request(&[]), NOW), Err(MustAsk::NotOffered));
}

#[test]
fn a_consent_that_was_withdrawn_is_asked_for() {
    let withdrawn = ConsentEntry::withdrawn(&latest(), NOW).expect("there was one");
    assert_eq!(decided(&withdrawn, &request(&[]), NOW), Err(MustAsk::Withdrawn));
}

#[test]
fn the_client_says_how_long_and_the_server_whether_at_all() {
    let mut client = client(&key());
    let lifetimes = Lifetimes::default();
    assert_eq!(remembered_for(&client, &lifetimes), YEAR);
    client.consent_expires_after_minutes = Some(90);
    assert_eq!(remembered_for(&client, &lifetimes), 5_400);
    client.consent_expires_after_minutes = Some(u64::MAX);
    assert_eq!(remembered_for(&client, &lifetimes), u64::MAX);
    assert_eq!(remembered_for(&client, &Lifetimes { consent: 0, ..lifetimes }), 0);
    client.consent_expires_after_minutes = Some(0);
    assert_eq!(remembered_for(&client, &lifetimes), 0);
}
