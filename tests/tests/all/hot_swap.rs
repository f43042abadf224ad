//! Plugins are exchanged while people log in (REL-14, REL-15): nobody notices, and a login ends on what it began with.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use esignet_tests::login::{self, AMINA, HIRUT, MOUSSA};
use esignet_tests::op::{ACR_BAD, Setup};
use esignet_tests::{Browser, Op, Page, RelyingParty, Site, artifacts};

/// No swap takes longer, however busy the machine is.
const PATIENCE: Duration = Duration::from_mins(1);

/// Words that tell a build by its page.
fn titled(title: &str) -> String {
    format!("[messages.en]\n\"bad-title\" = \"{title}\"")
}

async fn swap(op: &Op, id: &str, version: &str, more: &str) {
    op.plugins.put(id, version, more).unwrap();
    let report = op.plugins.load().await;
    assert!(report.all_findings().next().is_none(), "{report:?}");
}

/// A login that was asked for its code.
async fn asked(rp: &RelyingParty) -> (Browser, Page) {
    let (mut browser, first) = login::opened(rp).await.unwrap();
    let page = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
    (browser, page)
}

#[tokio::test]
async fn a_login_gets_the_builds_that_its_first_page_was_shown_with() {
    let op = Setup::default().misbehaving("well-behaved").start().await;
    let rp = op.rp().await;
    let opened = async || login::opened_as(&rp, rp.push().set("acr_values", ACR_BAD)).await.unwrap();
    swap(&op, "misbehaving", "1.0.0", &titled("The first build")).await;
    let (mut browser, first) = opened().await;
    swap(&op, "misbehaving", "1.1.0", &titled("The second build")).await;
    let page = login::identify(&mut browser, &first, MOUSSA.id).await.unwrap().page().unwrap();
    assert_eq!(page.heading(), "The first build");
    let (mut browser, first) = opened().await;
    let page = login::identify(&mut browser, &first, MOUSSA.id).await.unwrap().page().unwrap();
    assert_eq!(page.heading(), "The second build");
}

#[tokio::test]
async fn a_login_ends_on_the_builds_that_it_began_with() {
    let op = Op::start().await;
    swap(&op, "otp", "1.0.0", "").await;
    swap(&op, "mock-identity", "1.0.0", "").await;
    let rp = op.rp().await;
    let (mut browser, page) = asked(&rp).await;
    // The new ones could not go on for those: their major version is another.
    swap(&op, "otp", "2.0.0", "").await;
    swap(&op, "mock-identity", "2.0.0", "").await;
    let wrong = login::answer(&mut browser, &page, "000000").await.unwrap().page().unwrap();
    let consent = login::answer(&mut browser, &wrong, login::OTP).await.unwrap().page().unwrap();
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    let logged_in = login::finish(&rp, response).await.unwrap();
    assert_eq!(logged_in.userinfo["name"], AMINA.name);
}

#[tokio::test]
async fn a_login_whose_plugin_was_taken_away_finishes_and_no_new_one_begins() {
    let op = Setup::default().start().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let page = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
    std::fs::remove_file(op.plugins.file("otp")).unwrap();
    op.plugins.load().await;
    let consent = login::answer(&mut browser, &page, login::OTP).await.unwrap().page().unwrap();
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    login::finish(&rp, response).await.unwrap();
    let refused = login::to_code(&rp, AMINA.id).await;
    assert!(refused.is_err(), "nothing can be offered any more");
}

