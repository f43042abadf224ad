//! Which claims are released, and in which languages (OIDC Core §5.2).

use std::collections::{BTreeMap, BTreeSet};

use esignet_sdk::prelude::*;

use crate::people::Person;

/// Every claim the register has.
pub(crate) const NAMES: [&str; 10] = [
    "name",
    "given_name",
    "family_name",
    "gender",
    "birthdate",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "address",
];

/// The language of a claim when nobody asked for one.
const DEFAULT_LANGUAGE: &str = "en";

/// The languages that somebody's claims are in.
pub(crate) fn languages(people: &BTreeMap<String, Person>) -> Vec<String> {
    let languages = people.values().flat_map(|person| person.words.keys());
    languages.collect::<BTreeSet<_>>().into_iter().cloned().collect()
}

/// Which claims there are about a person.
pub(crate) fn available(person: &Person) -> Vec<ClaimStatus> {
    let status = |name: &str| ClaimStatus {
        claim: name.to_owned(),
        available: person.claim(name, std::iter::empty()).is_some(),
        verified: person.verified.iter().any(|verified| verified.claims.iter().any(|claim| claim == name)),
        attributes: Vec::new(),
    };
    NAMES.into_iter().map(status).collect()
}

/// The claims named, as far as there are any. A claim that has words comes untagged in the best language that is there, and
/// once more in each of the `languages` wanted, tagged with the language it is in. A name that carries a language
/// (`name#fr`) is answered in that one.
pub(crate) fn release(person: &Person, names: &[String], languages: &[String]) -> Claims {
    let mut released = Claims::new();
    let wanted: Vec<String> = languages.iter().map(|language| primary(language)).collect();
    for name in names {
        if let Some((base, language)) = name.split_once('#') {
            release_tagged(person, base, language, &mut released);
            continue;
        }
        let best = wanted.iter().map(String::as_str).chain([DEFAULT_LANGUAGE]);
        if let Some(value) = person.claim(name, best) {
            released.insert(name.clone(), value.clone());
        }
        for language in languages {
            release_tagged(person, name, language, &mut released);
        }
    }
    released
}

/// Adds the claim in one language, under the tag of that language: who asked for `fr-CA` gets `fr`.
fn release_tagged(person: &Person, name: &str, language: &str, released: &mut Claims) {
    let language = primary(language);
    if let Some(value) = person.words.get(&language).and_then(|words| words.get(name)) {
        released.insert(format!("{name}#{language}"), value.clone());
    }
}

/// The `fr` of `fr-CA` or `FR`, which is what our people have words in.
fn primary(language: &str) -> String {
    language.split('-').next().unwrap_or(language).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::people;

    fn amina(names: &[&str], languages: &[&str]) -> Value {
        let person = people::all(None).unwrap().remove("2053718694").unwrap();
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        Value::Object(release(&person, &owned(names), &owned(languages)))
    }

    #[test]
    fn the_languages_are_those_of_all_people() {
        assert_eq!(languages(&people::all(None).unwrap()), ["am", "ar", "en", "fr", "hi"]);
    }

    #[test]
    fn only_what_was_asked_for_is_released() {
        assert_eq!(amina(&["birthdate"], &[]), json!({ "birthdate": "1991-04-17" }));
        assert_eq!(amina(&[], &["fr"]), json!({}));
    }

    #[test]
    fn without_wanted_languages_a_claim_is_untagged_in_the_default_language() {
        assert_eq!(amina(&["gender"], &[]), json!({ "gender": "female" }));
    }

    #[test]
    fn wanted_languages_come_tagged_beside_the_best_of_them() {
        assert_eq!(
            amina(&["gender", "birthdate"], &["fr", "ar", "xx"]),
            json!({ "gender": "femme", "gender#fr": "femme", "gender#ar": "أنثى", "birthdate": "1991-04-17" })
        );
    }

    #[test]
    fn a_language_with_a_region_is_answered_in_the_language_that_there_is() {
        assert_eq!(amina(&["gender"], &["fr-CA"]), json!({ "gender": "femme", "gender#fr": "femme" }));
        assert_eq!(amina(&["gender"], &["FR"]), json!({ "gender": "femme", "gender#fr": "femme" }));
    }

    #[test]
    fn a_name_that_carries_a_language_is_answered_in_that_one_only() {
        assert_eq!(amina(&["name#ar"], &[]), json!({ "name#ar": "أمينة بنعلي" }));
        assert_eq!(amina(&["name#xx"], &["fr"]), json!({}));
    }

    #[test]
    fn a_claim_the_register_lacks_is_left_out_and_said_to_be_unavailable() {
        let person = people::all(None).unwrap().remove("6948150372").unwrap();
        assert!(release(&person, &["email".to_owned(), "nickname".to_owned()], &[]).is_empty());
        let lacking: Vec<_> = available(&person)
            .into_iter()
            .filter(|status| !status.available)
            .map(|status| status.claim)
            .collect();
        assert_eq!(lacking, ["email", "email_verified", "address"]);
    }
}
