//! The contract of registered clients and their logos.

use esignet_protocol::client::{LogoId, Status};
use esignet_protocol::ports::store::Version;

use super::samples::{START, client, client_id};
use super::{Opened, fifty, over_every_implementation};
use crate::Store;

over_every_implementation! {
    crate::contract::memory_store().await, crate::contract::sled_store().await;
    a_changed_registration_is_what_is_found_from_then_on,
    of_fifty_changes_of_one_version_exactly_one_counts,
    a_version_that_nobody_gave_changes_nothing,
    a_removed_client_is_unknown_and_its_id_is_free,
    an_inactive_client_stays_what_it_is,
    a_change_by_another_node_is_seen_within_five_seconds,
    a_logo_is_kept_under_its_name_until_it_is_forgotten,
}

async fn a_changed_registration_is_what_is_found_from_then_on(opened: Opened) {
    let clients = opened.store.stores().clients;
    assert!(clients.add(&client("rp")).await.unwrap());
    assert_eq!(clients.client(&client_id("rp")).await.unwrap().unwrap().relying_party_id, "rp");
    let loaded = clients.load(&client_id("rp")).await.unwrap().unwrap();
    let mut changed = loaded.record.clone();
    changed.relying_party_id = "other".to_owned();
    let version = clients.replace(&loaded.version, &changed).await.unwrap().expect("nobody was faster");
    assert_ne!(version, loaded.version);
    assert_eq!(clients.client(&client_id("rp")).await.unwrap().unwrap().relying_party_id, "other");
    assert_eq!(clients.list().await.unwrap()[0].relying_party_id, "other");
    assert_eq!(clients.load(&client_id("rp")).await.unwrap().unwrap().version, version);
}

async fn of_fifty_changes_of_one_version_exactly_one_counts(opened: Opened) {
    let clients = opened.store.stores().clients;
    clients.add(&client("rp")).await.unwrap();
    let version = clients.load(&client_id("rp")).await.unwrap().unwrap().version;
    let outcomes = fifty(|number| {
        let (clients, version) = (clients.clone(), version.clone());
        let mut changed = client("rp");
        changed.relying_party_id = number.to_string();
        async move { clients.replace(&version, &changed).await.unwrap().map(|_| number) }
    })
    .await;
    let winners: Vec<_> = outcomes.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    let found = clients.client(&client_id("rp")).await.unwrap().unwrap();
    assert_eq!(found.relying_party_id, winners[0].to_string());
}

async fn a_version_that_nobody_gave_changes_nothing(opened: Opened) {
    let clients = opened.store.stores().clients;
    clients.add(&client("rp")).await.unwrap();
    let mut changed = client("rp");
    changed.relying_party_id = "other".to_owned();
    for unknown in [Vec::new(), vec![0; 8], vec![255; 8], vec![1; 9]] {
        assert_eq!(clients.replace(&Version(unknown), &changed).await.unwrap(), None);
    }
    assert_eq!(clients.client(&client_id("rp")).await.unwrap().unwrap().relying_party_id, "rp");
}

async fn a_removed_client_is_unknown_and_its_id_is_free(opened: Opened) {
    let clients = opened.store.stores().clients;
    clients.add(&client("rp")).await.unwrap();
    let version = clients.load(&client_id("rp")).await.unwrap().unwrap().version;
    assert!(clients.client(&client_id("rp")).await.unwrap().is_some());
    assert!(clients.remove(&client_id("rp")).await.unwrap());
    assert!(!clients.remove(&client_id("rp")).await.unwrap());
    assert!(clients.client(&client_id("rp")).await.unwrap().is_none());
    assert!(clients.load(&client_id("rp")).await.unwrap().is_none());
    assert_eq!(clients.replace(&version, &client("rp")).await.unwrap(), None, "a change revives nobody");
    assert!(clients.list().await.unwrap().is_empty());
    assert!(clients.add(&client("rp")).await.unwrap());
}

async fn an_inactive_client_stays_what_it_is(opened: Opened) {
    let clients = opened.store.stores().clients;
    let mut inactive = client("rp");
    inactive.status = Status::Inactive;
    clients.add(&inactive).await.unwrap();
    assert!(!clients.client(&client_id("rp")).await.unwrap().unwrap().is_active());
    assert!(!clients.list().await.unwrap()[0].is_active());
}

async fn a_change_by_another_node_is_seen_within_five_seconds(opened: Opened) {
    let here = opened.store.stores().clients;
    here.add(&client("rp")).await.unwrap();
    here.add(&client("leaving")).await.unwrap();
    let elsewhere = Store::beside(&opened.store).stores().clients;
    let (rp, leaving) = (client_id("rp"), client_id("leaving"));
    assert!(here.client(&rp).await.unwrap().unwrap().is_active());
    assert!(here.client(&leaving).await.unwrap().is_some());

    let loaded = elsewhere.load(&rp).await.unwrap().unwrap();
    let mut inactive = loaded.record;
    inactive.status = Status::Inactive;
    elsewhere.replace(&loaded.version, &inactive).await.unwrap().expect("nobody was faster");
    elsewhere.remove(&leaving).await.unwrap();
    opened.clock.set(START.plus(5));
    assert!(!here.client(&rp).await.unwrap().unwrap().is_active());
    assert!(here.client(&leaving).await.unwrap().is_none());
    opened.clock.set(START.plus(10));
    assert!(!here.client(&rp).await.unwrap().unwrap().is_active());
}

async fn a_logo_is_kept_under_its_name_until_it_is_forgotten(opened: Opened) {
    let logos = opened.store.stores().logos;
    let id = LogoId::of(&client_id("rp"), b"an image");
    assert_eq!(logos.logo(&id).await.unwrap(), None);
    for _ in 0..2 {
        logos.keep(&id, b"an image").await.unwrap();
    }
    assert_eq!(logos.logo(&id).await.unwrap().as_deref(), Some(b"an image".as_slice()));
    logos.forget(&id).await.unwrap();
    assert_eq!(logos.logo(&id).await.unwrap(), None);
}
