//! The contract of the ports of the core.

use std::collections::BTreeSet;

use esignet_jose::{Algorithm, SigningKey};
use esignet_protocol::keys::{StoredKey, Times};
use esignet_protocol::ports::plugin_cache::PluginCacheError;
use esignet_protocol::ports::store::{Generation, Redemption, StoreError, Version};
use esignet_protocol::word::time::Timestamp;

use super::samples::{START, access_grant, client, client_id, code, grant_id, hash, pushed, transaction};
use super::{Opened, WINDOW, fifty, over_every_implementation};
use crate::typed::plugin_cache::{MAX_BYTES, MAX_ENTRIES};

over_every_implementation! {
    crate::contract::memory_store().await, crate::contract::sled_store().await;
    a_code_is_redeemed_once_and_every_other_caller_is_told_of_the_replay,
    a_code_is_not_spent_by_another_client,
    an_expired_code_is_unknown_and_stays_so_when_the_clock_is_set_back,
    a_replayed_code_is_noticed_until_it_need_not_be_remembered,
    a_revocation_ends_tokens_issued_before_and_after_it,
    a_pushed_request_is_spent_once_and_then_gone,
    a_pushed_request_is_kept_until_the_later_time,
    of_fifty_steps_of_a_login_exactly_one_counts,
    a_login_ends_by_removal_and_by_time,
    an_identifier_is_used_for_the_first_time_once,
    an_identifier_whose_memory_was_swept_is_not_used_again_when_the_clock_is_set_back,
    every_attempt_counts_and_each_is_told_another_count,
    a_window_opens_with_its_first_attempt_and_ends_by_time,
    what_turned_out_not_to_count_is_given_back_and_never_below_zero,
    a_client_is_added_once_and_found_and_listed,
    of_fifty_who_replace_the_signing_keys_at_once_exactly_one_does,
    signing_keys_are_replaced_only_by_who_has_seen_the_last_ones,
    more_signing_keys_than_one_record_holds_are_kept_and_read_while_they_are_replaced,
    a_plugin_sees_only_its_own_namespace,
    a_plugin_marks_and_takes_once,
    a_plugin_gets_no_more_room_than_its_quota,
    a_grant_that_is_too_large_is_refused_with_what_to_do,
}

const fn later(seconds: u64) -> Timestamp {
    START.plus(seconds)
}

async fn a_code_is_redeemed_once_and_every_other_caller_is_told_of_the_replay(opened: Opened) {
    let grants = opened.store.stores().grants;
    grants.issue_code(&hash("code"), &code("rp", "grant", later(60)), later(600)).await.unwrap();
    let outcomes = fifty(|_| {
        let grants = grants.clone();
        async move { grants.redeem_code(&hash("code"), &client_id("rp"), START).await.unwrap() }
    })
    .await;
    let redeemed = outcomes.iter().filter(|outcome| matches!(outcome, Redemption::Redeemed(_))).count();
    let replayed =
        |outcome: &&Redemption| matches!(outcome, Redemption::Replayed(id) if *id == grant_id("grant"));
    assert_eq!((redeemed, outcomes.iter().filter(replayed).count()), (1, 49));
}

async fn a_code_is_not_spent_by_another_client(opened: Opened) {
    let grants = opened.store.stores().grants;
    grants.issue_code(&hash("code"), &code("rp", "grant", later(60)), later(600)).await.unwrap();
    let (known, thief, owner) = (hash("code"), client_id("thief"), client_id("rp"));
    assert!(matches!(grants.redeem_code(&known, &thief, START).await, Ok(Redemption::Foreign)));
    let own = grants.redeem_code(&known, &owner, START).await.unwrap();
    assert!(matches!(own, Redemption::Redeemed(issued) if issued.grant == grant_id("grant")));
    assert!(matches!(grants.redeem_code(&known, &thief, START).await, Ok(Redemption::Foreign)));
}

async fn an_expired_code_is_unknown_and_stays_so_when_the_clock_is_set_back(opened: Opened) {
    let grants = opened.store.stores().grants;
    grants.issue_code(&hash("code"), &code("rp", "grant", later(60)), later(600)).await.unwrap();
    for now in [later(60), later(59), START] {
        let outcome = grants.redeem_code(&hash("code"), &client_id("rp"), now).await;
        assert!(matches!(outcome, Ok(Redemption::Unknown)), "at {now:?}");
    }
}

