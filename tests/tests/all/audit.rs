//! The record of what happens (`docs/operations/audit.md`): whole, chained, pseudonymous, delivered, and never in the way of an
//! answer that it does not know of.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use esignet_protocol::audit::chain::Recorded;
use esignet_protocol::audit::event::{Action, Event, Outcome};
use esignet_protocol::ports::audit::AuditLog;
use esignet_protocol::ports::plugins::Plugins as _;
use esignet_store::audit::{Log, Terms, WhenFull};
use esignet_tests::login::{self, AMINA};
use esignet_tests::op::Setup;
use esignet_tests::{Authority, Browser, Server, Site, Upstream};
use serde_json::{Value, json};
use tempfile::TempDir;

const RECORDED: &str = "[audit]\ndirectory = \"audit\"\n";

fn site(more: &str) -> Site {
    let site = Site::new("sled:store").unwrap();
    site.configure(&format!("{RECORDED}{more}")).unwrap();
    site
}

/// The log as `esignet audit export` prints it, line by line.
fn exported(site: &Site) -> Vec<Value> {
    let (code, output, errors) = site.run(&["audit", "export", "--config", "esignet.toml"]).unwrap();
    assert_eq!(code, 0, "{errors}");
    output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What happened, in words.
fn told(events: &[Value]) -> Vec<String> {
    let word = |event: &Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
    events.iter().map(|event| format!("{} {}", word(event, "action"), word(event, "outcome"))).collect()
}

fn attribute<'a>(event: &'a Value, name: &str) -> &'a str {
    let attributes = event["attributes"].as_array().unwrap();
    let found = attributes.iter().find(|attribute| attribute[0] == name);
    found.map_or("", |attribute| attribute[1].as_str().unwrap())
}

/// Verifies a log by the words of the documentation alone.
fn verify(lines: &[Value]) {
    let unhex = |text: &str| -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    };
    let (beginning, events) = lines.split_first().unwrap();
    let mut previous = unhex(beginning["previous"].as_str().unwrap());
    if beginning["first"] == 1 {
        let origin = format!("esignet audit log 1\n{}", beginning["log"].as_str().unwrap());
        assert_eq!(previous, digest(&SHA256, origin.as_bytes()).as_ref());
    }
    for (event, sequence) in events.iter().zip(beginning["first"].as_u64().unwrap()..) {
        assert_eq!(event["sequence"], sequence);
        let mut input = previous;
        let number = |input: &mut Vec<u8>, number: u64| input.extend(number.to_be_bytes());
        let text = |input: &mut Vec<u8>, text: &Value| {
            let text = text.as_str().unwrap();
            input.extend((text.len() as u64).to_be_bytes());
            input.extend(text.as_bytes());
        };
        number(&mut input, sequence);
        number(&mut input, event["at_ms"].as_u64().unwrap());
        for name in ["action", "outcome", "transaction", "client"] {
            text(&mut input, &event[name]);
        }
        match event.get("person") {
            None => input.push(0),
            Some(person) => {
                input.push(1);
                text(&mut input, person);
            }
        }
        let attributes = event["attributes"].as_array().unwrap();
        number(&mut input, attributes.len() as u64);
        for value in attributes.iter().flat_map(|attribute| attribute.as_array().unwrap()) {
            text(&mut input, value);
        }
        previous = digest(&SHA256, &input).as_ref().to_vec();
        assert_eq!(previous, unhex(event["hash"].as_str().unwrap()), "event {sequence}");
    }
}

#[tokio::test]
async fn a_login_is_told_step_by_step_under_one_pseudonym() {
    let site = site("");
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let question = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
    let again = login::answer(&mut browser, &question, "975318").await.unwrap().page().unwrap();
    let consent = login::answer(&mut browser, &again, login::OTP).await.unwrap().page().unwrap();
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    let logged_in = login::finish(&rp, response).await.unwrap();
    let replayed = rp.redeem(&logged_in.response.parameter("code")).send().await.unwrap();
    assert_eq!(replayed.error(), "invalid_grant");
    server.stop().await.unwrap();

    let lines = exported(&site);
    verify(&lines);
    let of_start = ["client success", "client success", "audit success", "plugin success", "plugin success"];
    assert_eq!(told(&lines[1..6]), of_start);
    let events = &lines[6..];
    let expected = [
        "authorization success",
        "otp success",
        "authentication refused",
        "authentication success",
        "consent success",
        "code success",
        "token success",
        "userinfo success",
        "code refused",
        "token refused",
        "audit success",
    ];
    assert_eq!(told(events), expected);
    let transaction = events[0]["transaction"].as_str().unwrap();
    assert!(!transaction.is_empty());
    assert!(events[..8].iter().all(|event| event["transaction"] == transaction && event["client"] == "bank"));
    let people: Vec<_> = events[3..8].iter().map(|event| event["person"].as_str().unwrap()).collect();
    assert!(people.iter().all(|person| *person == people[0] && person.len() == 22), "{people:?}");
    assert_eq!(attribute(&events[2], "reason"), "wrong");
    assert_eq!(attribute(&events[2], "individual"), attribute(&events[3], "individual"));
    assert_eq!(attribute(&events[3], "amr"), "otp");
    assert_eq!(attribute(&events[8], "reason"), "replayed");
    assert!(attribute(&events[7], "claims").contains("name"), "{}", events[7]);
}

