//! The builds of plugins that a login began with, so that it ends on them whatever is put into the directory meanwhile.
//!
//! A page was made, a state was sealed, an OTP was sent by one build; what comes back goes to that one. A build that is gone,
//! because the node was started again or is another one, is stood in for by the present one where
//! [`PluginBuild::can_go_on_with`] it; otherwise the attempt ends with the page of a plugin that fails, and the next
//! attempt of the same login begins with what is loaded then.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::assurance::Method;
use crate::error::Fault;
use crate::ports::plugin_build::PluginBuild;
use crate::ports::plugins::{AuthFactor, IdSystem, Plugins};

/// What a login is held to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pins {
    /// The ID system.
    id_system: Option<PluginBuild>,
    /// The factors of every method that it was offered, by their words.
    factors: BTreeMap<String, PluginBuild>,
}

impl Pins {
    /// What is loaded now of what these methods need.
    pub fn of(plugins: &dyn Plugins, methods: &[Method]) -> Self {
        let words = methods.iter().flat_map(|method| &method.factors);
        Self {
            id_system: plugins.id_system().map(|id_system| id_system.build()),
            factors: words.filter_map(|word| Some((word.clone(), plugins.factor(word)?.build()))).collect(),
        }
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
        self.id_system.is_none() && self.factors.is_empty()
    }

    /// The ID system of this login.
    pub fn id_system(&self, plugins: &dyn Plugins) -> Result<Arc<dyn IdSystem>, Fault> {
        let found = match &self.id_system {
            Some(build) => plugins.id_system_of(build),
            None => plugins.id_system(),
        };
        found.ok_or_else(|| Fault::NoPlugin(format!("the ID system{}", begun_with(self.id_system.as_ref()))))
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
