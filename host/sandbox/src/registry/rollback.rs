//! Back to the last good build, by itself or by an operator's word; and how every build is now.

use std::sync::Arc;

use esignet_protocol::ports::plugin_build::PluginBuild;
use serde::Serialize;

use super::standing::Standing;
use super::{LoadReport, Reading, Registry, Roles, Source};
use crate::breaker::BreakerState;
use crate::health::Alarm;
use crate::metrics::Metrics;

/// How one build of a plugin is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PluginState {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the file.
    pub digest: String,
    /// "loaded", "draining", "quarantined" or "refused".
    pub state: &'static str,
    /// Why it is not simply loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// "closed", "open" or "half-open".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaker: Option<&'static str>,
    /// Calls since it was loaded.
    pub calls: u64,
    /// How many of them failed.
    pub failed: u64,
}

impl Registry {
    /// How everything is that is loaded, draining, quarantined or refused.
    pub fn states(&self) -> Vec<PluginState> {
        let now = self.now.load();
        let time = self.sandbox.inner.host.clock.now();
        let of = |roles: &Roles, state: &'static str, reason: Option<String>| {
            let health = &roles.plugin.health;
            let quarantined = health.quarantined();
            PluginState {
                id: roles.build.id.clone(),
                version: roles.build.version.clone(),
                digest: roles.build.digest.clone(),
                state: if quarantined.is_some() { "quarantined" } else { state },
                reason: quarantined.or(reason),
                breaker: Some(health.breaker(time).as_str()),
                calls: health.rate().calls,
                failed: health.rate().failed,
            }
        };
        let present = now.plugins.values().map(|roles| {
            let back = now.standing.stood_in_by(&roles.build);
            let reason = back.map(|back| format!("in place of {}: {}", back.from.version, back.reason));
            of(roles, "loaded", reason)
        });
        let draining = now.draining.iter().map(|roles| of(roles, "draining", None));
        let refused = now.seen.values().filter_map(|file| {
            let findings = file.outcome.as_ref().err()?;
            let rules: Vec<&str> = findings.iter().map(|finding| finding.rule.as_str()).collect();
            Some(PluginState {
                id: file.report.id.clone(),
                version: String::new(),
                digest: file.report.digest.clone().unwrap_or_default(),
                state: "refused",
                reason: Some(rules.join("; ")),
                breaker: None,
                calls: 0,
                failed: 0,
            })
        });
        present.chain(draining).chain(refused).collect()
    }

    /// The upstreams whose circuits were ever looked at, by their URLs.
    pub fn upstreams(&self) -> Vec<(String, &'static str)> {
        let time = self.sandbox.inner.host.clock.now();
        let all = self.sandbox.inner.upstreams.all();
        all.into_iter().map(|(url, breaker)| (url, breaker.state(time).as_str())).collect()
    }

    /// What was counted of the plugins.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.sandbox.inner.metrics
    }

    /// The circuit of each plugin that new logins get.
    pub(crate) fn circuits(&self) -> Vec<(String, BreakerState)> {
        let (now, time) = (self.now.load(), self.sandbox.inner.host.clock.now());
        let of = |(id, roles): (&String, &Arc<Roles>)| (id.clone(), roles.plugin.health.breaker(time));
        now.plugins.iter().map(of).collect()
    }

    /// The circuit of each upstream that a plugin may talk to, by plugin and name.
    pub(crate) fn upstream_circuits(&self) -> Vec<(String, String, BreakerState)> {
        let (now, time) = (self.now.load(), self.sandbox.inner.host.clock.now());
        let mut circuits = Vec::new();
        for (id, roles) in &now.plugins {
            for (name, upstream) in &roles.plugin.rights.upstreams {
                let breaker = self.sandbox.inner.upstreams.breaker(&upstream.url);
                circuits.push((id.clone(), name.clone(), breaker.state(time)));
            }
        }
        circuits
    }

    /// Puts the last good build of a plugin in the place of the present one, until there is another file or the plugin is
    /// released.
    pub(super) async fn roll_back(
        &self,
        source: Source<'_>,
        id: &str,
        reason: &str,
    ) -> Result<String, String> {
        let back = self.decide(|standing| standing.roll_back(id, reason)).await?;
        if self.sandbox.inner.precompiled.source(&back.to.digest).is_none() {
            self.decide(|standing| standing.release(id)).await?;
            return Err(format!("the bytes of {id} {} are not kept any more", back.to.version));
        }
        self.read(source, Reading::All).await;
        self.sandbox.inner.metrics.rollbacks.count(id);
        tracing::warn!(
            plugin = id,
            from = back.from.version,
            to = back.to.version,
            reason,
            "plugin rolled back"
        );
        Ok(format!("done: {id} is {} again instead of {}", back.to.version, back.from.version))
    }

    /// Acts on what the calls of a build came to.
    pub(super) async fn heed(
        &self,
        source: Source<'_>,
        build: &PluginBuild,
        alarm: Alarm,
    ) -> Option<LoadReport> {
        let is_present = self.now.load().plugins.get(&build.id).is_some_and(|roles| roles.build == *build);
        if !is_present {
            return None;
        }
        let reason = match alarm {
            Alarm::Worse => "it failed clearly more often than the build before it",
            Alarm::Quarantined => "it only trapped",
        };
        match self.roll_back(source, &build.id, reason).await {
            Ok(_) => Some(self.load(source).await),
            Err(refused) => {
                tracing::warn!(plugin = &*build.id, refused, "plugin not rolled back");
                if alarm == Alarm::Quarantined {
                    let quarantined = self.decide(|standing| {
                        standing.quarantine(build, reason);
                        Ok::<_, String>(())
                    });
                    // It cannot refuse.
                    let _ = quarantined.await;
                }
                None
            }
        }
    }

    /// Changes what is decided, and writes it down.
    pub(super) async fn decide<T>(
        &self,
        change: impl FnOnce(&mut Standing) -> Result<T, String>,
    ) -> Result<T, String> {
        let _turn = self.loading.lock().await;
        let before = self.now.load_full();
        let mut standing = before.standing.clone();
        let changed = change(&mut standing)?;
        self.sandbox.inner.precompiled.write_note(&standing.written());
        self.now.store(std::sync::Arc::new(before.with(standing)));
        Ok(changed)
    }
}
