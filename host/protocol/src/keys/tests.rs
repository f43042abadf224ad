use std::collections::BTreeSet;

use esignet_jose::jws::{MaxLength, UnverifiedJws};

use super::*;

mod always_verifies;

/// When tests begin.
const START: Timestamp = Timestamp(1_000_000);

fn policy() -> KeyPolicy {
    KeyPolicy {
        algorithms: vec![Algorithm::Es256],
        rotate_every: 10_000,
        jwks_max_age: 300,
        poll_every: 10,
        clock_skew: 5,
        publish_ahead: 0,
        longest_life: 600,
    }
}

fn with(algorithms: &[Algorithm]) -> KeyPolicy {
    KeyPolicy { algorithms: algorithms.to_vec(), ..policy() }
}

fn filled(plan: Plan) -> Vec<StoredKey> {
    let mut made: Vec<_> = plan.wanted().map(|one| SigningKey::generate(one).expect("a key")).collect();
    plan.fill(&mut made).expect("a key is written").expect("there are enough")
}

/// The keys after what the clock asks for, or as they were.
fn rotated(state: &[StoredKey], policy: &KeyPolicy, now: Timestamp) -> Vec<StoredKey> {
    rotate(state, policy, now).map_or_else(|| state.to_vec(), filled)
}

fn kids(keys: &[StoredKey]) -> Vec<String> {
    keys.iter().map(|key| key.kid().to_owned()).collect()
}

fn published(keys: &Keys, now: Timestamp) -> BTreeSet<String> {
    let set = keys.jwks(now);
    set["keys"]
        .as_array()
        .expect("a set")
        .iter()
        .map(|key| key["kid"].as_str().expect("a kid").to_owned())
        .collect()
}

/// Signs something, and which key did.
fn signed(keys: &Keys, algorithm: Algorithm, now: Timestamp) -> Option<(String, String)> {
    let token = keys.sign(algorithm, "JWT", &Map::new(), now).ok()?;
    let kid = UnverifiedJws::parse(&token, MaxLength(4_096)).ok()?.key_id()?.to_owned();
    Some((kid, token))
}

fn signer(keys: &Keys, now: Timestamp) -> Option<String> {
    signed(keys, Algorithm::Es256, now).map(|(kid, _)| kid)
}

#[test]
fn the_first_keys_of_a_store_sign_at_once_and_nothing_is_left_to_do() {
    let policy = with(&[Algorithm::Es256, Algorithm::EdDsa]);
    let state = rotated(&[], &policy, START);
    assert_eq!(state.len(), 2);
    assert!(rotate(&state, &policy, START).is_none());
    let keys = Keys::open(policy, &state, START).unwrap();
    assert_eq!(keys.algorithms(), [Algorithm::Es256, Algorithm::EdDsa]);
    for algorithm in keys.algorithms() {
        let (kid, token) = signed(&keys, algorithm, START).unwrap();
        assert!(published(&keys, START).contains(&kid));
        let jws = UnverifiedJws::parse(&token, MaxLength(4_096)).unwrap();
        assert!(jws.verify_any(&keys.verification_keys(START)).is_ok());
    }
    assert!(signed(&keys, Algorithm::Ps256, START).is_none(), "nobody asked for this one");
    let behind = START.minus(5);
    assert!(signer(&keys, behind).is_some(), "also where the clock is behind");
}

#[test]
fn a_successor_is_published_in_time_takes_over_when_it_is_due_and_the_old_key_stays_until_its_last_signature_is_over()
 {
    let policy = policy();
    let first = rotated(&[], &policy, START);
    let due = first[0].times.activate_at.plus(10_000);
    let ahead = policy.ahead() + policy.poll_every;
    assert!(rotate(&first, &policy, due.minus(ahead + 1)).is_none(), "not earlier");

    let both = rotated(&first, &policy, due.minus(ahead));
    let (old, new) = (both[0].kid().to_owned(), both[1].kid().to_owned());
    assert_eq!(both[1].times, Times { publish_at: due.minus(ahead), activate_at: due, retire_at: None });
    let keys = Keys::open(policy.clone(), &both, START).unwrap();
    assert_eq!(published(&keys, due.minus(ahead + 1)), [old.clone()].into());
    assert_eq!(published(&keys, due.minus(ahead)), [old.clone(), new.clone()].into());
    assert_eq!(signer(&keys, due.minus(1)), Some(old.clone()));
    assert_eq!(signer(&keys, due), Some(new.clone()));
    assert_eq!(states(&both, due.minus(1)), [KeyState::Active, KeyState::Next]);
    assert_eq!(states(&both, due), [KeyState::Retired, KeyState::Active]);

    let gone = due.plus(600 + 60 + 5);
    assert_eq!(both[0].times.retire_at, Some(gone));
    assert_eq!(published(&keys, gone.minus(1)), [old, new.clone()].into());
    assert_eq!(published(&keys, gone), [new.clone()].into());
    assert_eq!(kids(&rotated(&both, &policy, gone)), [new]);
}

