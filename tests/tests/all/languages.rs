//! Plugins in Rust, JavaScript and Python: whole logins through each hello plugin, and what becomes of one that throws.

use std::time::Duration;

use esignet_tests::login;
use esignet_tests::op::Setup;
use esignet_tests::{Landing, Op, Page, Site, artifacts};
use serde_json::{Value, json};

/// The hello plugins.
const HELLO: [&str; 3] = ["hello-rust", "hello-js", "hello-python"];
/// The guests that throw and remember, and how each calls what `throw` throws.
const CURIOUS: [(&str, &str); 2] = [("curious-js", "RangeError"), ("curious-python", "LookupError")];
/// Two people of the hello plugins, and nobody.
const AMINA: &str = "1001";
const MOUSSA: &str = "1002";
const NOBODY: &str = "9999";
/// A person that no log may tell of.
const NUMBER: &str = "2053718694";

async fn hello(plugin: &str) -> Op {
    let people = json!({ AMINA: { "name": "Amina", "email": "a@b.example" }, MOUSSA: { "name": "Moussa" } });
    let grant = json!({
        "config": { "otp": login::OTP, "people": people },
        "limits": { "memory_mib": 64, "cpu_ms": 500 },
    });
    Setup::default().identity(plugin, artifacts::example_plugin(plugin), grant).start().await
}

async fn curious(plugin: &str, behaviour: &str) -> Op {
    let grant = json!({
        "config": { "behaviour": behaviour },
        "limits": { "memory_mib": 64, "cpu_ms": 2_000 },
    });
    Setup::default().identity(plugin, artifacts::test_component(plugin), grant).start().await
}

/// The page after an identifier and a code.
async fn after_the_code(op: &Op, id: &str, otp: &str) -> Page {
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let question = login::identify(&mut browser, &first, id).await.unwrap().page().unwrap();
    match login::answer(&mut browser, &question, otp).await.unwrap() {
        Landing::Page(page) => *page,
        Landing::Away(away) => panic!("the login ended with {:?}", away.names()),
    }
}

#[tokio::test]
async fn a_whole_login_works_through_a_plugin_in_each_language() {
    for plugin in HELLO {
        let op = hello(plugin).await;
        let rp = op.rp().await;
        let mut subjects = Vec::new();
        for (id, name) in [(AMINA, "Amina"), (MOUSSA, "Moussa"), (AMINA, "Amina")] {
            let logged_in = login::whole(&rp, id).await.unwrap_or_else(|error| panic!("{plugin}: {error:#}"));
            assert_eq!(logged_in.userinfo["name"], name, "{plugin}");
            let released: Vec<_> = logged_in.userinfo.keys().map(String::as_str).collect();
            assert_eq!(released, ["name", "sub"], "{plugin} releases what it announced and no more");
            subjects.push(logged_in.userinfo["sub"].clone());
        }
        assert_eq!(subjects[0], subjects[2], "{plugin}: the same person is the same subject");
        assert_ne!(subjects[0], subjects[1], "{plugin}");
    }
}

#[tokio::test]
async fn a_wrong_code_and_nobody_get_the_same_page_from_a_plugin_in_each_language() {
    for plugin in HELLO {
        let op = hello(plugin).await;
        let wrong = after_the_code(&op, AMINA, "999999").await;
        let nobody = after_the_code(&op, NOBODY, login::OTP).await;
        for page in [&wrong, &nobody] {
            assert_eq!((page.status(), page.heading()), (200, wrong.heading()), "{plugin}");
            assert!(!page.form().has_button("allow"), "{plugin}");
        }
    }
}

#[tokio::test]
async fn what_one_login_puts_into_a_module_the_next_one_does_not_find() {
    for (plugin, _) in CURIOUS {
        let op = curious(plugin, "remember").await;
        let rp = op.rp().await;
        for id in [NUMBER, "3819204756"] {
            let logged_in = login::whole(&rp, id).await.unwrap();
            assert_eq!(logged_in.userinfo["name"], "found 0, then 0", "{plugin}");
        }
    }
}

/// A server with a curious plugin that takes its time to compile, as the operator configures it.
fn site(plugin: &str, behaviour: &str) -> Site {
    let site = Site::new("memory").unwrap();
    let components = [(plugin, artifacts::test_component(plugin)), ("otp", artifacts::plugin("otp"))];
    site.plugins(&components.map(|(id, component)| (id, component.unwrap()))).unwrap();
    site.configure(&format!(
        "[log]\nlevel = \"debug\"\n\n[plugins.{plugin}.config]\n\
         behaviour = \"{behaviour}\"\n\n[plugins.{plugin}.limits]\nmemory_mib = 64\ncpu_ms = 2000\n"
    ))
    .unwrap();
    site
}

