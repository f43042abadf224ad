//! `[login.captcha]`: what stands before whatever is done with an identifier, and who meets it.

use esignet_protocol::policy::{CaptchaPolicy, CaptchaWhen};

use super::section::{Located, Section};

/// How many attempts an identifier has before a captcha, when the operator says nothing.
const ATTEMPTS: u32 = 3;
/// How many challenges a login has, likewise.
const CHALLENGES: u32 = 10;

#[derive(Clone, Copy)]
enum When {
    Always,
    AfterAttempts,
}

/// The captcha, if the section is there.
pub(super) fn read(login: &Section<'_>) -> Option<Located<CaptchaPolicy>> {
    let is_there = login.has("captcha");
    let section = login.section("captcha");
    if !is_there {
        return None;
    }
    let small = |key, most: u64, usual: u32| {
        u32::try_from(section.number(key, 1..=most, u64::from(usual))).unwrap_or(usual)
    };
    let plugin = section.required_text("plugin", "\"captcha-question\"");
    let choices = [("always", When::Always), ("after-attempts", When::AfterAttempts)];
    let attempts = small("attempts", 1_000, ATTEMPTS);
    let when = match section.choice("when", &choices, When::Always) {
        When::Always => CaptchaWhen::Always,
        When::AfterAttempts => CaptchaWhen::AfterAttempts(attempts),
    };
    if section.has("attempts") && when == CaptchaWhen::Always {
        section.findings().error(
            "bad-value",
            &section.place_of("attempts"),
            "`login.captcha.attempts` has no meaning while everybody meets the captcha",
            "set when = \"after-attempts\", or remove the key",
        );
    }
    let challenges_per_login = small("challenges_per_login", 100, CHALLENGES);
    section.finish();
    let plugin = plugin?;
    let policy = CaptchaPolicy { plugin: plugin.value, when, challenges_per_login };
    Some(Located { value: policy, place: plugin.place })
}