#[tokio::test]
async fn no_event_has_anything_of_the_person_in_it() {
    const VALUES: [&str; 6] =
        ["7391846205", "864209", "+990155577731", "canary.bird@cage.example", "Canaria Bird", "1977-07-07"];
    let [uin, otp, phone, email, name, birthdate] = VALUES;
    let people = json!({ uin: {
        "phone": phone, "email": email,
        "claims": { "birthdate": birthdate, "email": email, "phone_number": phone },
        "words": { "en": { "name": name } },
    }});
    let site = site(&format!("\n[plugins.mock-identity.config]\notp = \"{otp}\"\npeople = '{people}'\n"));
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    let request_uri = rp.pushed_as(rp.push().set("login_hint", "canary-hint")).await.unwrap();
    let mut browser = Browser::new(&rp.wire);
    let first = browser.page(&rp.authorization_url(&request_uri)).await.unwrap();
    let response = login::through(&mut browser, &first, uin, otp).await.unwrap();
    let logged_in = login::finish(&rp, response).await.unwrap();
    assert_eq!(logged_in.userinfo["name"], name);
    // Somebody who is nobody, with a word of their own.
    let (mut other, first) = login::opened(&rp).await.unwrap();
    login::identify(&mut other, &first, "canary-nobody").await.unwrap();
    server.stop().await.unwrap();

    let mut canaries: Vec<String> = VALUES.map(str::to_owned).into();
    canaries.extend(["canary", "127.0.0.1"].map(str::to_owned));
    canaries.extend([rp.state.clone(), rp.nonce.clone(), rp.code_verifier.clone(), rp.dpop_key.thumbprint()]);
    canaries.push(request_uri.rsplit(':').next().unwrap().to_owned());
    canaries.push(logged_in.response.parameter("code"));
    canaries.push(logged_in.userinfo["sub"].as_str().unwrap().to_owned());
    for token in [&logged_in.access_token, &logged_in.id_token] {
        canaries.extend(token.split('.').skip(1).map(str::to_owned));
    }
    for line in exported(&site) {
        for canary in &canaries {
            assert!(!line.to_string().contains(canary.as_str()), "`{canary}` is in {line}");
        }
    }
}

#[tokio::test]
async fn what_was_answered_is_recorded_though_the_process_is_killed() {
    let site = site("");
    for round in 1..=3 {
        let mut server = site.start().await.unwrap();
        let rp = site.rp(&server, "bank").await.unwrap();
        login::whole(&rp, AMINA.id).await.unwrap();
        server.kill().unwrap();
        let lines = exported(&site);
        verify(&lines);
        let released = told(&lines).into_iter().filter(|told| told == "userinfo success").count();
        assert_eq!(released, round, "no answer is unknown to the record");
        assert_eq!(told(&lines).last().unwrap(), "userinfo success");
    }
}

#[tokio::test]
async fn a_changed_log_is_found_out_where_it_was_changed() {
    let site = site("");
    let mut server = site.start().await.unwrap();
    server.stop().await.unwrap();
    let verified = || site.run(&["audit", "verify", "--config", "esignet.toml"]).unwrap();
    let (code, output, _) = verified();
    assert_eq!(code, 0);
    assert!(output.contains("holds from event 1 to event 6"), "{output}");
    let file = site.directory.path().join("audit/00000000000000000001.log");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("\"client\":\"clinic\"", "\"client\":\"cl1nic\"", 1)).unwrap();
    let (code, _, errors) = verified();
    assert_eq!(code, 2);
    assert!(errors.contains("the chain breaks at event 2"), "{errors}");
}

