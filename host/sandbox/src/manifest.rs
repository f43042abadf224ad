//! What a plugin says of itself and asks for: the custom section `esignet:manifest` of its component, written as TOML.
//!
//! It is part of the file, so one digest and one signature cover code and manifest. It asks; what it gets is decided in
//! [`Rights`](crate::rights::Rights).

mod section;

use std::collections::BTreeMap;
use std::path::Path;

use esignet_protocol::word::locale::is_tag;
use semver::Version;
use serde::Deserialize;
use serde_json::Value;

use crate::accept;
use crate::finding::Finding;
use crate::grant::is_method;
use crate::limits::LimitsAsked;
pub use section::embed;

/// The name of the custom section.
pub(crate) const SECTION: &str = "esignet:manifest";
/// The largest manifest, in bytes: it may carry words in many languages.
pub(crate) const MAX_BYTES: usize = 256 * 1024;
/// The longest text for people, in bytes.
const MAX_TEXT: usize = 1024;
/// Tables of the operator's `[plugins]` that are not a plugin's.
pub const RESERVED_IDS: [&str; 4] = ["ceiling", "publishers", "revoked", "routes"];

/// What a plugin says of itself and asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Who it is.
    pub plugin: Identity,
    /// What it asks the host and the operator for.
    #[serde(default)]
    pub requests: Requests,
    /// What settings it takes.
    #[serde(default)]
    pub config: Settings,
    /// What one call needs beyond the default limits.
    #[serde(default)]
    pub limits: LimitsAsked,
    /// Words for people: language → key → text, with `{name}` where an argument goes.
    #[serde(default)]
    pub messages: BTreeMap<String, BTreeMap<String, String>>,
}

/// Who a plugin is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The name it has in the operator's file: lower-case letters, digits, hyphens and dots.
    pub id: String,
    /// Its version (semver).
    pub version: Version,
    /// Who answers for it.
    pub publisher: String,
    /// Under which licence it comes, as an SPDX expression.
    #[serde(default)]
    pub license: Option<String>,
    /// What it is, in a sentence.
    #[serde(default)]
    pub description: Option<String>,
}

/// What a plugin asks for. Nothing of it is given by being asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Requests {
    /// `esignet:host/cache`.
    pub cache: bool,
    /// The few interfaces of WASI that JavaScript and Python cannot start without.
    pub wasi: bool,
    /// Claims that it may release, by their OpenID Connect names; as an ID system only.
    pub claims: Vec<String>,
    /// Keys, by the name that it uses for them.
    pub keys: BTreeMap<String, KeyAsked>,
    /// Servers, by the name that it uses for them.
    pub upstreams: BTreeMap<String, UpstreamAsked>,
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyUse {
    /// HMAC-SHA-256 (`crypto.hmac`).
    Hmac,
    /// AES-256-GCM for what only this plugin reads again (`crypto.seal`, `crypto.open`).
    Seal,
    /// JWS (`crypto.sign-jws`).
    Sign,
    /// JWE that others send (`crypto.decrypt-jwe`).
    Decrypt,
}

impl KeyUse {
    /// Every use with its word.
    pub const ALL: [(&'static str, Self); 4] =
        [("hmac", Self::Hmac), ("seal", Self::Seal), ("sign", Self::Sign), ("decrypt", Self::Decrypt)];

    /// The word of manifest and operator's file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hmac => "hmac",
            Self::Seal => "seal",
            Self::Sign => "sign",
            Self::Decrypt => "decrypt",
        }
    }
}

/// A key that a plugin asks for: `name = "sign"`, or a table with `optional`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "a key is for \"hmac\", \"seal\", \"sign\" or \"decrypt\": NAME = \"sign\", or { use = \"sign\", optional = true }"
)]
pub enum KeyAsked {
    /// It cannot do without.
    Needed(KeyUse),
    /// It says whether it can.
    Told {
        /// What it is for.
        #[serde(rename = "use")]
        purpose: KeyUse,
        /// Whether the plugin also works without it.
        #[serde(default)]
        optional: bool,
    },
}

impl KeyAsked {
    /// What it is for.
    pub const fn purpose(self) -> KeyUse {
        match self {
            Self::Needed(purpose) | Self::Told { purpose, .. } => purpose,
        }
    }

    /// Whether the plugin also works without it.
    pub const fn optional(self) -> bool {
        matches!(self, Self::Told { optional: true, .. })
    }
}

