//! The contract of [`crate::kv::Kv`].

use std::sync::Arc;

use esignet_protocol::ports::store::StoreError;
use esignet_protocol::word::time::Timestamp;

use super::samples::START;
use super::{Place, fifty, over_every_implementation};
use crate::kv::{Condition, Durability, Key, MAX_VALUE, NEVER, Table, Write};

over_every_implementation! {
    crate::contract::memory_place(), crate::contract::sled_place();
    of_fifty_writers_of_an_absent_record_exactly_one_writes_it,
    of_fifty_writers_with_the_same_version_exactly_one_writes,
    of_fifty_takers_exactly_one_gets_the_record,
    a_stale_version_writes_nothing,
    a_record_is_absent_from_the_second_it_expires,
    a_record_seen_expired_does_not_come_back_when_the_clock_is_set_back,
    a_swept_record_does_not_come_back_when_the_clock_is_set_back,
    a_sweep_is_bounded_and_leaves_what_lives,
    a_record_that_is_kept_longer_outlives_the_sweep_of_its_first_expiry,
    what_was_swept_of_used_identifiers_is_known,
    a_scan_pages_through_its_prefix_in_order,
    a_value_that_is_too_large_is_refused_with_what_to_do,
    a_closed_store_refuses_every_call,
}

fn key(name: &str) -> Key {
    Key::new(Table::Code, name)
}

fn write(expires_at: Timestamp, condition: Condition) -> Write {
    Write { value: b"value".to_vec(), expires_at, condition, durability: Durability::Epoch }
}

async fn of_fifty_writers_of_an_absent_record_exactly_one_writes_it(place: Place) {
    for durability in [Durability::Epoch, Durability::Buffered, Durability::Durable] {
        let name = key(&format!("{durability:?}"));
        let outcomes = fifty(|number| {
            let (kv, name) = (Arc::clone(&place.kv), name.clone());
            let value = vec![u8::try_from(number).unwrap()];
            let write = Write { value, expires_at: NEVER, condition: Condition::IfAbsent, durability };
            async move { kv.put(&name, write, START).await.unwrap() }
        })
        .await;
        let winners: Vec<_> = (0_u8..).zip(&outcomes).filter(|(_, outcome)| outcome.is_some()).collect();
        let [(winner, version)] = winners.as_slice() else { panic!("{} winners", winners.len()) };
        let kept = place.kv.get(&name, START).await.unwrap().expect("was written");
        assert_eq!((kept.value, Some(kept.version)), (vec![*winner], **version));
    }
}

async fn of_fifty_writers_with_the_same_version_exactly_one_writes(place: Place) {
    let version =
        place.kv.put(&key("a"), write(NEVER, Condition::Always), START).await.unwrap().expect("written");
    let outcomes = fifty(|_| {
        let kv = Arc::clone(&place.kv);
        async move { kv.put(&key("a"), write(NEVER, Condition::IfVersion(version)), START).await.unwrap() }
    })
    .await;
    assert_eq!(outcomes.iter().flatten().count(), 1);
    assert_ne!(outcomes.into_iter().flatten().next(), Some(version));
}

async fn of_fifty_takers_exactly_one_gets_the_record(place: Place) {
    for durability in [Durability::Buffered, Durability::Durable] {
        place.kv.put(&key("a"), write(NEVER, Condition::IfAbsent), START).await.unwrap().expect("written");
        let outcomes = fifty(|_| {
            let kv = Arc::clone(&place.kv);
            async move { kv.take(&key("a"), durability, START).await.unwrap() }
        })
        .await;
        assert_eq!(outcomes.iter().flatten().count(), 1);
        assert_eq!(place.kv.get(&key("a"), START).await.unwrap(), None);
    }
}

async fn a_stale_version_writes_nothing(place: Place) {
    let old =
        place.kv.put(&key("a"), write(NEVER, Condition::Always), START).await.unwrap().expect("written");
    let new =
        place.kv.put(&key("a"), write(NEVER, Condition::Always), START).await.unwrap().expect("written");
    assert_ne!(old, new);
    let stale = write(NEVER, Condition::IfVersion(old));
    assert_eq!(place.kv.put(&key("a"), stale, START).await.unwrap(), None);
    let absent = write(NEVER, Condition::IfVersion(new));
    assert_eq!(place.kv.put(&key("b"), absent, START).await.unwrap(), None);
    assert_eq!(place.kv.get(&key("a"), START).await.unwrap().map(|entry| entry.version), Some(new));
}

async fn a_record_is_absent_from_the_second_it_expires(place: Place) {
    let until = START.plus(10);
    for name in ["got", "taken", "scanned", "replaced"] {
        place.kv.put(&key(name), write(until, Condition::IfAbsent), START).await.unwrap().expect("written");
    }
    assert!(place.kv.get(&key("got"), until.minus(1)).await.unwrap().is_some());
    assert_eq!(place.kv.scan(&key(""), None, 9, until.minus(1)).await.unwrap().len(), 4);

    assert_eq!(place.kv.scan(&key(""), None, 9, until).await.unwrap(), []);
    assert_eq!(place.kv.get(&key("got"), until).await.unwrap(), None);
    assert_eq!(place.kv.take(&key("taken"), Durability::Buffered, until).await.unwrap(), None);
    let again = place.kv.put(&key("replaced"), write(NEVER, Condition::IfAbsent), until).await.unwrap();
    assert!(again.is_some());
}

