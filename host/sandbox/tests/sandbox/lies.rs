//! What a factor says of itself is narrowed, refused or made harmless (threat T41).

use esignet_protocol::ports::plugins::{Answer, Input, PluginError};
use serde_json::json;

use crate::record;
use crate::world::{World, begin, caller, person, plugin};

#[tokio::test]
async fn evidence_with_amr_values_alone_that_were_not_announced_is_refused_and_logged() {
    let mut world = World::new();
    let bad = world.misbehaving("lie-amr", json!({})).await;
    let error = begin(&bad).await.err();
    assert!(matches!(error, Some(PluginError::Broken(_))), "{error:?}");
    let log = record::of_plugin(bad.id());
    assert!(log.iter().any(|line| line.contains("WARN") && line.contains("evidence.amr")), "{log:?}");
}

#[tokio::test]
async fn evidence_that_the_operators_ceiling_leaves_nothing_of_is_refused_and_the_load_warned_of_it() {
    let mut world = World::new();
    let bad = world.misbehaving("well-behaved", json!({"amr": []})).await;
    assert!(bad.descriptor().amr.is_empty());
    let answers = Input::Answers(vec![Answer { name: "word".to_owned(), value: b"x".to_vec() }]);
    let error = bad.resume(&caller("t"), Some(&person("1")), b"", answers).await.err().unwrap().to_string();
    assert!(error.contains("`amr` of its grant"), "{error}");
    let report = world.load().await;
    let warnings = &plugin(&report, bad.id()).warnings;
    assert!(warnings.iter().any(|warning| warning.rule.contains("nothing of the amr")), "{warnings:?}");
}

#[tokio::test]
async fn what_the_contract_does_not_allow_is_broken() {
    for behaviour in [
        "lie-factor",
        "foreign-proof",
        "endless-pause",
        "invalid-utf8",
        "evil-field-names",
        "markup-in-messages",
    ] {
        let mut world = World::new();
        let bad = world.misbehaving(behaviour, json!({})).await;
        let error = begin(&bad).await.err();
        assert!(matches!(error, Some(PluginError::Broken(_))), "{behaviour}: {error:?}");
        let log = record::of_plugin(bad.id());
        assert!(
            log.iter().any(|line| line.contains("WARN") && line.contains("broken")),
            "{behaviour}: {log:?}"
        );
    }
}

#[tokio::test]
async fn a_string_that_is_none_is_taken_neither_in_an_answer_nor_in_a_call_of_the_host() {
    for behaviour in ["invalid-utf8", "invalid-utf8-to-the-host"] {
        let mut world = World::new();
        let bad = world.misbehaving(behaviour, json!({})).await;
        let error = begin(&bad).await.err();
        assert!(
            matches!(&error, Some(PluginError::Broken(text)) if text.contains("utf-8")),
            "{behaviour}: {error:?}"
        );
    }
}
