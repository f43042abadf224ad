//! The real binary: how it starts, how it stops, and what it says when something is wrong.

use esignet_tests::login::{self, AMINA};
use esignet_tests::{Key, Site, server};

#[tokio::test]
async fn a_login_through_the_real_binary_works_and_it_stops_when_it_is_told_to() {
    let site = Site::new("sled:store").unwrap();
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    let logged_in = login::whole(&rp, AMINA.id).await.unwrap();
    assert_eq!(logged_in.userinfo["name"], AMINA.name);

    let live = server.wire.get(&format!("{}/live", site.issuer)).await.unwrap();
    let ready = server.wire.get(&format!("{}/ready", site.issuer)).await.unwrap();
    assert_eq!((live.status, ready.status), (200, 200));
    assert_eq!(server.stop().await.unwrap(), Some(0), "{}", server.log());
}

#[tokio::test]
async fn every_line_of_the_log_is_json_and_errors_lead_to_their_incident() {
    let site = Site::new("memory").unwrap();
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    let refused = rp.push().set("response_type", "token").send().await.unwrap();
    let incident = refused.member("incident_id");
    server.stop().await.unwrap();
    let log = server.log();
    for line in log.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
    let line = log.lines().find(|line| line.contains(&incident)).expect("the incident is in the log");
    assert!(line.contains("response_type"), "the log says what exactly was wrong: {line}");
}

#[test]
fn everything_that_is_wrong_with_a_configuration_is_said_at_once() {
    let site = Site::new("memory").unwrap();
    site.configure("[srever]\nx = 1\n\n[bounds]\npushed_requests_per_minute = \"many\"").unwrap();
    let config = site.config().display().to_string();
    for arguments in [&["serve", "--config", &config][..], &["check", &config]] {
        let (code, output, errors) = site.run(arguments).unwrap();
        assert_eq!(code, 2, "{arguments:?}: {errors}");
        let said = format!("{output}{errors}");
        for expected in ["srever", "server", "pushed_requests_per_minute", "esignet.toml"] {
            assert!(said.contains(expected), "{arguments:?} does not say {expected}: {said}");
        }
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_configuration_that_is_not_there_is_said_to_be_so() {
    let site = Site::new("memory").unwrap();
    let (code, _, errors) = site.run(&["serve", "--config", "nothing.toml"]).unwrap();
    assert_eq!(code, 2);
    assert!(errors.contains("nothing.toml"), "{errors}");
}

#[test]
fn a_good_configuration_passes_the_check() {
    let site = Site::new("sled:store").unwrap();
    let config = site.config().display().to_string();
    let (code, output, errors) = site.run(&["check", &config]).unwrap();
    assert!(code < 2, "{output}{errors}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_to_be_so() {
    let site = Site::new("memory").unwrap();
    let _server = site.start().await.unwrap();
    let config = site.config().display().to_string();
    let (code, _, errors) = site.run(&["serve", "--config", &config]).unwrap();
    assert_ne!(code, 0);
    assert!(errors.contains(&site.port.to_string()), "{errors}");
}

#[test]
fn clients_are_added_and_listed_and_one_id_is_for_one_client() {
    let site = Site::new("sled:store").unwrap();
    let config = site.config().display().to_string();
    let file = site.directory.path().join("school.json");
    std::fs::write(&file, server::registration("school", &Key::p256()).to_string()).unwrap();
    let file = file.display().to_string();

    let (code, _, errors) = site.run(&["client", "add", "--config", &config, &file]).unwrap();
    assert_eq!(code, 0, "{errors}");
    let (code, output, errors) = site.run(&["client", "list", "--config", &config]).unwrap();
    assert_eq!(code, 0, "{errors}");
    assert!(output.contains("school"), "{output}");
    let (code, _, errors) = site.run(&["client", "add", "--config", &config, &file]).unwrap();
    assert_eq!(code, 2, "a second one of that id: {errors}");
}

#[test]
fn a_registration_that_cannot_be_is_refused_with_all_its_reasons() {
    let site = Site::new("sled:store").unwrap();
    let config = site.config().display().to_string();
    let file = site.directory.path().join("bad.json");
    let mut bad = server::registration("bad", &Key::p256());
    bad["redirect_uris"] = serde_json::json!(["http://bad.example/callback"]);
    bad["client_secret"] = "hunter2".into();
    std::fs::write(&file, bad.to_string()).unwrap();
    let (code, output, errors) =
        site.run(&["client", "add", "--config", &config, &file.display().to_string()]).unwrap();
    assert_eq!(code, 2);
    let said = format!("{output}{errors}");
    assert!(said.contains("redirect_uris") || said.contains("http://bad.example"), "{said}");
    assert!(said.contains("client_secret"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn plugins_are_listed_with_what_they_are() {
    let site = Site::new("memory").unwrap();
    let config = site.config().display().to_string();
    let (code, output, errors) = site.run(&["plugin", "list", "--config", &config]).unwrap();
    assert_eq!(code, 0, "{errors}");
    for expected in ["mock-identity", "otp", "OTP"] {
        assert!(output.contains(expected), "{output}");
    }
}

#[tokio::test]
async fn a_private_key_nobody_else_may_read_is_made_with_a_new_store() {
    use std::os::unix::fs::PermissionsExt;
    let site = Site::new("sled:store").unwrap();
    let mut server = site.start().await.unwrap();
    server.stop().await.unwrap();
    let mode = std::fs::metadata(site.directory.path().join("master.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}