async fn a_record_seen_expired_does_not_come_back_when_the_clock_is_set_back(place: Place) {
    let until = START.plus(10);
    place.kv.put(&key("a"), write(until, Condition::IfAbsent), START).await.unwrap().expect("written");
    assert_eq!(place.kv.get(&key("a"), until).await.unwrap(), None);
    assert_eq!(place.kv.get(&key("a"), START).await.unwrap(), None);
}

async fn a_swept_record_does_not_come_back_when_the_clock_is_set_back(place: Place) {
    place
        .kv
        .put(&key("a"), write(START.plus(10), Condition::IfAbsent), START)
        .await
        .unwrap()
        .expect("written");
    assert_eq!(place.kv.sweep(9, START.plus(3_600)).await.unwrap(), 1);
    assert_eq!(place.kv.get(&key("a"), START).await.unwrap(), None);
}

async fn a_sweep_is_bounded_and_leaves_what_lives(place: Place) {
    for number in 0..25 {
        let until = if number < 20 { START.plus(number) } else { NEVER };
        place
            .kv
            .put(&key(&number.to_string()), write(until, Condition::IfAbsent), START.minus(1))
            .await
            .unwrap();
    }
    let now = START.plus(9);
    assert_eq!(place.kv.sweep(4, now).await.unwrap(), 4);
    assert_eq!(place.kv.sweep(100, now).await.unwrap(), 6);
    assert_eq!(place.kv.sweep(100, now).await.unwrap(), 0);
    let mut left: Vec<_> = place.kv.scan(&key(""), None, 100, START.minus(1)).await.unwrap();
    left.sort_by_key(|(_, entry)| entry.expires_at);
    assert_eq!(left.len(), 15);
    assert!(left.iter().all(|(_, entry)| entry.expires_at > now));
}

async fn a_record_that_is_kept_longer_outlives_the_sweep_of_its_first_expiry(place: Place) {
    place.kv.put(&key("a"), write(START.plus(10), Condition::Always), START).await.unwrap();
    place.kv.put(&key("a"), write(START.plus(20), Condition::Always), START).await.unwrap();
    place.kv.sweep(9, START.plus(10)).await.unwrap();
    assert!(place.kv.get(&key("a"), START.plus(10)).await.unwrap().is_some());
    place.kv.sweep(9, START.plus(20)).await.unwrap();
    assert_eq!(place.kv.get(&key("a"), START).await.unwrap(), None);
}

async fn what_was_swept_of_used_identifiers_is_known(place: Place) {
    let used = Key::new(Table::Replay, "a");
    assert_eq!((place.kv.horizon().since, place.kv.horizon().swept_until), (START, Timestamp(0)));
    place.kv.put(&used, write(START.plus(10), Condition::Always), START).await.unwrap();
    place.kv.put(&key("a"), write(START.plus(20), Condition::Always), START).await.unwrap();
    place.kv.sweep(9, START.plus(3_600)).await.unwrap();
    assert_eq!(place.kv.horizon().swept_until, START.plus(10));
}

async fn a_scan_pages_through_its_prefix_in_order(place: Place) {
    for name in ["b1", "a3", "a1", "a2", "a"] {
        place.kv.put(&key(name), write(NEVER, Condition::Always), START).await.unwrap();
    }
    place.kv.put(&Key::new(Table::Token, "a4"), write(NEVER, Condition::Always), START).await.unwrap();
    let (mut names, mut after) = (Vec::new(), None);
    while let Some((last, _)) = {
        let page = place.kv.scan(&key("a"), after.as_ref(), 2, START).await.unwrap();
        assert!(page.len() <= 2);
        names.extend(page.iter().map(|(key, _)| key.clone()));
        page.last().cloned()
    } {
        after = Some(last);
    }
    assert_eq!(names, ["a", "a1", "a2", "a3"].map(key));
}

async fn a_value_that_is_too_large_is_refused_with_what_to_do(place: Place) {
    let sized = |length| Write { value: vec![0; length], ..write(NEVER, Condition::Always) };
    assert!(place.kv.put(&key("a"), sized(MAX_VALUE), START).await.unwrap().is_some());
    let refused = place.kv.put(&key("b"), sized(MAX_VALUE + 1), START).await;
    let Err(StoreError::Unavailable(text)) = refused else { panic!("not refused") };
    assert!(
        text.contains("code record of 16001 bytes") && text.contains("fewer or shorter claims"),
        "{text}"
    );
    assert_eq!(place.kv.get(&key("b"), START).await.unwrap(), None);
}

async fn a_closed_store_refuses_every_call(place: Place) {
    place.kv.put(&key("a"), write(NEVER, Condition::Always), START).await.unwrap();
    place.kv.close().await.unwrap();
    place.kv.close().await.unwrap();
    assert!(place.kv.get(&key("a"), START).await.is_err());
    assert!(place.kv.put(&key("a"), write(NEVER, Condition::Always), START).await.is_err());
    assert!(place.kv.take(&key("a"), Durability::Buffered, START).await.is_err());
    assert!(place.kv.scan(&key("a"), None, 1, START).await.is_err());
    assert!(place.kv.sweep(1, START).await.is_err());
}
