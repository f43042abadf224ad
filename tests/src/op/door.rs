//! What stands at the door of a provider in process: a captcha before a login, a notifier behind it.

use std::time::Duration;

use esignet_protocol::policy::{CaptchaPolicy, CaptchaWhen};
use esignet_sandbox::NoticeSettings;

use super::setup::Setup;
use crate::artifacts;

/// The challenges of one login.
pub const CHALLENGES: u32 = 5;

impl Setup {
    /// With a captcha of the plugins that are shipped.
    #[must_use]
    pub fn captcha(self, plugin: &str, when: CaptchaWhen) -> Self {
        self.shipped(plugin).meets_captcha(plugin, when)
    }

    /// With a component of the tests.
    #[must_use]
    pub fn test_component(self, name: &str) -> Self {
        self.plugin(name, artifacts::test_component(name))
    }

    /// With a captcha that is there already, or that a test puts there.
    #[must_use]
    pub fn meets_captcha(mut self, plugin: &str, when: CaptchaWhen) -> Self {
        self.captcha =
            Some(CaptchaPolicy { plugin: plugin.to_owned(), when, challenges_per_login: CHALLENGES });
        self
    }

    /// With a captcha and a notifier that misbehave.
    #[must_use]
    pub fn misbehaving_door(self, behaviour: &str) -> Self {
        self.plugin("misbehaving-door", artifacts::test_component("misbehaving-door"))
            .config("misbehaving-door", "behaviour", behaviour)
            .meets_captcha("misbehaving-door", CaptchaWhen::Always)
            .notices("misbehaving-door", |_| {})
    }

    /// With people being told by a plugin that is there, with short pauses between two tries.
    #[must_use]
    pub fn notices(mut self, plugin: &str, change: impl FnOnce(&mut NoticeSettings)) -> Self {
        let first_pause = Duration::from_millis(10);
        let mut settings =
            NoticeSettings { plugin: plugin.to_owned(), first_pause, ..NoticeSettings::default() };
        change(&mut settings);
        self.notices = Some(settings);
        self
    }
}
