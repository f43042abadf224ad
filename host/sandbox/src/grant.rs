//! What the operator lets one plugin have: settings, upstreams, keys, a ceiling for `amr` and claims, limits.
//!
//! A section `[plugins."<id>"]` of the operator's file reads as a [`Grant`]. What is not in it the plugin does not get; what
//! the plugin's manifest does not ask for it does not get either ([`Rights`](crate::rights::Rights)).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use esignet_jose::digest;
use esignet_jose::jwe::DecryptionKey;
use esignet_jose::seal::SealKey;
use esignet_jose::signing_key::SigningKey;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::finding::Finding;
use crate::limits::LimitsAsked;
use crate::manifest::KeyUse;

/// Everything one plugin was granted. The default grants nothing that needs a grant.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
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
    /// The claims it may release, of those its manifest asks for. All of them when absent.
    pub claims: Option<Vec<String>>,
    /// Whether its word for a person becomes `sub` as it stands where it says that the word is for one relying party alone. Else
    /// every `sub` is derived here (OIDC Core §8.1), and an ID system cannot choose who somebody is to a relying party.
    pub partner_specific_subjects: bool,
    /// What one call may use; what is absent is as the manifest asks.
    pub limits: LimitsAsked,
}

/// A server a plugin may talk to, and how the host trusts it and logs in to it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamGrant {
    /// Scheme, host, port and an optional path in front of every path the plugin asks for.
    pub url: String,
    /// Upper-case methods it may use, of those its manifest asks for. All of them when absent.
    #[serde(default)]
    pub methods: Option<Vec<String>>,
    /// A path must begin with one of these, at a whole segment, and with one that the manifest asks for.
    #[serde(default)]
    pub path_prefixes: Option<Vec<String>>,
    /// Largest response body in KiB, when less than the plugin's limit.
    #[serde(default)]
    pub max_response_kib: Option<u32>,
    /// Whole-exchange limit in milliseconds.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// How often one call of the plugin may use it, when less than the plugin's limit.
    #[serde(default)]
    pub calls: Option<u32>,
    /// Certificates (PEM) that its certificate must lead to, instead of those that the system trusts.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The certificate (PEM, with its chain) that the host shows it.
    #[serde(default)]
    pub client_certificate_file: Option<PathBuf>,
    /// The private key of that certificate.
    #[serde(default)]
    pub client_key_file: Option<PathBuf>,
    /// How the host logs in to it. The plugin never sees it.
    #[serde(default)]
    pub credentials: Option<Credentials>,
}

/// How the host logs in to an upstream, in the header `Authorization`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub enum Credentials {
    /// A token as it stands in a file (RFC 6750).
    Bearer {
        /// The file.
        token_file: PathBuf,
    },
    /// A user name and a password (RFC 7617).
    Basic {
        /// The user name.
        user: String,
        /// The file of the password.
        password_file: PathBuf,
    },
    /// A JWT that the host signs anew before the last one expires, as a bearer token.
    Jwt {
        /// The private key: PEM or JWK.
        key_file: PathBuf,
        /// `iss`.
        issuer: String,
        /// `sub`; the issuer when absent.
        #[serde(default)]
        subject: Option<String>,
        /// `aud`.
        audience: String,
        /// From `iat` to `exp` in seconds; 300 when absent.
        #[serde(default)]
        ttl_seconds: Option<u64>,
    },
    /// An access token of an authorization server (RFC 6749 §4.4), kept until shortly before it expires and asked for once
    /// however many calls wait for it.
    ClientCredentials {
        /// The token endpoint.
        token_url: String,
        /// The client.
        client_id: String,
        /// The file of its secret (`client_secret_basic`), or …
        #[serde(default)]
        client_secret_file: Option<PathBuf>,
        /// … its private key, PEM or JWK (`private_key_jwt`).
        #[serde(default)]
        key_file: Option<PathBuf>,
        /// The scope to ask for.
        #[serde(default)]
        scope: Option<String>,
    },
}

/// Where a key is kept and what it is for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    /// What it is for.
    #[serde(rename = "use")]
    pub purpose: KeyUse,
    /// The file.
    pub file: PathBuf,
    /// The certificates (PEM) of a key that signs, its own first: they travel in `x5c` where the plugin asks for it.
    #[serde(default)]
    pub certificate_file: Option<PathBuf>,
}

/// A key that a plugin uses by name and never sees.
#[derive(Clone)]
pub enum KeyHandle {
    /// A secret for HMAC-SHA-256 (`crypto.hmac`).
    Hmac(Zeroizing<Vec<u8>>),
    /// What seals for this plugin (`crypto.seal`, `crypto.open`).
    Seal(Arc<SealKey>),
    /// A private key for JWS (`crypto.sign-jws`) and its certificates in base64 DER, its own first.
    Signing(SigningKey, Vec<String>),
    /// A private key for JWE (`crypto.decrypt-jwe`).
    Decrypting(DecryptionKey),
}

