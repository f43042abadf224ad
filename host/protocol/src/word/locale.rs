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

/// The first wanted tag that is available, by RFC 4647 §3.4 (lookup): as it stands, then shortened from its end, so that
/// `fr-CA` is met by `fr` and `zh-Hant-TW` by `zh-Hant`. Tags have no case (RFC 5646 §2.1.1).
pub fn best_match<'a>(wanted: impl IntoIterator<Item = &'a str>, available: &'a [String]) -> Option<&'a str> {
    wanted.into_iter().find_map(|tag| lookup(tag, &available.iter().map(String::as_str)))
}

/// The available tag that one wanted tag is met by (RFC 4647 §3.4).
pub fn lookup<'a>(wanted: &str, available: &(impl Iterator<Item = &'a str> + Clone)) -> Option<&'a str> {
    let mut range = wanted;
    loop {
        if let Some(found) = available.clone().find(|candidate| candidate.eq_ignore_ascii_case(range)) {
            return Some(found);
        }
        range = shortened(range)?;
    }
}

/// A range without its last subtag, and without the single letter that introduced it.
fn shortened(range: &str) -> Option<&str> {
    let (shorter, _) = range.rsplit_once('-')?;
    match shorter.rsplit_once('-') {
        Some((head, last)) if last.len() == 1 => Some(head),
        Some(_) | None => Some(shorter),
    }
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
        assert_eq!(best_match(["pt"], &available), None, "a wider tag is not met by a narrower one");
    }

    #[test]
    fn a_tag_is_shortened_from_its_end_until_it_is_available() {
        let available = ["zh".to_owned(), "zh-Hant".to_owned(), "de".to_owned()];
        assert_eq!(best_match(["zh-Hant-TW"], &available), Some("zh-Hant"));
        assert_eq!(best_match(["zh-Hans-CN"], &available), Some("zh"));
        // RFC 4647 §3.4: a single letter goes with what it introduced.
        assert_eq!(best_match(["de-CH-x-private"], &available), Some("de"));
        assert_eq!(best_match(["fr-CA", "de"], &available), Some("de"), "the next wanted one");
    }

    #[test]
    fn what_is_no_tag_is_dropped() {
        assert_eq!(parse_list("en <script> fr-CA ../../x 12 a"), ["en", "fr-CA"]);
    }
}
