use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use esignet_jose::signing_key::SigningKey;
use serde_json::json;

use super::*;
use crate::ports::fetch::{Fetched, PublicFetch, PublicRequest};
use crate::testing::key;
use crate::word::client_id::ClientId;

const START: Timestamp = Timestamp(1_800_000_000);
const URI: &str = "https://rp.example/jwks.json";

/// A server with a document that a test changes, and a count of readings.
struct Document {
    answer: Mutex<Result<Fetched, FetchRefusal>>,
    asked: Mutex<Vec<String>>,
    slow: bool,
}

#[async_trait]
impl PublicFetch for Document {
    async fn get(&self, request: PublicRequest) -> Result<Fetched, FetchRefusal> {
        assert_eq!(request.max_bytes, 64 * 1024);
        self.asked.lock().expect("no test panics with it").push(request.url);
        if self.slow {
            for _ in 0..4 {
                yield_once().await;
            }
        }
        self.answer.lock().expect("no test panics with it").clone()
    }
}

/// Pending once, then ready.
async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(
        |_| if std::mem::replace(&mut yielded, true) { Poll::Ready(()) } else { Poll::Pending },
    )
    .await;
}

impl Document {
    fn with(keys: &[&SigningKey], max_age: Option<u64>) -> Arc<Self> {
        let answer = Mutex::new(Ok(document(keys, max_age)));
        Arc::new(Self { answer, asked: Mutex::default(), slow: false })
    }

    fn becomes(&self, answer: Result<Fetched, FetchRefusal>) {
        *self.answer.lock().expect("no test panics with it") = answer;
    }

    fn read(&self) -> usize {
        self.asked.lock().expect("no test panics with it").len()
    }
}

fn document(keys: &[&SigningKey], max_age: Option<u64>) -> Fetched {
    let keys: Vec<_> = keys.iter().map(|key| key.public_jwk().to_value()).collect();
    Fetched {
        media_type: "application/json".to_owned(),
        bytes: json!({ "keys": keys }).to_string().into_bytes(),
        max_age,
    }
}

fn id() -> ClientId {
    ClientId::parse("rp").expect("a client id")
}

/// Polls to the end what does not wait for anything outside.
fn now_or_never<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    for _ in 0..10 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
    panic!("it waits for ever")
}

fn kid(key: &SigningKey) -> Option<&str> {
    key.public_jwk().kid()
}

/// Whether the key is among those that are known at a time, wanted by its `kid`.
fn finds(keys: &FetchedKeys, key: &SigningKey, after: u64) -> Result<bool, KeysUnavailable> {
    let wanted = Wanted::Verifying { kid: kid(key), algorithm: Algorithm::Es256 };
    let set = now_or_never(keys.at(&id(), URI, wanted, START.plus(after)))?;
    Ok(set.find(kid(key), Algorithm::Es256).next().is_some())
}

#[test]
fn keys_are_read_once_and_used_for_as_long_as_their_server_says() {
    let first = key();
    for (said, good_for) in [(Some(600), 600), (Some(0), 60), (Some(u64::MAX), 24 * 60 * 60), (None, 300)] {
        let document = Document::with(&[&first], said);
        let keys = FetchedKeys::new(document.clone());
        for after in [0, 1, good_for - 1] {
            assert_eq!(finds(&keys, &first, after), Ok(true));
        }
        assert_eq!(document.read(), 1, "{said:?}");
        assert_eq!(finds(&keys, &first, good_for), Ok(true));
        assert_eq!(document.read(), 2, "{said:?}");
    }
}

#[test]
fn a_new_key_works_after_one_more_reading_and_one_that_was_removed_no_longer() {
    let (old, new) = (key(), key());
    let document = Document::with(&[&old], Some(3600));
    let keys = FetchedKeys::new(document.clone());
    assert_eq!(finds(&keys, &old, 0), Ok(true));
    document.becomes(Ok(self::document(&[&new], Some(3600))));
    assert_eq!(finds(&keys, &new, 1), Ok(true));
    assert_eq!(finds(&keys, &old, 2), Ok(false));
    assert_eq!(document.read(), 2);
}

#[test]
fn made_up_key_ids_cause_one_reading_in_thirty_seconds() {
    let (known, made_up) = (key(), key());
    let document = Document::with(&[&known], Some(3600));
    let keys = FetchedKeys::new(document.clone());
    for after in 0..90 {
        assert_eq!(finds(&keys, &made_up, after), Ok(false));
        assert_eq!(finds(&keys, &known, after), Ok(true), "nobody else is held up by them");
    }
    assert_eq!(document.read(), 4, "the first, and one every thirty seconds");
}

