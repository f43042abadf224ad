//! The string form of a distinguished name (RFC 4514 §3).

use super::{Attribute, DistinguishedNameError, MAX_ATTRIBUTES, RelativeName, Value, attribute};

/// Reads the relative names from the first to the last.
pub(super) fn relative_names(text: &str) -> Result<Vec<RelativeName>, DistinguishedNameError> {
    let mut rest = text.trim_start_matches(' ');
    if rest.is_empty() {
        return Err(DistinguishedNameError::Empty);
    }
    let mut names = Vec::new();
    let mut name = Vec::new();
    for _ in 0..MAX_ATTRIBUTES {
        let (kind, after) = rest.split_once('=').ok_or(DistinguishedNameError::UnknownAttribute)?;
        let kind =
            attribute::identifier(kind.trim_matches(' ')).ok_or(DistinguishedNameError::UnknownAttribute)?;
        let raw = value(after.trim_start_matches(' '))?;
        let value = match raw.octets {
            Octets::Hexadecimal(octets) => {
                Value::from_ber(&octets, &kind).ok_or(DistinguishedNameError::NotHexadecimal)?
            }
            Octets::Text(octets) => {
                let text = String::from_utf8(octets).map_err(|_| DistinguishedNameError::NotUtf8)?;
                Value::text(&text, &kind)
            }
        };
        name.push(Attribute { kind, value });
        rest = raw.rest;
        if raw.end != Some('+') {
            names.push(name.drain(..).collect());
        }
        if raw.end.is_none() {
            return Ok(names);
        }
    }
    Err(DistinguishedNameError::TooLong)
}

/// What was read of one value.
struct RawValue<'a> {
    octets: Octets,
    /// The separator behind the value; `None` at the end of the text.
    end: Option<char>,
    rest: &'a str,
}

enum Octets {
    /// The UTF-8 of the characters, escapes resolved, not yet checked.
    Text(Vec<u8>),
    /// A value in BER.
    Hexadecimal(Vec<u8>),
}

/// Reads a value up to the separator behind it.
fn value(text: &str) -> Result<RawValue<'_>, DistinguishedNameError> {
    if let Some(digits) = text.strip_prefix('#') {
        let length = digits.find([',', '+']).unwrap_or(digits.len());
        let (digits, rest) = digits.split_at_checked(length).ok_or(DistinguishedNameError::NotHexadecimal)?;
        let octets =
            hexadecimal(digits.trim_end_matches(' ')).ok_or(DistinguishedNameError::NotHexadecimal)?;
        let mut rest = rest.chars();
        return Ok(RawValue { octets: Octets::Hexadecimal(octets), end: rest.next(), rest: rest.as_str() });
    }
    let mut octets = Vec::new();
    // How much of it stays when the white space at the end goes: escaped white space was meant.
    let mut meant = 0;
    let mut rest = text.chars();
    let end = loop {
        match rest.next() {
            end @ (None | Some(',' | '+')) => break end,
            Some('\\') => {
                octets.extend_from_slice(&escaped(&mut rest)?);
                meant = octets.len();
            }
            // RFC 4514 §3: these stand escaped or not at all.
            Some('"' | ';' | '<' | '>' | '\0') => return Err(DistinguishedNameError::Escape),
            Some(plain) => {
                octets.extend_from_slice(plain.encode_utf8(&mut [0; 4]).as_bytes());
                if plain != ' ' {
                    meant = octets.len();
                }
            }
        }
    };
    octets.truncate(meant);
    Ok(RawValue { octets: Octets::Text(octets), end, rest: rest.as_str() })
}

/// Resolves what stands behind a backslash: a special character, or two digits that are one octet (RFC 4514 §3, `pair`).
fn escaped(rest: &mut std::str::Chars<'_>) -> Result<Vec<u8>, DistinguishedNameError> {
    let first = rest.next().ok_or(DistinguishedNameError::Escape)?;
    if matches!(first, '\\' | '"' | '+' | ',' | ';' | '<' | '>' | ' ' | '#' | '=') {
        return Ok(vec![u8::try_from(first).map_err(|_| DistinguishedNameError::Escape)?]);
    }
    let second = rest.next().ok_or(DistinguishedNameError::Escape)?;
    hexadecimal(&String::from_iter([first, second])).ok_or(DistinguishedNameError::Escape)
}

/// At least one octet in pairs of hexadecimal digits.
fn hexadecimal(digits: &str) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return None };
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let octets: Vec<u8> =
        pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect::<Option<_>>()?;
    (!octets.is_empty()).then_some(octets)
}
