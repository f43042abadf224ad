//! What the disk adds to the contract: stops of both kinds, what lies in the files, and doors that stay shut.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use esignet_protocol::consent::record::ConsentEvent;
use esignet_protocol::ports::store::Redemption;
use esignet_protocol::word::time::Timestamp;

use super::{OpenError, Sled, open};
use crate::contract::samples::{
    MARK, START, TestClock, access_grant, client, client_id, code, consent, grant_id, hash, pushed,
    transaction,
};
use crate::contract::{WINDOW, fresh_path, key};
use crate::kv::{Condition, Durability, Key, Kv, MAX_VALUE, NEVER, Table, Write};
use crate::{SealingKey, Store};

/// When stores are opened again.
const AGAIN: Timestamp = Timestamp(START.0 + 30);

async fn store_at(path: &Path, now: Timestamp) -> Store {
    let clock = TestClock::default();
    clock.set(now);
    Store::sled(path, Arc::new(clock), key()).await.expect("opens")
}

/// One of each: alive, and spent.
async fn fill(store: &Store) {
    let stores = store.stores();
    let (until, rp) = (START.plus(600), client_id("rp"));
    for name in ["alive", "spent"] {
        stores.grants.issue_code(&hash(name), &code("rp", "grant", until), until).await.unwrap();
        stores.pushed_requests.push(&hash(name), &pushed("rp"), until).await.unwrap();
    }
    assert!(matches!(
        stores.grants.redeem_code(&hash("spent"), &rp, START).await,
        Ok(Redemption::Redeemed(_))
    ));
    assert!(stores.pushed_requests.spend(&hash("spent"), START).await.unwrap());
    stores.transactions.create(&hash("login"), &transaction("en"), until).await.unwrap();
    assert!(stores.replays.first_use(&hash("jti"), until, START).await.unwrap());
    assert_eq!(stores.counters.increment(&hash("id"), WINDOW, START).await.unwrap(), 1);
    assert!(stores.clients.add(&client("rp")).await.unwrap());
    stores.grants.issue_token(&hash("token"), &access_grant("revoked", until)).await.unwrap();
    stores.grants.revoke(&grant_id("revoked"), until).await.unwrap();
    stores.consents.give(&consent("rp", MARK), until).await.unwrap();
    stores.consents.give(&consent("rp", "gone"), until).await.unwrap();
    assert!(stores.consents.withdraw(&rp, "gone", START, until).await.unwrap());
    assert!(store.plugin_cache().put_if_absent("plugin", "mark", MARK.into(), 600).await.unwrap());
}

/// What holds after a stop of either kind.
async fn nothing_spent_came_back_and_nothing_durable_is_lost(store: &Store) {
    let stores = store.stores();
    let again = stores.grants.redeem_code(&hash("spent"), &client_id("rp"), AGAIN).await.unwrap();
    assert!(!matches!(again, Redemption::Redeemed(_)));
    assert!(!stores.pushed_requests.spend(&hash("spent"), AGAIN).await.unwrap());
    assert!(stores.pushed_requests.look(&hash("spent"), AGAIN).await.unwrap().is_none());
    assert_eq!(stores.counters.increment(&hash("id"), WINDOW, AGAIN).await.unwrap(), 2);
    assert!(stores.clients.client(&client_id("rp")).await.unwrap().is_some());
    assert!(stores.grants.token(&hash("token"), AGAIN).await.unwrap().is_none());
    let (rp, consents) = (client_id("rp"), stores.consents);
    let kept = consents.latest(&rp, MARK, AGAIN).await.unwrap().expect("a consent is kept");
    assert_eq!(kept.event, ConsentEvent::Given(Box::new(consent("rp", MARK))));
    let gone = consents.latest(&rp, "gone", AGAIN).await.unwrap().expect("a withdrawal is kept");
    assert!(matches!(gone.event, ConsentEvent::Withdrawn { .. }));
    assert!(!store.plugin_cache().put_if_absent("plugin", "mark", Vec::new(), 600).await.unwrap());
}

#[tokio::test]
async fn a_clean_stop_loses_nobody_and_revives_nothing() {
    let (_directory, path) = fresh_path();
    let store = store_at(&path, START).await;
    fill(&store).await;
    store.close().await.unwrap();
    drop(store);

    let store = store_at(&path, AGAIN).await;
    nothing_spent_came_back_and_nothing_durable_is_lost(&store).await;
    let stores = store.stores();
    assert_eq!(stores.replays.remembers_since(), START);
    assert!(!stores.replays.first_use(&hash("jti"), START.plus(600), AGAIN).await.unwrap());
    assert!(stores.transactions.load(&hash("login"), AGAIN).await.unwrap().is_some());
    assert!(stores.pushed_requests.spend(&hash("alive"), AGAIN).await.unwrap());
    let alive = stores.grants.redeem_code(&hash("alive"), &client_id("rp"), AGAIN).await.unwrap();
    assert!(matches!(alive, Redemption::Redeemed(_)));
    let spent = stores.grants.redeem_code(&hash("spent"), &client_id("rp"), AGAIN).await.unwrap();
    assert!(matches!(spent, Redemption::Replayed(_)));
}