#[tokio::test]
async fn what_operators_do_is_recorded() {
    let site = site("");
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    let subject = login::whole(&rp, AMINA.id).await.unwrap().userinfo["sub"].as_str().unwrap().to_owned();
    server.stop().await.unwrap();
    let before = exported(&site).len();
    for command in [
        "client deactivate --config esignet.toml clinic",
        "keys rotate --config esignet.toml",
        &format!("consent withdraw --config esignet.toml --client bank --subject {subject}"),
    ] {
        let (code, _, errors) = site.run(&command.split(' ').collect::<Vec<_>>()).unwrap();
        assert_eq!(code, 0, "{command}: {errors}");
    }
    let lines = exported(&site);
    verify(&lines);
    let done = &lines[before..];
    assert_eq!(told(done), ["client success", "key success", "consent success"]);
    assert_eq!(done[0]["client"], "clinic");
    let given = lines.iter().find(|event| event["action"] == "consent").unwrap();
    assert_eq!(attribute(given, "subject"), attribute(&done[2], "subject"), "the two belong together");
    assert!(!attribute(given, "subject").is_empty());
}

/// A server that keeps what it is sent, while it is up.
struct Archive {
    upstream: Upstream,
    is_up: Arc<AtomicBool>,
}

impl Archive {
    async fn start(authority: &Authority) -> Self {
        let is_up = Arc::new(AtomicBool::new(true));
        let up = Arc::clone(&is_up);
        let answer =
            move |_: &_| if up.load(Ordering::SeqCst) { (204, String::new()) } else { (503, String::new()) };
        let upstream = Upstream::start(&authority.server(), None, answer).await.unwrap();
        Self { upstream, is_up }
    }

