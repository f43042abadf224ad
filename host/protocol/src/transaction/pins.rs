//! The builds of plugins that a login began with, so that it ends on them whatever is put into the directory meanwhile.
//!
//! A page was made, a state was sealed, an OTP was sent by one build; what comes back goes to that one. A build that is gone,
//! because the node was started again or is another one, is stood in for by the present one where
//! [`PluginBuild::can_go_on_with`] it; otherwise the attempt ends with the page of a plugin that fails, and the next
//! attempt of the same login begins with what is loaded then.
//!
//! Where there are several ID systems, a login is also held to where each method and kind of identifier leads: another
//! configuration of another node, or after a restart, sends nobody elsewhere in the middle of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::assurance::Method;
use crate::error::Fault;
use crate::id_systems::{IdSystemName, Loaded, Way};
use crate::ports::plugin_build::PluginBuild;
use crate::ports::plugins::{AuthFactor, IdSystem, Plugins};

/// What a login is held to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pins {
    /// The ID system, where there is one for everything.
    id_system: Option<PluginBuild>,
    /// The ID systems that it can lead to, where there are several.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    id_systems: BTreeMap<IdSystemName, PluginBuild>,
    /// Where what the person chooses leads then: a way for each method that it was offered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ways: Vec<Way>,
    /// The factors of every method that it was offered, by their words.
    factors: BTreeMap<String, PluginBuild>,
}

impl Pins {
    /// What is loaded now of what these ways need.
    pub fn of(loaded: &Loaded<'_>, ways: Vec<Way>) -> Self {
        let words = ways.iter().flat_map(|way| &way.method.factors);
        let factor = |word: &String| Some((word.clone(), loaded.plugins().factor(word)?.build()));
        let factors = words.filter_map(factor).collect();
        if loaded.is_sole() {
            let id_system = loaded.systems().first().map(|named| named.id_system.build());
            return Self { id_system, factors, ..Self::default() };
        }
        let names = ways.iter().flat_map(|way| way.kinds.iter().map(|(_, name)| name));
        let build = |name: &IdSystemName| Some((name.clone(), loaded.named(name)?.id_system.build()));
        Self { id_system: None, id_systems: names.filter_map(build).collect(), ways, factors }
    }

    /// The same, but what led somewhere before leads there still.
    #[must_use]
    pub fn keeping(mut self, before: &Self) -> Self {
        for way in &mut self.ways {
            for (kind, name) in &mut way.kinds {
                let Some(earlier) = before.led_to(&way.method, kind).filter(|earlier| *earlier != name)
                else {
                    continue;
                };
                name.clone_from(earlier);
                if let Some(build) = before.id_systems.get(earlier) {
                    self.id_systems.entry(earlier.clone()).or_insert_with(|| build.clone());
                }
            }
        }
        self
    }

    fn led_to(&self, method: &Method, kind: &str) -> Option<&IdSystemName> {
        self.ways.iter().find(|way| way.method == *method)?.answering(kind)
    }

    /// Who answers for somebody of this kind by this method. One that is gone answers, too: what comes of it is for the
    /// attempt, after which the login is held to what is loaded then.
    pub fn answering(&self, method: &Method, kind: &str) -> Option<IdSystemName> {
        if self.id_systems.is_empty() {
            return Some(IdSystemName::default());
        }
        self.led_to(method, kind).cloned()
    }

    /// Whether a factor belongs to this login. Methods are numbered by this, so the numbers of a page hold for its form
    /// even when a factor was withdrawn in between.
    pub fn has(&self, plugins: &dyn Plugins, factor: &str) -> bool {
        if self.is_unset() { plugins.factor(factor).is_some() } else { self.factors.contains_key(factor) }
    }

    /// Whether a factor can be begun now.
    pub fn is_offered(&self, plugins: &dyn Plugins, factor: &str) -> bool {
        match self.factors.get(factor) {
            Some(build) => plugins.offers_still(factor, build),
            None => self.has(plugins, factor),
        }
    }

    fn is_unset(&self) -> bool {
        self.id_system.is_none() && self.id_systems.is_empty() && self.factors.is_empty()
    }

    /// The ID system of this login under a name that one of its ways leads to; the only one has none.
    pub fn id_system(&self, plugins: &dyn Plugins, name: &IdSystemName) -> Result<Arc<dyn IdSystem>, Fault> {
        let build = if name.is_sole() { self.id_system.as_ref() } else { self.id_systems.get(name) };
        let found = match build {
            Some(build) => plugins.id_system_of(build),
            None if name.is_sole() => plugins.id_system(),
            None => None,
        };
        let which = if name.is_sole() { String::new() } else { format!(" {}", name.0) };
        found.ok_or_else(|| Fault::NoPlugin(format!("the ID system{which}{}", begun_with(build))))
    }

    /// A factor of this login.
    pub fn factor(&self, plugins: &dyn Plugins, factor: &str) -> Result<Arc<dyn AuthFactor>, Fault> {
        let build = self.factors.get(factor);
        let found = match build {
            Some(build) => plugins.factor_of(factor, build),
            None => plugins.factor(factor),
        };
        found.ok_or_else(|| Fault::NoPlugin(format!("the factor {factor}{}", begun_with(build))))
    }
}

fn begun_with(build: Option<&PluginBuild>) -> String {
    build.map_or_else(String::new, |build| {
        format!(" that can go on for {} {}, with which the login began", build.id, build.version)
    })
}

#[cfg(test)]
mod tests;
