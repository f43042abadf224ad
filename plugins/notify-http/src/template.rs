//! Texts with placeholders in braces.

use std::fmt::Write as _;

/// The placeholders that there are, but for `{fact.NAME}`.
const NAMES: [&str; 8] = ["id", "event", "at", "subject", "locale", "client", "relying-party", "words"];
/// How a further fact of the event is named.
const FACT: &str = "fact.";

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// The pieces of a text; a brace that is not closed is text.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        pieces.push(Piece::Text(before));
        pieces.push(Piece::Name(name));
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// Refuses a text that names what there is not.
pub(crate) fn check(text: &str, with_words: bool) -> Result<(), String> {
    for piece in pieces(text) {
        let Piece::Name(name) = piece else { continue };
        let known = NAMES.contains(&name) || name.strip_prefix(FACT).is_some_and(|fact| !fact.is_empty());
        if !known || (name == "words" && !with_words) {
            let all = NAMES.map(|name| format!("{{{name}}}")).join(", ");
            return Err(format!("{{{name}}} cannot stand there; there are {all} and {{fact.NAME}}"));
        }
    }
    Ok(())
}

/// The text with values in place of names.
pub(crate) fn filled(text: &str, value: impl Fn(&str) -> String) -> String {
    let piece = |piece| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Name(name) => value(name),
    };
    pieces(text).into_iter().map(piece).collect()
}

/// Percent-encoded for a segment of a path (RFC 3986 §2.3: what is unreserved stays).
pub(crate) fn encoded(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_values_and_braces_that_are_not_closed_stay() {
        let value = |name: &str| format!("<{name}>");
        assert_eq!(filled("a {id} b {fact.x}{", value), "a <id> b <fact.x>{");
        assert_eq!(filled("", value), "");
    }

    #[test]
    fn a_value_is_never_a_template_itself() {
        assert_eq!(filled("{id}", |_| "{subject}".to_owned()), "{subject}");
    }

    #[test]
    fn a_name_that_is_not_there_is_told_with_those_that_are() {
        let told = check("{sub}", true).unwrap_err();
        assert!(told.contains("{sub}") && told.contains("{subject}"), "{told}");
        assert!(check("{fact.}", true).is_err());
        assert!(check("{fact.acr} {words}", true).is_ok());
        assert!(check("{words}", false).is_err());
    }

    #[test]
    fn a_value_cannot_leave_its_segment_of_a_path() {
        assert_eq!(encoded("../a?b=é"), "..%2Fa%3Fb%3D%C3%A9");
    }
}
