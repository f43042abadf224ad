//! JavaScript and Python under the tiny WASI: what they can see, take, say and remember.

use std::sync::Arc;

use esignet_protocol::ports::plugins::{Authentication, ClaimsWanted, IdSystem, PluginError, Plugins, Proof};
use serde_json::{Value, json};

use crate::record;
use esignet_sandbox::{Manifest, embed};

use crate::world::{World, caller, fresh_id, person, refusal, wasm};

/// The guests, and how each calls what `throw` and `nest` throw.
const GUESTS: [(&str, [&str; 2]); 2] =
    [("curious-js", ["RangeError", "TypeError"]), ("curious-python", ["LookupError", "KeyError"])];
/// A person that no log may tell of.
const NUMBER: &str = "2053718694";

struct Curious {
    id: String,
    id_system: Arc<dyn IdSystem>,
    _world: World,
}

fn grant(behaviour: &str, limits: &Value) -> Value {
    json!({ "config": { "behaviour": behaviour }, "limits": limits })
}

impl Curious {
    async fn load(guest: &str, behaviour: &str, limits: &Value) -> Self {
        let mut world = World::new();
        let id = fresh_id(guest);
        world.put(&id, &wasm(guest));
        world.grant(&id, grant(behaviour, limits));
        let report = world.load().await;
        let findings: Vec<_> = report.all_findings().map(ToString::to_string).collect();
        assert!(findings.is_empty(), "{findings:?}");
        Self { id, id_system: world.registry.id_system().unwrap(), _world: world }
    }

    async fn usual(guest: &str, behaviour: &str) -> Self {
        Self::load(guest, behaviour, &json!({ "memory_mib": 64, "cpu_ms": 2_000 })).await
    }

    /// What it has to say about someone, all calls of it together.
    async fn name_of(&self, number: &str) -> Result<String, PluginError> {
        let individual = person(number);
        let judged = Authentication { individual: &individual, proofs: &[], evidence: &[] };
        let known = self.id_system.authenticate(&caller("t"), judged).await?;
        let name = ClaimsWanted { claims: vec!["name".to_owned()], verified_claims: Vec::new() };
        let released = self.id_system.release_claims(&caller("t"), &known.continuation, &name).await?;
        Ok(released.get("name").and_then(Value::as_str).unwrap().to_owned())
    }

    fn log(&self) -> String {
        record::of_plugin(&self.id).join("\n")
    }
}

#[tokio::test]
async fn a_component_that_imports_wasi_has_to_ask_for_it_and_no_deployment_has_to_give_it() {
    for (guest, _) in GUESTS {
        let mut world = World::new();
        world.put("curious", &wasm(guest));
        world.grant("curious", json!({ "limits": { "memory_mib": 64, "cpu_ms": 2_000 } }));
        world.ceiling.wasi = false;
        let told = refusal(&world.load().await, "curious");
        assert!(told.contains("[plugins.ceiling]") && told.contains("wasi = true"), "{told}");

        let mut world = World::new();
        let silent = Manifest::text_of(&wasm(guest)).unwrap().replace("wasi = true", "wasi = false");
        world.put(guest, &embed(&wasm(guest), &silent).unwrap());
        world.grant(guest, json!({ "limits": { "memory_mib": 64, "cpu_ms": 2_000 } }));
        let told = refusal(&world.load().await, guest);
        assert!(told.contains("wasi:") && told.contains("[requests] of plugin.toml"), "{told}");
    }
}

#[tokio::test]
async fn what_one_call_puts_into_a_module_no_other_finds() {
    for (guest, _) in GUESTS {
        let curious = Curious::usual(guest, "remember").await;
        for number in [NUMBER, "3819204756", NUMBER] {
            assert_eq!(curious.name_of(number).await.unwrap(), "found 0, then 0", "{guest}");
        }
    }
}

#[tokio::test]
async fn nothing_of_the_machine_can_be_seen() {
    let python = Curious::usual("curious-python", "look").await.name_of(NUMBER).await.unwrap();
    // No environment, no arguments, no zone, no fraction of a second; no file by any path; no socket.
    let no_file = "'FileNotFoundError', ".repeat(5);
    let nothing = format!("[{{}}, [], ('UTC', 'UTC'), 0, {no_file}'PermissionError'], then 0");
    assert_eq!(python, nothing);
    let js = Curious::usual("curious-js", "look").await.name_of(NUMBER).await.unwrap();
    assert!(js.starts_with(&format!("{} 0 0 ", ["undefined"; 5].join(" "))), "{js}");
    for place in [env!("CARGO_MANIFEST_DIR"), "/root", "/home", "/tmp", "target", "guests"] {
        assert!(!js.contains(place), "{place}: {js}");
    }
}

#[tokio::test]
async fn what_is_thrown_is_told_by_type_and_place_and_never_by_what_it_says() {
    for (guest, types) in GUESTS {
        for (behaviour, thrown) in ["throw", "nest"].into_iter().zip(types) {
            let curious = Curious::usual(guest, behaviour).await;
            let error = curious.name_of(NUMBER).await.unwrap_err().to_string();
            let expected = format!("broken: internal: {thrown} in authenticate at plugin.");
            assert!(error.starts_with(&expected), "{guest}: {error}");
            let log = curious.log();
            assert!(log.contains("plugin-threw") && log.contains(thrown), "{guest}: {log}");
            assert!(!log.contains(NUMBER) && !log.contains("no such person"), "{guest}: {log}");
        }
    }
}

