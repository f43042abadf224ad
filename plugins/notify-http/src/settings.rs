//! The plugin's own settings from the operator's file.

use std::collections::BTreeMap;

use esignet_sdk::prelude::*;
use serde_json::{Map, Value, json};

use crate::template;

/// What a person reads, by language.
pub(crate) type Words = BTreeMap<String, String>;

/// The settings.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) path: String,
    pub(crate) method: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
    pub(crate) words: BTreeMap<String, Words>,
    pub(crate) told_already: Vec<u16>,
}

impl Settings {
    /// Reads and checks them.
    pub(crate) fn from_config() -> Result<Self, Failure> {
        let settings = Self {
            path: config::required("path")?,
            method: config::parse_or("method", "POST".to_owned())?,
            headers: config::parse("headers")?.unwrap_or_else(usual_headers),
            // A `Value` would take the setting for one string.
            body: config::parse::<Map<String, Value>>("body")?.map_or_else(usual_body, Value::Object),
            words: config::required("words")?,
            told_already: config::parse_or("told-already", vec![409])?,
        };
        settings.checked()
    }

    /// Refuses what would fail for every notice.
    pub(crate) fn checked(self) -> Result<Self, Failure> {
        let wrong = |key: &str, what: &str| {
            Failure::misconfigured(format!("the plugin's config key `{key}`: {what}"))
        };
        if !self.path.starts_with('/') {
            return Err(wrong("path", "it begins with a slash"));
        }
        if !["POST", "PUT"].contains(&self.method.as_str()) {
            return Err(wrong("method", "it is POST or PUT"));
        }
        if self.words.is_empty() {
            return Err(wrong("words", "it names no event; add one, such as signed-in = { en = \"…\" }"));
        }
        for (event, words) in &self.words {
            if words.is_empty() {
                return Err(wrong("words", &format!("{event} has no text in any language")));
            }
            for text in words.values() {
                template::check(text, false).map_err(|what| wrong("words", &what))?;
            }
        }
        template::check(&self.path, true).map_err(|what| wrong("path", &what))?;
        for value in self.headers.values() {
            template::check(value, true).map_err(|what| wrong("headers", &what))?;
        }
        check_all(&self.body).map_err(|what| wrong("body", &what))?;
        Ok(self)
    }

    /// What a person reads of an event: in their language, in a broader one (`pt` for `pt-BR`), in English, or in the first.
    pub(crate) fn words_for(&self, event: &str, locale: &str) -> Option<&str> {
        let words = self.words.get(event)?;
        let broader = locale.split('-').next().unwrap_or_default();
        let chosen = [locale, broader, "en"].into_iter().find_map(|tag| words.get(tag));
        chosen.or_else(|| words.values().next()).map(String::as_str)
    }
}

fn usual_headers() -> BTreeMap<String, String> {
    [("idempotency-key".to_owned(), "{id}".to_owned())].into()
}

fn usual_body() -> Value {
    json!({
        "id": "{id}", "event": "{event}", "at": "{at}", "subject": "{subject}", "locale": "{locale}",
        "client": "{client}", "relying_party": "{relying-party}", "text": "{words}",
    })
}

fn check_all(body: &Value) -> Result<(), String> {
    match body {
        Value::String(text) => template::check(text, true),
        Value::Array(items) => items.iter().try_for_each(check_all),
        Value::Object(members) => members.values().try_for_each(check_all),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn settings() -> Settings {
        let words = [("en", "Hello {subject}"), ("fr", "Bonjour")];
        let words = words.into_iter().map(|(tag, text)| (tag.to_owned(), text.to_owned())).collect();
        Settings {
            path: "/v1/{client}".to_owned(),
            method: "POST".to_owned(),
            headers: usual_headers(),
            body: usual_body(),
            words: [("signed-in".to_owned(), words)].into(),
            told_already: vec![409],
        }
    }

    #[test]
    fn words_are_in_the_language_of_the_person_or_the_next_best() {
        let settings = settings();
        let said = |locale| settings.words_for("signed-in", locale);
        assert_eq!(said("fr"), Some("Bonjour"));
        assert_eq!(said("fr-CA"), Some("Bonjour"));
        assert_eq!(said("sw"), Some("Hello {subject}"));
        assert_eq!(settings.words_for("consent-given", "en"), None);
    }

    #[test]
    fn what_would_fail_for_every_notice_keeps_the_plugin_from_loading() {
        assert!(settings().checked().is_ok());
        let refused = |change: &dyn Fn(&mut Settings)| {
            let mut settings = settings();
            change(&mut settings);
            let Err(Failure::Misconfigured(text)) = settings.checked() else { panic!("it was taken") };
            text
        };
        assert!(refused(&|settings| settings.path = "v1".to_owned()).contains("`path`"));
        assert!(refused(&|settings| settings.method = "GET".to_owned()).contains("`method`"));
        assert!(refused(&|settings| settings.words.clear()).contains("`words`"));
        assert!(refused(&|settings| settings.body = json!({ "a": ["{nonsense}"] })).contains("nonsense"));
        let own_words = |settings: &mut Settings| {
            settings.words.insert("x".to_owned(), [("en".to_owned(), "{words}".to_owned())].into());
        };
        assert!(refused(&own_words).contains("{words}"));
    }
}
