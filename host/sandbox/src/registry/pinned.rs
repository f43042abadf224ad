//! Builds that were replaced and that logins under way are still held to.
//!
//! A login ends on the build that it began with. What is replaced is therefore kept for as long as a login may last, and
//! no more than [`KEPT`] builds of one plugin: whoever swaps faster than that costs the oldest logins their pin, not the
//! server its memory. A login whose build is gone goes on with the present one where they are compatible.

use std::collections::BTreeMap;
use std::sync::Arc;

use esignet_protocol::ports::plugin_build::PluginBuild;
use esignet_protocol::word::time::Timestamp;

use super::Roles;

/// The most builds of one plugin that are kept besides the present one.
const KEPT: usize = 8;

/// What was replaced, the latest last.
#[derive(Clone, Default)]
pub(super) struct Draining(Vec<Drained>);

#[derive(Clone)]
struct Drained {
    roles: Arc<Roles>,
    until: Timestamp,
}

impl Draining {
    /// What is left of this after a swap: what was present and is not any more comes in, what nobody can be held to any
    /// more goes out.
    pub(super) fn after(
        &self,
        before: &BTreeMap<String, Arc<Roles>>,
        present: &BTreeMap<String, Arc<Roles>>,
        now: Timestamp,
        until: Timestamp,
    ) -> Self {
        let is_present =
            |build: &PluginBuild| present.get(&build.id).is_some_and(|roles| roles.build == *build);
        let replaced = before.values().map(|roles| Drained { roles: Arc::clone(roles), until });
        let mut kept: Vec<Drained> = Vec::new();
        for drained in self.0.iter().cloned().chain(replaced) {
            // The same build twice is one that came back and went again: its later end counts.
            kept.retain(|other| other.roles.build != drained.roles.build);
            if drained.until > now && !is_present(&drained.roles.build) {
                kept.push(drained);
            }
        }
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        kept.reverse();
        kept.retain(|drained| {
            let count = count.entry(drained.roles.build.id.clone()).or_default();
            *count += 1;
            *count <= KEPT
        });
        kept.reverse();
        Self(kept)
    }

    /// What is left of this of builds that are still let in.
    pub(super) fn of_those(&self, is_let_in: impl Fn(&Roles) -> bool) -> Self {
        Self(self.0.iter().filter(|drained| is_let_in(&drained.roles)).cloned().collect())
    }

    /// The build that is kept under this id and digest.
    pub(super) fn find(&self, build: &PluginBuild) -> Option<&Arc<Roles>> {
        self.0.iter().map(|drained| &drained.roles).find(|roles| roles.is(build))
    }

    /// Whether something has been kept long enough.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.0.iter().any(|drained| drained.until <= now)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Roles>> {
        self.0.iter().map(|drained| &drained.roles)
    }
}
