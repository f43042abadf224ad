//! Every step and every input of a factor, in JavaScript and in Python.

use std::sync::Arc;

use esignet_protocol::ports::plugins::{
    Answer, AuthFactor, Evidence, Input, MaskedTarget, OtpReceipt, Plugins, Proof, Rejection, Step,
};
use serde_json::{Value, json};

use crate::world::{World, caller, person, wasm};

const GUESTS: [&str; 2] = ["curious-js", "curious-python"];

async fn magic(guest: &str) -> (World, Arc<dyn AuthFactor>) {
    let mut world = World::new();
    world.put(guest, &wasm(guest));
    world.grant(guest, json!({ "limits": { "memory_mib": 64, "cpu_ms": 2_000 } }));
    let report = world.load().await;
    assert_eq!(report.all_findings().count(), 0, "{report:?}");
    let factor = world.registry.factor("MAGIC").unwrap();
    (world, factor)
}

async fn resumed(factor: &Arc<dyn AuthFactor>, input: Input) -> Step {
    let state = br#"{"version":1,"inputs":[]}"#;
    factor.resume(&caller("t"), Some(&person("1")), state, input).await.unwrap()
}

async fn told(factor: &Arc<dyn AuthFactor>, word: &str) -> Step {
    let answer = Answer { name: "word".to_owned(), value: word.as_bytes().to_vec() };
    resumed(factor, Input::Answers(vec![answer])).await
}

fn inputs(state: &[u8]) -> Value {
    let state: Value = serde_json::from_slice(state).unwrap();
    assert_eq!(state.get("version"), Some(&json!(1)));
    state.get("inputs").unwrap().clone()
}

#[tokio::test]
async fn a_question_has_everything_that_was_put_into_it() {
    for guest in GUESTS {
        let (_world, factor) = magic(guest).await;
        for (individual, expected) in [(None, "nobody"), (Some(person("1")), "somebody")] {
            let step = factor.begin(&caller("t"), individual.as_ref()).await.unwrap();
            let Step::Ask { form, rejection: None, state } = step else { panic!("{guest} does not ask") };
            assert_eq!(inputs(&state), json!([expected]), "{guest}");
            assert_eq!((form.title.text.as_str(), form.submit.key.as_str()), ("Say it", "submit"), "{guest}");
            assert_eq!(form.resend_after_seconds, Some(30), "{guest}");
            let [field] = form.fields.as_slice() else { panic!("{guest} has another form") };
            assert_eq!((field.name.as_str(), field.required), ("word", false), "{guest}");
            assert_eq!(field.hint.as_ref().unwrap().text, "Any", "{guest}");
        }
    }
}

#[tokio::test]
async fn every_step_arrives_as_it_was_taken() {
    for guest in GUESTS {
        let (_world, factor) = magic(guest).await;
        let Step::DeliverOtp { channels, state } = told(&factor, "send").await else { panic!("{guest}") };
        assert_eq!((channels, inputs(&state)), (vec!["sms".to_owned()], json!(["answers"])), "{guest}");
        let Step::Pause { seconds: 1, message, .. } = told(&factor, "wait").await else { panic!("{guest}") };
        assert_eq!(message.text, "Wait", "{guest}");
        let Step::Proved(Evidence { factor: word, amr, .. }) = told(&factor, "pass").await else {
            panic!("{guest}")
        };
        assert_eq!((word.as_str(), amr), ("MAGIC", vec!["kba".to_owned()]), "{guest}");
        let Step::Delegate { proof, .. } = told(&factor, "them").await else { panic!("{guest}") };
        let Proof { format, value, attributes, .. } = proof;
        assert_eq!((format.as_str(), value.as_slice()), ("text", "አዎ".as_bytes()), "{guest}");
        assert_eq!(attributes.len(), 1, "{guest}");
        let Step::Refused(rejection) = told(&factor, "stop").await else { panic!("{guest}") };
        assert_eq!(
            (rejection.reason.as_str(), rejection.retry_after_seconds),
            ("locked", Some(60)),
            "{guest}"
        );
    }
}

#[tokio::test]
async fn every_input_arrives_as_it_was_given() {
    let rejection = Rejection { reason: "wrong".to_owned(), attempts_left: None, retry_after_seconds: None };
    let target = MaskedTarget { channel: "sms".to_owned(), masked: "X".to_owned() };
    let receipt = OtpReceipt { targets: vec![target], valid_seconds: 1, resend_after_seconds: 1 };
    for guest in GUESTS {
        let (_world, factor) = magic(guest).await;
        for (input, name) in [
            (Input::Answers(Vec::new()), "answers"),
            (Input::Resend, "resend"),
            (Input::OtpSent(receipt.clone()), "otp-sent"),
            (Input::OtpNotSent(rejection.clone()), "otp-not-sent"),
            (Input::Waited, "waited"),
            (Input::Rejected(rejection.clone()), "rejected"),
        ] {
            let Step::Ask { rejection, state, .. } = resumed(&factor, input).await else { panic!("{guest}") };
            assert_eq!(inputs(&state), json!([name]), "{guest}");
            assert_eq!(rejection.unwrap().attempts_left, Some(2), "{guest}");
        }
    }
}
