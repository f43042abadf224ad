//! The shipped `otp` with codes of its own, against a gateway in this process: what it asks for, and what it makes of the answers.

use std::sync::Arc;
use std::sync::Mutex;

use async_trait::async_trait;
use esignet_protocol::ports::fetch::{Fetch, FetchError, UpstreamRequest, UpstreamResponse};
use esignet_protocol::ports::plugins::{
    Answer, AuthFactor, Evidence, Individual, Input, PluginError, Plugins, Step,
};
use esignet_sandbox::KeyHandle;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::record;
use crate::world::{World, caller, fresh_id, plugin, refusal, wasm};

const NUMBER: &str = "+212655501417";

/// A gateway that answers as it is told, and remembers what it was asked.
struct Gateway {
    answer: Mutex<Result<u16, FetchError>>,
    asked: Mutex<Vec<UpstreamRequest>>,
}

#[async_trait]
impl Fetch for Gateway {
    async fn fetch(&self, request: UpstreamRequest) -> Result<UpstreamResponse, FetchError> {
        self.asked.lock().unwrap().push(request);
        let status = self.answer.lock().unwrap().clone()?;
        Ok(UpstreamResponse { status, headers: Vec::new(), body: b"{}".to_vec() })
    }
}

struct Desk {
    world: World,
    gateway: Arc<Gateway>,
    factor: Arc<dyn AuthFactor>,
}

fn grant() -> Value {
    json!({
        "upstreams": { "sms": { "url": "https://sms.example" } },
        "config": {
            "codes": "own",
            "phone-prefixes": ["+212"],
            "send": { "sms": { "path": "/v1/messages", "json": { "to": "{to}", "code": "{code}", "text": "{text}" } } },
        },
    })
}

async fn desk() -> Desk {
    let gateway = Arc::new(Gateway { answer: Mutex::new(Ok(202)), asked: Mutex::default() });
    let of_host = Arc::clone(&gateway);
    let mut world = World::with(|_, host| host.fetch = of_host);
    let id = fresh_id("otp");
    world.put(&id, &wasm("otp"));
    world.grant(&id, grant());
    give_key(&mut world, &id);
    let report = world.load().await;
    assert!(plugin(&report, &id).outcome.is_ok(), "{report:?}");
    let factor = world.registry.factor("OTP").unwrap();
    Desk { world, gateway, factor }
}

fn give_key(world: &mut World, id: &str) {
    let key = KeyHandle::Hmac(Zeroizing::new(vec![5; 32]));
    world.grants.get_mut(id).unwrap().keys.insert("codes".to_owned(), key);
}

fn phone(number: &str) -> Individual {
    Individual { kind: "phone".to_owned(), value: number.to_owned(), attributes: Vec::new() }
}

impl Desk {
    async fn begun(&self) -> Result<Step, PluginError> {
        self.factor.begin(&caller("t-1"), Some(&phone(NUMBER))).await
    }

    async fn resumed(&self, state: &[u8], input: Input) -> Result<Step, PluginError> {
        self.factor.resume(&caller("t-1"), Some(&phone(NUMBER)), state, input).await
    }

    fn last(&self) -> Value {
        serde_json::from_slice(&self.gateway.asked.lock().unwrap().last().unwrap().body).unwrap()
    }
}

fn asked(step: Result<Step, PluginError>) -> (Option<String>, Vec<u8>) {
    match step {
        Ok(Step::Ask { rejection, state, .. }) => (rejection.map(|rejection| rejection.reason), state),
        Ok(_) => panic!("another step"),
        Err(error) => panic!("{error}"),
    }
}

fn typed(code: &str) -> Input {
    Input::Answers(vec![Answer { name: "otp".to_owned(), value: code.as_bytes().to_vec() }])
}

#[tokio::test]
async fn a_code_of_its_own_goes_through_the_gateway_and_proves_the_number() {
    let desk = desk().await;
    assert!(desk.factor.descriptor().sends_codes, "the host knows, and counts");
    assert_eq!(desk.factor.descriptor().amr, ["otp", "sms"]);
    let (_, state) = asked(desk.begun().await);
    let sent = desk.last();
    assert_eq!(sent["to"], NUMBER);
    let code = sent["code"].as_str().unwrap().to_owned();
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    assert!(sent["text"].as_str().unwrap().starts_with(&code));

    let wrong = if code == "000000" { "000001" } else { "000000" };
    let (rejection, state) = asked(desk.resumed(&state, typed(wrong)).await);
    assert_eq!(rejection.as_deref(), Some("wrong"));
    let Ok(Step::Proved(Evidence { factor, amr, attributes })) = desk.resumed(&state, typed(&code)).await
    else {
        panic!("not proved")
    };
    assert_eq!((factor.as_str(), amr.len()), ("OTP", 2));
    let facts: Vec<_> = attributes.iter().map(|fact| (fact.name.as_str(), fact.value.as_str())).collect();
    assert_eq!(facts, [("channel", "sms"), ("address", NUMBER)]);
    let log = record::of_plugin(desk.factor.id()).join("\n");
    assert!(!log.contains(&code) && !log.contains("655501417"), "{log}");
}

#[tokio::test]
async fn a_code_ends_with_its_time() {
    let desk = desk().await;
    let (_, state) = asked(desk.begun().await);
    let code = desk.last()["code"].as_str().unwrap().to_owned();
    desk.world.wait(300);
    assert_eq!(asked(desk.resumed(&state, typed(&code)).await).0.as_deref(), Some("expired"));
}

#[tokio::test]
async fn a_gateway_that_fails_is_unavailable_and_counts_against_nobody_but_its_circuit() {
    let desk = desk().await;
    for answer in
        [Ok(500), Ok(403), Err(FetchError::Timeout), Err(FetchError::Unreachable("gone".to_owned()))]
    {
        *desk.gateway.answer.lock().unwrap() = answer.clone();
        let failed = desk.begun().await.err();
        assert!(matches!(failed, Some(PluginError::Unavailable(_))), "{answer:?}: {failed:?}");
    }
    *desk.gateway.answer.lock().unwrap() = Ok(429);
    let Ok(Step::Refused(rejection)) = desk.begun().await else { panic!("another step") };
    assert_eq!((rejection.reason.as_str(), rejection.retry_after_seconds), ("unavailable", Some(60)));
}

#[tokio::test]
async fn without_its_key_or_its_gateway_it_is_not_loaded_and_says_what_to_add() {
    for (without, told) in [("key", "[plugins.\"otp\".keys.codes]"), ("upstream", "upstream `sms`")] {
        let mut world = World::new();
        let id = fresh_id("otp");
        world.put(&id, &wasm("otp"));
        world.grant(&id, grant());
        if without == "upstream" {
            world.grants.get_mut(&id).unwrap().upstreams.clear();
        } else {
            world.grants.get_mut(&id).unwrap().keys.clear();
        }
        if without != "key" {
            give_key(&mut world, &id);
        }
        let refused = refusal(&world.load().await, &id);
        assert!(refused.contains(told), "{without}: {refused}");
        assert!(world.upstreams.0.lock().unwrap().is_empty(), "nobody is asked when it is loaded");
    }
}
