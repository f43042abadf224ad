//! `[bounds]`: how often things may happen.

use esignet_protocol::policy::Bounds;

use super::Weakening;
use super::section::Section;

/// More codes an hour than anybody asks for by themselves.
const MANY_OTPS: u64 = 100;

pub(super) fn read(section: Section<'_>, weakenings: &mut Vec<Weakening>) -> Bounds {
    let default = Bounds::default();
    let small =
        |key, default: u32| u32::try_from(section.number(key, 1..=20, u64::from(default))).unwrap_or(default);
    let bounds = Bounds {
        pushed_requests_per_minute: section.number(
            "pushed_requests_per_minute",
            1..=10_000_000,
            default.pushed_requests_per_minute,
        ),
        logins_per_request: small("logins_per_request", default.logins_per_request),
        identifiers_per_login: small("identifiers_per_login", default.identifiers_per_login),
        failures_per_login: small("failures_per_login", default.failures_per_login),
        failures_per_individual_per_hour: section.number(
            "failures_per_individual_per_hour",
            1..=100,
            default.failures_per_individual_per_hour,
        ),
        otps_per_individual_per_hour: section.number(
            "otps_per_individual_per_hour",
            1..=10_000_000,
            default.otps_per_individual_per_hour,
        ),
    };
    if bounds.otps_per_individual_per_hour > MANY_OTPS {
        weakenings.push(Weakening {
            key: "bounds.otps_per_individual_per_hour".to_owned(),
            meaning: "a person can be flooded with codes by whoever knows their identifier",
        });
    }
    section.finish();
    bounds
}
