//! Limits on what comes back from a plugin, before anything else of the host sees it.

use esignet_protocol::identity_assurance::VERIFIED_CLAIMS;

use crate::failure::Breach;

/// The most bytes of a factor's state: a login has to fit into one record of every store, the smallest of which takes
/// 16 KB, and may hold a state for each factor.
pub(crate) const STATE_BYTES: usize = 2 * 1024;
/// The most bytes of an ID system's continuation.
pub(crate) const CONTINUATION_BYTES: usize = 4 * 1024;
/// The most bytes of a form, written as the record it becomes part of.
pub(crate) const FORM_BYTES: usize = 5 * 1024;
/// The most bytes of claims, for the same reason.
const CLAIMS_BYTES: usize = 10 * 1024;

/// Refuses what is longer than `max`.
pub(crate) fn at_most(what: &str, length: usize, max: usize) -> Result<(), Breach> {
    if length > max { Err(Breach(format!("{what} has {length}, at most {max} are allowed"))) } else { Ok(()) }
}

/// Opaque bytes.
pub(crate) fn bytes(what: &str, bytes: Vec<u8>, max: usize) -> Result<Vec<u8>, Breach> {
    at_most(what, bytes.len(), max)?;
    Ok(bytes)
}

/// A word of an open vocabulary: visible ASCII without quotes, angle brackets and backslashes, not empty.
pub(crate) fn word(what: &str, word: String, max: usize) -> Result<String, Breach> {
    at_most(what, word.len(), max)?;
    let allowed = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'<' | b'>' | b'\\');
    if word.is_empty() || !word.bytes().all(allowed) {
        return Err(Breach(format!("{what} is not a word")));
    }
    Ok(word)
}

/// Words, at most `count` of them.
pub(crate) fn words(what: &str, words: Vec<String>, count: usize, max: usize) -> Result<Vec<String>, Breach> {
    at_most(what, words.len(), count)?;
    words.into_iter().map(|w| word(what, w, max)).collect()
}

/// Text for people: what would steer a terminal or turn the writing direction is taken out.
pub(crate) fn text(what: &str, text: &str, max: usize) -> Result<String, Breach> {
    at_most(what, text.len(), max)?;
    Ok(text.chars().filter(|c| !steers(*c)).collect())
}

/// Text for the log: cleaned, and cut to `max` characters.
pub(crate) fn cut(text: &str, max: usize) -> String {
    text.chars().filter(|c| !steers(*c)).take(max).collect()
}

/// Control characters, line and paragraph separators, and direction overrides.
pub(crate) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The deepest that a claim is nested, and that what is verified is: the evidence that an assurance process refers to is
/// nine levels below it.
const CLAIM_DEPTH: usize = 7;
const VERIFIED_DEPTH: usize = 12;

/// Claims as the ID system wrote them: an object of at most 10 KiB, and eight levels but for `verified_claims`.
pub(crate) fn claims(text: &str) -> Result<serde_json::Map<String, serde_json::Value>, Breach> {
    at_most("the claims", text.len(), CLAIMS_BYTES)?;
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|_| Breach("the claims are not JSON".to_owned()))?;
    let serde_json::Value::Object(claims) = value else {
        return Err(Breach("the claims are not a JSON object".to_owned()));
    };
    let most = |name: &str| if name == VERIFIED_CLAIMS { VERIFIED_DEPTH } else { CLAIM_DEPTH };
    if let Some((name, _)) = claims.iter().find(|(name, value)| depth(value) > most(name)) {
        // The name is the plugin's own: it is not repeated.
        let what = if name == VERIFIED_CLAIMS { "what is verified is" } else { "the claims are" };
        return Err(Breach(format!("{what} nested too deep")));
    }
    Ok(claims)
}

// The parser stops at 128 levels, which bounds this recursion.
fn depth(value: &serde_json::Value) -> usize {
    use serde_json::Value::{Array, Bool, Null, Number, Object, String};
    match value {
        Null | Bool(_) | Number(_) | String(_) => 0,
        Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_visible_ascii_without_what_markup_is_made_of() {
        assert!(word("w", "https://claims.example/x#fr".into(), 64).is_ok());
        for bad in ["", "a b", "a\n", "<b>", "a\"b", "é", "a\\b"] {
            assert!(word("w", bad.into(), 64).is_err(), "{bad:?} passed");
        }
        assert!(word("w", "x".repeat(65), 64).is_err());
    }

    #[test]
    fn text_for_people_loses_control_characters_and_keeps_its_script() {
        assert_eq!(text("t", "ab\u{1b}[31m\r\nc\u{202e}", 64).unwrap(), "ab[31mc");
        assert_eq!(text("t", "መግቢያ ቁጥር", 64).unwrap(), "መግቢያ ቁጥር");
        assert!(text("t", &"x".repeat(1025), 1024).is_err());
    }

    #[test]
    fn claims_are_an_object_of_bounded_size_and_depth() {
        assert!(claims(r#"{"name":"A","address":{"a":[{"b":1}]}}"#).is_ok());
        assert!(claims("[]").is_err());
        assert!(claims("{").is_err());
        let nested =
            |levels: usize| format!("{{\"a\":{}1{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert!(claims(&nested(8)).is_ok());
        assert!(claims(&nested(9)).is_err());
        assert!(claims(&nested(5000)).is_err());
        let verified = |levels: usize| nested(levels).replacen('a', VERIFIED_CLAIMS, 1);
        assert!(claims(&verified(VERIFIED_DEPTH)).is_ok());
        assert!(claims(&verified(VERIFIED_DEPTH + 2)).is_err());
        assert!(claims(&format!("{{\"a\":\"{}\"}}", "x".repeat(CLAIMS_BYTES))).is_err());
    }
}
