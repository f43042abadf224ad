//! People are told of what was done in their name: once, in their language, and without holding anybody up.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use esignet_protocol::ports::notices::NoticeEvent;
use esignet_sandbox::NoticeCounts;
use esignet_tests::login::{self, AMINA, MOUSSA};
use esignet_tests::op::Setup;
use esignet_tests::{Asked, Op, Register, Told};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const NOTIFIER: &str = "notify-http";
/// The longest that a notice may take here, tries included.
const PATIENCE: Duration = Duration::from_secs(20);

fn told(setup: Setup, url: &str) -> Setup {
    setup
        .shipped(NOTIFIER)
        .upstream(NOTIFIER, "gateway", url)
        .config(NOTIFIER, "path", "/messages/{client}")
        .config(NOTIFIER, "words", words())
        .notices(NOTIFIER, |_| {})
}

fn words() -> Value {
    json!({
        "signed-in": { "en": "You signed in to {relying-party}.", "fr": "Connexion à {relying-party}." },
        "consent-given": { "en": "You shared {fact.claims}." },
    })
}

fn taken(_: &Asked) -> Told {
    (202, json!({}))
}

/// Waits until the queue is done with so many notices, whatever became of them.
async fn settled(op: &Op, most: u64) -> NoticeCounts {
    let queue = op.notices.as_ref().expect("people are told");
    let since = Instant::now();
    loop {
        let counts = queue.counts();
        if counts.brought + counts.given_up + counts.dropped >= most {
            return counts;
        }
        assert!(since.elapsed() < PATIENCE, "{counts:?} after {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_person_is_told_once_of_a_sign_in_and_of_what_they_agreed_to_share() {
    let gateway = Register::start(taken).await;
    let op = told(Setup::default(), &gateway.url).start().await;
    let rp = op.rp().await;
    login::whole(&rp, AMINA.id).await.unwrap();
    let counts = settled(&op, 2).await;
    assert_eq!((counts.brought, counts.given_up, counts.dropped), (2, 0, 0));

    let asked = gateway.asked();
    assert_eq!(asked.len(), 2);
    let of = |event: &str| asked.iter().find(|asked| asked.body["event"] == event).expect("it was told");
    let (signed_in, consent) = (of("signed-in"), of("consent-given"));
    assert_eq!(signed_in.line(), "POST /messages/bank");
    assert_eq!(signed_in.body["text"], "You signed in to The bank <b>&amp;</b> Sons.");
    assert_eq!(signed_in.body["at"], op.clock.seconds().to_string());
    assert_eq!(signed_in.header("idempotency-key"), signed_in.body["id"]);
    assert_ne!(signed_in.body["id"], consent.body["id"]);
    assert!(consent.body["text"].as_str().unwrap().contains("name"), "{}", consent.body);
    let subject = signed_in.body["subject"].as_str().unwrap();
    assert_eq!(consent.body["subject"], subject);
    assert!(!subject.is_empty());
}

#[tokio::test]
async fn the_subject_is_the_id_systems_and_the_same_at_every_relying_party() {
    let gateway = Register::start(taken).await;
    let op = told(Setup::default(), &gateway.url).start().await;
    let mut pairwise = BTreeSet::new();
    for client in ["bank", "clinic"] {
        let logged_in = login::whole(&op.client(client).await, AMINA.id).await.unwrap();
        pairwise.insert(logged_in.userinfo["sub"].as_str().unwrap().to_owned());
    }
    settled(&op, 4).await;
    let subjects: BTreeSet<_> =
        gateway.asked().iter().map(|asked| asked.body["subject"].as_str().unwrap().to_owned()).collect();
    assert_eq!((subjects.len(), pairwise.len()), (1, 2));
    assert!(subjects.is_disjoint(&pairwise));
}

#[tokio::test]
async fn a_person_is_told_in_the_language_they_read() {
    let gateway = Register::start(taken).await;
    let op = told(Setup::default(), &gateway.url).start().await;
    let rp = op.rp().await;
    let response = login::respond(&rp, rp.push().set("ui_locales", "fr"), AMINA.id).await.unwrap();
    login::finish(&rp, response).await.unwrap();
    settled(&op, 2).await;
    let texts: Vec<_> = gateway.asked().iter().map(|asked| asked.body["text"].clone()).collect();
    assert!(texts.iter().any(|text| text.as_str().unwrap().starts_with("Connexion à ")), "{texts:?}");
}

#[tokio::test]
async fn what_the_gateway_cannot_take_now_is_brought_again_under_the_same_id() {
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let gateway = Register::start(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => (503, json!({})),
        _ => (202, json!({})),
    })
    .await;
    let only_sign_ins = Setup::default();
    let op = told(only_sign_ins, &gateway.url)
        .notices(NOTIFIER, |settings| settings.events = [NoticeEvent::SignedIn].into())
        .start()
        .await;
    login::whole(&op.rp().await, AMINA.id).await.unwrap();
    assert_eq!(settled(&op, 1).await, NoticeCounts { brought: 1, given_up: 0, dropped: 0 });
    let ids: BTreeSet<_> = gateway.asked().iter().map(|asked| asked.body["id"].to_string()).collect();
    assert_eq!((gateway.asked().len(), ids.len()), (3, 1));
}

#[tokio::test]
async fn what_is_never_taken_is_given_up_after_the_tries_that_the_operator_allows() {
    for (status, tries) in [(503, 3), (400, 1)] {
        let gateway = Register::start(move |_| (status, json!({}))).await;
        let op = told(Setup::default(), &gateway.url)
            .notices(NOTIFIER, |settings| {
                settings.events = [NoticeEvent::SignedIn].into();
                settings.tries = 3;
            })
            .start()
            .await;
        login::whole(&op.rp().await, AMINA.id).await.unwrap();
        assert_eq!(settled(&op, 1).await, NoticeCounts { brought: 0, given_up: 1, dropped: 0 });
        assert_eq!(gateway.asked().len(), tries, "{status}");
    }
}

#[tokio::test]
async fn a_notifier_is_not_told_what_it_did_not_ask_for() {
    let gateway = Register::start(taken).await;
    let words = json!({ "consent-given": { "en": "You shared {fact.claims}." } });
    let op = told(Setup::default(), &gateway.url).config(NOTIFIER, "words", words).start().await;
    login::whole(&op.rp().await, AMINA.id).await.unwrap();
    settled(&op, 1).await;
    op.notices.as_ref().unwrap().drain(PATIENCE).await;
    let events: Vec<_> = gateway.asked().iter().map(|asked| asked.body["event"].clone()).collect();
    assert_eq!(events, ["consent-given"]);
}

#[tokio::test]
async fn nobody_is_told_of_a_login_that_came_to_nothing() {
    let gateway = Register::start(taken).await;
    let op = told(Setup::default(), &gateway.url).start().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let question = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
    let consent = login::answer(&mut browser, &question, login::OTP).await.unwrap().page().unwrap();
    browser.press(&consent, &consent.form(), "deny").await.unwrap().away().unwrap();
    let queue = op.notices.as_ref().unwrap();
    queue.drain(PATIENCE).await;
    assert_eq!((queue.counts(), gateway.asked().len()), (NoticeCounts::default(), 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_hangs_slows_no_login_and_what_does_not_fit_is_dropped_and_counted() {
    // It takes connections and never answers.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let op =
        told(Setup::default(), &url).notices(NOTIFIER, |settings| settings.queue_length = 3).start().await;
    let rp = op.rp().await;
    let since = Instant::now();
    for person in [AMINA, MOUSSA, AMINA, MOUSSA] {
        login::whole(&rp, person.id).await.unwrap();
    }
    // One call of the notifier alone takes its three seconds.
    let logins = since.elapsed();
    let counts = op.notices.as_ref().unwrap().counts();
    assert!(logins < Duration::from_secs(3), "four logins took {logins:?}");
    assert_eq!((counts.brought, counts.given_up), (0, 0));
    assert!(counts.dropped >= 3, "{counts:?}");
    let stop = Instant::now();
    op.notices.as_ref().unwrap().drain(Duration::from_millis(200)).await;
    assert!(stop.elapsed() < Duration::from_secs(2), "a stop waits as long as it was told");
    assert_eq!(op.notices.as_ref().unwrap().counts().dropped, counts.dropped + 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notifier_that_traps_or_loops_costs_its_notices_and_no_login() {
    for behaviour in ["trap-in-notify", "loop-in-notify"] {
        let op = Setup::default().misbehaving_door(behaviour).start().await;
        let rp = op.rp().await;
        let (mut browser, first) = login::opened(&rp).await.unwrap();
        let form = first.form().fill("individual", AMINA.id).fill("answer.who", "person");
        let question = browser.press(&first, &form, "continue").await.unwrap().page().unwrap();
        let consent = login::answer(&mut browser, &question, login::OTP).await.unwrap().page().unwrap();
        let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
        login::finish(&rp, response).await.unwrap();
        let counts = settled(&op, 2).await;
        assert_eq!((counts.brought, counts.given_up), (0, 2), "{behaviour}");
    }
}
