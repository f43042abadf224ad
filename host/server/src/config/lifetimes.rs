//! `[lifetimes]`: how long things last.

use esignet_protocol::policy::{DAY, Lifetimes};

use super::section::Section;

pub(super) fn read(section: Section<'_>) -> Lifetimes {
    let default = Lifetimes::default();
    let lifetimes = Lifetimes {
        // RFC 9126 §2.2 leaves it to the server; FAPI 2.0 SP §5.3.2.2 wants less than 600.
        pushed_request: section.number("pushed_request_seconds", 5..=599, default.pushed_request),
        before_authentication: section.number(
            "before_authentication_seconds",
            30..=1_800,
            default.before_authentication,
        ),
        after_authentication: section.number(
            "after_authentication_seconds",
            30..=1_800,
            default.after_authentication,
        ),
        // FAPI 2.0 SP §5.3.2.1: at most 60.
        code: section.number("code_seconds", 5..=60, default.code),
        access_token: section.number("access_token_seconds", 30..=3_600, default.access_token),
        consent: DAY * section.number("consent_days", 0..=3_650, default.consent / DAY),
        consent_history: DAY
            * section.number("consent_history_days", 1..=36_500, default.consent_history / DAY),
    };
    section.finish();
    lifetimes
}
