//! `[plugins."<id>"]`: what one plugin may have.

use std::collections::BTreeMap;

use esignet_sandbox::{Credentials, Grant, KeyFile, KeyUse, LimitsAsked, UpstreamGrant};

use crate::config::Weakening;
use crate::config::document::{Entry, Value};
use crate::config::section::Section;

pub(super) fn read(id: &str, section: Section<'_>, weakenings: &mut Vec<Weakening>) -> Grant {
    let config = section.section("config");
    let settings = config.entries().map(|entry| (entry.key.clone(), super::json(&entry.node))).collect();
    config.finish_but(|_| true);
    let upstreams = section.section("upstreams");
    let mut granted = BTreeMap::new();
    for (name, section) in upstreams.named_sections() {
        if let Some(upstream) = upstream(&section) {
            if upstream.url.starts_with("http://") {
                weakenings.push(Weakening {
                    key: format!("plugins.{id}.upstreams.{name}.url"),
                    meaning: "this upstream is spoken to without TLS: whoever is on the way reads and changes it",
                });
            }
            granted.insert(name.to_owned(), upstream);
        }
        section.finish();
    }
    upstreams.finish_but(is_table);
    let keys = section.section("keys");
    let mut key_files = BTreeMap::new();
    for (name, section) in keys.named_sections() {
        key_files.extend(key_file(section).map(|file| (name.to_owned(), file)));
    }
    keys.finish_but(is_table);
    let amr = texts(&section, "amr");
    let claims = texts(&section, "claims");
    let partner_specific_subjects = section.flag("partner_specific_subjects", false);
    let of_calls = section.section("limits");
    let limits = limits(&of_calls);
    of_calls.finish();
    section.finish();
    Grant {
        config: settings,
        upstreams: granted,
        key_files,
        keys: BTreeMap::new(),
        amr,
        claims,
        partner_specific_subjects,
        limits,
    }
}

fn is_table(entry: &Entry) -> bool {
    matches!(entry.node.value, Value::Table(_))
}

fn texts(section: &Section<'_>, key: &'static str) -> Option<Vec<String>> {
    section.texts(key).map(|texts| texts.into_iter().map(|text| text.value).collect())
}

fn upstream(section: &Section<'_>) -> Option<UpstreamGrant> {
    let url = section.required_text("url", "\"https://register.example.org\"");
    let path = |key| section.path(key).map(|path| path.value);
    let credentials = section.section("credentials");
    let upstream = UpstreamGrant {
        methods: texts(section, "methods"),
        path_prefixes: texts(section, "path_prefixes"),
        max_response_kib: optional(section, "max_response_kib", 1..=16_384, 64),
        timeout_ms: optional(section, "timeout_ms", 1..=120_000, 3_000),
        calls: optional(section, "calls", 1..=64, 4),
        ca_file: path("ca_file"),
        client_certificate_file: path("client_certificate_file"),
        client_key_file: path("client_key_file"),
        credentials: section.has("credentials").then(|| self::credentials(&credentials)).flatten(),
        url: url?.value,
    };
    credentials.finish();
    Some(upstream)
}

/// How the host logs in.
#[derive(Clone, Copy)]
enum Kind {
    Bearer,
    Basic,
    Jwt,
    ClientCredentials,
}

fn credentials(section: &Section<'_>) -> Option<Credentials> {
    let kinds = [
        ("bearer", Some(Kind::Bearer)),
        ("basic", Some(Kind::Basic)),
        ("jwt", Some(Kind::Jwt)),
        ("client-credentials", Some(Kind::ClientCredentials)),
    ];
    section.required_text("kind", "\"client-credentials\"");
    let kind = section.choice("kind", &kinds, None)?;
    let text = |key, example| section.required_text(key, example).map(|text| text.value);
    let file = |key, example| {
        section.required_text(key, example);
        section.path(key).map(|path| path.value)
    };
    let maybe_file = |key| section.path(key).map(|path| path.value);
    let maybe = |key| section.text(key).map(|text| text.value);
    Some(match kind {
        Kind::Bearer => Credentials::Bearer { token_file: file("token_file", "\"register.token\"")? },
        Kind::Basic => {
            let (user, password_file) =
                (text("user", "\"esignet\""), file("password_file", "\"register.password\""));
            Credentials::Basic { user: user?, password_file: password_file? }
        }
        Kind::Jwt => {
            let key_file = file("key_file", "\"partner.pem\"");
            let issuer = text("issuer", "\"our-partner-id\"");
            let audience = text("audience", "\"https://register.example.org\"");
            Credentials::Jwt {
                subject: maybe("subject"),
                ttl_seconds: optional(section, "ttl_seconds", 30..=86_400, 300),
                key_file: key_file?,
                issuer: issuer?,
                audience: audience?,
            }
        }
        Kind::ClientCredentials => {
            let token_url = text("token_url", "\"https://auth.example.org/token\"");
            let client_id = text("client_id", "\"esignet\"");
            let (client_secret_file, key_file) = (maybe_file("client_secret_file"), maybe_file("key_file"));
            if client_secret_file.is_some() == key_file.is_some() {
                section.findings().error(
                    "missing-key",
                    section.place(),
                    "one of `client_secret_file` and `key_file` says how the client authenticates",
                    "add key_file = \"client.pem\" (private_key_jwt), or client_secret_file where the server knows nothing better",
                );
            }
            Credentials::ClientCredentials {
                scope: maybe("scope"),
                client_secret_file,
                key_file,
                token_url: token_url?,
                client_id: client_id?,
            }
        }
    })
}

fn key_file(section: Section<'_>) -> Option<KeyFile> {
    section.required_text("file", "\"keys/partner.pem\"");
    let file = section.path("file").map(|path| path.value);
    let certificate_file = section.path("certificate_file").map(|path| path.value);
    let uses = KeyUse::ALL.map(|(word, purpose)| (word, Some(purpose)));
    section.required_text("use", "\"sign\"");
    let purpose = section.choice("use", &uses, None);
    section.finish();
    Some(KeyFile { file: file?, purpose: purpose?, certificate_file })
}

/// A number that may be left out, for what is usual then.
fn optional<T: TryFrom<u64>>(
    section: &Section<'_>,
    key: &'static str,
    range: std::ops::RangeInclusive<u64>,
    usual: u64,
) -> Option<T> {
    let number = section.has(key).then(|| section.number(key, range, usual));
    section.ask(key);
    number.and_then(|number| T::try_from(number).ok())
}

/// The limits that a section has.
pub(super) fn limits(section: &Section<'_>) -> LimitsAsked {
    LimitsAsked {
        memory_mib: optional(section, "memory_mib", 1..=64, 16),
        cpu_ms: optional(section, "cpu_ms", 1..=60_000, 20),
        wall_ms: optional(section, "wall_ms", 1..=120_000, 5_000),
        log_bytes: optional(section, "log_bytes", 0..=1 << 20, 4_096),
        concurrency: optional(section, "concurrency", 1..=100_000, 256),
        queue_wait_ms: optional(section, "queue_wait_ms", 0..=60_000, 1_000),
        response_kib: optional(section, "response_kib", 0..=16_384, 64),
        upstream_calls: optional(section, "upstream_calls", 0..=64, 4),
    }
}
