//! What who writes a plugin has: `esignet plugin new|build|check|dev|bench`, from an empty folder to a login.

use std::path::Path;
use std::time::Instant;

use esignet_tests::workshop::Ran;
use esignet_tests::{Workshop, artifacts, login};
use serde_json::Value;

/// The languages, each with its entry file.
const LANGUAGES: [(&str, &str); 3] = [("rust", "src/lib.rs"), ("js", "plugin.js"), ("python", "plugin.py")];
/// Someone in the `dev.toml` of a project.
const AMINA: &str = "1001";

fn done(ran: Ran) -> Ran {
    assert_eq!(ran.code, 0, "{}", ran.said());
    ran
}

/// What `check --json` found: severity and code of each.
fn found(ran: &Ran) -> Vec<(String, String)> {
    let told: Value =
        serde_json::from_str(&ran.output).unwrap_or_else(|error| panic!("{error}: {}", ran.said()));
    let text = |finding: &Value, member: &str| finding[member].as_str().unwrap().to_owned();
    let findings = told["findings"].as_array().unwrap();
    findings.iter().map(|finding| (text(finding, "severity"), text(finding, "code"))).collect()
}

fn edit(file: &Path, from: &str, to: &str) {
    let before = std::fs::read_to_string(file).unwrap();
    assert!(before.contains(from), "{from} is in {before}");
    std::fs::write(file, before.replacen(from, to, 1)).unwrap();
}

/// Measure 1 of the plugin platform: `--nocapture` shows the times.
#[test]
fn an_empty_folder_becomes_a_component_that_a_server_has_nothing_to_say_of_in_each_language() {
    for (language, _) in LANGUAGES {
        let workshop = Workshop::new().unwrap();
        let began = Instant::now();
        done(workshop.esignet("", &["plugin", "new", "--lang", language, "hello"]).unwrap());
        let made = Instant::now();
        let built = done(workshop.esignet("hello", &["plugin", "build"]).unwrap());
        let finished = Instant::now();
        assert!(built.output.contains("id-system") && built.output.contains("sha256:"), "{}", built.output);
        assert!(workshop.at("hello/hello.wasm").is_file());
        let checked = done(workshop.esignet("hello", &["plugin", "check"]).unwrap());
        let seen = Instant::now();
        assert!(checked.output.contains("findings   none"), "{}", checked.output);
        assert!(checked.output.contains("judges OTP; releases name"), "{}", checked.output);
        let tested = done(workshop.esignet("hello", &["plugin", "test"]).unwrap());
        assert!(tested.output.contains("0 failed"), "{}", tested.output);
        println!(
            "{language}: new {:.2?}, build {:.2?}, check {:.2?}, test {:.2?}, all {:.2?}",
            made - began,
            finished - made,
            seen - finished,
            seen.elapsed(),
            began.elapsed()
        );
    }
}

#[test]
fn a_folder_with_something_in_it_and_a_name_that_is_none_are_refused_with_the_way_out() {
    let workshop = Workshop::new().unwrap();
    std::fs::create_dir(workshop.at("mine")).unwrap();
    std::fs::write(workshop.at("mine/notes.txt"), "mine").unwrap();
    for (name, way_out) in [("mine", "choose another name"), ("My Plugin", "lower-case letters")] {
        let refused = workshop.esignet("", &["plugin", "new", "--lang", "js", name]).unwrap();
        assert_eq!(refused.code, 2, "{}", refused.said());
        assert!(
            refused.errors.contains("error[project]") && refused.errors.contains(way_out),
            "{}",
            refused.errors
        );
    }
    assert_eq!(std::fs::read_dir(workshop.at("mine")).unwrap().count(), 1);
}

