//! What was built against earlier versions of the contract serves whole logins for ever (ADR 0099, `tests/corpus/README.md`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use esignet_jose::digest::sha256;
use esignet_tests::login;
use esignet_tests::op::Setup;
use serde_json::json;

/// What is not built against a released version.
const DRAFT: &str = "draft";
/// A person of hello-rust.
const AMINA: &str = "1001";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn directories(below: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(below).unwrap_or_else(|error| panic!("{}: {error}", below.display()));
    let directories = entries.map(|entry| entry.unwrap()).filter(|entry| entry.path().is_dir());
    directories.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

fn kept() -> Vec<(String, PathBuf)> {
    let corpus = root().join("tests/corpus");
    let kept: Vec<_> =
        directories(&corpus).into_iter().map(|name| (name.clone(), corpus.join(name))).collect();
    assert!(!kept.is_empty(), "there is a corpus");
    kept
}

#[test]
fn every_released_version_has_components_and_nothing_else_but_the_draft_has() {
    let mut released = directories(&root().join("wit/archive"));
    let mut built: BTreeSet<String> = kept().into_iter().map(|(version, _)| version).collect();
    let is_draft = built.remove(DRAFT);
    assert!(is_draft || !released.is_empty());
    assert_eq!(
        built,
        std::mem::take(&mut released),
        "run `cargo xtask wit corpus` after `cargo xtask wit freeze`"
    );
}

#[test]
fn the_components_are_those_that_were_built_then() {
    for (version, directory) in kept() {
        let digests = std::fs::read_to_string(directory.join("digests")).unwrap();
        let listed: BTreeMap<&str, &str> = digests
            .lines()
            .filter_map(|row| row.split_once("  "))
            .map(|(digest, name)| (name, digest))
            .collect();
        let files = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path());
        let components = files.filter(|file| file.extension().is_some_and(|end| end == "wasm"));
        let mut seen = BTreeSet::new();
        for component in components {
            let name = component.file_name().unwrap().to_str().unwrap().to_owned();
            let digest = hexadecimal(&sha256(&std::fs::read(&component).unwrap()));
            assert_eq!(listed.get(name.as_str()), Some(&digest.as_str()), "{version}/{name} is another one");
            seen.insert(name);
        }
        assert_eq!(seen.iter().map(String::as_str).collect::<BTreeSet<_>>(), listed.into_keys().collect());
    }
}

#[tokio::test]
async fn a_whole_login_works_through_plugins_of_every_version_that_is_kept() {
    for (version, directory) in kept() {
        let grant = json!({ "config": { "otp": login::OTP, "people": { AMINA: { "name": "Amina" } } } });
        let op = Setup::default()
            .identity("hello-rust", Ok(directory.join("hello-rust.wasm")), grant)
            .component("otp", directory.join("otp.wasm"))
            .start()
            .await;
        let rp = op.rp().await;
        let logged_in = login::whole(&rp, AMINA).await.unwrap_or_else(|error| panic!("{version}: {error:#}"));
        assert_eq!(logged_in.userinfo["name"], "Amina", "{version}");
    }
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |text, octet| text + &format!("{octet:02x}"))
}
