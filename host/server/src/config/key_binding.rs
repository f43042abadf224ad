//! `[key_binding]`: the plugin that binds keys of wallets to people, and when it may. Off unless `plugin` is there.

use esignet_protocol::policy;
use esignet_protocol::word::acr::Acr;

use super::document::Place;
use super::section::Section;

/// The binding of keys.
#[derive(Clone, Debug)]
pub(crate) struct KeyBinding {
    /// As the core takes it.
    pub(crate) terms: policy::KeyBinding,
    /// Where the plugin is named.
    pub(crate) place: Place,
}

pub(super) fn read(section: Section<'_>) -> Option<KeyBinding> {
    let is_meant = section.entries().next().is_some();
    let plugin = section.text("plugin");
    let max_login_age = section.number("max_login_age_seconds", 10..=3_600, 300);
    let acr_values = section.texts("acr_values").unwrap_or_default();
    let bindings_per_person_per_hour = section.number("bindings_per_person_per_hour", 1..=1_000, 10);
    if is_meant && !section.has("plugin") {
        section.findings().error(
            "missing-key",
            section.place(),
            "`plugin` is missing in [key_binding]",
            "name the plugin that binds keys by its id, or remove the section: without it no keys are bound",
        );
    }
    section.finish();
    let plugin = plugin?;
    let acr_values = acr_values.into_iter().map(|acr| Acr(acr.value)).collect();
    let terms =
        policy::KeyBinding { plugin: plugin.value, max_login_age, acr_values, bindings_per_person_per_hour };
    Some(KeyBinding { terms, place: plugin.place })
}
