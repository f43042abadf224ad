//! The hostile suite (`docs/plugins/hostile-suite.md`): what the document says that a citizen and an operator see of each way
//! to misbehave is what they see, while a neighbour's login is under way and goes on to its end.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use esignet_tests::login::{self, AMINA, MOUSSA};
use esignet_tests::op::{ACR_BAD, Setup};
use esignet_tests::{Browser, Landing, Op, Page, Publisher, RelyingParty, Site, artifacts};
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::misbehaving::{PATIENCE, assert_clean};
use crate::specs::{quoted, tests};

/// How many rows the first table has: the items of the suite.
const ITEMS: usize = 30;

fn document() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    std::fs::read_to_string(root.join("docs/plugins/hostile-suite.md")).unwrap()
}

/// The rows with so many cells.
fn rows(cells: usize) -> Vec<Vec<String>> {
    let document = document();
    let table = document.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let rows = table.map(|row| row.split(" | ").map(|cell| cell.trim().to_owned()).collect::<Vec<_>>());
    rows.filter(|row| row.len() == cells && row[0] != "---").collect()
}

/// What the factor can do when it begins, read from its source: a new one without a row fails.
fn behaviours() -> Vec<String> {
    let source = include_str!("../../components/misbehaving/src/lib.rs");
    let (_, table) = source.split_once("IN_BEGIN: &[Behaviour<Step>]").expect("the table is there");
    let (table, _) = table.split_once("];").expect("the table ends");
    let names =
        table.lines().filter_map(|line| line.trim().strip_prefix("Behaviour::new(\"")?.split('"').next());
    let names: Vec<_> = names.map(str::to_owned).collect();
    assert!(names.len() > 20 && names.contains(&"loop".to_owned()), "{names:?}");
    names
}

#[test]
fn every_item_of_the_suite_names_tests_that_are_there() {
    let tests = tests();
    let items = rows(5);
    assert_eq!(items.iter().filter(|row| row[0].parse::<usize>().is_ok()).count(), ITEMS);
    for row in items.iter().filter(|row| row[0].parse::<usize>().is_ok()) {
        let named = quoted(&row[4]);
        assert!(!named.is_empty(), "{} names a test", row[1]);
        for test in named {
            assert!(tests.contains(&test), "{}: {test} is not there", row[1]);
        }
    }
}

/// What a citizen sees, in the words of the document.
fn seen(page: &Page) -> &'static str {
    let has = |name: &str| page.form().fields.iter().any(|field| field.name == name);
    if has("answer.word") {
        return "the question";
    }
    match page.text() {
        text if has("individual") && text.contains("does not work at the moment") => {
            "that this way does not work"
        }
        text if has("individual") && text.contains("This was not accepted") => "that it was not accepted",
        text if text.contains("does not work at the moment") => "that this way does not work",
        _ => "another page",
    }
}

/// Somebody else, who was asked for their code before anything happened.
struct Neighbour {
    rp: RelyingParty,
    browser: Browser,
    question: Page,
}

impl Neighbour {
    async fn under_way(rp: RelyingParty) -> Self {
        let (mut browser, first) = login::opened(&rp).await.unwrap();
        let question = login::identify(&mut browser, &first, MOUSSA.id).await.unwrap().page().unwrap();
        Self { rp, browser, question }
    }

    /// Answers, agrees unless they did before, and is signed in.
    async fn goes_on(mut self, what: &str) {
        let response = match login::answer(&mut self.browser, &self.question, login::OTP).await.unwrap() {
            Landing::Away(response) => response,
            Landing::Page(consent) => {
                let agreed = login::allow(&mut self.browser, &consent).await.unwrap().away();
                agreed.unwrap_or_else(|error| panic!("{what}: {error:#}"))
            }
        };
        let signed_in = login::finish(&self.rp, response).await.unwrap();
        assert_eq!(signed_in.userinfo["name"], MOUSSA.name, "{what}");
    }
}

