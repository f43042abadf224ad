//! What the operator lets one plugin have: settings, upstreams, keys, a ceiling for `amr`, limits.
//!
//! A section `[plugins."<file stem>"]` of the operator's file reads as a [`Grant`]. What is not in it the plugin does
//! not get.

use std::collections::BTreeMap;
use std::path::PathBuf;

use esignet_jose::signing_key::SigningKey;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::finding::Finding;
use crate::limits::Limits;

/// Everything one plugin was granted. The default grants nothing but the default limits.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grant {
    /// The plugin's own settings: a string as it stands, anything else handed over as JSON text.
    pub config: BTreeMap<String, serde_json::Value>,
    /// Servers it may talk to, by the name it uses for them.
    pub upstreams: BTreeMap<String, UpstreamGrant>,
    /// Where the keys it may use by name are kept. Whoever reads the operator's file turns each into a handle in
    /// [`Grant::keys`]; one that is missing there refuses the plugin.
    #[serde(rename = "keys")]
    pub key_files: BTreeMap<String, KeyFile>,
    /// The keys themselves, never written in the operator's file.
    #[serde(skip)]
    pub keys: BTreeMap<String, KeyHandle>,
    /// The values it may put into `amr` (RFC 8176), of those it announces. All of them when absent.
    pub amr: Option<Vec<String>>,
    /// Whether it may import the tiny WASI, as components of JavaScript and Python do: coarse clocks, randomness, lines for
    /// the log, and an empty rest.
    pub wasi: bool,
    /// What one call may use.
    pub limits: Limits,
}

/// A server a plugin may talk to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamGrant {
    /// Scheme, host, port and an optional path in front of every path the plugin asks for.
    pub url: String,
    /// Upper-case methods it may use.
    pub methods: Vec<String>,
    /// A path must begin with one of these, at a whole segment.
    pub path_prefixes: Vec<String>,
    /// Largest response body in KiB, when less than the plugin's limit.
    #[serde(default)]
    pub max_response_kib: Option<u32>,
    /// Whole-exchange limit in milliseconds.
    #[serde(default = "UpstreamGrant::default_timeout_ms")]
    pub timeout_ms: u64,
    /// How often one call of the plugin may use it, when less than the plugin's limit.
    #[serde(default)]
    pub calls: Option<u32>,
}

/// Where a key is kept and what it is for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, tag = "use", rename_all = "lowercase")]
pub enum KeyFile {
    /// A secret for HMAC-SHA-256.
    Hmac {
        /// The file.
        file: PathBuf,
    },
    /// A private key for JWS.
    Sign {
        /// The file.
        file: PathBuf,
    },
}

/// A key that a plugin uses by name and never sees.
#[derive(Clone)]
pub enum KeyHandle {
    /// A secret for HMAC-SHA-256 (`crypto.hmac`).
    Hmac(Zeroizing<Vec<u8>>),
    /// A private key for JWS (`crypto.sign-jws`).
    Signing(SigningKey),
}

impl std::fmt::Debug for KeyHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Hmac(_) => "Hmac(..)",
            Self::Signing(_) => "Signing(..)",
        })
    }
}

impl UpstreamGrant {
    const fn default_timeout_ms() -> u64 {
        3_000
    }

    fn fault(&self) -> Option<&'static str> {
        let Ok(url) = url::Url::parse(&self.url) else {
            return Some("`url` is not a URL");
        };
        if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() {
            return Some("`url` must be https:// or http:// with a host");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Some("`url` must not carry a user name or password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Some("`url` must end with its path");
        }
        if self.methods.is_empty() || self.methods.iter().any(|m| !is_method(m)) {
            return Some("`methods` must list upper-case HTTP methods");
        }
        if self.path_prefixes.is_empty() || self.path_prefixes.iter().any(|p| !p.starts_with('/')) {
            return Some("`path_prefixes` must list paths that begin with `/`");
        }
        if self.timeout_ms == 0 {
            return Some("`timeout_ms` must be at least 1");
        }
        None
    }
}

fn is_method(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS")
}

impl Grant {
    /// What is wrong with the grant of plugin `id`, all at once.
    pub fn findings(&self, id: &str) -> Vec<Finding> {
        let mut findings = self.limits.findings(id);
        for (name, upstream) in &self.upstreams {
            if let Some(fault) = upstream.fault() {
                findings.push(Finding::new(
                    format!("the upstream cannot be used: {fault}"),
                    format!("[plugins.\"{id}\".upstreams.\"{name}\"]"),
                    "correct the key, for example url = \"https://register.example\", methods = [\"POST\"], \
                     path_prefixes = [\"/v2/\"]",
                ));
            }
        }
        for name in self.key_files.keys().filter(|name| !self.keys.contains_key(*name)) {
            findings.push(Finding::new(
                "the key was not loaded",
                format!("[plugins.\"{id}\".keys.\"{name}\"]"),
                "make the file readable and of the kind that `use` names (\"hmac\" or \"sign\")",
            ));
        }
        findings
    }

    /// A setting as the plugin reads it.
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(value: serde_json::Value) -> Result<Grant, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn a_string_is_handed_over_as_it_stands_and_anything_else_as_json() {
        let grant = grant(serde_json::json!({"config": {"a": "x", "b": 6, "c": {"d": [true]}}})).unwrap();
        assert_eq!(grant.setting("a").as_deref(), Some("x"));
        assert_eq!(grant.setting("b").as_deref(), Some("6"));
        assert_eq!(grant.setting("c").as_deref(), Some(r#"{"d":[true]}"#));
        assert_eq!(grant.setting("d"), None);
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        assert!(grant(serde_json::json!({"upstream": {}})).unwrap_err().contains("upstream"));
        assert!(grant(serde_json::json!({"limits": {"memory": 1}})).unwrap_err().contains("memory"));
    }

    #[test]
    fn an_upstream_with_credentials_in_its_url_is_a_finding() {
        let grant = grant(serde_json::json!({"upstreams": {"r": {
            "url": "https://u:p@register.example", "methods": ["POST"], "path_prefixes": ["/v2/"]}}}))
        .unwrap();
        let findings = grant.findings("x");
        assert_eq!(findings.len(), 1);
        assert!(findings[0].to_string().contains("user name or password"));
        assert!(!findings[0].to_string().contains("u:p"));
    }

    #[test]
    fn a_key_that_was_not_loaded_is_a_finding() {
        let grant = grant(serde_json::json!({"keys": {"k": {"use": "hmac", "file": "/k"}}})).unwrap();
        assert!(grant.findings("x")[0].place.contains("keys"));
    }

    #[test]
    fn a_ceiling_narrows_amr_and_never_widens_it() {
        let mut grant = Grant::default();
        assert_eq!(grant.narrow_amr(vec!["otp".into()]), ["otp"]);
        grant.amr = Some(vec!["pin".into(), "otp".into()]);
        assert_eq!(grant.narrow_amr(vec!["otp".into(), "hwk".into()]), ["otp"]);
    }

    #[test]
    fn a_key_handle_cannot_be_printed() {
        assert_eq!(format!("{:?}", KeyHandle::Hmac(Zeroizing::new(b"secret".to_vec()))), "Hmac(..)");
    }
}