impl KeyHandle {
    /// What it is for.
    pub const fn purpose(&self) -> KeyUse {
        match self {
            Self::Hmac(_) => KeyUse::Hmac,
            Self::Seal(_) => KeyUse::Seal,
            Self::Signing(..) => KeyUse::Sign,
            Self::Decrypting(_) => KeyUse::Decrypt,
        }
    }
}

impl PartialEq for KeyHandle {
    /// Whether they are one and the same loaded key. Of two that were loaded apart it cannot be told, and need not be.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Hmac(one), Self::Hmac(other)) => digest::equal(one, other),
            (Self::Seal(one), Self::Seal(other)) => Arc::ptr_eq(one, other),
            (Self::Signing(one, chain), Self::Signing(other, others)) => {
                std::ptr::eq(one.public_jwk(), other.public_jwk()) && chain == others
            }
            (Self::Decrypting(one), Self::Decrypting(other)) => {
                std::ptr::eq(one.public_key(), other.public_key())
            }
            (Self::Hmac(_) | Self::Seal(_) | Self::Signing(..) | Self::Decrypting(_), _) => false,
        }
    }
}

impl std::fmt::Debug for KeyHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyHandle({})", self.purpose().as_str())
    }
}

impl UpstreamGrant {
    fn fault(&self) -> Option<&'static str> {
        let Ok(url) = url::Url::parse(&self.url) else {
            return Some("`url` is not a URL");
        };
        if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() {
            return Some("`url` must be https:// or http:// with a host");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Some("`url` must not carry a user name or password: see `credentials`");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Some("`url` must end with its path");
        }
        if self.methods.iter().flatten().any(|method| !is_method(method)) {
            return Some("`methods` must list upper-case HTTP methods");
        }
        if self.path_prefixes.iter().flatten().any(|prefix| !prefix.starts_with('/')) {
            return Some("`path_prefixes` must list paths that begin with `/`");
        }
        if self.timeout_ms == Some(0) {
            return Some("`timeout_ms` must be at least 1");
        }
        if self.client_certificate_file.is_some() != self.client_key_file.is_some() {
            return Some("`client_certificate_file` and `client_key_file` belong together");
        }
        let tls = self.ca_file.is_some() || self.client_key_file.is_some();
        if url.scheme() == "http" && (tls || self.credentials.is_some()) {
            return Some("certificates and credentials need https://");
        }
        None
    }
}

pub(crate) fn is_method(method: &str) -> bool {
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
                    "correct the key, for example url = \"https://register.example\"",
                ));
            }
        }
        for name in self.key_files.keys().filter(|name| !self.keys.contains_key(*name)) {
            findings.push(Finding::new(
                "the key was not loaded",
                format!("[plugins.\"{id}\".keys.\"{name}\"]"),
                "make the file readable and of the kind that `use` names",
            ));
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(value: serde_json::Value) -> Result<Grant, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        assert!(grant(serde_json::json!({"upstream": {}})).unwrap_err().contains("upstream"));
        assert!(grant(serde_json::json!({"limits": {"memory": 1}})).unwrap_err().contains("memory"));
    }

    #[test]
    fn an_upstream_that_cannot_be_used_is_a_finding() {
        for (upstream, told) in [
            (serde_json::json!({"url": "https://u:p@register.example"}), "user name or password"),
            (serde_json::json!({"url": "ftp://register.example"}), "https://"),
            (serde_json::json!({"url": "https://r.example?x=1"}), "end with its path"),
            (serde_json::json!({"url": "https://r.example", "methods": ["get"]}), "upper-case"),
            (serde_json::json!({"url": "https://r.example", "path_prefixes": ["v2"]}), "begin with `/`"),
            (serde_json::json!({"url": "https://r.example", "client_key_file": "k"}), "belong together"),
            (
                serde_json::json!({"url": "http://r.example", "credentials": {"kind": "bearer", "token_file": "t"}}),
                "need https://",
            ),
        ] {
            let findings = grant(serde_json::json!({"upstreams": {"r": upstream}})).unwrap().findings("x");
            assert_eq!(findings.len(), 1, "{upstream}");
            assert!(findings[0].to_string().contains(told), "{}", findings[0]);
            assert!(!findings[0].to_string().contains("u:p"));
        }
    }

    #[test]
    fn a_key_that_was_not_loaded_is_a_finding() {
        let grant = grant(serde_json::json!({"keys": {"k": {"use": "hmac", "file": "/k"}}})).unwrap();
        assert!(grant.findings("x")[0].place.contains("keys"));
    }
}
