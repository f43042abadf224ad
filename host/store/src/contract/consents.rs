//! The contract of [`esignet_protocol::ports::store::Consents`], and what a withdrawal does to codes and tokens.

use std::collections::BTreeSet;

use esignet_protocol::consent::record::{ConsentEvent, ConsentNumber, ConsentRecord};
use esignet_protocol::ports::store::Redemption;
use esignet_protocol::word::time::Timestamp;

use super::samples::{MARK, START, access_grant, client_id, code, consent, hash};
use super::{Opened, fifty, over_every_implementation};

over_every_implementation! {
    crate::contract::memory_store().await, crate::contract::sled_store().await;
    the_latest_consent_of_a_person_to_a_client_is_found,
    of_fifty_consents_at_once_every_one_is_kept_under_its_own_number,
    of_fifty_withdrawals_exactly_one_withdraws,
    a_withdrawal_ends_codes_and_tokens_that_rest_on_the_consent_and_no_others,
    what_rests_on_a_consent_that_is_not_there_is_unknown,
    the_history_keeps_consents_and_withdrawals_and_changes_none,
    the_list_of_a_subject_has_the_latest_entry_of_each_client,
    no_consent_comes_back_when_a_later_one_was_to_be_kept_for_less_time,
}

const UNTIL: Timestamp = START.plus(100_000);

const fn later(seconds: u64) -> Timestamp {
    START.plus(seconds)
}

fn numbers(entries: &[esignet_protocol::consent::record::ConsentEntry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.number.0).collect()
}

async fn the_latest_consent_of_a_person_to_a_client_is_found(opened: Opened) {
    let consents = opened.store.stores().consents;
    let rp = client_id("rp");
    assert_eq!(consents.latest(&rp, MARK, START).await.unwrap(), None);
    assert_eq!(consents.give(&consent("rp", MARK), UNTIL).await.unwrap(), ConsentNumber(1));
    let second = ConsentRecord { receipt_id: "second".to_owned(), ..consent("rp", MARK) };
    assert_eq!(consents.give(&second, UNTIL).await.unwrap(), ConsentNumber(2));
    let latest = consents.latest(&rp, MARK, START).await.unwrap().expect("was given");
    assert_eq!(latest.event, ConsentEvent::Given(Box::new(second)));
    for (client, subject) in [("rp", "other"), ("other", MARK), ("r", MARK)] {
        assert_eq!(consents.latest(&client_id(client), subject, START).await.unwrap(), None);
    }
}

async fn of_fifty_consents_at_once_every_one_is_kept_under_its_own_number(opened: Opened) {
    let consents = opened.store.stores().consents;
    let given = fifty(|_| {
        let consents = consents.clone();
        async move { consents.give(&consent("rp", MARK), UNTIL).await.unwrap().0 }
    })
    .await;
    assert_eq!(given.into_iter().collect::<BTreeSet<_>>(), (1..=50).collect());
    let history = consents.history(&client_id("rp"), MARK, START).await.unwrap();
    assert_eq!(numbers(&history), (1..=50).rev().collect::<Vec<_>>());
}

async fn of_fifty_withdrawals_exactly_one_withdraws(opened: Opened) {
    let consents = opened.store.stores().consents;
    assert!(!consents.withdraw(&client_id("rp"), MARK, START, UNTIL).await.unwrap(), "there is nothing yet");
    consents.give(&consent("rp", MARK), UNTIL).await.unwrap();
    let withdrawn = fifty(|_| {
        let consents = consents.clone();
        async move { consents.withdraw(&client_id("rp"), MARK, START, UNTIL).await.unwrap() }
    })
    .await;
    assert_eq!(withdrawn.into_iter().filter(|first| *first).count(), 1);
}

