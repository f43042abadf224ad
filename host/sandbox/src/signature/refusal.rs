//! Why a component is refused for its signatures, and what an operator does about it.

use std::path::Path;

use semver::Version;

use super::facts::NotFacts;
use super::minisign::{KeyId, NotASignature};
use super::section::Malformed;
use crate::finding::Finding;

/// Why a component is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The file cannot be taken apart.
    Malformed(Malformed),
    /// A section for a signature holds none.
    NotASignature(NotASignature),
    /// Nobody is trusted.
    NoPublishers,
    /// Nobody signed it.
    Unsigned,
    /// Not enough publishers signed it.
    TooFew {
        /// How many must.
        needed: usize,
        /// Who did.
        counted: Vec<String>,
        /// What is said of the other signatures.
        not_counted: Vec<NotCounted>,
    },
    /// These very bytes are revoked.
    DigestRevoked(String),
    /// It is older than what is taken, or does not say how old it is.
    TooOld {
        /// What it says it is.
        version: Option<Version>,
        /// The oldest that is taken.
        minimum: Version,
    },
    /// Its manifest cannot be read.
    Manifest(NotFacts),
}

/// Why a signature does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCounted {
    /// No publisher has this key.
    #[error("the key {key_id} belongs to no publisher in the configuration")]
    UnknownKey {
        /// Which.
        key_id: KeyId,
    },
    /// The key is revoked.
    #[error("the key {key_id} is revoked")]
    KeyRevoked {
        /// Which.
        key_id: KeyId,
    },
    /// The signature is not over these bytes, or not of this key.
    #[error(
        "the signature that names the key {key_id} of {publisher} is not over this file: it was changed or damaged after it was signed, or never signed with that key"
    )]
    Forged {
        /// Whose key.
        publisher: String,
        /// Which.
        key_id: KeyId,
    },
    /// The publisher signs other plugins.
    #[error("{publisher} may not sign plugins of this id")]
    MayNotSign {
        /// Who.
        publisher: String,
    },
    /// It is said of another plugin.
    #[error("{publisher} signed it as {id}")]
    OtherPlugin {
        /// Who.
        publisher: String,
        /// Of which.
        id: String,
    },
    /// It is not said of any plugin.
    #[error("{publisher} signed it without saying which plugin it is")]
    NamesNoPlugin {
        /// Who.
        publisher: String,
    },
    /// It says another id, version or digest than the component has.
    #[error("what {publisher} signed it as is not what the file says it is")]
    Contradicts {
        /// Who.
        publisher: String,
    },
    /// It says something that cannot be understood.
    #[error("what {publisher} signed it as is unclear: {reason}")]
    Unclear {
        /// Who.
        publisher: String,
        /// Why.
        reason: NotFacts,
    },
}

impl NotCounted {
    /// Whether somebody changed something, rather than forgot something.
    pub(super) const fn is_forged(&self) -> bool {
        matches!(self, Self::Forged { .. })
    }

    fn mend(&self, file: &str) -> String {
        match self {
            Self::UnknownKey { .. } => format!(
                "if you trust whoever holds it, add [plugins.publishers.NAME] with public_key = \"RW…\", their .pub file; \
                 otherwise {}",
                sign(file)
            ),
            Self::KeyRevoked { .. } => {
                format!("get a file signed with the publisher's new key: {}", sign(file))
            }
            Self::Forged { .. } => {
                "get the file again from its publisher, and find out who changed it; nothing of it was run"
                    .to_owned()
            }
            Self::MayNotSign { publisher } => {
                format!("add its id to `plugins` in [plugins.publishers.{publisher}] if they may")
            }
            Self::OtherPlugin { id, .. } => {
                format!("have it signed as what its manifest says, not as {id}: esignet plugin sign")
            }
            Self::NamesNoPlugin { .. } | Self::Contradicts { .. } | Self::Unclear { .. } => sign(file),
        }
    }
}

fn sign(file: &str) -> String {
    format!("have a publisher sign it: esignet plugin sign --key publisher.key --version VERSION {file}")
}

impl Refusal {
    /// For the operator: the rule, the file, what to do.
    pub fn finding(&self, path: &Path) -> Finding {
        let place = path.display().to_string();
        let (rule, mend) = self.told(&place);
        Finding::new(rule, place, mend)
    }

    fn told(&self, file: &str) -> (String, String) {
        let again = || "get the file again from its publisher and copy it whole".to_owned();
        match self {
            Self::Malformed(malformed) => (malformed.to_string(), again()),
            Self::NotASignature(reason) => {
                (format!("a section esignet:signature holds no signature: {reason}"), again())
            }
            Self::NoPublishers => (
                "plugins must be signed, and the configuration names nobody who may sign them".to_owned(),
                "add [plugins.publishers.NAME] with public_key = \"RW…\", the publisher's .pub file; `esignet plugin keygen` \
                 makes a key. Where unsigned code may run, say require_signatures = false in [plugins]"
                    .to_owned(),
            ),
            Self::Unsigned => ("nobody signed it, and plugins must be signed".to_owned(), sign(file)),
            Self::TooFew { needed, counted, not_counted } => {
                (too_few(*needed, counted, not_counted), not_counted.first().map_or_else(|| sign(file), |first| first.mend(file)))
            }
            Self::DigestRevoked(digest) => (
                format!("sha256:{digest} is revoked"),
                "install a newer version; [plugins.revoked] and its file say what is revoked".to_owned(),
            ),
            Self::TooOld { version, minimum } => (
                version.as_ref().map_or_else(
                    || format!("it does not say its version, and the oldest that is taken is {minimum}"),
                    |version| format!("it is version {version}, and the oldest that is taken is {minimum}"),
                ),
                "install a newer version, or lower minimum_version in the plugin's section".to_owned(),
            ),
            Self::Manifest(reason) => {
                (format!("its section esignet:manifest: {reason}"), "build it again".to_owned())
            }
        }
    }
}

fn too_few(needed: usize, counted: &[String], not_counted: &[NotCounted]) -> String {
    let reasons = not_counted.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    if needed == 1 {
        return reasons;
    }
    let who = if counted.is_empty() { "nobody".to_owned() } else { counted.join(", ") };
    let others = if reasons.is_empty() { String::new() } else { format!(" ({reasons})") };
    format!("{needed} publishers must have signed it, and those who did are: {who}{others}")
}
