use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;

/// The configuration of a registry that has everything.
pub(crate) fn sample() -> BTreeMap<String, Value> {
    let config = json!({
        "individual-kinds": ["uin", "phone"],
        "factors": { "OTP": ["alpha-numeric"], "PIN": ["number"] },
        "evidence": ["TOTP"],
        "otp-channels": ["sms"],
        "send-otp": {
            "method": "POST",
            "path": "/people/{individual.value}/otp",
            "query": { "channel": "{otp.channels}" },
            "headers": { "x-transaction": "{caller.transaction}" },
            "body": { "by": "{caller.relying-party}", "at": "{now.iso}" },
            "rejections": [{ "status": 404, "reason": "unknown" }],
        },
        "receipt": {
            "targets": [{ "channel": "sms", "masked": "/phone", "made-up": "XXXXXX####" }],
            "valid-seconds": "/validFor",
            "resend-after-seconds": 30,
        },
        "authenticate": {
            "method": "POST",
            "path": "/authenticate",
            "body": {
                "id": { "type": "{individual.kind}", "value": "{individual.value}" },
                "otp": "{proof.OTP.value}",
                "pin": "{proof.PIN.value}",
                "judged": "{evidence.TOTP.amr}",
                "consent": true,
            },
            "success": { "status": 200, "pointer": "/result", "equals": "OK" },
            "rejections": [
                { "pointer": "/error/code", "equals": ["BAD", "NOBODY"], "reason": "wrong", "attempts-left": "/error/left" },
                { "status": 423, "reason": "locked", "retry-after-seconds": "/error/wait" },
            ],
        },
        "person": { "subject": "/person/id", "continuation": { "token": "/token" } },
        "release-claims": {
            "method": "GET",
            "path": "/people/{subject}/claims",
            "query": { "fields": "{claims}" },
            "headers": { "x-token": "{continuation.token}" },
        },
        "claims": {
            "name": { "join": ["/first", "/last"] },
            "name#fr": { "pointer": "/nomComplet" },
            "birthdate": { "pointer": "/born", "date": "dd/MM/yyyy" },
        },
        "verified": [{ "trust-framework": "xx_civil", "claims": ["name"], "when": { "pointer": "/verified", "equals": true } }],
    });
    let Value::Object(members) = config else { panic!("an object") };
    members.into_iter().collect()
}

/// The settings of a configuration.
pub(crate) fn of(config: &BTreeMap<String, Value>) -> Result<Settings, Failure> {
    let text = |key: &str| {
        config.get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    Settings::read(&text)
}

/// What is said of the sample when something at a pointer is another value, or is not there.
fn said(pointer: &str, value: Option<Value>) -> String {
    let mut config = Value::Object(sample().into_iter().collect());
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match (config.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}")), value) {
        (Value::Object(members), Some(value)) => drop(members.insert(name.to_owned(), value)),
        (Value::Object(members), None) => assert!(members.remove(name).is_some(), "{pointer}"),
        (Value::Array(items), Some(value)) => items[name.parse::<usize>().unwrap()] = value,
        (other, _) => panic!("{pointer} is in {other}"),
    }
    let Value::Object(members) = config else { panic!("an object") };
    match of(&members.into_iter().collect()) {
        Ok(_) => "nothing".to_owned(),
        Err(Failure::Misconfigured(text)) => text,
        Err(other) => panic!("{pointer}: {other}"),
    }
}

#[test]
fn the_sample_is_accepted() {
    let settings = of(&sample()).unwrap();
    assert_eq!(settings.records.names(), ["birthdate", "name"]);
    assert_eq!(settings.records.languages(), ["fr"]);
    assert_eq!(settings.records.offer().unwrap().claims, ["name"]);
}

