//! Captcha and notifier by the operator's file, in the real binary, and in the languages that are not Rust.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use esignet_protocol::policy::CaptchaWhen;
use esignet_protocol::ports::notices::NoticeEvent;
use esignet_tests::login::{self, AMINA};
use esignet_tests::op::Setup;
use esignet_tests::{Authority, Page, Register, Site, Upstream, artifacts};
use serde_json::{Value, json};

const SUBJECT_LEAK: &str = "Amina";

/// Types the word that a page names behind `Type this word: `.
fn word(page: &Page) -> String {
    let label = page.all("fieldset.captcha label").join(" ");
    label.split_once(": ").expect("a word to type").1.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_captcha_and_a_notifier_can_be_in_javascript_and_in_python() {
    for plugin in ["door-js", "door-python"] {
        let gateway = Register::start(|_| (202, json!({}))).await;
        let op = Setup::default()
            .test_component(plugin)
            .upstream(plugin, "gateway", &gateway.url)
            .meets_captcha(plugin, CaptchaWhen::Always)
            .notices(plugin, |settings| settings.events = [NoticeEvent::SignedIn].into())
            .start()
            .await;
        let rp = op.rp().await;
        let (mut browser, first) = login::opened(&rp).await.unwrap();
        let form = first.form().fill("individual", AMINA.id).fill("answer.word", "no word");
        let again = browser.press(&first, &form, "continue").await.unwrap().page().unwrap();
        assert!(again.text().contains("The answer is not right."), "{plugin}: {}", again.text());
        let form = again.form().fill("answer.word", &word(&again));
        let question = browser.press(&again, &form, "continue").await.unwrap().page().unwrap();
        let consent = login::answer(&mut browser, &question, login::OTP).await.unwrap().page().unwrap();
        let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
        login::finish(&rp, response).await.unwrap();
        op.notices.as_ref().unwrap().drain(Duration::from_secs(20)).await;
        let asked = gateway.asked();
        assert_eq!(asked.len(), 1, "{plugin}");
        assert_eq!(asked[0].body["at"], json!(op.clock.seconds()), "{plugin}");
        assert!(asked[0].body["subject"].is_string(), "{plugin}");
    }
}

fn configured(gateway: &str) -> Site {
    let site = Site::new("memory").unwrap();
    site.add("misbehaving-door", &artifacts::test_component("misbehaving-door").unwrap()).unwrap();
    site.ship("notify-http").unwrap();
    site.configure(&format!(
        "[log]\nlevel = \"debug\"\n\n\
         [login.captcha]\nplugin = \"misbehaving-door\"\n\n\
         [plugins.misbehaving-door.config]\nbehaviour = \"well-behaved\"\n\n\
         [notifications]\nplugin = \"notify-http\"\nevents = [\"signed-in\"]\n\n\
         [plugins.notify-http.config]\npath = \"/told\"\nbody = {{ to = \"{{subject}}\", id = \"{{id}}\", text = \"{{words}}\" }}\n\n\
         [plugins.notify-http.config.words.signed-in]\nen = \"You signed in to {{relying-party}}.\"\n\n\
         [plugins.notify-http.upstreams.gateway]\nurl = \"{gateway}\"\nca_file = \"gateway-ca.pem\"\n"
    ))
    .unwrap();
    site
}

#[tokio::test]
async fn the_real_binary_asks_tells_again_and_says_nothing_of_anybody_in_its_log() {
    let authority = Authority::new("gateways");
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let answer = move |_: &esignet_tests::upstream::Asked| {
        let status = if count.fetch_add(1, Ordering::SeqCst) == 0 { 503 } else { 202 };
        (status, "{}".to_owned())
    };
    let gateway = Upstream::start(&authority.server(), None, answer).await.unwrap();
    let site = configured(&gateway.url);
    site.write_secret("gateway-ca.pem", &authority.pem()).unwrap();
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let form = first.form().fill("individual", AMINA.id).fill("answer.who", "person");
    let question = browser.press(&first, &form, "continue").await.unwrap().page().unwrap();
    let consent = login::answer(&mut browser, &question, login::OTP).await.unwrap().page().unwrap();
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    login::finish(&rp, response).await.unwrap();

    let since = Instant::now();
    while gateway.asked().len() < 2 {
        assert!(since.elapsed() < Duration::from_secs(30), "{}", server.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(server.stop().await.unwrap(), Some(0), "{}", server.log());
    let told: Vec<Value> =
        gateway.asked().iter().map(|asked| serde_json::from_str(&asked.body).unwrap()).collect();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0], told[1], "the same id, and nothing else changed");
    assert_eq!(told[0]["text"], "You signed in to The bank.");
    let log = server.log();
    assert!(log.contains("notices: stopped") && log.contains("\"brought\":1"), "{log}");
    for personal in [told[0]["to"].as_str().unwrap(), told[0]["id"].as_str().unwrap(), AMINA.id, SUBJECT_LEAK]
    {
        assert!(!log.contains(personal), "{personal} is in the log");
    }
}

#[tokio::test]
async fn what_the_file_names_and_nobody_is_is_said_before_a_port_is_bound() {
    let site = Site::new("memory").unwrap();
    site.configure(
        "[login.captcha]\nplugin = \"otp\"\n\n[notifications]\nplugin = \"nobody\"\nevents = [\"signed-in\"]\n",
    )
    .unwrap();
    let config = site.config();
    let (code, out, err) = site.run(&["check", config.to_str().unwrap()]).unwrap();
    assert_eq!(code, 2, "{out}{err}");
    for said in
        ["no plugin otp with the role captcha is loaded", "no plugin nobody with the role notifier is loaded"]
    {
        assert!(err.contains(said) || out.contains(said), "{said}: {out}{err}");
    }
}

#[tokio::test]
async fn the_list_of_plugins_says_who_is_a_captcha_and_who_tells_people_of_what() {
    let site = configured("https://127.0.0.1:1");
    site.write_secret("gateway-ca.pem", &Authority::new("gateways").pem()).unwrap();
    let config = site.config();
    let (code, out, err) = site.run(&["plugin", "list", "--config", config.to_str().unwrap()]).unwrap();
    assert_eq!(code, 0, "{out}{err}");
    let line = |id: &str| out.lines().find(|line| line.starts_with(id)).expect("it is listed");
    assert!(line("misbehaving-door").contains("captcha,notifier"), "{out}");
    assert!(
        line("notify-http").contains("notifier") && line("notify-http").contains("events signed-in"),
        "{out}"
    );
}
