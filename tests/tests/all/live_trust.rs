//! What an operator says of plugins changes while the real binary serves: what is revoked, grants, keys, upstreams
//! (`docs/operations/plugins.md`).

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use esignet_tests::login::{self, AMINA, HIRUT, MOUSSA};
use esignet_tests::op::ACR_OTP;
use esignet_tests::{Landing, Register, Server, Site};
use serde_json::{Value, json};

use crate::rest_identity;

/// No change takes longer to be taken, however busy the machine is.
const PATIENCE: Duration = Duration::from_mins(1);

/// A site whose orders are its own.
fn own(site: Site, rescan_seconds: u32) -> Site {
    let config = std::fs::read_to_string(site.config()).unwrap();
    let line = |line: &str| match line.split_once(" = ") {
        Some(("compiled", _)) => format!("compiled = \"compiled\"\nrescan_seconds = {rescan_seconds}\n"),
        _ => format!("{line}\n"),
    };
    put(&site.config(), &config.lines().map(line).collect::<String>());
    site
}

/// Puts a file in place whole.
fn put(file: &Path, content: &str) {
    let draft = file.with_extension("draft");
    std::fs::write(&draft, content).unwrap();
    std::fs::rename(draft, file).unwrap();
}

fn replace(file: &Path, from: &str, to: &str) {
    let before = std::fs::read_to_string(file).unwrap();
    assert!(before.contains(from), "{from} is in {before}");
    put(file, &before.replacen(from, to, 1));
}

async fn verbose(site: &Site, server: &Server) -> Value {
    server.wire.get(&format!("{}/ready?verbose", site.issuer)).await.unwrap().json()
}

/// Waits until the server tells it of itself.
async fn until(site: &Site, server: &Server, what: &str, holds: impl Fn(&Value) -> bool) {
    let since = Instant::now();
    loop {
        let told = verbose(site, server).await;
        if holds(&told) {
            println!("{what} after {:?}", since.elapsed());
            return;
        }
        assert!(since.elapsed() < PATIENCE, "{what}: {told}\n{}", server.log());
        tokio::task::yield_now().await;
    }
}

/// Waits until the log has a line: it comes over a pipe, after what it tells of.
async fn logged(server: &Server, line: &str) {
    let since = Instant::now();
    while !server.log().contains(line) {
        assert!(since.elapsed() < PATIENCE, "{line} is not in {}", server.log());
        tokio::task::yield_now().await;
    }
}

fn is_in_state(told: &Value, id: &str, state: &str) -> bool {
    told["plugins"]
        .as_array()
        .is_some_and(|plugins| plugins.iter().any(|plugin| plugin["id"] == id && plugin["state"] == state))
}

fn reload(site: &Site) -> (i32, String) {
    let config = site.config().display().to_string();
    let (code, said, errors) = site.run(&["plugin", "reload", "--config", &config]).unwrap();
    (code, format!("{said}{errors}"))
}