async fn a_replayed_code_is_noticed_until_it_need_not_be_remembered(opened: Opened) {
    let grants = opened.store.stores().grants;
    grants.issue_code(&hash("code"), &code("rp", "grant", later(60)), later(600)).await.unwrap();
    grants.redeem_code(&hash("code"), &client_id("rp"), START).await.unwrap();
    opened.store.sweep(later(599), 100).await.unwrap();
    let again = grants.redeem_code(&hash("code"), &client_id("rp"), later(599)).await;
    assert!(matches!(again, Ok(Redemption::Replayed(_))));
    opened.store.sweep(later(600), 100).await.unwrap();
    for now in [later(600), START] {
        assert!(matches!(
            grants.redeem_code(&hash("code"), &client_id("rp"), now).await,
            Ok(Redemption::Unknown)
        ));
    }
}

async fn a_revocation_ends_tokens_issued_before_and_after_it(opened: Opened) {
    let grants = opened.store.stores().grants;
    grants.issue_token(&hash("before"), &access_grant("grant", later(300))).await.unwrap();
    grants.issue_token(&hash("other"), &access_grant("other grant", later(300))).await.unwrap();
    assert!(grants.token(&hash("before"), START).await.unwrap().is_some());

    grants.revoke(&grant_id("grant"), later(300)).await.unwrap();
    grants.revoke(&grant_id("grant"), later(10)).await.unwrap();
    grants.issue_token(&hash("after"), &access_grant("grant", later(300))).await.unwrap();
    for now in [START, later(299)] {
        assert!(grants.token(&hash("before"), now).await.unwrap().is_none());
        assert!(grants.token(&hash("after"), now).await.unwrap().is_none());
        assert!(grants.token(&hash("other"), now).await.unwrap().is_some());
    }
    assert!(grants.token(&hash("other"), later(300)).await.unwrap().is_none());
}

async fn a_pushed_request_is_spent_once_and_then_gone(opened: Opened) {
    let requests = opened.store.stores().pushed_requests;
    requests.push(&hash("par"), &pushed("rp"), later(60)).await.unwrap();
    for _ in 0..2 {
        let seen = requests.look(&hash("par"), START).await.unwrap();
        assert_eq!(seen.map(|request| request.client_id), Some(client_id("rp")));
    }
    let spent = fifty(|_| {
        let requests = requests.clone();
        async move { requests.spend(&hash("par"), START).await.unwrap() }
    })
    .await;
    assert_eq!(spent.into_iter().filter(|first| *first).count(), 1);
    assert!(requests.look(&hash("par"), START).await.unwrap().is_none());
    assert!(!requests.open(&hash("par"), later(600), 2).await.unwrap());
    assert!(requests.push(&hash("par"), &pushed("rp"), later(60)).await.is_err());
    assert!(requests.look(&hash("par"), START).await.unwrap().is_none());
}

async fn a_pushed_request_is_kept_until_the_later_time(opened: Opened) {
    let requests = opened.store.stores().pushed_requests;
    requests.push(&hash("par"), &pushed("rp"), later(60)).await.unwrap();
    assert!(requests.open(&hash("par"), later(600), 2).await.unwrap());
    assert!(requests.open(&hash("par"), later(30), 2).await.unwrap());
    assert!(!requests.open(&hash("par"), later(30), 2).await.unwrap(), "opened as often as it may be");
    opened.store.sweep(later(599), 100).await.unwrap();
    assert!(requests.look(&hash("par"), later(599)).await.unwrap().is_some());
    assert!(requests.look(&hash("par"), later(600)).await.unwrap().is_none());
    opened.clock.set(later(600));
    assert!(!requests.open(&hash("par"), later(900), 9).await.unwrap());
    assert!(!requests.spend(&hash("unknown"), START).await.unwrap());
}