#[test]
fn keys_outlive_an_outage_of_their_server_by_a_day_and_no_more() {
    let known = key();
    let document = Document::with(&[&known], Some(60));
    let keys = FetchedKeys::new(document.clone());
    assert_eq!(finds(&keys, &known, 0), Ok(true));
    document.becomes(Err(FetchRefusal::Unreachable));
    for after in [60, 70, 89, 3600, 59 + 24 * 60 * 60] {
        assert_eq!(finds(&keys, &known, after), Ok(true), "after {after}");
    }
    assert_eq!(document.read(), 4, "one at once, then at most every thirty seconds");
    let over = finds(&keys, &known, 60 + 24 * 60 * 60);
    assert_eq!(over, Err(KeysUnavailable::Fetch(FetchRefusal::Unreachable)));
}

#[test]
fn a_reading_that_failed_is_not_repeated_by_every_request() {
    let known = key();
    let document = Document::with(&[], None);
    document.becomes(Err(FetchRefusal::NotPublic));
    let keys = FetchedKeys::new(document.clone());
    for after in 0..30 {
        let refused = finds(&keys, &known, after);
        assert_eq!(refused, Err(KeysUnavailable::Fetch(FetchRefusal::NotPublic)));
    }
    assert_eq!(document.read(), 1);
    document.becomes(Ok(self::document(&[&known], None)));
    assert_eq!(finds(&keys, &known, 30), Ok(true));
}

#[test]
fn what_is_no_set_of_public_keys_is_refused_and_what_was_read_before_stays() {
    let known = key();
    let document = Document::with(&[&known], Some(60));
    let keys = FetchedKeys::new(document.clone());
    assert_eq!(finds(&keys, &known, 0), Ok(true));
    let mut with_private = self::document(&[&known], None);
    let text =
        String::from_utf8(with_private.bytes).expect("text").replace("\"kty\"", "\"d\":\"AA\",\"kty\"");
    with_private.bytes = text.into_bytes();
    document.becomes(Ok(with_private));
    assert_eq!(finds(&keys, &known, 60), Ok(true));
    assert_eq!(document.read(), 2);
    for bytes in [b"<html>".to_vec(), vec![0xff], b"[]".to_vec()] {
        let other = Document::with(&[], None);
        other.becomes(Ok(Fetched { bytes, ..self::document(&[], None) }));
        let refused = finds(&FetchedKeys::new(other), &known, 0);
        assert!(
            matches!(refused, Err(KeysUnavailable::NotAJwkSet(_) | KeysUnavailable::NotText)),
            "{refused:?}"
        );
    }
}

#[test]
fn another_jwks_uri_is_read_at_once() {
    let known = key();
    let document = Document::with(&[&known], Some(3600));
    let keys = FetchedKeys::new(document.clone());
    assert_eq!(finds(&keys, &known, 0), Ok(true));
    let (client, elsewhere) = (id(), "https://elsewhere.example/");
    assert!(now_or_never(keys.at(&client, elsewhere, Wanted::Satisfying(&|_| true), START)).is_ok());
    assert_eq!(*document.asked.lock().expect("no test panics with it"), [URI, elsewhere]);
}

#[test]
fn all_who_wait_share_one_reading_also_when_the_first_of_them_leaves() {
    let known = key();
    let mut document = Document::with(&[&known], None);
    Arc::get_mut(&mut document).expect("not shared yet").slow = true;
    let keys = FetchedKeys::new(document.clone());
    let wanted = || Wanted::Verifying { kid: kid(&known), algorithm: Algorithm::Es256 };
    let (client, mut context) = (id(), Context::from_waker(Waker::noop()));
    let mut leaves = Box::pin(keys.at(&client, URI, wanted(), START));
    let mut stays = Box::pin(keys.at(&client, URI, wanted(), START));
    assert!(leaves.as_mut().poll(&mut context).is_pending());
    assert!(stays.as_mut().poll(&mut context).is_pending());
    drop(leaves);
    assert!(now_or_never(stays).is_ok());
    assert_eq!(finds(&keys, &known, 1), Ok(true));
    assert_eq!(document.read(), 1);
}
