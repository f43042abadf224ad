//! `esignet plugin inspect`: what a file is, what it asks for, and the lines that grant it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use esignet_protocol::ports::clock::Clock as _;
use esignet_protocol::word::time::Timestamp;
use esignet_sandbox::{ContractLine, Identity, Inspection, KeyUse, LimitsAsked, Manifest, Support};
use serde_json::{Value, json};

use crate::system::SystemClock;

/// What to inspect.
#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    /// The component
    file: PathBuf,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Prints what is in the file. Ends with 2 when it is no plugin.
pub(crate) fn run(arguments: &Inspect) -> ExitCode {
    match Inspection::of(&arguments.file) {
        Ok(inspection) if arguments.json => {
            println!("{}", as_json(&inspection));
            ExitCode::SUCCESS
        }
        Ok(inspection) => {
            print!("{}", as_text(&inspection, &arguments.file, SystemClock.now()));
            ExitCode::SUCCESS
        }
        Err(finding) => {
            eprintln!("error: {finding}");
            ExitCode::from(2)
        }
    }
}

fn as_json(inspection: &Inspection) -> Value {
    let Manifest { plugin, requests, config, limits, messages } = &inspection.manifest;
    let upstreams = requests.upstreams.iter().map(|(name, asked)| {
        json!({ "name": name, "methods": asked.methods, "path_prefixes": asked.path_prefixes, "optional": asked.optional })
    });
    let keys = requests.keys.iter().map(|(name, asked)| {
        json!({ "name": name, "use": asked.purpose().as_str(), "optional": asked.optional() })
    });
    json!({
        "id": plugin.id,
        "version": plugin.version.to_string(),
        "publisher": plugin.publisher,
        "license": plugin.license,
        "description": plugin.description,
        "bytes": inspection.bytes,
        "digest": format!("sha256:{}", inspection.digest),
        "roles": inspection.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>(),
        "contract": inspection.contract().iter().map(line).collect::<Value>(),
        "imports": inspection.imports,
        "exports": inspection.exports,
        "requests": {
            "cache": requests.cache,
            "wasi": requests.wasi,
            "claims": requests.claims,
            "keys": keys.collect::<Value>(),
            "upstreams": upstreams.collect::<Value>(),
        },
        "limits": asked(limits).into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect::<serde_json::Map<_, _>>(),
        "config_schema": config.schema,
        "languages": messages.keys().collect::<Vec<_>>(),
    })
}