async fn of_fifty_steps_of_a_login_exactly_one_counts(opened: Opened) {
    let logins = opened.store.stores().transactions;
    logins.create(&hash("login"), &transaction("en"), later(600)).await.unwrap();
    let version = logins.load(&hash("login"), START).await.unwrap().expect("was created").version;
    let steps = fifty(|number| {
        let (logins, version) = (logins.clone(), version.clone());
        let step = transaction(&format!("locale-{number}"));
        async move { logins.replace(&hash("login"), &version, &step, later(600)).await.unwrap() }
    })
    .await;
    let counted: Vec<_> = steps.iter().enumerate().filter(|(_, step)| step.is_some()).collect();
    let [(winner, new)] = counted.as_slice() else { panic!("{} steps counted", counted.len()) };
    let now = logins.load(&hash("login"), START).await.unwrap().expect("is there");
    assert_eq!(now.record.locale, format!("locale-{winner}"));
    assert_eq!(Some(&now.version), new.as_ref());
    assert!(logins.create(&hash("login"), &transaction("en"), later(600)).await.is_err());
}

async fn a_login_ends_by_removal_and_by_time(opened: Opened) {
    let logins = opened.store.stores().transactions;
    for name in ["removed", "over"] {
        logins.create(&hash(name), &transaction("en"), later(600)).await.unwrap();
    }
    let known = logins.load(&hash("removed"), START).await.unwrap().expect("is there").version;
    logins.remove(&hash("removed")).await.unwrap();
    assert!(logins.load(&hash("removed"), START).await.unwrap().is_none());
    for version in [known, Version(b"not ours".to_vec()), Version(Vec::new())] {
        let revived =
            logins.replace(&hash("removed"), &version, &transaction("en"), later(600)).await.unwrap();
        assert_eq!(revived, None);
    }
    assert!(logins.load(&hash("over"), later(599)).await.unwrap().is_some());
    for now in [later(600), START] {
        assert!(logins.load(&hash("over"), now).await.unwrap().is_none());
    }
}

async fn an_identifier_is_used_for_the_first_time_once(opened: Opened) {
    let replays = opened.store.stores().replays;
    let first = fifty(|_| {
        let replays = replays.clone();
        async move { replays.first_use(&hash("jti"), later(60), START).await.unwrap() }
    })
    .await;
    assert_eq!(first.into_iter().filter(|first| *first).count(), 1);
    assert!(!replays.first_use(&hash("jti"), later(90), later(59)).await.unwrap());
    assert!(replays.first_use(&hash("another"), later(60), START).await.unwrap());
    assert!(!replays.first_use(&hash("over"), later(60), later(60)).await.unwrap());
    assert_eq!(replays.remembers_since(), START);
}

async fn an_identifier_whose_memory_was_swept_is_not_used_again_when_the_clock_is_set_back(opened: Opened) {
    let replays = opened.store.stores().replays;
    assert!(replays.first_use(&hash("jti"), later(60), START).await.unwrap());
    assert_eq!(opened.store.sweep(later(3_600), 100).await.unwrap(), 1);
    assert!(!replays.first_use(&hash("jti"), later(60), START).await.unwrap());
    assert!(replays.first_use(&hash("fresh"), later(61), START).await.unwrap());
}

async fn every_attempt_counts_and_each_is_told_another_count(opened: Opened) {
    let counters = opened.store.stores().counters;
    let counts = fifty(|_| {
        let counters = counters.clone();
        async move { counters.increment(&hash("id"), WINDOW, START).await.unwrap() }
    })
    .await;
    assert_eq!(counts.into_iter().collect::<BTreeSet<_>>(), (1..=50).collect());
    assert_eq!(counters.count(&hash("id"), START).await.unwrap(), 50);
}

async fn what_turned_out_not_to_count_is_given_back_and_never_below_zero(opened: Opened) {
    let counters = opened.store.stores().counters;
    for _ in 0..3 {
        counters.increment(&hash("id"), WINDOW, START).await.unwrap();
    }
    counters.give_back(&hash("id"), 2, START).await.unwrap();
    assert_eq!(counters.count(&hash("id"), START).await.unwrap(), 1);
    counters.give_back(&hash("id"), 5, START).await.unwrap();
    assert_eq!(counters.count(&hash("id"), START).await.unwrap(), 0);
    counters.give_back(&hash("nobody"), 1, START).await.unwrap();
    assert_eq!(counters.count(&hash("nobody"), START).await.unwrap(), 0);
    assert_eq!(counters.increment(&hash("id"), WINDOW, later(599)).await.unwrap(), 1);
    assert_eq!(counters.count(&hash("id"), later(600)).await.unwrap(), 0, "giving back opens no new window");
}

