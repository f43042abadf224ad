//! What a plugin may do: what its manifest asks for, as far as the operator grants it, below the deployment's ceiling.
//!
//! Decided once, when a file is loaded, and a value that exists is decided: nothing asks the manifest or the grant again.
//! Whatever is missing is a [`Finding`] that says which rule, where, and the lines to add.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::finding::Finding;
use crate::grant::{Grant, KeyHandle, UpstreamGrant};
use crate::limits::Limits;
use crate::manifest::{Identity, Manifest, UpstreamAsked};
use crate::words::Words;

mod settings;

/// What no plugin gets by asking, whatever its manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceiling {
    /// The most of each limit; more needs the plugin's own section.
    pub limits: Limits,
    /// Whether plugins may have the few interfaces of WASI that JavaScript and Python need.
    pub wasi: bool,
}

impl Default for Ceiling {
    fn default() -> Self {
        Self { limits: Limits::CEILING, wasi: true }
    }
}

/// What one plugin may do.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a right of its own")]
pub(crate) struct Rights {
    pub(crate) upstreams: BTreeMap<String, Upstream>,
    pub(crate) keys: BTreeMap<String, KeyHandle>,
    /// Whether it asked for any upstream.
    pub(crate) http: bool,
    pub(crate) cache: bool,
    pub(crate) wasi: bool,
    /// Whether its own partner-specific subjects are taken.
    pub(crate) partner_specific_subjects: bool,
    /// Claims that it may release.
    pub(crate) claims: Vec<String>,
    pub(crate) limits: Limits,
    pub(crate) words: Words,
    amr: Option<Vec<String>>,
    config: BTreeMap<String, Value>,
}

/// A server that a plugin may talk to.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    pub(crate) url: String,
    pub(crate) methods: Vec<String>,
    pub(crate) path_prefixes: Vec<String>,
    pub(crate) max_response_kib: Option<u32>,
    pub(crate) timeout_ms: u64,
    pub(crate) calls: Option<u32>,
}

/// How long an exchange may take when nobody says.
const TIMEOUT_MS: u64 = 3_000;

impl Rights {
    /// What the plugin may do, or everything that stands in the way of loading it.
    pub(crate) fn decide(
        manifest: &Manifest,
        grant: &Grant,
        ceiling: &Ceiling,
    ) -> Result<Self, Vec<Finding>> {
        let Identity { id, .. } = &manifest.plugin;
        let mut findings = grant.findings(id);
        findings.extend(settings::findings(manifest, grant));
        let limits = manifest.limits.granted(&grant.limits, &ceiling.limits).unwrap_or_else(|over| {
            findings.push(Finding::new(
                format!(
                    "the plugin asks for {} = {}, and the ceiling is {}",
                    over.key, over.asked, over.ceiling
                ),
                format!("[plugins.\"{id}\".limits]"),
                format!("add {} = {} there if the plugin shall have it", over.key, over.asked),
            ));
            Limits::default()
        });
        if manifest.requests.wasi && !ceiling.wasi {
            findings.push(Finding::new(
                "the plugin asks for WASI, which [plugins.ceiling] gives to none",
                "[plugins.ceiling]",
                "set wasi = true there, or have the plugin written in a language that does without",
            ));
        }
        let upstreams = upstreams(manifest, grant, &mut findings);
        let keys = keys(manifest, grant, &mut findings);
        if !findings.is_empty() {
            return Err(findings);
        }
        let allowed = |claim: &String| grant.claims.as_ref().is_none_or(|claims| claims.contains(claim));
        Ok(Self {
            upstreams,
            keys,
            http: !manifest.requests.upstreams.is_empty(),
            cache: manifest.requests.cache,
            wasi: manifest.requests.wasi,
            claims: manifest.requests.claims.iter().filter(|claim| allowed(claim)).cloned().collect(),
            partner_specific_subjects: grant.partner_specific_subjects,
            limits,
            words: Words::new(manifest.messages.clone()),
            amr: grant.amr.clone(),
            config: grant.config.clone(),
        })
    }

    /// What is granted and never asked for: it does nothing, and the operator may have meant another plugin.
    pub(crate) fn unasked(manifest: &Manifest, grant: &Grant) -> Vec<Finding> {
        let id = &manifest.plugin.id;
        let upstreams =
            grant.upstreams.keys().filter(|name| !manifest.requests.upstreams.contains_key(*name));
        let keys = grant.key_files.keys().filter(|name| !manifest.requests.keys.contains_key(*name));
        let upstreams =
            upstreams.map(|name| ("upstream", format!("[plugins.\"{id}\".upstreams.\"{name}\"]")));
        let keys = keys.map(|name| ("key", format!("[plugins.\"{id}\".keys.\"{name}\"]")));
        let unasked = upstreams.chain(keys);
        unasked
            .map(|(what, place)| {
                let rule = format!("the plugin's manifest does not ask for this {what}, so it does not get it");
                Finding::new(rule, place, "remove the section, or correct its name: `esignet plugin inspect` lists what it asks for")
            })
            .collect()
    }

    /// A setting as the plugin reads it: a string as it stands, anything else as JSON.
    pub(crate) fn setting(&self, key: &str) -> Option<String> {
        self.config.get(key).map(|value| match value.as_str() {
            Some(text) => text.to_owned(),
            None => value.to_string(),
        })
    }

