//! Who watches a sandbox is told of what a component did, as it did it.

use std::sync::{Arc, Mutex};

use esignet_sandbox::{CallEnded, HostCall, LogLine, Narrowed, Observer};
use serde_json::json;

use crate::world::{World, begin, wasm};

#[derive(Default)]
struct Seen {
    calls: Mutex<Vec<HostCall>>,
    lines: Mutex<Vec<LogLine>>,
    narrowed: Mutex<Vec<Narrowed>>,
    ended: Mutex<Vec<CallEnded>>,
}

impl Observer for Seen {
    fn host_call(&self, call: HostCall) {
        self.calls.lock().unwrap().push(call);
    }

    fn log_line(&self, line: LogLine) {
        self.lines.lock().unwrap().push(line);
    }

    fn narrowed(&self, narrowed: Narrowed) {
        self.narrowed.lock().unwrap().push(narrowed);
    }

    fn call_ended(&self, ended: CallEnded) {
        self.ended.lock().unwrap().push(ended);
    }
}

fn watched() -> (Arc<Seen>, World) {
    let seen = Arc::new(Seen::default());
    let observer = Arc::clone(&seen) as Arc<dyn Observer>;
    (seen, World::with(|config, _| config.observer = Some(observer)))
}

#[tokio::test]
async fn each_call_is_told_with_its_number_its_end_and_what_it_asked() {
    let (seen, mut world) = watched();
    let bad = world.misbehaving("ask-ungranted-key", json!({})).await;
    drop(begin(&bad).await);
    let ended = seen.ended.lock().unwrap().clone();
    let told: Vec<_> = ended.iter().map(|call| (call.number, call.role, call.function)).collect();
    assert_eq!(told, [(1, "auth-factor", "describe"), (2, "auth-factor", "begin")]);
    assert!(ended.iter().all(|call| call.plugin == bad.id() && call.memory_kib > 0));
    assert!(ended.last().unwrap().denials > 0);
    let calls = seen.calls.lock().unwrap().clone();
    let of_begin = |call: &&HostCall| call.number == 2;
    let read = calls.iter().filter(of_begin).find(|call| call.interface == "config").unwrap();
    assert_eq!(
        (read.function, read.subject.as_str(), read.answer.as_deref()),
        ("get", "behaviour", Ok("found"))
    );
    let denied = calls.iter().filter(of_begin).find(|call| call.interface == "crypto").unwrap();
    assert!(denied.answer.as_ref().is_err_and(|rule| rule.contains("is not granted")), "{denied:?}");
}

#[tokio::test]
async fn what_the_host_takes_out_is_told_as_the_component_wrote_it() {
    let (seen, mut world) = watched();
    world.put("identity", &wasm("misbehaving-identity"));
    world.grant("identity", json!({"config": {"behaviour": "unasked-claims"}, "claims": ["name"]}));
    assert_eq!(world.load().await.all_findings().count(), 0);
    let taken_out: Vec<_> = seen.narrowed.lock().unwrap().iter().map(|n| (n.what, n.count)).collect();
    // `email` twice, since it is offered as verified too, and `verified_claims`.
    assert_eq!(taken_out, [("claims", 3)]);

    let telling = world.misbehaving("tell-the-person", json!({})).await;
    let error = begin(&telling).await.err().unwrap().to_string();
    let ended = seen.ended.lock().unwrap().last().unwrap().clone();
    let lines = seen.lines.lock().unwrap().clone();
    assert!(!error.contains("2053718694"), "{error}");
    assert!(ended.error.unwrap().contains("2053718694"), "the observer has it");
    assert!(lines.iter().any(|line| format!("{line:?}").contains("2053718694")), "{lines:?}");
}