#[tokio::test]
async fn what_a_citizen_and_an_operator_see_of_each_behaviour_is_what_the_document_says() {
    let expected: BTreeMap<String, (String, Vec<String>)> = rows(3)
        .into_iter()
        .filter_map(|row| Some((quoted(&row[0]).pop()?, (row[1].clone(), quoted(&row[2])))))
        .collect();
    let mut surprises = Vec::new();
    for behaviour in behaviours() {
        let op = Setup::default().misbehaving(&behaviour).start().await;
        let neighbour = Neighbour::under_way(op.client("clinic").await).await;
        let (page, log) = attempt(&op, neighbour, &behaviour).await;
        assert_clean(&page, &behaviour);
        login::whole(&op.rp().await.another_attempt(), AMINA.id).await.unwrap();
        let row = expected.get(&behaviour);
        let told = row.is_some_and(|(citizen, operator)| {
            let as_said = if operator.is_empty() {
                log.is_empty()
            } else {
                operator.iter().any(|words| log.contains(words.as_str()))
            };
            citizen == seen(&page) && as_said
        });
        if !told {
            surprises.push(format!("| `{behaviour}` | {} | {log} |", seen(&page)));
        }
    }
    assert!(surprises.is_empty(), "the document says something else:\n{}", surprises.join("\n"));
    let documented: Vec<_> = expected.keys().filter(|name| !behaviours().contains(name)).collect();
    assert!(documented.is_empty(), "the document has behaviours that are not there: {documented:?}");
}

/// The page that the citizen of a misbehaving factor sees, and what is logged of it, while the neighbour goes on.
async fn attempt(op: &Op, neighbour: Neighbour, behaviour: &str) -> (Page, String) {
    let rp = op.rp().await;
    let (mut browser, first) = login::opened_as(&rp, rp.push().set("acr_values", ACR_BAD)).await.unwrap();
    let lines = Arc::new(Mutex::new(String::new()));
    let since = Instant::now();
    let page = {
        let _recording = tracing::subscriber::set_default(Recorder(Arc::clone(&lines)));
        let attempt = async {
            match login::identify(&mut browser, &first, AMINA.id).await.unwrap() {
                Landing::Page(page) => *page,
                Landing::Away(away) => panic!("{behaviour} ended the login with {:?}", away.names()),
            }
        };
        tokio::join!(attempt, neighbour.goes_on(behaviour)).0
    };
    assert!(since.elapsed() < PATIENCE, "{behaviour} took {:?}", since.elapsed());
    let log = lines.lock().unwrap().clone();
    (page, log)
}

/// Keeps what the sandbox warns of.
struct Recorder(Arc<Mutex<String>>);

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("esignet_sandbox") && *metadata.level() <= Level::WARN
    }
    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push_str(&line.0);
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if ["message", "error", "outcome", "taken_out"].contains(&field.name()) {
            write!(self.0, "{}={value:?} ", field.name()).unwrap();
        }
    }
}

/// A component with another version of the factor's package in it.
fn for_another_version(component: &[u8]) -> Vec<u8> {
    let (from, to) = (b"auth-factor@0.1.0", b"auth-factor@0.9.0");
    let mut octets = component.to_vec();
    for at in 0..octets.len() - from.len() {
        if octets[at..].starts_with(from) {
            octets[at..at + to.len()].copy_from_slice(to);
        }
    }
    octets
}

