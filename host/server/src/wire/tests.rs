use std::collections::BTreeMap;
use std::future::{pending, ready};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use esignet_protocol::word::time::Timestamp;

use super::*;
use crate::config;

fn config(directory: &Path, more: &str) -> Config {
    let text = format!(
        "[server]\nissuer = \"http://127.0.0.1:1\"\n[store]\nurl = \"sled:store\"\n[keys]\nmaster_key_file = \"master.key\"\n{more}"
    );
    config::read(&directory.join("esignet.toml"), &text, [])
        .unwrap_or_else(|findings| panic!("{findings:#?}"))
        .0
}

fn codes(findings: &[Finding]) -> Vec<(&'static str, String)> {
    findings.iter().map(|finding| (finding.code, finding.problem.clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_with_a_deployment_is_told_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let clients = directory.path().join("clients");
    std::fs::create_dir(&clients).unwrap();
    std::fs::write(clients.join("a.toml"), "client_id = 5\n").unwrap();
    std::fs::write(directory.path().join("emblem.svg"), "nothing").unwrap();
    let config = config(
        directory.path(),
        "[clients]\ndirectory = \"clients\"\n[branding]\nlogo_file = \"emblem.svg\"\n[plugins.absent]\n",
    );
    let (outcome, findings) = wire(&config, Purpose::Check, pending()).await;
    assert!(matches!(outcome, Outcome::Refused));
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code).collect();
    for expected in ["file", "wrong-type", "missing-key", "plugin", "acr"] {
        assert!(codes.contains(&expected), "{expected}: {findings:#?}");
    }
    let left: Vec<_> =
        std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "a check makes nothing: {left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_makes_a_key_for_its_user_alone_and_a_lost_key_is_not_replaced() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("plugins")).unwrap();
    let config = config(directory.path(), "");
    let (outcome, findings) = wire(&config, Purpose::Serve, pending()).await;
    assert!(matches!(outcome, Outcome::Refused), "there is no ID system: {:#?}", codes(&findings));
    let key = directory.path().join("master.key");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);

    std::fs::remove_file(&key).unwrap();
    std::fs::remove_dir_all(directory.path().join("store-compiled")).unwrap();
    let (_, findings) = wire(&config, Purpose::Serve, pending()).await;
    assert!(
        findings.iter().any(|finding| finding.problem.starts_with("the master key is missing")),
        "{findings:#?}"
    );
    assert!(!key.exists());
    assert!(
        !directory.path().join("store-compiled").exists(),
        "nothing is written under a key that is not the real one"
    );

    MasterKey::obtain(&config, Purpose::Check).map(drop).unwrap_err();
    let other = MasterKey::random();
    let opened = stores::open(&config, Purpose::Serve, &other, Arc::new(SystemClock)).await;
    let refused = opened.map(drop).unwrap_err();
    assert!(refused.problem.contains("another sealing key"), "{refused}");
}

#[tokio::test]
async fn a_store_that_a_server_holds_is_a_pointed_error_and_for_a_check_a_warning() {
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path(), "");
    let key = MasterKey::random();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let held = stores::open(&config, Purpose::Serve, &key, Arc::clone(&clock)).await.unwrap();
    let refused =
        stores::open(&config, Purpose::Serve, &key, Arc::clone(&clock)).await.map(drop).unwrap_err();
    assert!(refused.fix.contains("stop the server first"), "{refused}");
    let looked = stores::open(&config, Purpose::Check, &key, clock).await.unwrap();
    assert_eq!(looked.warning.map(|finding| finding.code), Some("store"));
    held.store.close().await.unwrap();
}