#[test]
fn what_is_no_project_or_does_not_build_is_told_with_what_to_do() {
    let workshop = Workshop::new().unwrap();
    let empty = workshop.esignet("", &["plugin", "build"]).unwrap();
    assert_eq!(empty.code, 2);
    assert!(
        empty.errors.contains("error[project]") && empty.errors.contains("plugin.js"),
        "{}",
        empty.errors
    );
    done(workshop.esignet("", &["plugin", "new", "--lang", "js", "mine"]).unwrap());
    std::fs::write(workshop.at("mine/plugin.js"), "export const idSystem = (\n").unwrap();
    let broken = workshop.esignet("mine", &["plugin", "build"]).unwrap();
    assert_eq!(broken.code, 2);
    assert!(broken.errors.contains("error[build]"), "{}", broken.errors);
    assert!(
        !broken.said().contains("panicked") && !workshop.at("mine/mine.wasm").exists(),
        "{}",
        broken.said()
    );
    edit(&workshop.at("mine/plugin.toml"), "version = \"0.1.0\"", "version = \"one\"");
    let wrong = workshop.esignet("mine", &["plugin", "build"]).unwrap();
    assert!(wrong.code == 2 && wrong.errors.contains("error[manifest]"), "{}", wrong.errors);
}

#[test]
fn the_check_ends_with_what_a_server_would_do_and_says_it_in_codes_that_stay() {
    let workshop = Workshop::new().unwrap();
    std::fs::write(workshop.at("no.wasm"), "not a component").unwrap();
    let none = workshop.esignet("", &["plugin", "check", "no.wasm", "--json"]).unwrap();
    assert_eq!((none.code, found(&none)), (2, vec![("error".to_owned(), "component".to_owned())]));

    done(workshop.esignet("", &["plugin", "new", "--lang", "js", "mine"]).unwrap());
    let source = workshop.at("mine/plugin.js");
    edit(&source, "export const idSystem", "const lucky = () => Math.random();\nexport const idSystem");
    edit(&workshop.at("mine/plugin.toml"), "claims = [\"name\"]", "claims = [\"name\", \"email\"]");
    let warned = workshop.esignet("mine", &["plugin", "check", "--json"]).unwrap();
    let warning = |code: &str| ("warning".to_owned(), code.to_owned());
    assert_eq!((warned.code, found(&warned)), (1, vec![warning("randomness"), warning("claims")]));

    std::fs::remove_file(workshop.at("mine/dev.toml")).unwrap();
    let without = workshop.esignet("mine", &["plugin", "check", "mine.wasm", "--json"]).unwrap();
    assert_eq!((without.code, found(&without)), (1, vec![warning("settings")]));

    edit(&source, "config.required(\"otp\");", "throw new Error(\"not today\");");
    std::fs::write(workshop.at("mine/dev.toml"), "[config]\notp = \"1111\"\npeople = { a = {} }\n").unwrap();
    let failing = workshop.esignet("mine", &["plugin", "check", "--json"]).unwrap();
    assert_eq!(failing.code, 2, "{}", failing.said());
    assert!(found(&failing).contains(&("error".to_owned(), "describe".to_owned())), "{}", failing.output);
}

#[test]
fn what_a_plugin_asks_for_is_stood_in_for_so_that_it_can_be_looked_at_without_an_operator() {
    let workshop = Workshop::new().unwrap();
    let component = artifacts::plugin("totp").unwrap().display().to_string();
    let checked = workshop.esignet("", &["plugin", "check", &component, "--json"]).unwrap();
    assert!(checked.code < 2, "{}", checked.said());
    let told: Value = serde_json::from_str(&checked.output).unwrap();
    assert_eq!(told["factor"], "TOTP", "it described itself: {told}");
    assert_eq!(told["stand_ins"][0], "the key \"totp\"");
}

#[test]
fn what_a_call_costs_is_measured_beside_the_same_call_without_the_host() {
    let workshop = Workshop::new().unwrap();
    let component = artifacts::example_plugin("hello-rust").unwrap().display().to_string();
    let grant = "[config]\notp = \"111111\"\npeople = { \"1001\" = { name = \"Amina\" } }\n";
    std::fs::write(workshop.at("grant.toml"), grant).unwrap();
    let line = ["plugin", "bench", &component, "--grant", "grant.toml", "--calls", "50", "--json"];
    let told: Value = serde_json::from_str(&done(workshop.esignet("", &line).unwrap()).output).unwrap();
    let functions = told["functions"].as_array().unwrap();
    let names: Vec<&str> = functions.iter().map(|one| one["function"].as_str().unwrap()).collect();
    assert_eq!(names, ["describe", "authenticate"]);
    for one in functions {
        assert_eq!((&one["failed"], &one["calls"]), (&Value::Null, &50.into()), "{one}");
        let [p50, p95, p99] = ["p50", "p95", "p99"].map(|of| one["hosted_us"][of].as_f64().unwrap());
        assert!(
            0.0 < one["bare_us"]["p50"].as_f64().unwrap() && 0.0 < p50 && p50 <= p95 && p95 <= p99,
            "{one}"
        );
    }
    let refused = workshop.esignet("", &["plugin", "bench", &component]).unwrap();
    assert_eq!(refused.code, 2, "without its settings it is not loaded: {}", refused.said());
}