async fn a_window_opens_with_its_first_attempt_and_ends_by_time(opened: Opened) {
    let counters = opened.store.stores().counters;
    assert_eq!(counters.count(&hash("id"), START).await.unwrap(), 0);
    assert_eq!(counters.increment(&hash("id"), WINDOW, START).await.unwrap(), 1);
    assert_eq!(counters.increment(&hash("id"), WINDOW, later(599)).await.unwrap(), 2);
    opened.store.sweep(later(599), 100).await.unwrap();
    assert_eq!(counters.count(&hash("id"), later(599)).await.unwrap(), 2);
    assert_eq!(counters.count(&hash("another"), later(599)).await.unwrap(), 0);
    assert_eq!(counters.increment(&hash("id"), WINDOW, later(600)).await.unwrap(), 1);
    assert_eq!(counters.count(&hash("id"), later(1_199)).await.unwrap(), 1);
}

async fn a_client_is_added_once_and_found_and_listed(opened: Opened) {
    let clients = opened.store.stores().clients;
    assert!(clients.client(&client_id("b")).await.unwrap().is_none());
    for id in ["b", "a"] {
        assert!(clients.add(&client(id)).await.unwrap());
        assert!(!clients.add(&client(id)).await.unwrap());
    }
    let found = clients.client(&client_id("b")).await.unwrap().expect("was added");
    assert_eq!(found.redirect_uris, client("b").redirect_uris);
    let again = clients.client(&client_id("b")).await.unwrap().expect("was added");
    assert!(std::sync::Arc::ptr_eq(&found, &again), "it is parsed once");
    let listed: Vec<_> =
        clients.list().await.unwrap().iter().map(|client| client.client_id.clone()).collect();
    assert_eq!(listed, [client_id("a"), client_id("b")]);
}

/// A signing key that is told from others by its time.
fn signing_key(key: &SigningKey, number: usize) -> StoredKey {
    StoredKey::new(key, Times::at_once(later(u64::try_from(number).unwrap()))).unwrap()
}

fn numbers(keys: &[StoredKey]) -> Vec<u64> {
    keys.iter().map(|key| key.times.activate_at.since(START)).collect()
}

async fn of_fifty_who_replace_the_signing_keys_at_once_exactly_one_does(opened: Opened) {
    let keys = opened.store.stores().keys;
    let (generation, none) = keys.load().await.unwrap();
    assert!(generation == Generation(0) && none.is_empty());
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    for expected in 0..3 {
        let replaced = fifty(|number| {
            let (keys, stored) = (keys.clone(), [signing_key(&key, number), signing_key(&key, 100 + number)]);
            async move { keys.replace(Generation(expected), &stored).await.unwrap() }
        })
        .await;
        assert_eq!(replaced.iter().filter(|won| **won).count(), 1);
        let winner = u64::try_from(replaced.iter().position(|won| *won).unwrap()).unwrap();
        let (generation, stored) = keys.load().await.unwrap();
        assert_eq!(generation, Generation(expected + 1));
        assert_eq!(numbers(&stored), [winner, 100 + winner], "in the order in which they were given");
    }
}

async fn signing_keys_are_replaced_only_by_who_has_seen_the_last_ones(opened: Opened) {
    let keys = opened.store.stores().keys;
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    assert!(!keys.replace(Generation(1), &[signing_key(&key, 0)]).await.unwrap(), "there is none yet");
    for number in 0..3 {
        assert!(keys.replace(Generation(number), &[signing_key(&key, 7)]).await.unwrap());
        assert!(!keys.replace(Generation(number), &[signing_key(&key, 8)]).await.unwrap());
    }
    let (generation, stored) = keys.load().await.unwrap();
    assert_eq!((generation, numbers(&stored)), (Generation(3), vec![7]));
}