    /// Keeps of `amr` what the operator allows.
    pub(crate) fn narrow_amr(&self, amr: Vec<String>) -> Vec<String> {
        match &self.amr {
            None => amr,
            Some(ceiling) => amr.into_iter().filter(|value| ceiling.contains(value)).collect(),
        }
    }

    /// Keeps of the claims it says it can release those that it asked for and the operator allows.
    pub(crate) fn narrow_claims(&self, claims: Vec<String>) -> Vec<String> {
        claims.into_iter().filter(|claim| self.claims.contains(claim)).collect()
    }
}

fn upstreams(manifest: &Manifest, grant: &Grant, findings: &mut Vec<Finding>) -> BTreeMap<String, Upstream> {
    let id = &manifest.plugin.id;
    let mut decided = BTreeMap::new();
    for (name, asked) in &manifest.requests.upstreams {
        let place = format!("[plugins.\"{id}\".upstreams.\"{name}\"]");
        let Some(granted) = grant.upstreams.get(name) else {
            if !asked.optional {
                findings.push(Finding::new(
                    format!(
                        "the plugin asks for the upstream \"{name}\" ({} {})",
                        asked.methods.join(", "),
                        asked.path_prefixes.join(", ")
                    ),
                    &place,
                    format!("add:\n  {place}\n  url = \"https://…\""),
                ));
            }
            continue;
        };
        let upstream = Upstream::decide(asked, granted);
        if upstream.methods.is_empty() || upstream.path_prefixes.is_empty() {
            findings.push(Finding::new(
                "what is granted and what the plugin asks for have no method or no path in common",
                place,
                format!(
                    "leave `methods` and `path_prefixes` out to grant what it asks for: methods = {:?}, path_prefixes = {:?}",
                    asked.methods, asked.path_prefixes
                ),
            ));
            continue;
        }
        decided.insert(name.clone(), upstream);
    }
    decided
}

impl Upstream {
    fn decide(asked: &UpstreamAsked, granted: &UpstreamGrant) -> Self {
        let methods = asked
            .methods
            .iter()
            .filter(|method| granted.methods.as_ref().is_none_or(|all| all.contains(method)));
        let path_prefixes = match &granted.path_prefixes {
            None => asked.path_prefixes.clone(),
            Some(granted) => common_prefixes(&asked.path_prefixes, granted),
        };
        let timeout_ms = [asked.timeout_ms, granted.timeout_ms].into_iter().flatten().min();
        Self {
            url: granted.url.trim_end_matches('/').to_owned(),
            methods: methods.cloned().collect(),
            path_prefixes,
            max_response_kib: [asked.max_response_kib, granted.max_response_kib].into_iter().flatten().min(),
            timeout_ms: timeout_ms.unwrap_or(TIMEOUT_MS),
            calls: [asked.calls, granted.calls].into_iter().flatten().min(),
        }
    }
}

/// The paths under a prefix of both lists: of two of which one is under the other, the longer one.
fn common_prefixes(asked: &[String], granted: &[String]) -> Vec<String> {
    let mut common = Vec::new();
    for (asked, granted) in asked.iter().flat_map(|asked| granted.iter().map(move |granted| (asked, granted)))
    {
        let longer = if is_under(asked, granted) {
            asked
        } else if is_under(granted, asked) {
            granted
        } else {
            continue;
        };
        if !common.contains(longer) {
            common.push(longer.clone());
        }
    }
    common
}

/// Whether a path is a prefix or below it, at a whole segment.
pub(crate) fn is_under(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || prefix.ends_with('/') || rest.starts_with('/'))
}

fn keys(manifest: &Manifest, grant: &Grant, findings: &mut Vec<Finding>) -> BTreeMap<String, KeyHandle> {
    let id = &manifest.plugin.id;
    let mut decided = BTreeMap::new();
    for (name, asked) in &manifest.requests.keys {
        let place = format!("[plugins.\"{id}\".keys.\"{name}\"]");
        let purpose = asked.purpose();
        match grant.keys.get(name) {
            Some(key) if key.purpose() == purpose => drop(decided.insert(name.clone(), key.clone())),
            Some(key) => findings.push(Finding::new(
                format!(
                    "the plugin asks for a key to {}, and this one is to {}",
                    purpose.as_str(),
                    key.purpose().as_str()
                ),
                place,
                format!("set use = \"{}\" and name a file of that kind", purpose.as_str()),
            )),
            // A file that cannot be read is a finding of the grant already.
            None if grant.key_files.contains_key(name) || asked.optional() => {}
            None => {
                let mut mend = format!("add:\n  {place}\n  use = \"{}\"\n  file = \"…\"", purpose.as_str());
                if purpose == crate::manifest::KeyUse::Sign {
                    // Writing to a string does not fail.
                    let _ = write!(
                        mend,
                        "\n  certificate_file = \"…\"   # where partners know the key by its certificate"
                    );
                }
                findings.push(Finding::new(format!("the plugin asks for the key \"{name}\""), place, mend));
            }
        }
    }
    decided
}

#[cfg(test)]
mod tests;
