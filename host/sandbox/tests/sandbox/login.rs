//! One login through the traits: the OTP factor asks, the mock ID system judges.

use esignet_protocol::ports::plugins::{
    Answer, Authentication, ClaimsWanted, Input, PluginError, Plugins, Step,
};
use serde_json::json;

use crate::world::{World, caller, person, wasm};

#[tokio::test]
async fn a_person_proves_themselves_with_a_code_and_claims_are_released() {
    let world = World::new();
    world.put("otp", &wasm("otp"));
    world.put("mock-identity", &wasm("mock-identity"));
    let report = world.load().await;
    assert_eq!(report.all_findings().count(), 0, "{report:?}");
    let (otp, id_system) = (world.registry.factor("OTP").unwrap(), world.registry.id_system().unwrap());
    assert_eq!((otp.id(), id_system.id()), ("otp", "mock-identity"));
    assert_eq!(otp.descriptor().amr, ["otp"]);
    let (caller, amina) = (caller("t-login"), person("2053718694"));

    let Step::DeliverOtp { channels, state } = otp.begin(&caller, Some(&amina)).await.unwrap() else {
        panic!("the factor did not have a code delivered");
    };
    let receipt = id_system.send_otp(&caller, &amina, &channels).await.unwrap();
    assert!(!receipt.targets.is_empty());
    let asked = otp.resume(&caller, Some(&amina), &state, Input::OtpSent(receipt)).await.unwrap();
    let Step::Ask { form, rejection: None, state } = asked else { panic!("the factor did not ask") };
    assert_eq!(form.fields[0].name, "otp");

    let typed =
        |code: &str| Input::Answers(vec![Answer { name: "otp".to_owned(), value: code.as_bytes().to_vec() }]);
    let wrong = otp.resume(&caller, Some(&amina), &state, typed("000000")).await.unwrap();
    let Step::Delegate { proof, .. } = wrong else { panic!("the factor judged by itself") };
    let judged = Authentication { individual: &amina, proofs: &[proof], evidence: &[] };
    assert!(matches!(id_system.authenticate(&caller, judged).await, Err(PluginError::Rejected(_))));

    let right = otp.resume(&caller, Some(&amina), &state, typed("111111")).await.unwrap();
    let Step::Delegate { proof, .. } = right else { panic!("the factor judged by itself") };
    let judged = Authentication { individual: &amina, proofs: &[proof], evidence: &[] };
    let known = id_system.authenticate(&caller, judged).await.unwrap();
    assert!(!known.subject.is_empty() && !known.subject.contains("2053718694"));
    let element =
        json!({"verification": {"trust_framework": {"value": "example_gov"}}, "claims": {"birthdate": null}});
    let wanted = ClaimsWanted { claims: vec!["birthdate".to_owned()], verified_claims: vec![element] };
    let claims = id_system.release_claims(&caller, &known.continuation, &wanted).await.unwrap();
    assert_eq!(claims["birthdate"], "1991-04-17");
    assert_eq!(claims["verified_claims"][0]["claims"], json!({"birthdate": "1991-04-17"}));
    assert_eq!(claims.len(), 2);
}

#[tokio::test]
async fn calls_are_logged_by_name_and_never_with_what_was_said() {
    let world = World::new();
    let id = crate::world::fresh_id("mock");
    world.put(&id, &wasm("mock-identity"));
    world.load().await;
    let id_system = world.registry.id_system().unwrap();
    let (caller, amina) = (caller("t-canary-transaction"), person("2053718694"));
    id_system.send_otp(&caller, &amina, &[]).await.unwrap();
    let log = crate::record::of_plugin(&id);
    assert!(log.iter().any(|line| line.contains("send-otp") && line.contains("answered")), "{log:?}");
    assert!(!log.iter().any(|line| line.contains("2053718694") || line.contains("canary")), "{log:?}");
}