#[tokio::test]
async fn what_is_thrown_in_describe_is_told_whole_because_it_is_about_nobody() {
    for (guest, _) in GUESTS {
        let mut world = World::new();
        world.put("curious", &wasm(guest));
        world.grant("curious", grant("throw-in-describe", &json!({ "memory_mib": 64, "cpu_ms": 2_000 })));
        let told = refusal(&world.load().await, "curious");
        assert!(told.contains("TypeError in describe at plugin."), "{told}");
        assert!(told.contains("the register has no door"), "{told}");
    }
}

#[tokio::test]
async fn printed_lines_are_lines_of_the_log_without_what_is_the_persons() {
    for (guest, _) in GUESTS {
        let curious = Curious::usual(guest, "print").await;
        curious.name_of(NUMBER).await.unwrap();
        let log = curious.log();
        for line in 0..3 {
            assert!(log.contains(&format!("line {line} of [redacted]")), "{guest}: {log}");
        }
        assert!(!log.contains(NUMBER), "{guest}: {log}");
    }
}

#[tokio::test]
async fn too_much_of_anything_costs_that_call_and_the_next_one_works() {
    for (guest, _) in GUESTS {
        for (behaviour, limits, stopped) in [
            ("flood", json!({ "memory_mib": 64, "cpu_ms": 2_000 }), "log: lines"),
            ("spin", json!({ "memory_mib": 64, "cpu_ms": 300 }), "timed out: cpu"),
        ] {
            let curious = Curious::load(guest, behaviour, &limits).await;
            let error = curious.name_of(NUMBER).await.unwrap_err().to_string();
            assert!(error.contains(stopped), "{guest} {behaviour}: {error}");
            assert!(curious.log().len() < 64 * 1024, "{guest} {behaviour} flooded the log");
            curious.id_system.send_otp(&caller("t"), &person(NUMBER), &[]).await.unwrap();
        }
        for behaviour in ["allocate", "recurse"] {
            let curious = Curious::usual(guest, behaviour).await;
            curious.name_of(NUMBER).await.unwrap_err();
            curious.id_system.send_otp(&caller("t"), &person(NUMBER), &[]).await.unwrap();
        }
    }
}

#[tokio::test]
async fn randomness_differs_from_call_to_call_though_the_seed_was_drawn_when_the_plugin_was_built() {
    for (guest, _) in GUESTS {
        let curious = Curious::usual(guest, "random").await;
        let (one, other) = (curious.name_of(NUMBER).await.unwrap(), curious.name_of(NUMBER).await.unwrap());
        assert_ne!(one, other, "{guest}");
    }
}

#[tokio::test]
async fn everything_the_host_gives_and_denies_arrives_in_each_language() {
    let register = json!({ "url": "https://r.example", "methods": ["POST"], "path_prefixes": ["/v1/"] });
    for (guest, _) in GUESTS {
        let mut world = World::new();
        world.put(guest, &wasm(guest));
        let mut granted = grant("ask", &json!({ "memory_mib": 64, "cpu_ms": 2_000 }));
        let more = granted.as_object_mut().unwrap();
        more.insert("upstreams".to_owned(), json!({ "register": register }));
        more.insert("config".to_owned(), json!({ "behaviour": "ask", "number": 41 }));
        world.grant(guest, granted);
        world.load().await;
        let id_system = world.registry.id_system().unwrap();
        let individual = person(NUMBER);
        let judged = Authentication { individual: &individual, proofs: &[], evidence: &[] };
        let known = id_system.authenticate(&caller("t"), judged).await.unwrap();
        let seen = String::from_utf8(known.continuation).unwrap();
        let expected = "{} Misconfigured 200 Misconfigured Misconfigured Internal Misconfigured 4 ddaf35a1 Internal \
                        v false v none 1700000000 42";
        assert_eq!(seen, expected, "{guest}");
        let sent = world.upstreams.0.lock().unwrap();
        assert_eq!(sent.len(), 2, "{guest}");
    }
}

#[tokio::test]
async fn sleeping_waits_and_leaving_ends_the_call() {
    let curious = Curious::usual("curious-python", "sleep").await;
    assert_eq!(curious.name_of(NUMBER).await.unwrap(), "slept True, then 0");
    let curious = Curious::usual("curious-python", "leave").await;
    let error = curious.name_of(NUMBER).await.unwrap_err().to_string();
    assert_eq!(error, "trapped: the plugin ended itself (exit)");
}

#[tokio::test]
async fn a_name_that_every_object_of_javascript_has_is_nobodys_number() {
    let mut world = World::new();
    world.put("hello-js", &wasm("hello-js"));
    let config = json!({ "otp": "111111", "people": { "1001": { "name": "Amina" } } });
    let limits = json!({ "memory_mib": 64, "cpu_ms": 500 });
    world.grant("hello-js", json!({ "config": config, "limits": limits }));
    world.load().await;
    let id_system = world.registry.id_system().unwrap();
    let proof = Proof {
        factor: "OTP".to_owned(),
        format: "alpha-numeric".to_owned(),
        value: b"111111".to_vec(),
        attributes: Vec::new(),
    };
    for (number, known) in [("1001", true), ("constructor", false), ("__proto__", false)] {
        let individual = person(number);
        let proofs = std::slice::from_ref(&proof);
        let judged = Authentication { individual: &individual, proofs, evidence: &[] };
        let judged = id_system.authenticate(&caller("t"), judged).await;
        assert_eq!(judged.is_ok(), known, "{number}");
    }
}