fn as_text(inspection: &Inspection, file: &Path, now: Timestamp) -> String {
    let Manifest { plugin, requests, config, limits, messages } = &inspection.manifest;
    let Identity { id, version, publisher, license, description } = plugin;
    let license = license.as_deref().map_or_else(String::new, |license| format!(" ({license})"));
    let mut lines = vec![("plugin", format!("{id} {version} by {publisher}{license}"))];
    lines.extend(description.iter().map(|description| ("", description.clone())));
    let size = inspection.bytes.div_ceil(1024);
    lines.push(("file", format!("{}, {size} KiB", file.display())));
    lines.push(("digest", format!("sha256:{}", inspection.digest)));
    lines.push(("roles", inspection.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ")));
    lines.extend(inspection.contract().iter().map(|line| ("contract", served(line, now))));
    lines.push(("imports", inspection.imports.join("\n")));
    lines.push(("asks for", asks(&inspection.manifest)));
    let limits = asked(limits);
    if !limits.is_empty() {
        let limits = limits.iter().map(|(key, value)| format!("{key} = {value}")).collect::<Vec<_>>();
        lines.push(("limits", limits.join("\n")));
    }
    lines.push(("settings", config.schema.as_ref().map_or_else(|| "none".to_owned(), settings)));
    if !messages.is_empty() {
        lines.push(("languages", messages.keys().cloned().collect::<Vec<_>>().join(", ")));
    }
    let mut text = String::new();
    for (name, value) in lines {
        for (number, line) in value.lines().enumerate() {
            let name = if number == 0 { name } else { "" };
            // Writing to a string does not fail.
            let _ = writeln!(text, "{name:<10} {line}");
        }
    }
    let grants = grants(id, requests);
    if !grants.is_empty() {
        let _ = write!(text, "\nWhat it asks for is granted in esignet.toml:\n{grants}");
    }
    text
}

/// A line of the contract for a program.
fn line(line: &ContractLine) -> Value {
    let until = if let Support::Until(until) = line.support { Some(until.to_string()) } else { None };
    json!({ "line": line.line, "support": line.support.as_str(), "until": until })
}

/// How long a line of the contract is served.
fn served(ContractLine { line, support }: &ContractLine, now: Timestamp) -> String {
    match support {
        Support::Draft => {
            format!("{line}, a draft: a plugin of it may have to be built again for the next release")
        }
        Support::Present => format!("{line}, the present one"),
        Support::Until(until) => match until.months_after(now) {
            Some(months) => format!("{line}, served until {until}: {months} months are left"),
            None => format!("{line}, served until {until}, which is over: build it again"),
        },
        Support::Never => format!("{line}, which this server does not serve: build it again"),
    }
}

/// What it asks for, a line each.
fn asks(manifest: &Manifest) -> String {
    let requests = &manifest.requests;
    let optional = |optional: bool| if optional { " (works without)" } else { "" };
    let mut asks = Vec::new();
    if requests.cache {
        asks.push("a cache of its own".to_owned());
    }
    if requests.wasi {
        asks.push("the interfaces of WASI that its language needs".to_owned());
    }
    if !requests.claims.is_empty() {
        asks.push(format!("to release the claims {}", requests.claims.join(", ")));
    }
    for (name, key) in &requests.keys {
        asks.push(format!("the key \"{name}\" to {}{}", purpose(key.purpose()), optional(key.optional())));
    }
    for (name, upstream) in &requests.upstreams {
        let (methods, paths) = (upstream.methods.join(" "), upstream.path_prefixes.join(" "));
        asks.push(format!("the server \"{name}\": {methods} {paths}{}", optional(upstream.optional)));
    }
    if asks.is_empty() { "nothing".to_owned() } else { asks.join("\n") }
}

const fn purpose(purpose: KeyUse) -> &'static str {
    match purpose {
        KeyUse::Hmac => "authenticate messages (HMAC)",
        KeyUse::Seal => "seal what only it reads",
        KeyUse::Sign => "sign",
        KeyUse::Decrypt => "decrypt what partners send",
    }
}

/// The limits that a manifest sets.
fn asked(limits: &LimitsAsked) -> Vec<(&'static str, u64)> {
    let wide = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    [
        ("memory_mib", limits.memory_mib.map(u64::from)),
        ("cpu_ms", limits.cpu_ms.map(u64::from)),
        ("wall_ms", limits.wall_ms),
        ("log_bytes", limits.log_bytes.map(wide)),
        ("concurrency", limits.concurrency.map(wide)),
        ("queue_wait_ms", limits.queue_wait_ms),
        ("response_kib", limits.response_kib.map(u64::from)),
        ("upstream_calls", limits.upstream_calls.map(u64::from)),
    ]
    .into_iter()
    .filter_map(|(key, value)| value.map(|value| (key, value)))
    .collect()
}

/// The settings of a schema, a line each.
fn settings(schema: &Value) -> String {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return "any".to_owned();
    };
    let required = schema.get("required").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let line = |(name, property): (&String, &Value)| {
        let text = |member: &str| property.get(member).and_then(Value::as_str);
        let kind = text("type").map_or_else(String::new, |kind| format!(" ({kind})"));
        let needed = if required.iter().any(|needed| needed == name) { ", required" } else { "" };
        let description = text("description").map_or_else(String::new, |text| format!(": {text}"));
        format!("{name}{kind}{needed}{description}")
    };
    properties.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The sections that grant what needs a grant.
fn grants(id: &str, requests: &esignet_sandbox::Requests) -> String {
    let mut text = String::new();
    for (name, key) in &requests.keys {
        let purpose = key.purpose().as_str();
        // Writing to a string does not fail.
        let _ = writeln!(text, "\n[plugins.\"{id}\".keys.\"{name}\"]\nuse = \"{purpose}\"\nfile = \"…\"");
    }
    for name in requests.upstreams.keys() {
        let _ = writeln!(text, "\n[plugins.\"{id}\".upstreams.\"{name}\"]\nurl = \"https://…\"");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"
[plugin]
id = "xx.register"
version = "1.2.0"
publisher = "Ministry"
[requests.keys]
partner = "sign"
[requests.upstreams.register]
methods = ["POST"]
path_prefixes = ["/v2/"]
[config.schema]
required = ["partner"]
[config.schema.properties.partner]
type = "string"
description = "Our name at the register."
[limits]
cpu_ms = 40
"#;

    fn inspection() -> Inspection {
        Inspection {
            bytes: 2_048,
            digest: "ab".repeat(32),
            manifest: Manifest::parse(MANIFEST).unwrap(),
            imports: vec!["esignet:host/http@0.1.0".to_owned()],
            exports: vec!["esignet:id-system/id-system@0.1.0".to_owned()],
            roles: vec![esignet_sandbox::Role::IdSystem],
        }
    }

    #[test]
    fn an_operator_reads_what_it_is_and_copies_what_grants_it() {
        let text = as_text(&inspection(), Path::new("register.wasm"), Timestamp(0));
        for part in [
            "plugin     xx.register 1.2.0 by Ministry",
            "roles      id-system",
            "contract   0.1, ",
            "the server \"register\": POST /v2/",
            "the key \"partner\" to sign",
            "limits     cpu_ms = 40",
            "settings   partner (string), required: Our name at the register.",
            "[plugins.\"xx.register\".keys.\"partner\"]\nuse = \"sign\"",
            "[plugins.\"xx.register\".upstreams.\"register\"]\nurl = ",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn a_program_reads_the_same() {
        let told = as_json(&inspection());
        assert_eq!(told["requests"]["upstreams"][0]["methods"], json!(["POST"]));
        assert_eq!(told["limits"], json!({ "cpu_ms": 40 }));
        assert_eq!(told["roles"], json!(["id-system"]));
        assert_eq!(told["contract"][0]["line"], "0.1");
    }
}
