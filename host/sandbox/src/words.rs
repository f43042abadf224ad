//! A plugin's words for people, in the languages of its manifest.

use std::collections::BTreeMap;

use esignet_protocol::ports::plugins::Message;
use esignet_protocol::word::locale::best_match;

/// Words in one person's language.
#[derive(Clone, Copy)]
pub(crate) struct InLocale<'a> {
    pub(crate) words: &'a Words,
    pub(crate) locale: &'a str,
}

impl InLocale<'_> {
    /// The message with the manifest's text for its key in the person's language, if it has one.
    pub(crate) fn told(self, message: Message) -> Message {
        self.words.told(message, self.locale)
    }
}

/// The texts of a manifest: language → key → text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    texts: BTreeMap<String, BTreeMap<String, String>>,
    locales: Vec<String>,
}

impl Words {
    pub(crate) fn new(texts: BTreeMap<String, BTreeMap<String, String>>) -> Self {
        let locales = texts.keys().cloned().collect();
        Self { texts, locales }
    }

    fn told(&self, mut message: Message, locale: &str) -> Message {
        let best = best_match([locale], &self.locales).and_then(|best| self.texts.get(best));
        if let Some(text) = best.and_then(|texts| texts.get(&message.key)) {
            message.text = filled(text, &message);
        }
        message
    }
}

/// The text with the arguments in their places; a name in braces that is no argument stays as it stands.
fn filled(text: &str, message: &Message) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let argument = behind.split_once('}').and_then(|(name, behind)| {
            let argument = message.arguments.iter().find(|argument| argument.name == name)?;
            Some((argument.value.as_str(), behind))
        });
        if let Some((value, behind)) = argument {
            filled.push_str(value);
            rest = behind;
        } else {
            filled.push('{');
            rest = behind;
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use esignet_protocol::ports::plugins::Attribute;

    use super::*;

    fn words() -> Words {
        let text = |text: &str| BTreeMap::from([("hint".to_owned(), text.to_owned())]);
        Words::new(BTreeMap::from([
            ("en".to_owned(), text("A code of {length} digits, {unknown} {")),
            ("fr".to_owned(), text("Un code de {length} chiffres")),
        ]))
    }

    fn told(locale: &str) -> String {
        let argument = Attribute { name: "length".to_owned(), value: "{6}".to_owned() };
        let message = Message {
            key: "hint".to_owned(),
            text: "as the plugin says".to_owned(),
            arguments: vec![argument],
        };
        words().told(message, locale).text
    }

    #[test]
    fn a_message_is_told_in_the_persons_language_where_the_manifest_has_it() {
        assert_eq!(told("fr-CA"), "Un code de {6} chiffres");
        assert_eq!(told("en"), "A code of {6} digits, {unknown} {");
        assert_eq!(told("am"), "as the plugin says");
    }

    #[test]
    fn a_key_without_a_text_keeps_the_plugins() {
        let message = Message { key: "other".to_owned(), text: "said".to_owned(), arguments: Vec::new() };
        assert_eq!(words().told(message, "fr").text, "said");
    }
}