/// Something wrong at a pointer, the key that is named, and a part of how to mend it.
type Wrong = (&'static str, Option<Value>, &'static str, &'static str);

fn is_said(wrong: impl IntoIterator<Item = Wrong>) {
    for (pointer, value, key, mend) in wrong {
        let said = said(pointer, value.clone());
        assert!(said.contains(&format!("config key `{key}`")), "{pointer} {value:?}: {said}");
        assert!(said.contains(mend), "{pointer} {value:?}: {said}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_key_and_how_to_mend_it() {
    let endpoint = json!({ "method": "POST", "path": "/a" });
    is_said([
        ("/individual-kinds", None, "individual-kinds", "add it, for example"),
        ("/individual-kinds", Some(json!([])), "individual-kinds", "name at least one"),
        ("/individual-kinds", Some(json!("uin")), "individual-kinds", "expected"),
        ("/factors/OTP", Some(json!([])), "factors.OTP", "name the formats"),
        ("/factors/BIO", Some(json!(["x"])), "authenticate", "{proof.BIO.value}"),
        ("/factors/PIN", None, "authenticate", "{proof.PIN.value}"),
        ("/evidence", Some(json!(["PIN"])), "evidence", "either the registry judges it or not"),
        ("/authenticate", None, "authenticate", "add it, for example"),
        ("/authenticate", Some(endpoint), "authenticate", "{proof.OTP.value}"),
        ("/authenticate/sucess", Some(json!({})), "authenticate", "unknown field `sucess`, expected one of"),
        ("/authenticate/method", Some(json!("post")), "authenticate.method", "use one of GET, POST"),
        ("/authenticate/method", Some(json!("GET")), "authenticate.body", "another `method`"),
        (
            "/authenticate/upstream",
            Some(json!("evil.example")),
            "authenticate.upstream",
            "use one of register, gateway",
        ),
        ("/authenticate/path", Some(json!("people")), "authenticate.path", "begin with `/`"),
        ("/authenticate/path", Some(json!("/a/../b")), "authenticate.path", "without it"),
        ("/authenticate/path", Some(json!("/a//b")), "authenticate.path", "take one out"),
        ("/authenticate/path", Some(json!("/a?b=c")), "authenticate.path", "into `query`"),
        ("/authenticate/path", Some(json!("/a/%2e%2e/b")), "authenticate.path", "cannot stand in a path"),
        ("/authenticate/path", Some(json!("/{individual}")), "authenticate.path", "individual.value"),
        ("/authenticate/path", Some(json!("/{individual.value")), "authenticate.path", "close it with }"),
        ("/authenticate/path", Some(json!("/individual.value}")), "authenticate.path", "write it twice"),
        ("/authenticate/body/id/value", Some(json!("{subject}")), "authenticate.body.id.value", "use one of"),
        ("/authenticate/query", Some(json!({ "a": "{otp.channels}" })), "authenticate.query.a", "use one of"),
        (
            "/authenticate/headers",
            Some(json!({ "Authorization": "x" })),
            "authenticate.headers.Authorization",
            "credentials belong",
        ),
        (
            "/authenticate/headers",
            Some(json!({ "a b": "x" })),
            "authenticate.headers.a b",
            "no name of a header",
        ),
    ]);
}

#[test]
fn what_is_wrong_with_answers_and_claims_is_said_with_its_key_and_how_to_mend_it() {
    is_said([
        ("/authenticate/success/status", Some(json!(99)), "authenticate.success.status", "write 200 to 599"),
        (
            "/authenticate/success/pointer",
            Some(json!("result")),
            "authenticate.success.pointer",
            "write it as /person/name",
        ),
        ("/authenticate/success/pointer", None, "authenticate.success", "say where the value is"),
        ("/authenticate/success/equals", Some(json!({})), "authenticate.success.equals", "write a string"),
        (
            "/authenticate/rejections/1/reason",
            Some(json!("no")),
            "authenticate.rejections[1].reason",
            "wrong, expired, locked, unknown",
        ),
        ("/authenticate/rejections/1/status", None, "authenticate.rejections[1]", "add a `status`"),
        (
            "/authenticate/rejections/0/attempts-left",
            Some(json!("left")),
            "authenticate.rejections[0].attempts-left",
            "/person/name",
        ),
        ("/send-otp", None, "send-otp", "or neither"),
        ("/receipt/targets/0/made-up", None, "receipt.targets[0].made-up", "XXXXXX####"),
        ("/receipt/valid-seconds", Some(json!(1.5)), "receipt.valid-seconds", "number of seconds"),
        ("/person", None, "person", "add it, for example"),
        ("/person/subject", Some(json!("id")), "person.subject", "/person/name"),
        ("/person/continuation", Some(json!({})), "release-claims", "person.continuation.token"),
        ("/release-claims/path", Some(json!("/{proof.PIN.value}")), "release-claims.path", "use one of"),
        ("/claims/sub", Some(json!({ "pointer": "/id" })), "claims.\"sub\"", "only the host writes it"),
        ("/claims/name#f", Some(json!({ "pointer": "/n" })), "claims.\"name#f\"", "BCP 47"),
        ("/claims/na me", Some(json!({ "pointer": "/n" })), "claims.\"na me\"", "no name of a claim"),
        ("/claims/name", Some(json!({})), "claims.\"name\"", "one of `pointer`"),
        (
            "/claims/name",
            Some(json!({ "pointer": "/a", "join": ["/b"] })),
            "claims.\"name\"",
            "one of `pointer`",
        ),
        ("/claims/name", Some(json!({ "constant": 1, "date": "yyyy" })), "claims.\"name\"", "stand alone"),
        (
            "/claims/name",
            Some(json!({ "pointer": "/a", "transform": "Title" })),
            "claims.\"name\".transform",
            "copy, lower",
        ),
        (
            "/claims/name",
            Some(json!({ "pointer": "/a", "separator": "," })),
            "claims.\"name\".separator",
            "take it out",
        ),
        ("/claims/birthdate/date", Some(json!("DD/MM/YYYY")), "claims.\"birthdate\".date", "yyyy, MM or M"),
        (
            "/claims/address",
            Some(json!({ "members": { "country": {} } })),
            "claims.\"address\".members.country",
            "one of `pointer`",
        ),
        ("/verified/0/claims", Some(json!(["email"])), "verified[0].claims", "map it there"),
        ("/verified/0/claims", Some(json!([])), "verified[0]", "at least one"),
        ("/verified/0/when/status", Some(json!(200)), "verified[0].when.status", "content alone"),
    ]);
}

#[test]
fn every_key_is_in_the_manifest_and_in_the_readme() {
    let (readme, manifest) = (include_str!("../../README.md"), include_str!("../../plugin.toml"));
    for key in sample().keys() {
        assert!(readme.contains(&format!("`{key}`")), "{key} is not in the README");
        assert!(
            manifest.contains(&format!("[config.schema.properties.{key}]")),
            "{key} is not in the manifest"
        );
    }
}
