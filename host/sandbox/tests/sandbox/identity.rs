//! An ID system that traps, loops or says too much fails that one call.

use std::sync::Arc;

use esignet_protocol::ports::plugins::{Authentication, ClaimsWanted, IdSystem, PluginError, Plugins, Proof};
use serde_json::json;

use crate::record;
use crate::world::{World, caller, fresh_id, person, wasm};

async fn identity(behaviour: &str) -> (World, Arc<dyn IdSystem>) {
    let mut world = World::new();
    world.put("identity", &wasm("misbehaving-identity"));
    let limits = json!({"memory_mib": 64, "cpu_ms": 500});
    world.grant("identity", json!({"config": {"behaviour": behaviour}, "limits": limits}));
    let report = world.load().await;
    assert_eq!(report.all_findings().count(), 0, "{behaviour}: {report:?}");
    let id_system = world.registry.id_system().unwrap();
    (world, id_system)
}

fn name() -> ClaimsWanted {
    ClaimsWanted { claims: vec!["name".to_owned()], verified_claims: Vec::new() }
}

async fn authenticate(id_system: &Arc<dyn IdSystem>) -> Result<String, PluginError> {
    let proof = Proof {
        factor: "OTP".to_owned(),
        format: "alpha-numeric".to_owned(),
        value: b"111111".to_vec(),
        attributes: Vec::new(),
    };
    let judged = Authentication { individual: &person("1"), proofs: &[proof], evidence: &[] };
    id_system.authenticate(&caller("t"), judged).await.map(|known| known.subject)
}

#[tokio::test]
async fn a_trap_or_a_loop_in_any_function_costs_that_call() {
    for (behaviour, expected) in [("trap", "trapped"), ("loop", "timed out: cpu")] {
        let (_world, id_system) = identity(&format!("{behaviour}-in-send-otp")).await;
        let error = id_system.send_otp(&caller("t"), &person("1"), &[]).await.unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
        assert_eq!(authenticate(&id_system).await.unwrap(), "1");

        let (_world, id_system) = identity(&format!("{behaviour}-in-authenticate")).await;
        let error = authenticate(&id_system).await.unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");

        let (_world, id_system) = identity(&format!("{behaviour}-in-release-claims")).await;
        let error = id_system.release_claims(&caller("t"), b"c", &name()).await.unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

#[tokio::test]
async fn neither_identifier_nor_proof_shows_in_the_log() {
    let mut world = World::new();
    let id = fresh_id("identity");
    world.put(&id, &wasm("misbehaving-identity"));
    world.grant(&id, json!({"config": {"behaviour": "tell-the-person"}}));
    world.load().await;
    let id_system = world.registry.id_system().unwrap();
    let proof = Proof {
        factor: "OTP".to_owned(),
        format: "alpha-numeric".to_owned(),
        value: b"918273".to_vec(),
        attributes: Vec::new(),
    };
    let individual = person("2053718694");
    let judged = Authentication { individual: &individual, proofs: &[proof], evidence: &[] };
    let error = id_system.authenticate(&caller("t"), judged).await.err();
    assert_eq!(error, Some(PluginError::Broken("internal: [redacted]-[redacted]".to_owned())));
    let log = record::of_plugin(&id);
    assert!(log.iter().any(|line| line.starts_with("plugin ERROR")), "{log:?}");
    assert!(!log.iter().any(|line| line.contains("2053") || line.contains("9182")), "{log:?}");
}

#[tokio::test]
async fn a_subject_or_continuation_that_cannot_be_one_is_refused() {
    for behaviour in ["no-subject", "subject-with-controls", "huge-subject", "huge-continuation"] {
        let (_world, id_system) = identity(behaviour).await;
        let error = authenticate(&id_system).await.err();
        assert!(matches!(error, Some(PluginError::Broken(_))), "{behaviour}: {error:?}");
    }
}

#[tokio::test]
async fn claims_too_large_or_too_deep_are_refused() {
    for behaviour in ["huge-claims", "deep-claims"] {
        let (_world, id_system) = identity(behaviour).await;
        let released = id_system.release_claims(&caller("t"), b"c", &name()).await;
        // What is deep enough may end the guest that writes it before the host reads it.
        assert!(
            matches!(released, Err(PluginError::Broken(_) | PluginError::Trapped(_))),
            "{behaviour}: {:?}",
            released.err()
        );
    }
}

#[tokio::test]
async fn a_receipt_is_bounded_and_loses_its_control_characters() {
    let (_world, id_system) = identity("huge-receipt").await;
    let refused = id_system.send_otp(&caller("t"), &person("1"), &[]).await;
    assert!(matches!(refused, Err(PluginError::Broken(_))));
    let (_world, id_system) = identity("markup-in-receipt").await;
    let receipt = id_system.send_otp(&caller("t"), &person("1"), &[]).await.unwrap();
    assert!(receipt.targets.iter().all(|target| !target.masked.chars().any(char::is_control)));
}