async fn more_signing_keys_than_one_record_holds_are_kept_and_read_while_they_are_replaced(opened: Opened) {
    let keys = opened.store.stores().keys;
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let many: Vec<StoredKey> = (0..200).map(|number| signing_key(&key, number)).collect();
    assert!(keys.replace(Generation(0), &many).await.unwrap());
    let reader = {
        let keys = keys.clone();
        tokio::spawn(async move {
            for _ in 0..100 {
                let (generation, stored) = keys.load().await.unwrap();
                let expected = if generation.0 % 2 == 1 { 200 } else { 120 };
                assert_eq!(stored.len(), expected, "those of one generation and no other");
                tokio::task::yield_now().await;
            }
        })
    };
    for generation in 1..20 {
        let some = if generation % 2 == 0 { &many[..] } else { &many[..120] };
        assert!(keys.replace(Generation(generation), some).await.unwrap());
    }
    reader.await.unwrap();
    let (_, stored) = keys.load().await.unwrap();
    assert_eq!(numbers(&stored), (0..120).collect::<Vec<_>>());
}

async fn a_plugin_sees_only_its_own_namespace(opened: Opened) {
    let cache = opened.store.plugin_cache();
    cache.put("one", "key", b"value".to_vec(), 60).await.unwrap();
    assert_eq!(cache.get("one", "key").await.unwrap(), Some(b"value".to_vec()));
    assert_eq!(cache.get("two", "key").await.unwrap(), None);
    assert_eq!(cache.take("two", "key").await.unwrap(), None);
    cache.put("one", "key", b"another".to_vec(), 60).await.unwrap();
    assert_eq!(cache.get("one", "key").await.unwrap(), Some(b"another".to_vec()));
    for now in [later(60), START] {
        opened.clock.set(now);
        assert_eq!(cache.get("one", "key").await.unwrap(), None);
    }
}

async fn a_plugin_marks_and_takes_once(opened: Opened) {
    let cache = opened.store.plugin_cache();
    let marked = fifty(|_| {
        let cache = cache.clone();
        async move { cache.put_if_absent("one", "mark", b"value".to_vec(), 60).await.unwrap() }
    })
    .await;
    assert_eq!(marked.into_iter().filter(|first| *first).count(), 1);
    let taken = fifty(|_| {
        let cache = cache.clone();
        async move { cache.take("one", "mark").await.unwrap() }
    })
    .await;
    assert_eq!(taken.into_iter().flatten().collect::<Vec<_>>(), [b"value".to_vec()]);
    assert_eq!(cache.get("one", "mark").await.unwrap(), None);
}

async fn a_plugin_gets_no_more_room_than_its_quota(opened: Opened) {
    let cache = opened.store.plugin_cache();
    for number in 0..MAX_ENTRIES {
        cache.put("many", &number.to_string(), Vec::new(), 60).await.unwrap();
    }
    assert_eq!(cache.put("many", "more", Vec::new(), 60).await, Err(PluginCacheError::Quota));
    assert_eq!(cache.put_if_absent("many", "more", Vec::new(), 60).await, Err(PluginCacheError::Quota));
    cache.put("many", "0", b"in its own place".to_vec(), 60).await.unwrap();

    let value = vec![0; 15_000];
    let fits = MAX_BYTES / (value.len() + 100);
    for number in 0..fits {
        cache.put("large", &number.to_string(), value.clone(), 60).await.unwrap();
    }
    assert_eq!(cache.put("large", "more", value.clone(), 60).await, Err(PluginCacheError::Quota));
    opened.clock.set(later(60));
    cache.put("many", "more", Vec::new(), 60).await.unwrap();
    cache.put("large", "more", value, 60).await.unwrap();
}

async fn a_grant_that_is_too_large_is_refused_with_what_to_do(opened: Opened) {
    let grants = opened.store.stores().grants;
    let mut large = access_grant("grant", later(300));
    large.login.subject = "x".repeat(20_000);
    let refused = grants.issue_token(&hash("token"), &large).await;
    let Err(StoreError::Unavailable(text)) = refused else { panic!("not refused") };
    assert!(text.contains("a token record of") && text.contains("16000 bytes"), "{text}");
}
