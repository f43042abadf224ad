//! `[keys]`: the one secret that every other key is derived from, and how signing keys turn.

use std::path::PathBuf;

use esignet_jose::algorithm::Algorithm;
use esignet_protocol::client::Profile;
use esignet_protocol::keys::KeyPolicy;
use esignet_protocol::policy::Lifetimes;

use super::section::{Located, Section};
use super::server::Server;
use super::store::{Store, StoreUrl};

/// The most keys of one algorithm that may be published at a time.
const MOST_PUBLISHED: u64 = 400;

/// Where the master key is, and how signing keys turn.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    /// A file with 32 random bytes in base64url, for the server's user alone. `None` makes a key for this process only.
    pub(crate) master_key_file: Option<PathBuf>,
    /// What keys there are and how they turn.
    pub(crate) policy: KeyPolicy,
}

/// What other sections say about keys.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) server: Option<&'a Server>,
    pub(super) store: Option<&'a Store>,
    pub(super) lifetimes: &'a Lifetimes,
}

pub(super) fn read(section: Section<'_>, around: Around<'_>) -> Keys {
    let needed = around.store.is_some_and(|store| store.url != StoreUrl::Memory);
    if needed && !section.has("master_key_file") {
        section.findings().error(
            "missing-key",
            section.place(),
            "`master_key_file` is missing in [keys]",
            "add master_key_file = \"master.key\"; the file is made when the store is new. Keep a copy: without it \
             the store cannot be read",
        );
    }
    let master_key_file = section.path("master_key_file").map(|path| path.value);
    let default = KeyPolicy::default();
    let policy = KeyPolicy {
        algorithms: algorithms(&section, around.server.map(|server| server.profile_floor)),
        rotate_every: section.number("rotate_every_seconds", 1..=63_072_000, default.rotate_every),
        jwks_max_age: section.number("jwks_max_age_seconds", 1..=86_400, default.jwks_max_age),
        poll_every: section.number("poll_seconds", 1..=300, default.poll_every),
        clock_skew: section.number("clock_skew_seconds", 0..=300, default.clock_skew),
        publish_ahead: section.number("publish_ahead_seconds", 0..=2_592_000, default.publish_ahead),
        longest_life: KeyPolicy::longest_life(around.lifetimes),
    };
    let published = policy.published_at_a_time();
    if published > MOST_PUBLISHED {
        section.findings().error(
            "out-of-range",
            &section.place_of("rotate_every_seconds"),
            format!("{published} keys of each algorithm would be published at a time"),
            "raise rotate_every_seconds, or lower publish_ahead_seconds or jwks_max_age_seconds; many relying parties take \
             no more than 20 keys",
        );
    }
    section.finish();
    Keys { master_key_file, policy }
}

fn algorithms(section: &Section<'_>, floor: Option<Profile>) -> Vec<Algorithm> {
    let Some(texts) = section.texts("algorithms") else { return KeyPolicy::default().algorithms };
    let mut algorithms = Vec::new();
    for text in &texts {
        match algorithm(text, floor, &algorithms) {
            Ok(algorithm) => algorithms.push(algorithm),
            Err((problem, fix)) => section.findings().error("bad-value", &text.place, problem, fix),
        }
    }
    if !algorithms.contains(&Algorithm::Es256) {
        section.findings().error(
            "bad-value",
            &section.place_of("algorithms"),
            "`keys.algorithms` is without ES256",
            "add \"ES256\": it signs access tokens, and id_tokens for all who registered nothing else",
        );
    }
    algorithms
}

fn algorithm(
    text: &Located<String>,
    floor: Option<Profile>,
    before: &[Algorithm],
) -> Result<Algorithm, (String, String)> {
    let name = &text.value;
    let Ok(algorithm) = name.parse::<Algorithm>() else {
        let fix = format!("choose of: {}", Algorithm::ALL.map(Algorithm::as_str).join(", "));
        return Err((format!("`keys.algorithms` cannot have \"{name}\""), fix));
    };
    if before.contains(&algorithm) {
        return Err((format!("\"{name}\" stands twice in `keys.algorithms`"), "write it once".to_owned()));
    }
    // FAPI 2.0 SP §5.4.1 and `protocol.md` 4.
    if algorithm == Algorithm::Rs256 && floor.is_some_and(|floor| floor > Profile::Interop) {
        return Err((
            "RS256 is for the profile interop only".to_owned(),
            "use \"PS256\", or set profile_floor = \"interop\" in [server] if relying parties cannot do better"
                .to_owned(),
        ));
    }
    Ok(algorithm)
}
