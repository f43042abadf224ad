//! What a factor says of itself is narrowed, refused or made harmless (threat T41).

use esignet_protocol::ports::plugins::{Answer, Input, PluginError, Step};
use serde_json::json;

use crate::record;
use crate::world::{World, begin, caller, person};

#[tokio::test]
async fn amr_values_that_were_not_announced_are_taken_out_and_logged() {
    let mut world = World::new();
    let bad = world.misbehaving("lie-amr", json!({})).await;
    let Ok(Step::Proved(evidence)) = begin(&bad).await else { panic!("another step") };
    assert_eq!(evidence.amr, Vec::<String>::new());
    assert!(record::of_plugin(bad.id()).iter().any(|line| line.contains("taken_out=3")));
}

#[tokio::test]
async fn the_operators_ceiling_narrows_what_was_announced() {
    let mut world = World::new();
    let bad = world.misbehaving("well-behaved", json!({"amr": []})).await;
    assert!(bad.descriptor().amr.is_empty());
    let answers = Input::Answers(vec![Answer { name: "word".to_owned(), value: b"x".to_vec() }]);
    let step = bad.resume(&caller("t"), Some(&person("1")), b"", answers).await;
    let Ok(Step::Proved(evidence)) = step else { panic!("another step") };
    assert!(evidence.amr.is_empty());
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