#[tokio::test]
async fn a_declared_client_is_registered_and_changed_with_its_file_and_by_a_check_neither() {
    let directory = tempfile::tempdir().unwrap();
    let clients = directory.path().join("clients");
    std::fs::create_dir(&clients).unwrap();
    let file = clients.join("bank.toml");
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/clients/example-bank.toml");
    let text = std::fs::read_to_string(example).unwrap();
    std::fs::write(&file, &text).unwrap();
    let config = config(directory.path(), "[clients]\ndirectory = \"clients\"\n");
    let Opened { store, .. } = stores::stand_in(&MasterKey::random(), Arc::new(SystemClock)).await.unwrap();
    let here = Here {
        floor: config.server.profile_floor,
        algorithms: config.keys.policy.algorithms.clone(),
        acr_values: Vec::new(),
        claims: None,
    };
    let fetch = Arc::new(GuardedEgress::new(Vec::new()));
    let registrations = Registrations::new(&store.stores(), fetch, here);
    let stored = store.stores().clients;

    assert_eq!(clients::apply(&config, &registrations, Purpose::Check).await, []);
    assert_eq!(stored.list().await.unwrap().len(), 0, "a check registers nobody");
    for _ in 0..2 {
        assert_eq!(clients::apply(&config, &registrations, Purpose::Serve).await, []);
        assert_eq!(stored.list().await.unwrap().len(), 1);
    }
    std::fs::write(&file, text.replace("/callback", "/elsewhere")).unwrap();
    assert_eq!(clients::apply(&config, &registrations, Purpose::Check).await, []);
    let uri = async || stored.list().await.unwrap()[0].redirect_uris[0].as_str().to_owned();
    assert!(uri().await.ends_with("/callback"), "a check changes nobody");
    assert_eq!(clients::apply(&config, &registrations, Purpose::Serve).await, []);
    assert!(uri().await.ends_with("/elsewhere"));

    std::fs::write(clients.join("copy.toml"), &text).unwrap();
    std::fs::write(clients.join("new.toml"), text.replace("\"example-bank\"", "\"new\"")).unwrap();
    let findings = clients::apply(&config, &registrations, Purpose::Serve).await;
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].problem.contains("declared in"), "{findings:?}");
    assert_eq!(stored.list().await.unwrap().len(), 1, "with one wrong file none is applied");
}

/// Every file below with its content and the time of its last change.
fn snapshot(directory: &Path) -> BTreeMap<std::path::PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let changed = std::fs::metadata(&path).unwrap().modified().unwrap();
        if path.is_dir() {
            files.extend(snapshot(&path));
            files.insert(path, (Vec::new(), changed));
        } else {
            files.insert(path.clone(), (std::fs::read(&path).unwrap(), changed));
        }
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_reads_the_store_and_leaves_every_file_as_it_was_even_after_an_unclean_stop() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("plugins")).unwrap();
    let config = config(directory.path(), "");
    let key = MasterKey::obtain(&config, Purpose::Serve).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    // Dropped and not closed: the mark of a running server stays.
    drop(stores::open(&config, Purpose::Serve, &key, Arc::clone(&clock)).await.unwrap());
    let before = snapshot(directory.path());

    let looked = stores::open(&config, Purpose::Check, &key, Arc::clone(&clock)).await.unwrap();
    assert_eq!(looked.warning, None);
    let copy = looked.copy.as_ref().map(|copy| copy.path().to_owned()).unwrap();
    looked.store.close().await.unwrap();
    drop(looked);
    assert!(!copy.exists(), "the copy goes with the check");
    let (_, findings) = wire(&config, Purpose::Check, pending()).await;
    assert!(findings.iter().all(|finding| finding.code != "store"), "{findings:#?}");
    assert_eq!(snapshot(directory.path()), before);

    let other = stores::open(&config, Purpose::Check, &MasterKey::random(), clock).await;
    let refused = other.map(drop).unwrap_err();
    assert!(refused.problem.contains("another sealing key"), "{refused}");
    assert!(refused.problem.contains(directory.path().to_str().unwrap()), "not the copy: {refused}");
}

/// A clock that stands.
struct Standing(Timestamp);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        self.0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_during_the_start_is_a_clean_stop() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("plugins")).unwrap();
    let config = config(directory.path(), "");
    let (outcome, findings) = wire(&config, Purpose::Serve, ready(())).await;
    assert!(matches!(outcome, Outcome::Stopped));
    assert_eq!(findings, []);

    let key = MasterKey::obtain(&config, Purpose::Serve).unwrap();
    let opened = stores::open(&config, Purpose::Serve, &key, Arc::new(SystemClock)).await.unwrap();
    let replays = opened.store.stores().replays;
    assert!(remembers(replays.as_ref(), &SystemClock), "nothing was forgotten");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_unclean_stop_a_server_is_not_ready_until_its_memory_of_used_proofs_begins() {
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path(), "");
    let key = MasterKey::obtain(&config, Purpose::Serve).unwrap();
    let at = |seconds| -> Arc<dyn Clock> { Arc::new(Standing(Timestamp(seconds))) };
    drop(stores::open(&config, Purpose::Serve, &key, at(1_000)).await.unwrap());
    let opened = stores::open(&config, Purpose::Serve, &key, at(2_000)).await.unwrap();
    let replays = opened.store.stores().replays;
    let since = replays.remembers_since();
    assert!(since > Timestamp(2_000));
    assert!(!remembers(replays.as_ref(), at(2_000).as_ref()));
    assert!(!remembers(replays.as_ref(), at(since.0 - 1).as_ref()));
    assert!(remembers(replays.as_ref(), at(since.0).as_ref()));
}
