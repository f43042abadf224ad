//! A process that is killed at a random moment, again and again over the same store (REL-1, invariants I1 and I3 to
//! I5): nothing that was acknowledged as durable is lost, nothing that was spent comes back, no counter goes back.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "../src/contract/samples.rs"]
mod samples;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use esignet_protocol::consent::record::ConsentEvent;
use esignet_protocol::ports::store::{Kept, Redemption, Window};
use esignet_protocol::word::time::Timestamp;
use esignet_store::{SealingKey, Store};
use samples::{
    START, TestClock, access_grant, client, client_id, code, consent, grant_id, hash, pushed, transaction,
};

const ROUNDS: u64 = 10;
const ALL_ROUNDS: Window = Window { seconds: 1_000_000, kept: Kept::OverAnyStop };
const PLACE: &str = "ESIGNET_STORE_TEST_PLACE";
const ROUND: &str = "ESIGNET_STORE_TEST_ROUND";
const UNTIL: Timestamp = Timestamp(START.0 + 1_000_000);

/// Each round starts a minute after the last.
fn start_of(round: u64) -> Timestamp {
    START.plus(60 * round)
}

async fn store_at(path: &Path, now: Timestamp) -> Store {
    let clock = TestClock::default();
    clock.set(now);
    Store::sled(path, Arc::new(clock), SealingKey::new([7; 32])).await.expect("opens")
}

/// Says on standard output what the store has acknowledged.
fn acknowledge(what: &str, name: &str) {
    let mut output = std::io::stdout().lock();
    writeln!(output, "\nack {what} {name}").and_then(|()| output.flush()).expect("the parent reads");
}

/// Writes until it is killed, each task in its own names.
async fn write_on(store: Arc<Store>, round: u64, task: u64) {
    let (stores, cache, now) = (store.stores(), store.plugin_cache(), start_of(round));
    for number in 0_u64.. {
        let name = format!("{round}-{task}-{number}");
        let (handle, rp) = (hash(&name), client_id("rp"));
        stores.grants.issue_code(&handle, &code("rp", &name, UNTIL), UNTIL).await.unwrap();
        stores.pushed_requests.push(&handle, &pushed("rp"), UNTIL).await.unwrap();
        stores.transactions.create(&handle, &transaction("en"), UNTIL).await.unwrap();
        stores.grants.issue_token(&handle, &access_grant(&name, UNTIL)).await.unwrap();
        acknowledge("issued", &name);
        assert!(matches!(
            stores.grants.redeem_code(&handle, &rp, now).await.unwrap(),
            Redemption::Redeemed(_)
        ));
        acknowledge("redeemed", &name);
        assert!(stores.pushed_requests.spend(&handle, now).await.unwrap());
        acknowledge("spent", &name);
        assert!(stores.replays.first_use(&handle, UNTIL, now).await.unwrap());
        acknowledge("used", &name);
        let count = stores.counters.increment(&hash("attempts"), ALL_ROUNDS, now).await.unwrap();
        acknowledge("counted", &count.to_string());
        assert!(stores.clients.add(&client(&name)).await.unwrap());
        acknowledge("registered", &name);
        stores.consents.give(&consent("rp", &name), UNTIL).await.unwrap();
        acknowledge("consented", &name);
        let (gone, rp) = (format!("gone-{name}"), client_id("rp"));
        stores.consents.give(&consent("rp", &gone), UNTIL).await.unwrap();
        assert!(stores.consents.withdraw(&rp, &gone, now, UNTIL).await.unwrap());
        acknowledge("withdrawn", &gone);
        stores.grants.revoke(&grant_id(&name), UNTIL).await.unwrap();
        acknowledge("revoked", &name);
        assert!(
            cache.put_if_absent("plugin", &format!("{round}-{task}"), vec![1], 900_000).await.unwrap()
                == (number == 0)
        );
        acknowledge("marked", &format!("{round}-{task}"));
    }
}

