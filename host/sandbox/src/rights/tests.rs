use serde_json::json;

use super::*;
use crate::import::testing;

const ASKS: &str = r#"
[plugin]
id = "xx.register"
version = "1.0.0"
publisher = "Ministry"
[requests]
claims = ["name", "email"]
[requests.keys]
partner = "sign"
[requests.upstreams.register]
methods = ["GET", "POST"]
path_prefixes = ["/v2/people", "/health"]
timeout_ms = 2000
[requests.upstreams.spare]
methods = ["GET"]
path_prefixes = ["/"]
optional = true
[config.schema]
type = "object"
additionalProperties = false
[config.schema.properties.digits]
type = "integer"
[limits]
cpu_ms = 100
"#;

fn grant(value: serde_json::Value) -> Grant {
    let mut grant: Grant = serde_json::from_value(value).unwrap();
    let key = esignet_jose::SigningKey::generate(esignet_jose::Algorithm::Es256).unwrap();
    grant.keys.insert("partner".to_owned(), KeyHandle::Signing(key, Vec::new()));
    grant
}

fn decide(grant: &Grant) -> Result<Rights, Vec<Finding>> {
    Rights::decide(&Manifest::parse(ASKS).unwrap(), grant, &Ceiling::default())
}

fn refusals(grant: &Grant) -> String {
    decide(grant).unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_right_is_what_is_asked_for_and_granted() {
    let rights = decide(&grant(json!({
        "upstreams": {"register": {
            "url": "https://r.example/", "methods": ["POST", "DELETE"], "path_prefixes": ["/v2", "/health/deep"], "timeout_ms": 9000
        }},
        "claims": ["name", "birthdate"],
        "config": {"digits": 6},
    })))
    .unwrap();
    let register = &rights.upstreams["register"];
    assert_eq!(register.methods, ["POST"]);
    assert_eq!(
        register.path_prefixes,
        ["/v2/people", "/health/deep"],
        "of two prefixes the longer one counts"
    );
    assert_eq!((register.url.as_str(), register.timeout_ms), ("https://r.example", 2_000));
    assert_eq!(rights.claims, ["name"]);
    assert_eq!(rights.setting("digits").as_deref(), Some("6"));
    assert_eq!(rights.limits.cpu_ms, 100);
    assert!(!rights.cache && !rights.wasi && rights.http);
}

#[test]
fn what_is_missing_is_told_all_at_once_with_the_lines_to_add() {
    let told = refusals(&serde_json::from_value(json!({"config": {"digits": "six", "extra": 1}})).unwrap());
    for part in [
        "[plugins.\"xx.register\".upstreams.\"register\"]\n  url = ",
        "[plugins.\"xx.register\".keys.\"partner\"]\n  use = \"sign\"",
        "[plugins.\"xx.register\".config] digits",
        "extra",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("spare"), "it is optional");
    assert!(!told.contains("six"), "a value is not repeated");
}

#[test]
fn an_upstream_with_nothing_in_common_is_told_what_is_asked_for() {
    let narrow = json!({"upstreams": {"register": {"url": "https://r.example", "path_prefixes": ["/v3/"]}}});
    let told = refusals(&grant(narrow));
    assert!(told.contains("in common") && told.contains("/v2/people"), "{told}");
}

#[test]
fn a_key_for_something_else_is_refused() {
    let mut grant = grant(json!({"upstreams": {"register": {"url": "https://r.example"}}}));
    grant.keys.insert("partner".to_owned(), KeyHandle::Hmac(vec![0; 32].into()));
    assert!(refusals(&grant).contains("use = \"sign\""));
}

#[test]
fn a_limit_over_the_ceiling_needs_the_operators_line() {
    let asked = ASKS.replace("cpu_ms = 100", "cpu_ms = 5000");
    let manifest = Manifest::parse(&asked).unwrap();
    let upstream = json!({"register": {"url": "https://r.example"}});
    let decide = |limits| {
        let grant = grant(json!({"upstreams": upstream, "limits": limits}));
        Rights::decide(&manifest, &grant, &Ceiling::default())
    };
    let told = decide(json!({})).unwrap_err()[0].to_string();
    assert!(told.contains("ceiling is 500") && told.contains("add cpu_ms = 5000"), "{told}");
    assert_eq!(decide(json!({"cpu_ms": 5000})).unwrap().limits.cpu_ms, 5_000);
    assert_eq!(decide(json!({"cpu_ms": 10})).unwrap().limits.cpu_ms, 10, "the operator narrows");
}

#[test]
fn what_is_granted_and_not_asked_for_is_told() {
    let granted = grant(json!({
        "upstreams": {"registry": {"url": "https://r.example"}}, "keys": {"partners": {"use": "hmac", "file": "k"}}
    }));
    let unasked = Rights::unasked(&Manifest::parse(ASKS).unwrap(), &granted);
    assert_eq!(unasked.len(), 2);
    assert!(unasked[0].to_string().contains("registry") && unasked[1].to_string().contains("partners"));
}

#[test]
fn a_ceiling_narrows_amr_and_never_widens_it() {
    let narrowed = |amr: serde_json::Value| {
        testing::rights(&serde_json::from_value(json!({ "amr": amr })).unwrap())
            .narrow_amr(vec!["otp".to_owned(), "hwk".to_owned()])
    };
    assert_eq!(narrowed(json!(null)), ["otp", "hwk"]);
    assert_eq!(narrowed(json!(["otp", "fpt"])), ["otp"]);
    assert!(narrowed(json!([])).is_empty());
}

#[test]
fn a_prefix_ends_at_a_whole_segment() {
    assert!(is_under("/v2/people", "/v2/people") && is_under("/v2/people/1", "/v2/people"));
    assert!(is_under("/v2/people", "/v2/") && is_under("/x", "/"));
    assert!(!is_under("/v2/peoples", "/v2/people"));
}