#[tokio::test]
async fn after_an_unclean_stop_everything_that_could_be_spent_is_absent() {
    let (_directory, path) = fresh_path();
    let store = store_at(&path, START).await;
    fill(&store).await;
    // sled writes its buffers when it is dropped, so the records are all in the file: the epoch alone ends them.
    drop(store);

    let store = store_at(&path, AGAIN).await;
    nothing_spent_came_back_and_nothing_durable_is_lost(&store).await;
    let stores = store.stores();
    assert_eq!(stores.replays.remembers_since(), AGAIN.plus(10));
    assert!(stores.transactions.load(&hash("login"), AGAIN).await.unwrap().is_none());
    assert!(!stores.pushed_requests.spend(&hash("alive"), AGAIN).await.unwrap());
    let alive = stores.grants.redeem_code(&hash("alive"), &client_id("rp"), AGAIN).await.unwrap();
    assert!(matches!(alive, Redemption::Unknown));
    store.close().await.unwrap();
    drop((store, stores));

    let store = store_at(&path, AGAIN.plus(1)).await;
    assert_eq!(
        store.stores().replays.remembers_since(),
        AGAIN.plus(10),
        "the stop after that was a clean one"
    );
}

#[tokio::test]
async fn what_was_swept_stays_refused_after_a_restart_with_the_clock_set_back() {
    let (_directory, path) = fresh_path();
    let store = store_at(&path, START).await;
    assert!(store.stores().replays.first_use(&hash("jti"), START.plus(60), START).await.unwrap());
    assert_eq!(store.sweep(START.plus(3_600), 100).await.unwrap(), 1);
    store.close().await.unwrap();
    drop(store);

    let store = store_at(&path, START).await;
    assert!(!store.stores().replays.first_use(&hash("jti"), START.plus(60), START).await.unwrap());
}

fn files_under(path: &Path) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_under(&path));
        } else {
            files.push(fs::read(path).unwrap());
        }
    }
    files
}

#[tokio::test]
async fn the_files_tell_nothing_of_what_is_in_the_records() {
    let (_directory, path) = fresh_path();
    let store = store_at(&path, START).await;
    fill(&store).await;
    store.close().await.unwrap();
    drop(store);

    let holds = |files: &[Vec<u8>], text: &str| {
        files.iter().any(|file| file.windows(text.len()).any(|window| window == text.as_bytes()))
    };
    let files = files_under(&path);
    assert!(holds(&files, hash("alive").as_str()), "what was written is in these files");
    for secret in [MARK, "https://rp.example", "thumbprint", "client_name"] {
        assert!(!holds(&files, secret), "{secret} is readable");
    }
}

#[tokio::test]
async fn another_sealing_key_is_refused_and_leaves_the_store_as_it_was() {
    let (_directory, path) = fresh_path();
    let store = store_at(&path, START).await;
    fill(&store).await;
    store.close().await.unwrap();
    drop(store);

    let refused = Store::sled(&path, Arc::new(TestClock::default()), SealingKey::new([8; 32])).await;
    let refusal = refused.err().expect("refused");
    assert!(matches!(refusal, OpenError::WrongSealingKey(_)));
    assert!(refusal.to_string().contains("start with that key"), "{refusal}");
    assert!(
        store_at(&path, AGAIN).await.stores().pushed_requests.spend(&hash("alive"), AGAIN).await.unwrap()
    );
}

#[tokio::test]
async fn a_later_format_is_refused_with_what_to_do() {
    let (_directory, path) = fresh_path();
    drop(store_at(&path, START).await);
    let db = open::locked(&path).unwrap();
    db.open_tree("meta").unwrap().insert("format", &[9]).unwrap();
    drop(db);
    let refusal = Sled::open(&path, START).err().expect("refused");
    assert!(matches!(refusal, OpenError::LaterFormat { found: 9, .. }));
    assert!(refusal.to_string().contains("run a later release"), "{refusal}");
}

#[tokio::test]
async fn a_store_that_is_open_is_refused_to_anybody_else() {
    let (_directory, path) = fresh_path();
    let _store = store_at(&path, START).await;
    let refusal = Sled::open(&path, START).err().expect("refused");
    assert!(matches!(refusal, OpenError::Locked(_)), "{refusal}");
}

#[test]
fn a_file_in_the_place_of_the_directory_is_refused() {
    let (_directory, path) = fresh_path();
    fs::write(&path, b"").unwrap();
    for path in [path.clone(), path.join("below")] {
        let refusal = Sled::open(&path, START).err().expect("refused");
        assert!(matches!(refusal, OpenError::NotADirectory(_)), "{refusal}");
    }
}

#[test]
fn a_directory_that_others_may_read_is_refused_and_ours_is_not_readable() {
    let (_directory, path) = fresh_path();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    drop(Sled::open(&path, START).unwrap());
    assert_eq!(mode(&path), 0o700);

    fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
    let refusal = Sled::open(&path, START).err().expect("refused");
    assert!(matches!(refusal, OpenError::Permissions { mode: 0o750, .. }));
    assert!(refusal.to_string().contains("chmod 700"), "{refusal}");
}

#[tokio::test]
async fn not_even_the_largest_values_leave_the_file_that_is_synced() {
    let (_directory, path) = fresh_path();
    let store = Sled::open(&path, START).unwrap();
    for round in 0..4_u8 {
        for number in 0..200 {
            let value = (0..MAX_VALUE).map(|at| u8::try_from(at % 251).unwrap() ^ round).collect();
            let durability = if number % 50 == 0 { Durability::Durable } else { Durability::Buffered };
            let write = Write { value, expires_at: NEVER, condition: Condition::Always, durability };
            store.put(&Key::new(Table::Client, &number.to_string()), write, START).await.unwrap();
        }
    }
    store.close().await.unwrap();
    assert_eq!(fs::read_dir(path.join("blobs")).unwrap().count(), 0);
}
