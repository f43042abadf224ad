//! The words of a message, in the person's language: the operator's, else ours.

use std::collections::BTreeMap;

use super::template::Template;

/// What a message says, for each of the languages of the login pages.
const TEXTS: [(&str, &str); 3] = [
    ("en", "{code} is your code to sign in. It is good for {minutes} minutes. Never tell it to anybody."),
    ("fr", "{code} est votre code de connexion. Il est valable {minutes} minutes. Ne le donnez à personne."),
    ("ar", "{code} هو رمز الدخول الخاص بك. صلاحيته {minutes} دقائق. لا تعطه لأحد."),
];
/// What an email is headed by.
const SUBJECTS: [(&str, &str); 3] =
    [("en", "Your code to sign in"), ("fr", "Votre code de connexion"), ("ar", "رمز الدخول الخاص بك")];
/// What a text may name.
const NAMES: [&str; 2] = ["code", "minutes"];

/// Texts by language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Texts(BTreeMap<String, Template>);

impl Texts {
    /// What messages say; the error names the language.
    pub(crate) fn of_messages(written: &BTreeMap<String, String>) -> Result<Self, (String, String)> {
        let texts = Self::over(&TEXTS, written)?;
        match texts.0.iter().find(|(_, text)| !text.names("code")) {
            Some((language, _)) => {
                Err((language.clone(), "it does not tell the code; add {code}".to_owned()))
            }
            None => Ok(texts),
        }
    }

    /// What emails are headed by. A subject is seen on locked screens, and tells no code.
    pub(crate) fn of_subjects(written: &BTreeMap<String, String>) -> Result<Self, (String, String)> {
        let texts = Self::over(&SUBJECTS, written)?;
        let unfit = |(language, text): (&String, &String)| {
            let names_code = texts.0.get(language).is_some_and(|text| text.names("code"));
            (names_code || text.chars().any(char::is_control)).then(|| language.clone())
        };
        match written.iter().find_map(unfit) {
            Some(language) => Err((language, "a subject is one line without {code}".to_owned())),
            None => Ok(texts),
        }
    }

    fn over(ours: &[(&str, &str)], written: &BTreeMap<String, String>) -> Result<Self, (String, String)> {
        let mut texts = BTreeMap::new();
        let ours = ours.iter().map(|(language, text)| ((*language).to_owned(), (*text).to_owned()));
        for (language, text) in ours.chain(written.iter().map(|(l, t)| (l.clone(), t.clone()))) {
            let template = Template::parse(&text, &NAMES).map_err(|problem| (language.clone(), problem))?;
            texts.insert(language, template);
        }
        Ok(Self(texts))
    }

    /// The text for somebody who reads a language (BCP 47): in it, without its region, or in English.
    pub(crate) fn fill(&self, locale: &str, code: &str, minutes: &str) -> String {
        let language = locale.split('-').next().unwrap_or(locale);
        let text = [locale, language, "en"].into_iter().find_map(|language| self.0.get(language));
        text.map(|text| text.fill(&|name| if name == "code" { code } else { minutes })).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(written: &[(&str, &str)]) -> Result<Texts, (String, String)> {
        Texts::of_messages(&written.iter().map(|(l, t)| ((*l).to_owned(), (*t).to_owned())).collect())
    }

    #[test]
    fn a_person_reads_their_language_or_english() {
        let texts = texts(&[("fr-CA", "Code : {code}"), ("am", "{code} የእርስዎ ኮድ ነው")]).unwrap();
        for (locale, begins) in [
            ("fr-CA", "Code : 123456"),
            ("fr", "123456 est"),
            ("fr-SN", "123456 est"),
            ("am", "123456 የእርስዎ"),
            ("ar", "123456 هو"),
            ("hi", "123456 is your code"),
        ] {
            let said = texts.fill(locale, "123456", "5");
            assert!(said.starts_with(begins), "{locale}: {said}");
        }
        assert!(texts.fill("en", "1", "5").contains("5 minutes"));
    }

    #[test]
    fn a_text_without_the_code_and_a_subject_with_it_are_refused() {
        assert_eq!(texts(&[("fr", "Bonjour")]).unwrap_err().0, "fr");
        let subject = |text: &str| Texts::of_subjects(&[("en".to_owned(), text.to_owned())].into());
        assert!(subject("{code}").is_err() && subject("a\r\nbcc: x").is_err() && subject("Sign in").is_ok());
    }
}