#[tokio::test]
async fn what_is_saved_is_in_the_next_login_and_what_does_not_build_changes_nothing() {
    let workshop = Workshop::new().unwrap();
    done(workshop.esignet("", &["plugin", "new", "--lang", "js", "mine"]).unwrap());
    let (folder, source) = (workshop.at("mine"), workshop.at("mine/plugin.js"));
    let mut dev = workshop.dev(&folder, "esignet plugin dev").await.unwrap();
    let rp = dev.rp().await.unwrap();
    assert_eq!(login::whole(&rp, AMINA).await.unwrap().userinfo["name"], "Amina");

    edit(
        &source,
        "return Object.fromEntries(Object.entries(known)",
        "return Object.fromEntries(Object.entries(known).map(([claim, value]) => [claim, value.toUpperCase()])",
    );
    let in_place = dev.says("✓ mine: in place", 0).await.unwrap();
    assert_eq!(login::whole(&rp, AMINA).await.unwrap().userinfo["name"], "AMINA");

    let good = std::fs::read_to_string(&source).unwrap();
    std::fs::write(&source, "export const idSystem = (\n").unwrap();
    dev.says("the last good build goes on", 0).await.unwrap();
    assert_eq!(login::whole(&rp, AMINA).await.unwrap().userinfo["name"], "AMINA");
    std::fs::write(&source, good.replace("toUpperCase", "toLowerCase")).unwrap();
    dev.says("✓ mine: in place", in_place).await.unwrap();
    assert_eq!(login::whole(&rp, AMINA).await.unwrap().userinfo["name"], "amina");

    assert_eq!(dev.server.stop().await.unwrap(), Some(0), "{}", dev.server.log());
    let log = dev.server.log();
    for told in ["mine 0.1.0  id-system.authenticate → answered", "config.get otp → found", "crypto.equal"]
    {
        assert!(log.contains(told), "{told} is in: {log}");
    }
    assert!(!log.contains(login::OTP), "no value of an argument is told: {log}");
    let swaps = log.lines().filter(|line| line.starts_with("✓ mine: in place"));
    println!("{}", swaps.collect::<Vec<_>>().join("\n"));
}

#[tokio::test]
async fn a_factor_under_work_is_what_one_signs_in_with_in_each_language() {
    for (language, _) in LANGUAGES {
        let workshop = Workshop::new().unwrap();
        let line = ["plugin", "new", "--lang", language, "--role", "auth-factor", "mine"];
        done(workshop.esignet("", &line).unwrap());
        let mut dev = workshop.dev(&workshop.at("mine"), "esignet plugin dev").await.unwrap();
        let rp = dev.rp().await.unwrap();
        let (mut browser, first) = login::opened(&rp).await.unwrap();
        let question = login::identify(&mut browser, &first, login::AMINA.id).await.unwrap().page().unwrap();
        assert_eq!(question.heading(), "The magic word", "{language}");
        let again = login::type_in(&mut browser, &question, "now").await.unwrap().page().unwrap();
        assert!(again.form().has_button("continue") && !again.form().has_button("allow"), "{language}");
        let consent = login::type_in(&mut browser, &again, "please").await.unwrap().page().unwrap();
        assert!(consent.form().has_button("allow"), "{language}: {}", consent.text());
        assert_eq!(dev.server.stop().await.unwrap(), Some(0), "{}", dev.server.log());
    }
}
