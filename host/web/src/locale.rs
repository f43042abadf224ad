//! The words of the pages: Fluent catalogues, built into the binary, read once.
//!
//! A language is one row in `SOURCES` and one directory under `locales/`; a test holds all directories to the same keys.
//! Whatever comes from outside goes into a sentence isolated, so that its direction cannot spill (Unicode TR 9 §2.4).

use std::borrow::Cow;
use std::sync::LazyLock;

use esignet_protocol::ports::plugins::Message;
use esignet_protocol::word::locale::best_match;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

use crate::page::text::plain;

/// The longest text of a plugin that is shown, in characters.
const MAX_PLUGIN_TEXT: usize = 500;

struct Source {
    tag: &'static str,
    rtl: bool,
    files: [&'static str; 3],
}

macro_rules! source {
    ($tag:literal, $rtl:literal) => {
        Source {
            tag: $tag,
            rtl: $rtl,
            files: [
                include_str!(concat!("locales/", $tag, "/pages.ftl")),
                include_str!(concat!("locales/", $tag, "/claims.ftl")),
                include_str!(concat!("locales/", $tag, "/problems.ftl")),
            ],
        }
    };
}

/// The languages there are, the default first.
const SOURCES: [Source; 3] = [source!("en", false), source!("fr", false), source!("ar", true)];

struct Language {
    tag: &'static str,
    rtl: bool,
    bundle: FluentBundle<FluentResource>,
}

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| SOURCES.iter().map(Language::read).collect());
static TAGS: LazyLock<Vec<String>> = LazyLock::new(locales);

impl Language {
    fn read(source: &Source) -> Self {
        let identifier: LanguageIdentifier = source.tag.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
        // Values are isolated by `Arg::Text`; numbers need no isolation and read better without.
        bundle.set_use_isolating(false);
        for file in source.files {
            // What does not parse is left out; the tests below find it before anybody else does.
            let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        Self { tag: source.tag, rtl: source.rtl, bundle }
    }

    fn format<'a>(&'a self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<Cow<'a, str>> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, args, &mut errors);
        errors.is_empty().then_some(text)
    }
}

/// The languages that pages exist in, the default first, as BCP 47 tags.
pub fn locales() -> Vec<String> {
    SOURCES.iter().map(|source| source.tag.to_owned()).collect()
}

/// A value for a placeholder.
#[derive(Clone, Copy)]
pub(crate) enum Arg<'a> {
    /// Text from outside: cleaned and isolated.
    Text(&'a str),
    /// Text of the catalogue itself.
    Word(&'a str),
    /// A number that plural forms may depend on.
    Count(u64),
}

/// The words of one language, falling back to the default language.
#[derive(Clone, Copy)]
pub(crate) struct Words {
    language: Option<&'static Language>,
}

impl Words {
    /// The words of the best language for `tag`, or of the default one.
    pub(crate) fn of(tag: &str) -> Self {
        Self::first_of([tag])
    }

    /// The words of the first wanted language that exists, or of the default one.
    pub(crate) fn first_of<'a>(wanted: impl IntoIterator<Item = &'a str>) -> Self {
        let best = best_match(wanted, &TAGS);
        let found = best.and_then(|tag| LANGUAGES.iter().find(|language| language.tag == tag));
        Self { language: found.or_else(|| LANGUAGES.first()) }
    }

    /// The value of `lang`.
    pub(crate) fn lang(self) -> &'static str {
        self.language.map_or("en", |language| language.tag)
    }

    /// The value of `dir`.
    pub(crate) fn dir(self) -> &'static str {
        if self.language.is_some_and(|language| language.rtl) { "rtl" } else { "ltr" }
    }

    /// The entry for `key`; the key itself if there is none, which a test rules out for our own keys.
    pub(crate) fn t(self, key: &str) -> Cow<'static, str> {
        self.entry(key, None).unwrap_or_else(|| Cow::Owned(key.to_owned()))
    }

    /// The entry for `key` with its placeholders filled.
    pub(crate) fn with(self, key: &str, args: &[(&str, Arg<'_>)]) -> Cow<'static, str> {
        let mut values = FluentArgs::new();
        for (name, arg) in args {
            match arg {
                Arg::Text(text) => values.set((*name).to_owned(), isolated(text)),
                Arg::Word(text) => values.set((*name).to_owned(), (*text).to_owned()),
                Arg::Count(count) => values.set((*name).to_owned(), *count),
            }
        }
        self.entry(key, Some(&values)).unwrap_or_else(|| Cow::Owned(key.to_owned()))
    }

    /// The entry for `key`, if there is one here or in the default language.
    pub(crate) fn find(self, key: &str) -> Option<Cow<'static, str>> {
        self.entry(key, None)
    }

    /// The words for a plugin's message: our entry for its key, else the plugin's own text. Never markup.
    pub(crate) fn message(self, message: &Message) -> String {
        let mut args = FluentArgs::new();
        for argument in &message.arguments {
            match canonical_number(&argument.value) {
                Some(number) => args.set(argument.name.clone(), number),
                None => args.set(argument.name.clone(), isolated(&argument.value)),
            }
        }
        match self.entry(&message.key, Some(&args)) {
            Some(text) => text.into_owned(),
            None => plain(&message.text, MAX_PLUGIN_TEXT),
        }
    }

    fn entry(self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<Cow<'static, str>> {
        let own = self.language.and_then(|language| language.format(key, args));
        own.or_else(|| LANGUAGES.first().and_then(|language| language.format(key, args)))
    }
}

/// The text between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE.
fn isolated(text: &str) -> String {
    format!("\u{2068}{}\u{2069}", plain(text, MAX_PLUGIN_TEXT))
}

/// A number, if printing it again gives the same text: "007" is a name, not a number.
fn canonical_number(text: &str) -> Option<u64> {
    text.parse::<u64>().ok().filter(|number| text.len() <= 9 && number.to_string() == text)
}

#[cfg(test)]
mod tests;
