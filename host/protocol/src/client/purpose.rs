//! Why a relying party asks people to sign in, in its own words (`login.md`, the way through).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::words;

/// What a sign-in is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurposeKind {
    /// To use a service.
    #[default]
    Login,
    /// To show once who one is.
    Verify,
    /// To connect an account with one's identity.
    Link,
}

/// What a sign-in is for, and how the relying party puts it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// What it is for.
    #[serde(rename = "type", default)]
    pub kind: PurposeKind,
    /// The heading, by BCP 47 tag.
    #[serde(default)]
    pub title: BTreeMap<String, String>,
    /// A sentence below it, by BCP 47 tag.
    #[serde(default)]
    pub subtitle: BTreeMap<String, String>,
}

impl Purpose {
    /// The heading for somebody who reads `locale`.
    pub fn title(&self, locale: &str) -> Option<&str> {
        words(&self.title, locale)
    }

    /// The sentence below it for somebody who reads `locale`.
    pub fn subtitle(&self, locale: &str) -> Option<&str> {
        words(&self.subtitle, locale)
    }
}