/// What `esignet plugin list` says the digest of a plugin is.
fn digest(site: &Site, id: &str) -> String {
    let (_, listed, errors) = site.run(&["plugin", "list", "--json"]).unwrap();
    let listed: Value = serde_json::from_str(&listed).unwrap_or_else(|error| panic!("{error}: {errors}"));
    let of = listed.as_array().unwrap().iter().find(|plugin| plugin["id"] == id).unwrap();
    of["digest"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_revoked_serves_nobody_from_then_on_until_the_list_says_otherwise() {
    let site = own(Site::new("memory").unwrap(), 10);
    let revoked = site.directory.path().join("revoked.txt");
    put(&revoked, "# nothing\n");
    site.configure("[plugins.revoked]\nfile = \"revoked.txt\"\n").unwrap();
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let question = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();

    put(&revoked, &format!("{}  # stolen\n", digest(&site, "otp")));
    let gone = |told: &Value| is_in_state(told, "otp", "refused") && !is_in_state(told, "otp", "loaded");
    until(&site, &server, "revoked", gone).await;
    assert!(!verbose(&site, &server).await["ready"].as_bool().unwrap(), "there is no other way to sign in");
    // A login that is under way in it ends cleanly: it does not go on, and its relying party learns of nobody.
    let page = login::answer(&mut browser, &question, login::OTP).await.unwrap().page().unwrap();
    assert!(page.status() == 200 && !page.form().has_button("allow"), "{}", page.text());
    assert!(login::to_code(&rp.another_attempt(), MOUSSA.id).await.is_err(), "no new one begins");
    logged(&server, "revoked").await;

    put(&revoked, "# it was not\n");
    until(&site, &server, "taken back", |told| is_in_state(told, "otp", "loaded")).await;
    login::whole(&rp.another_attempt(), MOUSSA.id).await.unwrap();
    assert_eq!(server.stop().await.unwrap(), Some(0));
}

#[tokio::test]
async fn a_publisher_who_is_taken_out_takes_what_it_signed_along() {
    let site = own(Site::new("memory").unwrap(), 10);
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    login::whole(&rp, AMINA.id).await.unwrap();
    replace(
        &site.config(),
        "[plugins.publishers.tests]",
        "[plugins.publishers.tests]\nplugins = [\"mock-identity\"]",
    );
    let (code, said) = reload(&site);
    assert_eq!(code, 0, "{said}");
    let told = verbose(&site, &server).await;
    assert!(is_in_state(&told, "otp", "refused") && is_in_state(&told, "mock-identity", "loaded"), "{told}");
    assert_eq!(server.stop().await.unwrap(), Some(0));
}

#[tokio::test]
async fn a_configuration_that_is_wrong_replaces_nothing_and_is_told_wherever_one_looks() {
    let site = own(Site::new("memory").unwrap(), 10);
    let mut server = site.start().await.unwrap();
    let good = std::fs::read_to_string(site.config()).unwrap();
    let refused = |told: &Value| told["configuration"]["state"] == "refused";
    for (wrong, problem) in [
        ("[plugins.otp]\namrr = [\"otp\"]\n", "amrr"),
        ("[server\n", "syntax"),
        ("[plugins.otp.keys.k]\nuse = \"hmac\"\nfile = \"absent.secret\"\n", "absent.secret"),
    ] {
        put(&site.config(), &format!("{good}\n{wrong}"));
        until(&site, &server, problem, refused).await;
        logged(&server, "the configuration is not taken").await;
        let (code, said) = reload(&site);
        assert!(code == 2 && (said.contains(problem) || problem == "syntax"), "{said}");
        let rp = site.rp(&server, "bank").await.unwrap();
        assert_eq!(login::whole(&rp, AMINA.id).await.unwrap().userinfo["name"], AMINA.name);
        put(&site.config(), &good);
        until(&site, &server, "mended", |told| told["configuration"]["state"] == "taken").await;
    }
    let (code, said) = reload(&site);
    assert!(code == 0 && said.contains("done"), "{said}");
    let text = verbose(&site, &server).await["configuration"].to_string();
    assert!(!text.contains(&site.directory.path().display().to_string()), "no place of a file: {text}");
    assert_eq!(server.stop().await.unwrap(), Some(0));
}

#[tokio::test]
async fn a_hangup_reads_what_nothing_told_of_and_says_what_waits_for_a_restart() {
    let elsewhere = tempfile::tempdir().unwrap();
    let site = own(Site::new("memory").unwrap(), 3_600);
    let config = elsewhere.path().join("esignet.toml");
    std::fs::rename(site.config(), &config).unwrap();
    // The kernel tells nothing of a directory behind a link, and the next look is an hour away.
    std::os::unix::fs::symlink(&config, site.config()).unwrap();
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    replace(&config, "[clients]", "[bounds]\nfailures_per_login = 4\n\n[clients]");
    let before = std::fs::read_to_string(&config).unwrap();
    put(&config, &format!("{before}\n[plugins.mock-identity.config]\notp = \"222222\"\n"));
    server.hang_up().unwrap();
    let waits = |told: &Value| told["configuration"]["restart_needed_for"] == json!(["[bounds]"]);
    until(&site, &server, "read anew", waits).await;
    let since = Instant::now();
    loop {
        let (mut browser, first) = login::opened(&rp.another_attempt()).await.unwrap();
        let question = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
        let next = login::answer(&mut browser, &question, "222222").await.unwrap().page().unwrap();
        if next.form().has_button("allow") {
            break;
        }
        assert!(since.elapsed() < PATIENCE, "{}", server.log());
    }
    logged(&server, "SIGHUP").await;
    logged(&server, "wait for a restart").await;
    assert_eq!(server.stop().await.unwrap(), Some(0), "it still stops as it should");
}

#[tokio::test]
async fn an_upstream_that_is_another_one_by_now_is_asked_from_the_next_call_on() {
    let first = Register::start(rest_identity::answer).await;
    let second = Register::start(|asked| {
        let (status, mut told) = rest_identity::answer(asked);
        if told.get("names").is_some() {
            told["names"]["last"] = json!("MOVED");
        }
        (status, told)
    })
    .await;
    let site = own(rest_identity::site(&first.url, &rest_identity::config()), 10);
    let mut server = site.start().await.unwrap();
    let name = async || {
        let rp = site.rp(&server, "bank").await.unwrap();
        let (mut browser, code) = rest_identity::question(&rp, ACR_OTP, "1001").await;
        let response = match login::type_in(&mut browser, &code, "482913").await.unwrap() {
            Landing::Page(consent) => login::allow(&mut browser, &consent).await.unwrap().away().unwrap(),
            Landing::Away(away) => away,
        };
        login::finish(&rp, response).await.unwrap().userinfo["name"].clone()
    };
    assert_eq!(name().await, "Amina Ben-Ali");
    replace(&site.config(), &first.url, &second.url);
    let (code, said) = reload(&site);
    assert_eq!(code, 0, "{said}");
    assert_eq!(name().await, "Amina Moved");
    assert_eq!(server.stop().await.unwrap(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_login_fails_while_grants_change_under_it() {
    const CHANGES: usize = 20;
    let site = own(Site::new("memory").unwrap(), 10);
    // The same three people sign in all the time.
    site.configure("[bounds]\notps_per_individual_per_hour = 100000\n").unwrap();
    site.configure("[plugins.otp.limits]\ncpu_ms = 400\n\n[plugins.mock-identity.limits]\ncpu_ms = 400\n")
        .unwrap();
    let mut server = site.start().await.unwrap();
    let (ended, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut people = Vec::new();
    for person in [AMINA, MOUSSA, HIRUT] {
        let rp = site.rp(&server, "bank").await.unwrap();
        let (ended, done) = (Arc::clone(&ended), Arc::clone(&done));
        people.push(tokio::spawn(async move {
            let mut failed = Vec::new();
            while !ended.load(Ordering::Relaxed) {
                if let Err(error) = login::whole(&rp.another_attempt(), person.id).await {
                    failed.push(format!("{error:#}"));
                }
                done.fetch_add(1, Ordering::Relaxed);
            }
            failed
        }));
    }
    let since = Instant::now();
    for change in 0..CHANGES {
        let (from, to) = if change % 2 == 0 { (400, 450) } else { (450, 400) };
        let config = std::fs::read_to_string(site.config()).unwrap();
        put(&site.config(), &config.replace(&format!("cpu_ms = {from}"), &format!("cpu_ms = {to}")));
        let reloaded = tokio::task::spawn_blocking({
            let (directory, config) = (site.directory.path().to_owned(), site.config().display().to_string());
            move || esignet_tests::server::run(&["plugin", "reload", "--config", &config], &directory)
        });
        let (code, said, errors) = reloaded.await.unwrap().unwrap();
        assert_eq!(code, 0, "{said}{errors}");
    }
    ended.store(true, Ordering::Relaxed);
    let mut failed = Vec::new();
    for person in people {
        failed.extend(person.await.unwrap());
    }
    let logins = done.load(Ordering::Relaxed);
    println!(
        "{CHANGES} changes of two grants, {logins} logins in {:?}: {} failed",
        since.elapsed(),
        failed.len()
    );
    assert!(failed.is_empty() && logins > 0, "{failed:?}");
    assert_eq!(server.stop().await.unwrap(), Some(0));
    // A plugin whose grant changed was put in place anew each time.
    let relinked = server
        .log()
        .lines()
        .filter(|line| line.contains("plugin loaded") && line.contains("\"otp\""))
        .count();
    assert!(relinked > CHANGES, "{relinked}: {}", server.log());
}