#[tokio::test]
async fn a_file_that_cannot_be_a_plugin_is_refused_while_a_neighbour_signs_in() {
    let bad = std::fs::read(artifacts::test_component("misbehaving").unwrap()).unwrap();
    let wasi = std::fs::read(artifacts::test_component("curious-js").unwrap()).unwrap();
    let asks = esignet_sandbox::Manifest::text_of(&wasi).unwrap().replace("cpu_ms = 2000", "cpu_ms = 500");
    let asks = asks.replace("wasi = true", "wasi = false");
    let silent = esignet_sandbox::embed(&wasi, &asks).unwrap();
    let describing = |behaviour: &str| json!({ "config": { "behaviour": behaviour } });
    let files = [
        ("truncated", bad[..bad.len() / 2].to_vec(), json!({}), "cut off"),
        ("no component", b"not WebAssembly at all".to_vec(), json!({}), "not WebAssembly"),
        ("for another version", for_another_version(&bad), json!({}), "plays no role"),
        ("WASI that it does not ask for", silent, json!({}), "wasi:"),
        (
            "traps when it describes itself",
            bad.clone(),
            describing("trap-in-describe"),
            "gave no usable answer",
        ),
        ("never describes itself", bad.clone(), describing("loop-in-describe"), "gave no usable answer"),
        ("describes itself without end", bad, describing("huge-descriptor"), "gave no usable answer"),
    ];
    let mut op = Op::start().await;
    for (what, bytes, grant, told) in files {
        let neighbour = Neighbour::under_way(op.client("clinic").await.another_attempt()).await;
        op.plugins.grant("misbehaving", grant);
        let file = op.plugins.directory.path().join("hostile.wasm");
        std::fs::write(&file, bytes).unwrap();
        let report = op.plugins.load().await;
        let findings: Vec<_> = report.all_findings().map(ToString::to_string).collect();
        assert!(findings.iter().any(|finding| finding.contains(told)), "{what}: {findings:?}");
        neighbour.goes_on(what).await;
        login::whole(&op.rp().await.another_attempt(), AMINA.id).await.unwrap();
        std::fs::remove_file(file).unwrap();
    }
}

/// The file of the factor that everybody uses, in place at once.
fn replace(site: &Site, bytes: &[u8]) {
    let draft: PathBuf = site.directory.path().join("draft");
    std::fs::write(&draft, bytes).unwrap();
    std::fs::rename(draft, site.plugin("otp")).unwrap();
}

#[tokio::test]
async fn a_file_that_nobody_vouches_for_displaces_nothing_in_the_running_server() {
    let site = Site::new("memory").unwrap();
    site.configure("[plugins.otp]\nminimum_version = \"0.1.0\"\n").unwrap();
    let otp = std::fs::read(artifacts::plugin("otp").unwrap()).unwrap();
    let mut tampered = site.publisher.sign(&otp, "otp", "0.1.0").unwrap();
    tampered[otp.len() / 2] ^= 1;
    let files = [
        ("unsigned", otp.clone(), "nobody signed it"),
        ("wrong key", Publisher::new(7).sign(&otp, "otp", "0.2.0").unwrap(), "belongs to no publisher"),
        ("downgraded", site.publisher.sign(&otp, "otp", "0.0.9").unwrap(), "it is version 0.0.9"),
        ("tampered", tampered, "is not over this file"),
        ("truncated", otp[..otp.len() / 2].to_vec(), "cut off"),
    ];
    let mut server = site.start().await.unwrap();
    for (what, bytes, told) in files {
        let rp = site.rp(&server, "clinic").await.unwrap();
        let neighbour = Neighbour::under_way(rp).await;
        replace(&site, &bytes);
        let since = Instant::now();
        while !server.log().contains(told) {
            assert!(since.elapsed() < Duration::from_mins(1), "{what} is not told: {}", server.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        neighbour.goes_on(what).await;
        let rp = site.rp(&server, "bank").await.unwrap();
        login::whole(&rp, AMINA.id).await.unwrap_or_else(|error| panic!("{what}: {error:#}"));
    }
    let verbose = server.wire.get(&format!("{}/ready?verbose", site.issuer)).await.unwrap().json();
    let plugins = verbose["plugins"].as_array().unwrap();
    let of_state = |state: &str| {
        let mut otp = plugins.iter().filter(|plugin| plugin["id"] == "otp" && plugin["state"] == state);
        (otp.next().cloned().unwrap_or_default(), otp.count())
    };
    assert_eq!((&of_state("loaded").0["version"], of_state("loaded").1), (&json!("0.1.0"), 0), "{plugins:?}");
    assert!(of_state("refused").0["reason"].to_string().contains("cut off"), "{plugins:?}");
    server.stop().await.unwrap();
}
