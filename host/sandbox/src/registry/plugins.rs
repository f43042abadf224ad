//! The [`Plugins`] that the core asks, of whatever is loaded now.

use std::sync::Arc;

use esignet_protocol::ports::audit::AuditSink;
use esignet_protocol::ports::captcha::Captcha;
use esignet_protocol::ports::key_binder::KeyBinder;
use esignet_protocol::ports::plugin_build::PluginBuild;
use esignet_protocol::ports::plugins::{AuthFactor, IdSystem, Plugins};

use super::Registry;

impl Plugins for Registry {
    fn id_system(&self) -> Option<Arc<dyn IdSystem>> {
        let id_system = self.now.load().id_system.clone();
        id_system.filter(|id_system| id_system.is_offered()).map(|id_system| id_system as Arc<dyn IdSystem>)
    }

    fn id_system_by(&self, plugin: &str) -> Option<Arc<dyn IdSystem>> {
        let id_system = self.now.load().plugins.get(plugin).and_then(|roles| roles.id_system.clone());
        id_system.filter(|id_system| id_system.is_offered()).map(|id_system| id_system as Arc<dyn IdSystem>)
    }

    fn factor(&self, factor: &str) -> Option<Arc<dyn AuthFactor>> {
        let factor = self.now.load().factors.get(factor).cloned();
        factor.filter(|factor| factor.is_offered()).map(|factor| factor as Arc<dyn AuthFactor>)
    }

    fn id_system_of(&self, begun: &PluginBuild) -> Option<Arc<dyn IdSystem>> {
        let now = self.now.load();
        if let Some(id_system) = now.build(begun).and_then(|roles| roles.id_system.clone()) {
            return Some(id_system);
        }
        self.id_system_by(&begun.id).filter(|present| stands_in(begun, &present.build()))
    }

    fn factor_of(&self, factor: &str, begun: &PluginBuild) -> Option<Arc<dyn AuthFactor>> {
        let now = self.now.load();
        let pinned = now.build(begun).and_then(|roles| roles.factor.clone());
        if let Some(pinned) = pinned.filter(|pinned| pinned.word() == factor) {
            return Some(pinned);
        }
        self.factor(factor).filter(|present| stands_in(begun, &present.build()))
    }

    fn captcha(&self, plugin: &str) -> Option<Arc<dyn Captcha>> {
        let captcha = self.now.load().plugins.get(plugin)?.captcha.clone();
        captcha.filter(|captcha| captcha.is_offered()).map(|captcha| captcha as Arc<dyn Captcha>)
    }

    fn captcha_of(&self, begun: &PluginBuild) -> Option<Arc<dyn Captcha>> {
        let pinned = self.now.load().build(begun).and_then(|roles| roles.captcha.clone());
        match pinned {
            Some(pinned) => Some(pinned),
            None => self.captcha(&begun.id).filter(|present| stands_in(begun, &present.build())),
        }
    }

    fn offers_still(&self, factor: &str, begun: &PluginBuild) -> bool {
        let now = self.now.load();
        match now.build(begun).and_then(|roles| roles.factor.as_ref()) {
            Some(pinned) => pinned.is_offered(),
            None => self.factor_of(factor, begun).is_some(),
        }
    }

    fn audit_sink(&self, id: &str) -> Option<Arc<dyn AuditSink>> {
        let sink = self.now.load().plugins.get(id).and_then(|roles| roles.audit_sink.clone());
        sink.map(|sink| sink as Arc<dyn AuditSink>)
    }

    fn key_binder(&self, id: &str) -> Option<Arc<dyn KeyBinder>> {
        let binder = self.now.load().plugins.get(id).and_then(|roles| roles.key_binder.clone());
        binder.filter(|binder| binder.is_offered()).map(|binder| binder as Arc<dyn KeyBinder>)
    }

    fn key_binder_of(&self, begun: &PluginBuild) -> Option<Arc<dyn KeyBinder>> {
        let pinned = self.now.load().build(begun).and_then(|roles| roles.key_binder.clone());
        if let Some(pinned) = pinned {
            return Some(pinned);
        }
        self.key_binder(&begun.id).filter(|present| stands_in(begun, &present.build()))
    }
}

/// Whether a login goes on with another build than the one it began with, which the operator should know of.
fn stands_in(begun: &PluginBuild, present: &PluginBuild) -> bool {
    let can = begun.can_go_on_with(present);
    let (plugin, begun_with, version) = (&*begun.id, &*begun.version, &*present.version);
    tracing::info!(
        plugin,
        begun_with,
        present = version,
        goes_on = can,
        "a login's build of a plugin is gone"
    );
    can
}
