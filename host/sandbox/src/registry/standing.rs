//! What was decided on plugins and holds over restarts: which build was good last, what is rolled back to what, what is
//! quarantined.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use esignet_protocol::ports::plugin_build::PluginBuild;
use serde::{Deserialize, Serialize};

use super::Roles;

/// The standing of all plugins, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Standing(BTreeMap<String, Of>);

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Of {
    present: Option<PluginBuild>,
    last_good: Option<PluginBuild>,
    rolled_back: Option<RolledBack>,
    quarantined: Option<Quarantined>,
}

/// A file that another build stands in for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RolledBack {
    pub(super) from: PluginBuild,
    pub(super) to: PluginBuild,
    pub(super) reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Quarantined {
    digest: String,
    reason: String,
}

impl Standing {
    pub(super) fn read(note: &[u8]) -> Self {
        serde_json::from_slice(note).unwrap_or_default()
    }

    pub(super) fn written(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// What stands in for a file of this digest.
    pub(super) fn stand_in(&self, id: &str, digest: &str) -> Option<&RolledBack> {
        self.0.get(id)?.rolled_back.as_ref().filter(|rolled_back| rolled_back.from.digest == digest)
    }

    /// What a build stands in for.
    pub(super) fn stood_in_by(&self, build: &PluginBuild) -> Option<&RolledBack> {
        self.0.get(&build.id)?.rolled_back.as_ref().filter(|rolled_back| rolled_back.to == *build)
    }

    /// Takes note of what is loaded, and compares each build with the one that it replaces.
    pub(super) fn loaded(
        &mut self,
        before: &BTreeMap<String, Arc<Roles>>,
        now: &BTreeMap<String, Arc<Roles>>,
    ) {
        for (id, roles) in now {
            let of = self.0.entry(id.clone()).or_default();
            if let Some(quarantined) = &of.quarantined
                && quarantined.digest == roles.build.digest
            {
                roles.plugin.health.quarantine(&quarantined.reason);
            }
            if of.present.as_ref().is_some_and(|present| present.digest == roles.build.digest) {
                continue;
            }
            let back = of.rolled_back.as_ref().is_some_and(|back| back.to.digest == roles.build.digest);
            if !back {
                of.last_good = of.present.take();
                of.rolled_back = None;
                of.quarantined = None;
                if let Some(replaced) = before.get(id) {
                    roles.plugin.health.follows(replaced.plugin.health.rate());
                }
            }
            of.present = Some(roles.build.clone());
        }
    }

    /// Decides that the last good build stands in for the present one.
    pub(super) fn roll_back(&mut self, id: &str, reason: &str) -> Result<RolledBack, String> {
        let of = self.0.get_mut(id).ok_or_else(|| format!("no plugin {id} was ever loaded"))?;
        if let Some(back) = &of.rolled_back {
            return Err(format!(
                "{id} is rolled back already, from {} to {}",
                back.from.version, back.to.version
            ));
        }
        let (Some(from), Some(to)) = (&of.present, &of.last_good) else {
            return Err(format!("no earlier build of {id} is known"));
        };
        let back = RolledBack { from: from.clone(), to: to.clone(), reason: reason.to_owned() };
        of.rolled_back = Some(back.clone());
        Ok(back)
    }

    pub(super) fn quarantine(&mut self, build: &PluginBuild, reason: &str) {
        let quarantined = Quarantined { digest: build.digest.clone(), reason: reason.to_owned() };
        self.0.entry(build.id.clone()).or_default().quarantined = Some(quarantined);
    }

    /// Takes back whatever was decided on a plugin.
    pub(super) fn release(&mut self, id: &str) -> Result<(), String> {
        let of = self.0.get_mut(id).ok_or_else(|| format!("no plugin {id} was ever loaded"))?;
        of.rolled_back = None;
        of.quarantined = None;
        Ok(())
    }

    /// The digests of builds that may be needed again.
    pub(super) fn digests(&self) -> BTreeSet<String> {
        let builds = self.0.values().flat_map(|of| of.present.iter().chain(&of.last_good));
        builds.map(|build| build.digest.clone()).collect()
    }
}