    /// Every line that came while it was up or down, in the order of their coming.
    fn lines(&self) -> Vec<Value> {
        let asked = self.upstream.asked();
        let lines = asked.iter().flat_map(|asked| asked.body.lines());
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Waits until an event of that kind has come.
    async fn has(&self, action: &str, count: usize) -> Vec<Value> {
        for _ in 0..1_500 {
            let lines = self.lines();
            if self.is_up.load(Ordering::SeqCst)
                && lines.iter().filter(|line| line["action"] == action).count() >= count
            {
                return lines;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no {count} events {action}: {:?}", told(&self.lines()));
    }
}

fn delivered_site(authority: &Authority, archive: &Archive) -> Site {
    let site = site(&format!(
        "sinks = [\"audit-http\"]\n\n[plugins.audit-http.upstreams.archive]\nurl = \"{}\"\nca_file = \"archive-ca.pem\"\n",
        archive.upstream.url
    ));
    site.ship("audit-http").unwrap();
    site.write_secret("archive-ca.pem", &authority.pem()).unwrap();
    site
}

async fn signed_in(site: &Site, server: &Server) {
    let rp = site.rp(server, "bank").await.unwrap();
    login::whole(&rp, AMINA.id).await.unwrap();
}

#[tokio::test]
async fn a_sink_that_was_down_gets_all_in_order_and_what_it_has_once() {
    let authority = Authority::new("servers");
    let archive = Archive::start(&authority).await;
    let site = delivered_site(&authority, &archive);
    let mut server = site.start().await.unwrap();
    signed_in(&site, &server).await;
    archive.has("userinfo", 1).await;
    archive.is_up.store(false, Ordering::SeqCst);
    signed_in(&site, &server).await;
    let before = archive.lines().len();
    for _ in 0..1_500 {
        if archive.lines().len() > before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(archive.lines().len() > before, "it was tried while the sink was down");
    archive.is_up.store(true, Ordering::SeqCst);
    archive.has("userinfo", 2).await;
    assert_eq!(server.stop().await.unwrap(), Some(0));
    drop(server);

    // What is left comes with the next start, and nothing that the sink has.
    let taken = archive.lines().len();
    let mut server = site.start().await.unwrap();
    archive.has("audit", 2).await;
    assert_eq!(server.stop().await.unwrap(), Some(0));

    let lines = archive.lines();
    let recorded = exported(&site);
    verify(&recorded);
    let by_sequence: BTreeMap<u64, Value> =
        lines.iter().map(|line| (line["sequence"].as_u64().unwrap(), line.clone())).collect();
    let last = *by_sequence.keys().last().unwrap();
    assert_eq!(by_sequence.keys().copied().collect::<Vec<_>>(), (1..=last).collect::<Vec<_>>());
    for (event, line) in recorded[1..].iter().zip(by_sequence.values()) {
        assert_eq!(event["hash"], line["hash"]);
        assert_eq!(line["log"], recorded[0]["log"]);
    }
    let sequences: Vec<_> = lines.iter().map(|line| line["sequence"].as_u64().unwrap()).collect();
    let again = sequences.windows(2).filter(|pair| pair[1] <= pair[0]).count();
    assert!(again >= 1, "what failed came again");
    let (of_first, of_second) = sequences.split_at(taken);
    assert!(of_second.first() > of_first.last(), "a clean stop brings nothing twice");
}

#[tokio::test]
async fn a_sink_that_is_not_there_keeps_the_server_from_starting() {
    let site = site("sinks = [\"archive\"]\n");
    let (code, _, errors) = site.run(&["check", "esignet.toml"]).unwrap();
    assert_eq!(code, 2);
    assert!(errors.contains("no loaded plugin is an audit sink named \"archive\""), "{errors}");
}

/// A log in a directory of its own, for one sink that never takes anything.
fn blocked(place: &TempDir, when_full: WhenFull) -> Arc<Log> {
    let terms = Terms {
        directory: place.path().join("audit"),
        sinks: vec!["archive".to_owned()],
        spool_bytes: 128 * 1024,
        when_full,
        keep_bytes: 128 * 1024,
    };
    Arc::new(Log::open(terms, || 1_800_000_000_000).unwrap().0)
}

fn fill(log: &Log) {
    for _ in 0..400 {
        let padded = Event::new(Action::Token, Outcome::Success).with("scope", "x".repeat(512));
        log.tell(padded).unwrap();
    }
}

#[tokio::test]
async fn while_more_waits_than_may_no_login_begins_and_those_under_way_end_well() {
    let place = TempDir::new().unwrap();
    let log = blocked(&place, WhenFull::RefuseLogins);
    let op = Setup::default().audit(Arc::clone(&log) as Arc<dyn AuditLog>).start().await;
    let rp = op.rp().await;
    let (mut under_way, first) = login::opened(&rp).await.unwrap();
    let token = login::whole(&rp, AMINA.id).await.unwrap().access_token;
    fill(&log);

    let refused =
        Browser::new(&rp.wire).page(&rp.authorization_url(&rp.pushed().await.unwrap())).await.unwrap();
    assert_eq!(refused.status(), 503);
    let response = login::through(&mut under_way, &first, AMINA.id, login::OTP).await.unwrap();
    login::finish(&rp, response).await.expect("a login that was under way");
    assert_eq!(rp.userinfo(&token).send().await.unwrap().status, 200);

    log.settled().await.unwrap();
    let last = *log.synced().borrow();
    log.advance("archive", last).unwrap();
    login::whole(&rp, AMINA.id).await.expect("the sink takes events again");
}

#[tokio::test]
async fn where_the_oldest_may_go_logins_go_on_and_the_log_tells_of_the_gap() {
    let place = TempDir::new().unwrap();
    let log = blocked(&place, WhenFull::DropOldest);
    let op = Setup::default().audit(Arc::clone(&log) as Arc<dyn AuditLog>).start().await;
    fill(&log);
    let rp = op.rp().await;
    login::whole(&rp, AMINA.id).await.unwrap();
    let verified = esignet_store::audit::verify(&place.path().join("audit")).unwrap();
    assert!(verified.first > 1, "{verified:?}");
    assert_eq!(log.place("archive"), verified.first - 1);
}

#[tokio::test]
async fn a_sink_is_not_believed_what_cannot_be() {
    for (behaviour, believed) in
        [("good", Some(4)), ("beyond", None), ("before", None), ("everything", None), ("trap", None)]
    {
        let op = Setup::default().misbehaving_records(behaviour).start().await;
        let sink = op.plugins.registry.audit_sink("misbehaving-records").expect("it is loaded");
        let mut events = Vec::new();
        let mut previous = [0; 32];
        for sequence in 3..=4 {
            let event = Event::new(Action::Token, Outcome::Success);
            events.push(Recorded::new(event, (sequence, 1), &previous));
            previous = events.last().unwrap().hash;
        }
        let answered = sink.write("log", &events).await;
        assert_eq!(answered.as_ref().ok(), believed.as_ref(), "{behaviour}: {answered:?}");
    }
}