#[test]
fn a_private_half_that_no_clock_asks_for_any_more_is_destroyed_and_its_public_half_stays() {
    let policy = policy();
    let first = rotated(&[], &policy, START);
    let due = first[0].times.activate_at.plus(10_000);
    let both = rotated(&first, &policy, due.minus(320));
    let due = both[1].times.activate_at;
    assert!(rotated(&both, &policy, due.plus(5)).iter().all(|key| key.private.is_some()));
    let after = rotated(&both, &policy, due.plus(6));
    assert!(after[0].private.is_none() && after[1].private.is_some());
    let keys = Keys::open(policy, &after, due.plus(6)).unwrap();
    assert_eq!(published(&keys, due.plus(6)).len(), 2);
    assert_eq!(states(&after, due.plus(6)), [KeyState::Retired, KeyState::Active]);
}

#[test]
fn after_a_long_stop_there_is_one_successor_and_it_waits_for_as_long_as_any_other() {
    let policy = policy();
    let first = rotated(&[], &policy, START);
    let later = START.plus(1_000_000);
    let both = rotated(&first, &policy, later);
    assert_eq!(both.len(), 2);
    assert_eq!(both[1].times.activate_at, later.plus(policy.ahead()));
    assert_eq!(states(&both, later), [KeyState::Active, KeyState::Next]);
}

#[test]
fn when_keys_turn_faster_than_the_news_travels_several_wait_their_turn() {
    let policy = KeyPolicy { rotate_every: 60, ..policy() };
    let mut state = rotated(&[], &policy, START);
    for seconds in (0..1_000).step_by(10) {
        state = rotated(&state, &policy, START.plus(seconds));
    }
    let now = START.plus(990);
    let next = states(&state, now).into_iter().filter(|state| *state == KeyState::Next).count();
    assert_eq!(next, 5, "316 seconds and a poll are five periods of 60 ahead");
    let activations: Vec<_> = state.iter().map(|key| key.times.activate_at.0).collect();
    assert!(activations[1..].windows(2).all(|pair| pair[1] - pair[0] == 60), "{activations:?}");
}

#[test]
fn an_operator_turns_the_keys_without_breaking_a_signature() {
    let policy = policy();
    let first = rotated(&[], &policy, START);
    let now = START.plus(100);
    let both = filled(turn_now(&first, &policy, now));
    assert_eq!(states(&both, now), [KeyState::Active, KeyState::Next]);
    assert_eq!(both[1].times.activate_at, now.plus(policy.ahead()));
    assert!(rotate(&both, &policy, now).is_none());
    let again = filled(turn_now(&both, &policy, now));
    assert!(again[2].times.activate_at > again[1].times.activate_at, "one after the other");
}

#[test]
fn a_key_for_an_algorithm_that_was_added_signs_when_every_older_set_is_out_of_use() {
    let state = rotated(&[], &policy(), START);
    let policy = with(&[Algorithm::Es256, Algorithm::EdDsa]);
    let now = START.plus(50);
    let state = rotated(&state, &policy, now);
    let signs_at = now.plus(policy.overlap());
    let keys = Keys::open(policy, &state, now).unwrap();
    assert_eq!(published(&keys, now).len(), 2);
    assert_eq!(keys.algorithms(), [Algorithm::Es256], "what cannot sign yet is not announced");
    assert!(signed(&keys, Algorithm::EdDsa, signs_at.minus(1)).is_none());
    keys.install(&state, signs_at).unwrap();
    assert_eq!(keys.algorithms(), [Algorithm::Es256, Algorithm::EdDsa]);
    assert!(signed(&keys, Algorithm::EdDsa, signs_at).is_some());
}

#[test]
fn an_algorithm_that_was_removed_signs_nothing_more_and_is_published_until_what_it_signed_is_over() {
    let both = with(&[Algorithm::Es256, Algorithm::EdDsa]);
    let state = rotated(&[], &both, START);
    let now = START.plus(50);
    let state = rotated(&state, &policy(), now);
    let keys = Keys::open(policy(), &state, now).unwrap();
    assert_eq!(keys.algorithms(), [Algorithm::Es256]);
    assert!(signed(&keys, Algorithm::EdDsa, now).is_none());
    let over = now.plus(policy().retention());
    assert_eq!(published(&keys, over.minus(1)).len(), 2);
    assert_eq!(published(&keys, over).len(), 1);
    assert_eq!(rotated(&state, &policy(), over).len(), 1);

    let wanted_again = rotated(&state, &both, now.plus(1));
    assert!(wanted_again.iter().all(|key| key.times.retire_at.is_none()), "as if nothing had been");
    let keys = Keys::open(both, &wanted_again, now.plus(1)).unwrap();
    assert!(signed(&keys, Algorithm::EdDsa, now.plus(1)).is_some());
}

