//! What can be seen of a component and its sources, and what a server would not say since it does no harm there: what is asked for
//! and not used, words that a language lacks, randomness that is none.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use esignet_build::{BuildError, Language, Project};
use esignet_sandbox::{Inspection, Loaded, Manifest, Role};

use crate::config::finding::Finding;

/// Servers take no larger file than 64 MiB; this is where to begin to think of it.
const LARGE: usize = 48 << 20;

/// What the component itself tells.
pub(super) fn component(inspection: &Inspection, file: &Path) -> Vec<Finding> {
    let mut findings = unused(inspection, file);
    if inspection.bytes > LARGE {
        findings.push(Finding::warning(
            "size",
            file.display(),
            format!("the component has {} MiB, and servers take up to 64", inspection.bytes >> 20),
            "leave out what it does not need: libraries, data, symbols",
        ));
    }
    findings.extend(words(&inspection.manifest, file));
    findings
}

/// What the manifest asks for and the component does not import.
fn unused(inspection: &Inspection, file: &Path) -> Vec<Finding> {
    let Inspection { manifest, imports, roles, .. } = inspection;
    let requests = &manifest.requests;
    let imported = |interface: &str| imports.iter().any(|import| import.starts_with(interface));
    // With its runtime's WASI a component imports every interface there is, used or not.
    let unused = |interface: &str| !requests.wasi && !imported(interface);
    let checks = [
        (requests.cache && unused("esignet:host/cache@"), "[requests] cache", "a cache"),
        (!requests.upstreams.is_empty() && unused("esignet:host/http@"), "[requests.upstreams]", "servers"),
        (!requests.keys.is_empty() && unused("esignet:host/crypto@"), "[requests.keys]", "keys"),
        (manifest.config.schema.is_some() && unused("esignet:host/config@"), "[config.schema]", "settings"),
        (requests.wasi && !imported("wasi:"), "[requests] wasi", "WASI"),
        (
            !requests.claims.is_empty() && !roles.contains(&Role::IdSystem),
            "[requests] claims",
            "claims, which ID systems only release,",
        ),
    ];
    let found = checks.into_iter().filter(|(is_unused, ..)| *is_unused);
    found
        .map(|(_, key, what)| {
            Finding::warning(
                "unused-request",
                format!("{}, {key}", file.display()),
                format!("the manifest asks for {what} and the component does not use it"),
                "remove the key from plugin.toml: operators grant less, and trust more",
            )
        })
        .collect()
}

/// Texts that one language has and another lacks: who reads that one sees what the plugin sends.
fn words(manifest: &Manifest, file: &Path) -> Vec<Finding> {
    let all: BTreeSet<&String> = manifest.messages.values().flat_map(|texts| texts.keys()).collect();
    let lacking = manifest.messages.iter().filter_map(|(language, texts)| {
        let lacking: Vec<&str> =
            all.iter().filter(|key| !texts.contains_key(**key)).map(|key| key.as_str()).collect();
        (!lacking.is_empty()).then(|| {
            Finding::warning(
                "words",
                format!("{}, [messages.{language}]", file.display()),
                format!("other languages have texts that this one lacks: {}", lacking.join(", ")),
                "add them to plugin.toml, or remove the language",
            )
        })
    });
    lacking.collect()
}

/// What it says of itself beside what its manifest asks for.
pub(super) fn descriptor(manifest: &Manifest, described: &Loaded, file: &Path) -> Vec<Finding> {
    let Some(id_system) = &described.id_system else { return Vec::new() };
    let verified = id_system.verified.as_ref().map(|offer| offer.claims.as_slice()).unwrap_or_default();
    let told = |claim: &&String| id_system.claims.contains(claim) || verified.contains(claim);
    let silent: Vec<&str> =
        manifest.requests.claims.iter().filter(|claim| !told(claim)).map(String::as_str).collect();
    let mut findings = Vec::new();
    if !silent.is_empty() {
        findings.push(Finding::warning(
            "claims",
            format!("{}, [requests] claims", file.display()),
            format!("the manifest asks to release what `describe` does not announce: {}", silent.join(", ")),
            "announce them, or remove them from plugin.toml",
        ));
    }
    if id_system.claims.is_empty() && verified.is_empty() {
        findings.push(Finding::warning(
            "claims",
            file.display(),
            "it releases no claim: what `describe` announces counts only if [requests] claims has it",
            "list the claims in [requests] claims of plugin.toml",
        ));
    }
    findings
}