/// The process that is killed. Runs only when the test below starts it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by the_store_holds_its_promises_through_ten_kills, which kills it"]
async fn the_process_that_is_killed() {
    let place = std::env::var(PLACE).expect("the parent names the store");
    let round: u64 = std::env::var(ROUND).expect("the parent counts").parse().expect("a number");
    let store = Arc::new(store_at(Path::new(&place), start_of(round)).await);
    let tasks: Vec<_> = (0..4).map(|task| tokio::spawn(write_on(Arc::clone(&store), round, task))).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

fn start(place: &Path, round: u64) -> Child {
    Command::new(std::env::current_exe().expect("this test"))
        .args(["--ignored", "--exact", "the_process_that_is_killed", "--nocapture"])
        .env(PLACE, place)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts")
}

/// Kills the process some time after its first acknowledgement; gives back all of them that were complete.
fn acknowledged_until_killed(mut child: Child, after: Duration) -> Vec<(String, String)> {
    let mut output = BufReader::new(child.stdout.take().expect("is piped"));
    let mut text = String::new();
    while !text.contains("ack ") {
        assert_ne!(output.read_line(&mut text).expect("is text"), 0, "the process ended by itself: {text}");
    }
    let reader = std::thread::spawn(move || {
        output.read_to_string(&mut text).expect("is text");
        text
    });
    std::thread::sleep(after);
    child.kill().expect("is running");
    child.wait().expect("has ended");
    let text = reader.join().expect("read all");
    let complete = text.rsplit_once('\n').map_or("", |(complete, _)| complete);
    let acknowledged = complete.lines().filter_map(|line| line.strip_prefix("ack ")?.split_once(' '));
    acknowledged.map(|(what, name)| (what.to_owned(), name.to_owned())).collect()
}

/// Holds the store to everything that was acknowledged in this round and those before.
async fn check(store: &Store, acknowledged: &[(String, String)], now: Timestamp) {
    let (stores, cache) = (store.stores(), store.plugin_cache());
    assert_eq!(stores.replays.remembers_since(), now.plus(10), "the last stop was an unclean one");
    let attempts = stores.counters.count(&hash("attempts"), now).await.unwrap();
    for (what, name) in acknowledged {
        let handle = hash(name);
        let holds = match what.as_str() {
            "issued" => {
                stores.transactions.load(&handle, now).await.unwrap().is_none()
                    && stores.pushed_requests.look(&handle, now).await.unwrap().is_none()
            }
            "redeemed" => {
                let again = stores.grants.redeem_code(&handle, &client_id("rp"), now).await.unwrap();
                !matches!(again, Redemption::Redeemed(_))
            }
            "spent" => !stores.pushed_requests.spend(&handle, now).await.unwrap(),
            // The core refuses what was issued before `remembers_since`; the memory may be lost and must be readable.
            "used" => stores.replays.first_use(&handle, UNTIL, now).await.is_ok(),
            "counted" => attempts >= name.parse().unwrap(),
            "registered" => stores.clients.client(&client_id(name)).await.unwrap().is_some(),
            "consented" | "withdrawn" => {
                let latest = stores.consents.latest(&client_id("rp"), name, now).await.unwrap();
                let withdrawn = latest.map(|latest| matches!(latest.event, ConsentEvent::Withdrawn { .. }));
                withdrawn == Some(what == "withdrawn")
            }
            "revoked" => stores.grants.token(&handle, now).await.unwrap().is_none(),
            "marked" => !cache.put_if_absent("plugin", name, Vec::new(), 900_000).await.unwrap(),
            other => panic!("{other} is not checked"),
        };
        assert!(holds, "{what} {name} does not hold after the kill");
    }
}

#[tokio::test]
async fn the_store_holds_its_promises_through_ten_kills() {
    let directory = tempfile::TempDir::new().expect("a temporary directory");
    let place = directory.path().join("store");
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let mut random = [0; 1];
        aws_lc_rs::rand::fill(&mut random).expect("random bytes");
        let child = start(&place, 2 * round);
        acknowledged
            .extend(acknowledged_until_killed(child, Duration::from_millis(20 + u64::from(random[0]))));
        let now = start_of(2 * round + 1);
        let store = store_at(&place, now).await;
        check(&store, &acknowledged, now).await;
        // Left without a clean stop, as the process was.
        drop(store);
    }
    for what in [
        "issued",
        "redeemed",
        "spent",
        "used",
        "counted",
        "registered",
        "consented",
        "withdrawn",
        "revoked",
        "marked",
    ] {
        let count = acknowledged.iter().filter(|(acknowledged, _)| acknowledged == what).count();
        assert!(count > 0, "no {what} was put to the test");
    }
    println!("{} acknowledgements held", acknowledged.len());
}
