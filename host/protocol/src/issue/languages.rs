//! In which languages a claim comes out (OIDC Core §5.2; ADR 70).
//!
//! A name alone has the value in the best language wanted, whatever else the ID system has. Beside it stand, tagged, the
//! languages that the relying party named in `claims_locales`, and those of names that it asked for with a tag. Wanted and
//! available are matched by RFC 4647 §3.4, and a tag always is that of the language a value is in: who asked for `name#fr-CA`
//! gets `name#fr` if that is what there is.

use serde_json::{Map, Value};

use crate::word::claims_request::{base, tag};
use crate::word::locale::{is_tag, lookup};

/// The languages that claims are wanted in.
#[derive(Clone, Copy, Debug)]
pub enum Languages<'a> {
    /// `claims_locales`, best first.
    Asked(&'a [String]),
    /// The relying party did not say: the language that the person chose to read.
    OfThePage(&'a str),
}

impl<'a> Languages<'a> {
    /// Those of a request, or the one that the person reads.
    pub fn of(claims_locales: &'a [String], page: &'a str) -> Self {
        if claims_locales.is_empty() { Self::OfThePage(page) } else { Self::Asked(claims_locales) }
    }

    /// The tags, best first. Never empty.
    pub fn tags(self) -> Vec<&'a str> {
        match self {
            Self::Asked(tags) => tags.iter().map(String::as_str).collect(),
            Self::OfThePage(tag) => vec![tag],
        }
    }
}

/// The claims of `given` that are `asked` for by names with or without a tag, in the languages wanted.
pub fn choose<'n>(
    given: &Map<String, Value>,
    asked: impl Iterator<Item = &'n str>,
    languages: Languages<'_>,
) -> Map<String, Value> {
    let mut chosen = Map::new();
    for name in asked {
        let among = Among { given, base: base(name) };
        match tag(name) {
            Some(wanted) => chosen.extend(among.in_language(wanted)),
            None => among.plain(languages, &mut chosen),
        }
    }
    chosen
}

/// The values of one claim.
#[derive(Clone, Copy)]
struct Among<'a> {
    given: &'a Map<String, Value>,
    base: &'a str,
}

impl<'a> Among<'a> {
    fn tags(self) -> impl Iterator<Item = &'a str> + Clone {
        let tagged = self.given.keys().filter(move |name| base(name) == self.base);
        tagged.filter_map(|name| tag(name)).filter(|tag| is_tag(tag))
    }

    /// The value in the language that `wanted` is met by, under the name that it came by.
    fn in_language(self, wanted: &str) -> Option<(String, Value)> {
        let name = format!("{}#{}", self.base, lookup(wanted, &self.tags())?);
        self.given.get(&name).map(|value| (name, value.clone()))
    }

    fn plain(self, languages: Languages<'_>, chosen: &mut Map<String, Value>) {
        let tagged: Vec<_> =
            languages.tags().into_iter().filter_map(|wanted| self.in_language(wanted)).collect();
        let any = || self.tags().find_map(|tag| self.in_language(tag)).map(|(_, value)| value);
        let best = tagged.first().map(|(_, value)| value.clone());
        let best = best.or_else(|| self.given.get(self.base).cloned()).or_else(any);
        chosen.extend(best.map(|value| (self.base.to_owned(), value)));
        match languages {
            Languages::Asked(_) => chosen.extend(tagged),
            Languages::OfThePage(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn chosen(given: &Value, asked: &[&str], languages: Languages<'_>) -> Value {
        choose(given.as_object().expect("an object"), asked.iter().copied(), languages).into()
    }

    fn tags(tags: &[&str]) -> Vec<String> {
        tags.iter().map(|tag| (*tag).to_owned()).collect()
    }

    #[test]
    fn claims_nobody_asked_for_are_dropped() {
        let given = json!({"name": "A", "name#fr": "B", "email": "e", "names": "x"});
        assert_eq!(chosen(&given, &["name"], Languages::OfThePage("en")), json!({"name": "A"}));
        assert_eq!(chosen(&given, &["gender"], Languages::OfThePage("en")), json!({}));
    }

    #[test]
    fn without_claims_locales_a_claim_is_in_the_language_that_the_person_reads() {
        let given = json!({"name": "A", "name#fr": "B", "name#ar": "C", "birthdate": "2001-01-01"});
        let asked = ["name", "birthdate"];
        let in_french = json!({"name": "B", "birthdate": "2001-01-01"});
        assert_eq!(chosen(&given, &asked, Languages::OfThePage("fr")), in_french);
        let in_none = json!({"name": "A", "birthdate": "2001-01-01"});
        assert_eq!(chosen(&given, &asked, Languages::OfThePage("km")), in_none, "its own choice");
    }

    #[test]
    fn languages_that_were_asked_for_stand_beside_the_best_of_them() {
        let given = json!({"name": "A", "name#fr": "B", "name#ar": "C", "name#hi": "D"});
        let asked = tags(&["ar", "FR", "km"]);
        let expected = json!({"name": "C", "name#ar": "C", "name#fr": "B"});
        assert_eq!(chosen(&given, &["name"], Languages::Asked(&asked)), expected);
    }

    #[test]
    fn a_region_falls_back_to_its_language_under_the_tag_that_is_true() {
        let given = json!({"name": "A", "name#fr": "B"});
        let asked = tags(&["fr-CA"]);
        assert_eq!(chosen(&given, &["name"], Languages::Asked(&asked)), json!({"name": "B", "name#fr": "B"}));
        assert_eq!(chosen(&given, &["name#fr-CA"], Languages::OfThePage("en")), json!({"name#fr": "B"}));
    }

    #[test]
    fn a_name_with_a_tag_comes_in_that_language_only() {
        let given = json!({"name": "A", "name#fr": "B", "name#ar": "C"});
        assert_eq!(chosen(&given, &["name#ar"], Languages::OfThePage("fr")), json!({"name#ar": "C"}));
        assert_eq!(chosen(&given, &["name#km"], Languages::OfThePage("fr")), json!({}));
        let both = json!({"name": "B", "name#ar": "C"});
        assert_eq!(chosen(&given, &["name", "name#ar"], Languages::OfThePage("fr")), both);
    }

    #[test]
    fn a_claim_that_is_in_other_languages_only_is_better_than_none() {
        let given = json!({"name#am": "A", "name#<script>": "x", "name#": "y"});
        assert_eq!(chosen(&given, &["name"], Languages::OfThePage("fr")), json!({"name": "A"}));
    }
}
