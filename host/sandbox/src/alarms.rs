//! What calls of plugins found out and whoever watches the directory acts on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use esignet_protocol::ports::plugin_build::PluginBuild;
use tokio::sync::Notify;

use crate::breaker::Breaker;
use crate::health::Alarm;

/// Alarms that nobody has acted on yet.
#[derive(Debug, Default)]
pub(crate) struct Alarms {
    raised: Mutex<Vec<(PluginBuild, Alarm)>>,
    pub(crate) wake: Notify,
}

impl Alarms {
    /// Takes one in, once.
    pub(crate) fn raise(&self, build: &PluginBuild, alarm: Alarm) {
        let mut raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner);
        if raised.iter().all(|(of, what)| of != build || *what != alarm) {
            raised.push((build.clone(), alarm));
        }
        self.wake.notify_one();
    }

    /// Hands out all there are.
    pub(crate) fn take(&self) -> Vec<(PluginBuild, Alarm)> {
        std::mem::take(&mut self.raised.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The breakers of upstreams, by their URLs: plugins that share a server share what is known of it, and so do builds.
#[derive(Debug, Default)]
pub(crate) struct Upstreams(Mutex<HashMap<String, Arc<Breaker>>>);

impl Upstreams {
    /// The one of a URL. There are as many as an operator names.
    pub(crate) fn breaker(&self, url: &str) -> Arc<Breaker> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(url.to_owned()).or_default())
    }

    /// All, with their URLs.
    pub(crate) fn all(&self) -> Vec<(String, Arc<Breaker>)> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().map(|(url, breaker)| (url.clone(), Arc::clone(breaker))).collect()
    }
}
