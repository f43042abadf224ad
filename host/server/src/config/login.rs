//! `[login]`: what people type to say who they are, and in which languages they read.

use esignet_protocol::policy::{CaptchaPolicy, IndividualKind};
use esignet_protocol::word::locale;

use super::captcha;
use super::finding::did_you_mean;
use super::section::{Located, Section};

/// The login pages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Login {
    /// Kinds of identifier, the usual one first; none for those that the ID system names.
    pub(crate) individual: Vec<Located<IndividualKind>>,
    /// Languages of the pages, the default first.
    pub(crate) locales: Vec<String>,
    /// The captcha, if there is one.
    pub(crate) captcha: Option<Located<CaptchaPolicy>>,
}

pub(super) fn read(section: Section<'_>) -> Login {
    let available = esignet_web::locales();
    let locales = section.texts("locales").map(|tags| chosen(&section, tags, &available));
    let sections = section.tables("individual").unwrap_or_default();
    let individual: Vec<_> = sections.into_iter().filter_map(individual_kind).collect();
    for (at, kind) in individual.iter().enumerate() {
        if individual.iter().take(at).any(|earlier| earlier.value.kind == kind.value.kind) {
            section.findings().error(
                "bad-value",
                &kind.place,
                format!("the kind \"{}\" is there twice", kind.value.kind),
                "keep one of the two [[login.individual]]",
            );
        }
    }
    let captcha = captcha::read(&section);
    section.finish();
    Login { individual, locales: locales.unwrap_or(available), captcha }
}

fn chosen(section: &Section<'_>, tags: Vec<Located<String>>, available: &[String]) -> Vec<String> {
    if tags.is_empty() {
        section.findings().error(
            "bad-value",
            &section.place_of("locales"),
            "`login.locales` names no language",
            format!("choose of: {}; or remove the key to have all", available.join(", ")),
        );
    }
    let known = tags.into_iter().filter_map(|tag| {
        if available.contains(&tag.value) {
            return Some(tag.value);
        }
        let meant = did_you_mean(&tag.value, available.iter().map(String::as_str));
        let meant = meant.map_or_else(String::new, |tag| format!("did you mean \"{tag}\"? "));
        section.findings().error(
            "bad-value",
            &tag.place,
            format!("there are no pages in \"{}\"", tag.value),
            format!("{meant}choose of: {}", available.join(", ")),
        );
        None
    });
    known.collect()
}

fn individual_kind(section: Section<'_>) -> Option<Located<IndividualKind>> {
    let kind = section.required_text("kind", "\"uin\"");
    let label = section.words("label");
    let max_length = usize::try_from(section.number("max_length", 1..=128, 64)).unwrap_or(64);
    let digits = section.flag("digits", false);
    let place = section.place().clone();
    if let Some(kind) = &kind
        && (kind.value.is_empty()
            || !kind.value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)))
    {
        section.findings().error(
            "bad-value",
            &kind.place,
            "a kind of identifier is a word of letters, digits, - and _",
            "use the word of the ID system, such as \"uin\"; `esignet plugin list` shows it",
        );
    }
    debug_assert!(label.keys().all(|tag| locale::is_tag(tag)), "words() lets only tags through");
    section.finish();
    Some(Located { value: IndividualKind { kind: kind?.value, label, max_length, digits }, place })
}