async fn a_withdrawal_ends_codes_and_tokens_that_rest_on_the_consent_and_no_others(opened: Opened) {
    let (consents, grants) = (opened.store.stores().consents, opened.store.stores().grants);
    let rp = client_id("rp");
    let first = consents.give(&consent("rp", MARK), UNTIL).await.unwrap();
    consents.give(&consent("other", MARK), UNTIL).await.unwrap();
    for (name, consent) in [("resting", Some(first)), ("free", None)] {
        let mut code = code("rp", name, later(60));
        code.consent = consent;
        grants.issue_code(&hash(name), &code, later(600)).await.unwrap();
        let mut token = access_grant(name, later(300));
        token.consent = consent;
        grants.issue_token(&hash(name), &token).await.unwrap();
    }
    assert!(grants.token(&hash("resting"), START).await.unwrap().is_some());
    assert!(consents.withdraw(&client_id("other"), MARK, START, UNTIL).await.unwrap());
    assert!(grants.token(&hash("resting"), START).await.unwrap().is_some(), "another client's ends nothing");

    assert!(consents.withdraw(&rp, MARK, START, UNTIL).await.unwrap());
    assert!(grants.token(&hash("resting"), START).await.unwrap().is_none());
    let code = grants.redeem_code(&hash("resting"), &rp, START).await;
    assert!(matches!(code, Ok(Redemption::Unknown)), "no id_token either");
    assert!(grants.token(&hash("free"), START).await.unwrap().is_some());
    assert!(matches!(grants.redeem_code(&hash("free"), &rp, START).await, Ok(Redemption::Redeemed(_))));

    let again = consents.give(&consent("rp", MARK), UNTIL).await.unwrap();
    assert!(grants.token(&hash("resting"), START).await.unwrap().is_none(), "nothing is revived");
    let mut token = access_grant("again", later(300));
    token.consent = Some(again);
    grants.issue_token(&hash("again"), &token).await.unwrap();
    assert!(grants.token(&hash("again"), START).await.unwrap().is_some());
}

async fn what_rests_on_a_consent_that_is_not_there_is_unknown(opened: Opened) {
    let grants = opened.store.stores().grants;
    let mut token = access_grant("grant", later(300));
    token.consent = Some(ConsentNumber(1));
    grants.issue_token(&hash("token"), &token).await.unwrap();
    assert!(grants.token(&hash("token"), START).await.unwrap().is_none());
}

async fn the_history_keeps_consents_and_withdrawals_and_changes_none(opened: Opened) {
    let consents = opened.store.stores().consents;
    let rp = client_id("rp");
    let first = consent("rp", MARK);
    consents.give(&first, UNTIL).await.unwrap();
    assert!(consents.withdraw(&rp, MARK, later(5), UNTIL).await.unwrap());
    assert!(!consents.withdraw(&rp, MARK, later(6), UNTIL).await.unwrap());
    consents.give(&first, UNTIL).await.unwrap();
    let history = consents.history(&rp, MARK, later(10)).await.unwrap();
    assert_eq!(numbers(&history), [3, 2, 1]);
    let events: Vec<_> = history.into_iter().map(|entry| entry.event).collect();
    let given = ConsentEvent::Given(Box::new(first));
    let withdrawn = ConsentEvent::Withdrawn { client_id: rp.clone(), at: later(5) };
    assert_eq!(events, [given.clone(), withdrawn, given]);
    opened.store.sweep(UNTIL, 100).await.unwrap();
    assert_eq!(consents.history(&rp, MARK, UNTIL).await.unwrap(), []);
}

async fn the_list_of_a_subject_has_the_latest_entry_of_each_client(opened: Opened) {
    let consents = opened.store.stores().consents;
    for (client, subject) in [("a", MARK), ("b", MARK), ("a", MARK), ("c", "another subject")] {
        consents.give(&consent(client, subject), UNTIL).await.unwrap();
    }
    assert!(consents.withdraw(&client_id("b"), MARK, START, UNTIL).await.unwrap());
    let mut listed: Vec<_> = consents.list(MARK, START).await.unwrap();
    listed.sort_by_key(|entry| entry.event.client_id().to_string());
    let clients: Vec<_> = listed.iter().map(|entry| entry.event.client_id().to_string()).collect();
    assert_eq!((clients, numbers(&listed)), (vec!["a".to_owned(), "b".to_owned()], vec![2, 2]));
    assert!(matches!(listed[1].event, ConsentEvent::Withdrawn { .. }));
}

async fn no_consent_comes_back_when_a_later_one_was_to_be_kept_for_less_time(opened: Opened) {
    let consents = opened.store.stores().consents;
    let rp = client_id("rp");
    consents.give(&consent("rp", MARK), later(1_000)).await.unwrap();
    assert!(consents.withdraw(&rp, MARK, START, later(10)).await.unwrap());
    opened.store.sweep(later(999), 100).await.unwrap();
    let latest = consents.latest(&rp, MARK, later(999)).await.unwrap().expect("is kept");
    assert!(matches!(latest.event, ConsentEvent::Withdrawn { .. }));
    assert_eq!(consents.latest(&rp, MARK, later(1_000)).await.unwrap(), None);
}