/// Randomness of the language, which is the same in every call: the runtime's state is a picture that the build took.
pub(super) fn sources(project: &Project) -> Result<Vec<Finding>, BuildError> {
    let (end, frozen): (&str, fn(&str) -> bool) = match project.language {
        Language::Rust => return Ok(Vec::new()),
        Language::JavaScript => ("js", |line| !line.starts_with("//") && line.contains("Math.random")),
        Language::Python => ("py", imports_random),
    };
    let mut findings = Vec::new();
    for path in project.files()?.into_iter().filter(|path| path.extension().is_some_and(|is| is == end)) {
        let text = fs::read(project.directory.join(&path)).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        for (number, _) in text.lines().enumerate().filter(|(_, line)| frozen(line.trim_start())) {
            findings.push(Finding::warning(
                "randomness",
                format!("{}:{}", project.directory.join(&path).display(), number + 1),
                "this randomness is frozen when the plugin is built: every call gets the same numbers",
                "use `crypto.random` of the SDK, which asks the host",
            ));
        }
    }
    Ok(findings)
}

fn imports_random(line: &str) -> bool {
    let of_module = |rest: &str| rest.split([',', ' ']).any(|word| word == "random");
    line.strip_prefix("import ").is_some_and(of_module) || line.starts_with("from random import ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspection(more: &str, imports: &[&str]) -> Inspection {
        let manifest = format!("[plugin]\nid = \"x\"\nversion = \"1.0.0\"\npublisher = \"us\"\n{more}");
        Inspection {
            bytes: 1,
            digest: "ab".repeat(32),
            manifest: Manifest::parse(&manifest).unwrap(),
            imports: imports.iter().map(|import| (*import).to_owned()).collect(),
            exports: Vec::new(),
            roles: vec![Role::AuthFactor],
        }
    }

    fn codes(more: &str, imports: &[&str]) -> Vec<&'static str> {
        component(&inspection(more, imports), Path::new("x.wasm")).iter().map(|found| found.code).collect()
    }

    #[test]
    fn what_is_asked_for_and_not_imported_is_told_unless_the_runtime_imports_everything() {
        assert_eq!(codes("[requests]\ncache = true\n", &[]), ["unused-request"]);
        assert!(codes("[requests]\ncache = true\n", &["esignet:host/cache@0.1.0"]).is_empty());
        assert!(codes("[requests]\ncache = true\nwasi = true\n", &["wasi:cli/stdout@0.2.0"]).is_empty());
        assert_eq!(codes("[requests]\nwasi = true\n", &[]), ["unused-request"]);
        assert_eq!(
            codes("[requests]\nclaims = [\"name\"]\n", &[]),
            ["unused-request"],
            "a factor has no claims"
        );
        let keys = "[requests.keys]\nk = \"sign\"\n[requests.upstreams.u]\nmethods = [\"GET\"]\npath_prefixes = [\"/\"]\n";
        assert_eq!(codes(keys, &[]), ["unused-request"; 2]);
    }

    #[test]
    fn a_language_that_lacks_a_text_is_told_with_the_text() {
        let messages = "[messages.en]\na = \"A\"\nb = \"B\"\n[messages.fr]\na = \"A\"\n";
        let found = component(&inspection(messages, &[]), Path::new("x.wasm"));
        assert_eq!(found.len(), 1);
        assert!(found[0].place.ends_with("[messages.fr]") && found[0].problem.ends_with(": b"), "{found:?}");
    }

    #[test]
    fn randomness_of_the_language_is_told_with_its_line() {
        for (file, text, lines) in [
            ("plugin.js", "// Math.random\nconst a = 1;\nconst x = Math.random();\n", vec![3]),
            (
                "plugin.py",
                "import os, random\nimport randomised\nfrom random import choice\nimport secrets\n",
                vec![1, 3],
            ),
        ] {
            let directory = tempfile::tempdir().unwrap();
            fs::write(directory.path().join(file), text).unwrap();
            let found = sources(&Project::open(directory.path()).unwrap()).unwrap();
            let told: Vec<usize> =
                found.iter().map(|one| one.place.rsplit(':').next().unwrap().parse().unwrap()).collect();
            assert_eq!(told, lines, "{found:?}");
        }
    }
}