#[test]
fn a_revoked_key_is_gone_at_once_and_a_fresh_one_signs_at_once() {
    let policy = policy();
    let first = rotated(&[], &policy, START);
    let now = START.plus(9_990);
    let both = rotated(&first, &policy, now);
    let (leaked, next) = (both[0].kid().to_owned(), both[1].kid().to_owned());
    let keys = Keys::open(policy.clone(), &both, now).unwrap();
    let (_, forged) = signed(&keys, Algorithm::Es256, now).unwrap();

    let after = filled(revoke(&both, std::slice::from_ref(&leaked), &policy, now).unwrap());
    keys.install(&after, now).unwrap();
    let fresh = signer(&keys, now).unwrap();
    assert!(fresh != leaked && fresh != next);
    assert_eq!(published(&keys, now), [fresh.clone(), next.clone()].into());
    assert_eq!(signer(&keys, now.minus(policy.clock_skew)), Some(fresh), "also where the clock is behind");
    let jws = UnverifiedJws::parse(&forged, MaxLength(4_096)).unwrap();
    assert!(jws.verify_any(&keys.verification_keys(now)).is_err(), "it verifies nothing of ours");
    assert_eq!(signer(&keys, both[1].times.activate_at), Some(next), "and the next one takes over when due");
    assert!(rotate(&after, &policy, now).is_none());
}

#[test]
fn a_revoked_key_that_did_not_sign_yet_is_replaced_by_one_that_waits_its_time() {
    let policy = policy();
    let first = rotated(&[], &policy, START);
    let now = START.plus(9_990);
    let both = rotated(&first, &policy, now);
    let after = filled(revoke(&both, &[both[1].kid().to_owned()], &policy, now).unwrap());
    assert_eq!(states(&after, now), [KeyState::Active, KeyState::Next]);
    assert_eq!(after[0].kid(), both[0].kid());
    assert_ne!(after[1].kid(), both[1].kid());
    assert_eq!(after[1].times.activate_at, now.plus(policy.ahead()));

    let all = filled(revoke(&both, &kids(&both), &policy, now).unwrap());
    assert!(all.iter().all(|key| !kids(&both).contains(&key.kid().to_owned())));
    assert_eq!(states(&all, now), [KeyState::Active]);
    let unknown = revoke(&both, &["nobody".to_owned()], &policy, now).map(drop);
    assert_eq!(unknown, Err(RevocationRefused::UnknownKid("nobody".to_owned())));
}

#[test]
fn the_set_is_written_anew_only_when_a_key_comes_or_goes() {
    let policy = policy();
    let both = rotated(&rotated(&[], &policy, START), &policy, START.plus(9_990));
    let keys = Keys::open(policy, &both, START).unwrap();
    let before = keys.jwks(START.plus(9_000));
    assert!(Arc::ptr_eq(&before, &keys.jwks(START.plus(9_989))));
    let with_next = keys.jwks(START.plus(9_990));
    assert!(!Arc::ptr_eq(&before, &with_next));
    assert!(Arc::ptr_eq(&with_next, &keys.jwks(both[0].times.retire_at.unwrap().minus(1))));
    assert_eq!(keys.jwks(START), before, "also when the clock is set back");
}

#[test]
fn keys_that_are_known_are_not_parsed_again() {
    let policy = policy();
    let mut state = rotated(&[], &policy, START);
    let keys = Keys::open(policy.clone(), &state, START).unwrap();
    let signed_by = signer(&keys, START);
    state[0].private = Some(Pkcs8(Zeroizing::new(vec![0])));
    assert_eq!(Keys::open(policy, &state, START).map(drop), Err(KeyRingError::Unreadable));
    keys.install(&state, START).expect("it is not looked at");
    assert_eq!(signer(&keys, START), signed_by);
    assert_eq!(keys.install(&[], START), Err(KeyRingError::Empty));
    assert_eq!(signer(&keys, START), signed_by, "and the keys stay when the new ones are no good");
}

#[test]
fn a_stored_key_reads_back_and_a_private_half_of_another_key_is_refused() {
    let state = rotated(&[], &policy(), START);
    let mut read: Vec<StoredKey> =
        serde_json::from_str(&serde_json::to_string(&state).unwrap()).expect("it reads back");
    let keys = Keys::open(policy(), &read, START).unwrap();
    assert_eq!(signer(&keys, START).as_deref(), Some(state[0].kid()));
    read[0].private = rotated(&[], &policy(), START)[0].private.clone();
    assert_eq!(Keys::open(policy(), &read, START).map(drop), Err(KeyRingError::Unreadable));
}
