//! Languages: `ui_locales` and `claims_locales` (OIDC Core §3.1.2.1, §5.2), BCP 47 tags, best first.

/// The most tags read from one parameter.
const MAX_TAGS: usize = 16;

/// Reads space-separated language tags, in order. What is no tag is ignored, as unknown languages are.
pub fn parse_list(text: &str) -> Vec<String> {
    text.split(' ').filter(|tag| is_tag(tag)).take(MAX_TAGS).map(str::to_owned).collect()
}

/// Whether the text has the shape of a BCP 47 tag.
pub fn is_tag(text: &str) -> bool {
    let subtags_hold = text
        .split('-')
        .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let begins_with_language = text.bytes().take_while(u8::is_ascii_alphabetic).count() >= 2;
    text.len() <= 35 && begins_with_language && subtags_hold
}

/// The first wanted tag that is available, by exact match or by its language alone (RFC 4647 §3.4 lookup).
pub fn best_match<'a>(wanted: impl IntoIterator<Item = &'a str>, available: &'a [String]) -> Option<&'a str> {
    wanted.into_iter().find_map(|tag| {
        let exact = available.iter().find(|candidate| candidate.eq_ignore_ascii_case(tag));
        let language = tag.split('-').next().unwrap_or(tag);
        let by_language = || available.iter().find(|candidate| candidate.eq_ignore_ascii_case(language));
        exact.or_else(by_language).map(String::as_str)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_available_language_is_found_and_unknown_ones_are_ignored() {
        let available = ["en".to_owned(), "fr".to_owned(), "pt-BR".to_owned()];
        assert_eq!(best_match(["xx", "fr-CH", "en"], &available), Some("fr"));
        assert_eq!(best_match(["PT-br"], &available), Some("pt-BR"));
        assert_eq!(best_match(["de"], &available), None);
    }

    #[test]
    fn what_is_no_tag_is_dropped() {
        assert_eq!(parse_list("en <script> fr-CA ../../x 12 a"), ["en", "fr-CA"]);
    }
}