/// Another node, or this one after a restart, has the present build only.
#[tokio::test]
async fn a_login_whose_build_is_gone_goes_on_with_a_compatible_one_and_else_begins_again() {
    let op = Op::start().await;
    for (version, goes_on) in [("1.5.0", true), ("2.0.0", false)] {
        swap(&op, "otp", "1.0.0", "").await;
        let (mut browser, page) = asked(&op.rp().await).await;
        swap(&op, "otp", version, "").await;
        // So late that nothing keeps the first build; the clock of the login stands still meanwhile.
        let now = op.clock.seconds();
        op.wait(10_000);
        op.plugins.load().await;
        op.clock.set(now);

        let next = login::answer(&mut browser, &page, login::OTP).await.unwrap().page().unwrap();
        assert_eq!(next.form().has_button("allow"), goes_on, "{version}: {}", next.text());
        if !goes_on {
            let away = login::through(&mut browser, &next, AMINA.id, login::OTP).await.unwrap();
            assert!(!away.parameter("code").is_empty(), "it begins again with what is loaded now");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_login_fails_over_a_hundred_swaps() {
    const SWAPS: usize = 100;
    let op = Arc::new(Setup::default().start().await);
    let ended = Arc::new(AtomicBool::new(false));
    let done = Arc::new(AtomicUsize::new(0));
    let mut people = Vec::new();
    for person in [AMINA, MOUSSA, HIRUT] {
        let (rp, ended, done) = (op.rp().await, Arc::clone(&ended), Arc::clone(&done));
        people.push(tokio::spawn(async move {
            let mut failed = Vec::new();
            while !ended.load(Ordering::Relaxed) {
                match login::whole(&rp, person.id).await {
                    Ok(logged_in) => assert_eq!(logged_in.userinfo["name"], person.name),
                    Err(error) => failed.push(format!("{error:#}")),
                }
                done.fetch_add(1, Ordering::Relaxed);
            }
            failed
        }));
    }
    let since = Instant::now();
    for swap in 0..SWAPS {
        // Every fourth is a major version, and both plugins change.
        let version = format!("{}.{}.0", 1 + swap / 4 % 3, swap % 4);
        op.plugins.put("otp", &version, "").unwrap();
        op.plugins.put("mock-identity", &version, "").unwrap();
        let report = op.plugins.load().await;
        assert!(report.all_findings().next().is_none(), "{report:?}");
        let seen = done.load(Ordering::Relaxed);
        while done.load(Ordering::Relaxed) == seen {
            tokio::task::yield_now().await;
        }
    }
    let (took, logins) = (since.elapsed(), done.load(Ordering::Relaxed));
    ended.store(true, Ordering::Relaxed);
    let mut failed = Vec::new();
    for person in people {
        failed.extend(person.await.unwrap());
    }
    println!("{SWAPS} swaps of two plugins, {logins} logins in {took:?}: {} failed", failed.len());
    assert!(failed.is_empty(), "{failed:?}");
}

/// The running server as its operator sees it.
#[tokio::test]
async fn an_operator_drops_a_file_sees_it_and_rolls_it_back() {
    let site = Site::new("memory").unwrap();
    let config = std::fs::read_to_string(site.config()).unwrap();
    let config: Vec<&str> = config
        .lines()
        .map(|line| match line.split_once(" = ") {
            Some(("compiled", _)) => "compiled = \"compiled\"",
            _ => line,
        })
        .collect();
    std::fs::write(site.config(), config.join("\n")).unwrap();
    let mut server = site.start().await.unwrap();
    let state = async |wanted: &str| {
        let verbose = server.wire.get(&format!("{}/ready?verbose", site.issuer)).await.unwrap().json();
        verbose["plugins"]
            .as_array()
            .unwrap()
            .iter()
            .find(|plugin| plugin["id"] == "otp" && plugin["version"] == wanted)
            .map(|plugin| plugin["state"].as_str().unwrap().to_owned())
    };
    assert_eq!(state("0.1.0").await.as_deref(), Some("loaded"));

    let otp = std::fs::read(artifacts::plugin("otp").unwrap()).unwrap();
    let draft = site.directory.path().join("otp.draft");
    std::fs::write(&draft, site.publisher.sign(&otp, "otp", "0.2.0").unwrap()).unwrap();
    std::fs::rename(draft, site.plugin("otp")).unwrap();
    let since = Instant::now();
    while state("0.2.0").await.is_none() {
        assert!(since.elapsed() < PATIENCE, "{}", server.log());
        tokio::task::yield_now().await;
    }
    println!("from the file to the swap: {:?}", since.elapsed());
    assert_eq!(state("0.1.0").await.as_deref(), Some("draining"));
    let rp = site.rp(&server, "bank").await.unwrap();
    login::whole(&rp, AMINA.id).await.unwrap();

    let config = site.config().display().to_string();
    let run =
        |arguments: &[&str]| site.run(&[&["plugin"], arguments, &["--config", &config]].concat()).unwrap();
    let (code, said, errors) = run(&["rollback", "otp"]);
    assert_eq!(code, 0, "{said}{errors}");
    assert!(said.contains("0.1.0 again instead of 0.2.0"), "{said}");
    assert_eq!(state("0.1.0").await.as_deref(), Some("loaded"));
    login::whole(&rp, AMINA.id).await.unwrap();
    let (code, said, _) = run(&["list", "--running"]);
    assert!(code == 0 && said.contains("in place of 0.2.0"), "{said}");
    assert_eq!(run(&["release", "otp"]).0, 0);
    assert_eq!(state("0.2.0").await.as_deref(), Some("loaded"));
    assert_eq!(run(&["rollback", "nobody"]).0, 2);
    let text = server.wire.get(&format!("{}/ready", site.issuer)).await.unwrap().text();
    assert!(!text.contains("otp"), "only who asks for it is told of plugins: {text}");
    assert_eq!(server.stop().await.unwrap(), Some(0));
}