#[tokio::test]
async fn who_signs_in_while_a_plugin_throws_sees_the_usual_page_and_the_log_says_what_and_where() {
    for (plugin, thrown) in CURIOUS {
        let site = site(plugin, "throw");
        let mut server = site.start().await.unwrap();
        let rp = site.rp(&server, "bank").await.unwrap();
        let (mut browser, first) = login::opened(&rp).await.unwrap();
        let question = login::identify(&mut browser, &first, NUMBER).await.unwrap().page().unwrap();
        let page = login::answer(&mut browser, &question, "864209").await.unwrap().page().unwrap();
        let html = page.reply.text();
        assert!(page.status() < 600 && !page.form().has_button("allow"), "{plugin}: {html}");
        for inside in [thrown, plugin, "plugin.", "no such person", "wasm", NUMBER, "864209"] {
            assert!(!html.contains(inside), "{plugin}: the page shows `{inside}`");
        }
        assert_eq!(server.stop().await.unwrap(), Some(0));
        assert_log(&server.log(), &site, plugin, thrown);
    }
}

/// Who runs the server learns the type, the place and the plugin; nothing of the person, and nothing of the machine.
fn assert_log(log: &str, site: &Site, plugin: &str, thrown: &str) {
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let texts: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let reported = texts.iter().find(|line| line.contains("plugin-threw"));
    let reported = reported.unwrap_or_else(|| panic!("{plugin}: nothing is reported: {log}"));
    for told in [plugin, thrown, "plugin.", "authenticate"] {
        assert!(reported.contains(told), "{plugin}: the log does not tell `{told}`: {reported}");
    }
    let failed = texts.iter().find(|line| line.contains("plugin call failed"));
    assert!(
        failed.is_some_and(|line| line.contains(thrown) && line.contains(plugin)),
        "{plugin}: {failed:?}"
    );
    for secret in [NUMBER, "864209", "no such person"] {
        assert!(!log.contains(secret), "{plugin}: the log tells `{secret}`");
    }
    let here = site.directory.path().display().to_string();
    for line in [reported.as_str(), failed.map_or("", String::as_str)] {
        for place in [here.as_str(), env!("CARGO_MANIFEST_DIR"), "guests", "node_modules", "/tmp"] {
            assert!(!line.contains(place), "{plugin}: the log tells `{place}`: {line}");
        }
    }
}

/// Prints what `docs/plugins/languages.md` tells, on whatever machine this is: `--ignored --nocapture`.
#[tokio::test]
#[ignore = "measures and prints; nothing is asserted of times"]
async fn figures() {
    for plugin in HELLO {
        let component = artifacts::example_plugin(plugin).unwrap();
        let size = std::fs::metadata(&component).unwrap().len().div_ceil(1024);
        let op = hello(plugin).await;
        let id_system = op.provider.plugins.id_system().unwrap();
        let (caller, person) = call();
        let mut took = Vec::new();
        for _ in 0..500 {
            let since = std::time::Instant::now();
            id_system.send_otp(&caller, &person, &[]).await.unwrap();
            took.push(since.elapsed());
        }
        took.sort();
        let rp = op.rp().await;
        let since = std::time::Instant::now();
        for _ in 0..20 {
            login::whole(&rp, AMINA).await.unwrap();
        }
        let whole: Duration = since.elapsed() / 20;
        let (p50, p99) = (took[took.len() / 2], took[took.len() * 99 / 100]);
        println!("{plugin}: {size} KB, a call p50 {p50:?} p99 {p99:?}, a whole login {whole:?}");
    }
}

fn call() -> (esignet_protocol::ports::plugins::Caller, esignet_protocol::ports::plugins::Individual) {
    let caller = esignet_protocol::ports::plugins::Caller {
        transaction: "t".to_owned(),
        short_transaction: "A1B2C3D4E5".to_owned(),
        relying_party: "rp".to_owned(),
        client: "client".to_owned(),
        locale: "en".to_owned(),
        claims_locales: vec!["en".to_owned()],
    };
    let person = esignet_protocol::ports::plugins::Individual {
        kind: "uin".to_owned(),
        value: AMINA.to_owned(),
        attributes: Vec::new(),
    };
    (caller, person)
}
