//! `[plugins] require_signatures`, `signatures_needed`, `[plugins.publishers.…]` and `[plugins.revoked]`: who may sign
//! plugins, and what is no longer taken.

use std::path::PathBuf;

use esignet_sandbox::signature::minisign::PublicKey;
use esignet_sandbox::signature::{IdPattern, Publisher, Revoked, Trust, facts};

use super::Weakening;
use super::section::{Located, Section};

/// The most publishers that can be asked for.
const MOST_NEEDED: u64 = 16;

/// Who may sign plugins.
#[derive(Clone, Debug)]
pub(crate) struct Signatures {
    /// What of it the configuration says. The file of what is revoked is not read yet.
    pub(crate) trust: Trust,
    /// Lines of digests and keys that are no longer taken.
    pub(crate) revoked_file: Option<Located<PathBuf>>,
}

/// Reads what `[plugins]` says of signatures; the plugins' own sections say which version is the oldest.
pub(super) fn read(section: &Section<'_>, weakenings: &mut Vec<Weakening>) -> Signatures {
    let required = section.flag("require_signatures", true);
    if !required {
        weakenings.push(Weakening {
            key: "plugins.require_signatures".to_owned(),
            meaning: "plugins need no signature: whoever can write to their directory decides who logs in",
        });
    }
    let needed = section.number("signatures_needed", 1..=MOST_NEEDED, 1);
    let needed = usize::try_from(needed).unwrap_or(usize::MAX);
    let named = section.section("publishers");
    let publishers: Vec<Publisher> =
        named.named_sections().into_iter().filter_map(|(name, section)| publisher(name, section)).collect();
    refuse_shared_keys(&named, &publishers);
    named.finish_but(super::plugins::is_table);
    if required && !publishers.is_empty() && publishers.len() < needed {
        let problem = format!("{needed} publishers must sign a plugin, and there are {}", publishers.len());
        let fix = "name more in [plugins.publishers.NAME], or lower signatures_needed";
        section.findings().error("bad-value", &section.place_of("signatures_needed"), problem, fix);
    }
    let (revoked, revoked_file) = revoked(section.section("revoked"));
    let trust = Trust { required, needed, publishers, revoked, ..Trust::default() };
    Signatures { trust, revoked_file }
}

fn publisher(name: &str, section: Section<'_>) -> Option<Publisher> {
    let one = section.text("public_key");
    let several = section.texts("public_keys");
    if one.is_none() && several.is_none() {
        let problem = format!("`public_key` is missing in {}", section.title());
        let fix = "add public_key = \"RW…\", the second line of the publisher's .pub file; public_keys = [\"RW…\", \"RW…\"] \
                   while they change it";
        section.findings().error("missing-key", section.place(), problem, fix);
    }
    let texts: Vec<_> = one.into_iter().chain(several.into_iter().flatten()).collect();
    let keys: Option<Vec<PublicKey>> = texts.iter().map(|text| key(&section, text)).collect();
    let plugins = section.texts("plugins").map(|patterns| {
        patterns.iter().filter_map(|pattern| self::pattern(&section, pattern)).collect::<Vec<_>>()
    });
    section.finish();
    Some(Publisher { name: name.to_owned(), keys: keys.filter(|keys| !keys.is_empty())?, plugins })
}

fn key(section: &Section<'_>, text: &Located<String>) -> Option<PublicKey> {
    let parsed = PublicKey::parse(&text.value);
    parsed
        .map_err(|error| {
            let fix = "copy the second line of the publisher's .pub file";
            section.findings().error("bad-value", &text.place, error.to_string(), fix);
        })
        .ok()
}

fn pattern(section: &Section<'_>, text: &Located<String>) -> Option<IdPattern> {
    let parsed = IdPattern::parse(&text.value);
    if parsed.is_none() {
        let problem = format!("\"{}\" is no id of plugins", text.value);
        let fix = "write an id, or its beginning up to a dot or a hyphen and `*`, such as \"xx.country.*\"";
        section.findings().error("bad-value", &text.place, problem, fix);
    }
    parsed
}

/// Under two names it would count as two publishers.
fn refuse_shared_keys(section: &Section<'_>, publishers: &[Publisher]) {
    let mut seen: Vec<(&str, &PublicKey)> = Vec::new();
    for publisher in publishers {
        for key in &publisher.keys {
            if let Some((other, _)) =
                seen.iter().find(|(other, known)| known.is_same_key(key) && *other != publisher.name)
            {
                let problem =
                    format!("{other} and {} have the same key, so they are one publisher", publisher.name);
                let fix = "remove one of the two sections";
                section.findings().error("bad-value", &section.place_of(&publisher.name), problem, fix);
            }
            seen.push((&publisher.name, key));
        }
    }
}

fn revoked(section: Section<'_>) -> (Revoked, Option<Located<PathBuf>>) {
    let mut revoked = Revoked::default();
    for text in section.texts("digests").unwrap_or_default() {
        if let Some(digest) = facts::digest(&text.value) {
            revoked.digests.insert(digest.to_owned());
        } else {
            let problem = format!("\"{}\" is no digest", text.value);
            let fix = "write \"sha256:\" and 64 hexadecimal digits in lower case, as `esignet plugin list --json` does";
            section.findings().error("bad-value", &text.place, problem, fix);
        }
    }
    for text in section.texts("keys").unwrap_or_default() {
        revoked.keys.extend(key(&section, &text));
    }
    let file = section.path("file");
    section.finish();
    (revoked, file)
}
