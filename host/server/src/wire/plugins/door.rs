//! The captcha and the notifier that the configuration names: whether they are loaded.

use esignet_protocol::ports::notices::NoticeEvent;
use esignet_protocol::ports::plugins::Plugins as _;
use esignet_sandbox::Registry;

use crate::config::Config;
use crate::config::finding::Finding;

/// A captcha that nobody can pass, and a notifier that tells nobody.
pub(super) fn unmet(config: &Config, registry: &Registry) -> Vec<Finding> {
    let absent = |place: &dyn std::fmt::Display, plugin: &str, role: &str| {
        let directory = config.plugins.directory.value.display();
        Finding::error(
            "plugin",
            place,
            format!("no plugin {plugin} with the role {role} is loaded"),
            format!(
                "put it into {directory}, or name another one; `esignet plugin list` shows what there is"
            ),
        )
    };
    let mut findings = Vec::new();
    if let Some(captcha) = &config.login.captcha
        && registry.captcha(&captcha.value.plugin).is_none()
    {
        findings.push(absent(&captcha.place, &captcha.value.plugin, "captcha"));
    }
    let Some(notifications) = &config.notifications else { return findings };
    let settings = &notifications.settings;
    match registry.wants_to_hear_of(&settings.value.plugin) {
        None => findings.push(absent(&settings.place, &settings.value.plugin, "notifier")),
        Some(wanted) => {
            let heard = |event: &&NoticeEvent| !wanted.iter().any(|wanted| wanted == event.as_str());
            let unheard: Vec<&str> =
                settings.value.events.iter().filter(heard).map(|event| event.as_str()).collect();
            if !unheard.is_empty() {
                findings.push(Finding::warning(
                    "plugin",
                    &settings.place,
                    format!(
                        "the plugin {} does not ask to be told of {}",
                        settings.value.plugin,
                        unheard.join(", ")
                    ),
                    "take it out of `events`, or see the settings of the plugin",
                ));
            }
        }
    }
    findings
}
