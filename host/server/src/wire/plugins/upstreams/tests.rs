use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use rcgen::date_time_ymd;
use serde_json::{Value, json};

use super::*;
use crate::config::finding::Severity;
use crate::testing::{Authority, NOW, at, params};

struct Files(tempfile::TempDir);

impl Files {
    /// Certificates, keys and secrets as they should be, and some as they should not.
    fn new() -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        let authority = Authority::new("authority");
        let (client, other) = (authority.issue(&params()), authority.issue(&params()));
        let mut old = params();
        old.not_after = date_time_ymd(2025, 6, 1);
        let old = authority.issue(&old);
        files.secret("ca.pem", &authority.pem());
        files.secret("client.pem", &client.certificate.pem());
        files.secret("client.key", &client.key.serialize_pem());
        files.secret("other.key", &other.key.serialize_pem());
        files.secret("old.pem", &old.certificate.pem());
        files.secret("old.key", &old.key.serialize_pem());
        files.secret("no.pem", "canary-content");
        files.secret("empty", "\n");
        files.secret("two-lines", "canary\nsecond");
        files.secret("secret", "canary-secret");
        files.secret("open", "canary-open");
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(files.0.path().join("open"), open).unwrap();
        files
    }

    fn secret(&self, name: &str, content: &str) {
        secret_file::create(&self.0.path().join(name), content.as_bytes()).unwrap();
    }

    /// What is found in upstreams that are each https and this.
    fn findings(&self, upstreams: &[(&str, Value)]) -> Vec<Finding> {
        let sections = upstreams.iter().map(|(name, more)| {
            let mut section = json!({ "url": "https://register.example" });
            section.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            ((*name).to_owned(), section)
        });
        let text = json!({ "upstreams": sections.collect::<serde_json::Map<_, _>>() }).to_string();
        let text = text.replace("@/", &format!("{}/", self.0.path().display()));
        let grants = BTreeMap::from([("tested".to_owned(), serde_json::from_str::<Grant>(&text).unwrap())]);
        let mut findings = Vec::new();
        connections(&grants, &at(NOW), &mut findings);
        findings
    }
}

fn client_credentials(token_url: &str, more: &Value) -> Value {
    let mut credentials = json!({ "kind": "client-credentials", "token_url": token_url, "client_id": "us" });
    credentials.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "credentials": credentials })
}

#[test]
fn what_is_as_it_should_be_is_not_found_fault_with() {
    let secret = json!({ "client_secret_file": "@/secret" });
    let all = json!({
        "ca_file": "@/ca.pem", "client_certificate_file": "@/client.pem", "client_key_file": "@/client.key",
        "credentials": { "kind": "jwt", "key_file": "@/client.key", "issuer": "us", "audience": "them" },
    });
    let findings = Files::new().findings(&[
        ("all", all),
        ("here", client_credentials("http://127.0.0.1:1/token", &secret)),
        ("there", client_credentials("https://auth.example/token?realm=a", &secret)),
        ("basic", json!({ "credentials": { "kind": "basic", "user": "u", "password_file": "@/secret" } })),
        ("plain", json!({})),
    ]);
    assert_eq!(findings, []);
}

#[test]
fn everything_that_is_wrong_with_files_and_urls_is_told_at_once_where_it_is_named_and_without_a_secret() {
    let pair = |certificate: &str, key: &str| json!({ "client_certificate_file": certificate, "client_key_file": key });
    let bearer = |file: &str| json!({ "credentials": { "kind": "bearer", "token_file": file } });
    let secret = json!({ "client_secret_file": "@/secret" });
    let cases = [
        ("ca-missing", json!({ "ca_file": "@/absent" }), "ca_file", "cannot be read"),
        ("ca-no-pem", json!({ "ca_file": "@/no.pem" }), "ca_file", "no certificate"),
        ("certificate-no-pem", pair("@/no.pem", "@/client.key"), "client_certificate_file", "no certificate"),
        ("key-no-pem", pair("@/client.pem", "@/no.pem"), "client_key_file", "no private key"),
        ("key-open", pair("@/client.pem", "@/open"), "client_key_file", "mode 644"),
        (
            "mismatch",
            pair("@/client.pem", "@/other.key"),
            "client_key_file",
            "not that of the first certificate",
        ),
        ("token-missing", bearer("@/absent"), "credentials.token_file", "cannot be read"),
        ("token-open", bearer("@/open"), "credentials.token_file", "mode 644"),
        ("token-empty", bearer("@/empty"), "credentials.token_file", "empty"),
        ("token-lines", bearer("@/two-lines"), "credentials.token_file", "visible ASCII"),
        (
            "user",
            json!({ "credentials": { "kind": "basic", "user": "a:b", "password_file": "@/secret" } }),
            "credentials.user",
            "no colon",
        ),
        (
            "jwt-key",
            json!({ "credentials": { "kind": "jwt", "key_file": "@/secret", "issuer": "a", "audience": "b" } }),
            "credentials.key_file",
            "neither a PEM file",
        ),
        (
            "http",
            client_credentials("http://auth.example/token", &secret),
            "credentials.token_url",
            "no https",
        ),
        (
            "userinfo",
            client_credentials("https://u:canary@auth.example/", &secret),
            "credentials.token_url",
            "no https",
        ),
        ("neither", client_credentials("https://auth.example/", &json!({})), "credentials", "one of"),
    ];
    let sections: Vec<_> = cases.iter().map(|(name, section, ..)| (*name, section.clone())).collect();
    let findings = Files::new().findings(&sections);
    assert_eq!(findings.len(), cases.len(), "{findings:#?}");
    for (name, _, key, problem) in cases {
        let place = format!("[plugins.\"tested\".upstreams.\"{name}\"]");
        let finding = findings.iter().find(|finding| finding.place == place).unwrap();
        assert_eq!(finding.severity, Severity::Error, "{finding}");
        assert!(finding.problem.starts_with(key) && finding.problem.contains(problem), "{finding}");
        assert!(!finding.to_string().contains("canary"), "{finding}");
    }
}

#[test]
fn one_upstream_with_everything_wrong_is_told_of_everything() {
    let mut section =
        client_credentials("http://auth.example/", &json!({ "client_secret_file": "@/absent" }));
    section["ca_file"] = json!("@/absent");
    section["client_certificate_file"] = json!("@/no.pem");
    section["client_key_file"] = json!("@/open");
    assert_eq!(Files::new().findings(&[("all", section)]).len(), 5);
}

#[test]
fn a_certificate_that_has_ended_is_a_warning_since_it_may_be_exchanged_in_time() {
    let section = json!({ "client_certificate_file": "@/old.pem", "client_key_file": "@/old.key" });
    let findings = Files::new().findings(&[("old", section)]);
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert_eq!((finding.severity, finding.code), (Severity::Warning, "expired"), "{finding}");
    assert!(finding.problem.contains("old.pem"), "{finding}");
}