/// A server that a plugin asks for. Where it is the operator says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamAsked {
    /// Upper-case methods.
    pub methods: Vec<String>,
    /// A path begins with one of these, at a whole segment.
    pub path_prefixes: Vec<String>,
    /// Largest response body in KiB, when less than the plugin's limit.
    #[serde(default)]
    pub max_response_kib: Option<u32>,
    /// Whole-exchange limit in milliseconds.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// How often one call uses it, when less than the plugin's limit.
    #[serde(default)]
    pub calls: Option<u32>,
    /// Whether the plugin also works without it.
    #[serde(default)]
    pub optional: bool,
}

/// What settings a plugin takes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// JSON Schema 2020-12 of the whole of `[plugins."id".config]`. Without one there are no settings.
    pub schema: Option<Value>,
}

impl Manifest {
    /// Takes the manifest out of the bytes of a component.
    pub(crate) fn of(component: &[u8], file: &Path) -> Result<Self, Finding> {
        let place = || format!("{}, custom section {SECTION}", file.display());
        let refused = |rule: String| {
            Finding::new(
                rule,
                place(),
                "correct plugin.toml and build the plugin again with `esignet plugin build`",
            )
        };
        let found = section::find(component).map_err(|rule| {
            Finding::new(
                rule,
                file.display().to_string(),
                "copy it whole again; if that does not help, build it again",
            )
        })?;
        let bytes = found.ok_or_else(|| {
            Finding::new(
                "the component has no manifest, so it asks for nothing and has no name",
                place(),
                "write plugin.toml beside the source and build the plugin with `esignet plugin build`",
            )
        })?;
        if bytes.len() > MAX_BYTES {
            return Err(refused(format!("the manifest is larger than {MAX_BYTES} bytes")));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| refused("the manifest is not UTF-8".to_owned()))?;
        Self::parse(text).map_err(refused)
    }

    /// The text of the manifest in a component, if there is one.
    pub fn text_of(component: &[u8]) -> Option<&str> {
        section::find(component).ok().flatten().and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// Reads a manifest; what is wrong is told with its line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let manifest: Self = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map(|before| before.matches('\n').count() + 1);
            let place = line.map_or_else(String::new, |line| format!("line {line}: "));
            format!("{place}{}", accept::cut(error.message(), 256))
        })?;
        manifest.check().map_err(|rule| accept::cut(&rule, 256))?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), String> {
        let Identity { id, publisher, .. } = &self.plugin;
        if !is_id(id) {
            return Err(format!(
                "[plugin] id = {id:?} is not 1 to 64 lower-case letters, digits, hyphens and dots that begin with a letter"
            ));
        }
        if RESERVED_IDS.contains(&id.as_str()) {
            return Err(format!("[plugin] id = {id:?} is the name of a table of the operator's file"));
        }
        if publisher.is_empty() || publisher.len() > 256 || publisher.chars().any(accept::steers) {
            return Err("[plugin] publisher is empty, long or has control characters".to_owned());
        }
        if let Some(finding) = self.limits.findings(id).first() {
            return Err(format!("[limits] {}: {}", finding.rule, finding.mend));
        }
        for (name, upstream) in &self.requests.upstreams {
            upstream.check().map_err(|rule| format!("[requests.upstreams.{name}] {rule}"))?;
        }
        if let Some(locale) = self.messages.keys().find(|locale| !is_tag(locale)) {
            return Err(format!("[messages.{locale}] is not named by a language tag (BCP 47)"));
        }
        for (locale, texts) in &self.messages {
            for (key, text) in texts {
                accept::text("the text", text, MAX_TEXT)
                    .map_err(|breach| format!("[messages.{locale}] {key}: {breach}"))?;
            }
        }
        Ok(())
    }
}

impl UpstreamAsked {
    fn check(&self) -> Result<(), &'static str> {
        if self.methods.is_empty() || self.methods.iter().any(|method| !is_method(method)) {
            return Err("`methods` must list upper-case HTTP methods");
        }
        if self.path_prefixes.is_empty() || self.path_prefixes.iter().any(|prefix| !prefix.starts_with('/')) {
            return Err("`path_prefixes` must list paths that begin with `/`");
        }
        Ok(())
    }
}

fn is_id(id: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    (1..=64).contains(&id.len()) && id.starts_with(|c: char| c.is_ascii_lowercase()) && id.bytes().all(plain)
}

#[cfg(test)]
mod tests;
