//! Request parameters as they come: urlencoded pairs, each name at most once, all within bounds
//! (RFC 6749 §3.1 and §3.2, `protocol.md` 8 and 53).

use std::collections::BTreeMap;

/// The largest request body or query, in bytes.
pub const MAX_TOTAL: usize = 16 * 1024;
/// The largest value that has no bound of its own, in bytes.
pub const MAX_VALUE: usize = 2 * 1024;
/// The most parameters in one request.
pub const MAX_COUNT: usize = 64;
/// Parameters that carry JWTs and may be larger than [`MAX_VALUE`].
const LARGE: &[(&str, usize)] = &[
    ("client_assertion", 8 * 1024),
    ("id_token_hint", 8 * 1024),
    ("claims", 8 * 1024),
    ("request", 12 * 1024),
    ("token", 8 * 1024),
];

/// The parameters of one request. Values may be credentials: `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Parameters(BTreeMap<String, String>);

/// Why a body or query is refused as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParametersError {
    /// A name stands twice.
    #[error("a parameter is given more than once")]
    Duplicate,
    /// More than [`MAX_TOTAL`] bytes, [`MAX_COUNT`] names, or a value over its bound.
    #[error("the request or one of its values is too large")]
    TooLarge,
    /// Not UTF-8 after decoding, or a control character in a value that is no white space.
    #[error("a parameter is not well-formed text")]
    Malformed,
}

impl Parameters {
    /// Parses `application/x-www-form-urlencoded` bytes. Empty values count as absent (RFC 6749 §3.1).
    pub fn parse(bytes: &[u8]) -> Result<Self, ParametersError> {
        if bytes.len() > MAX_TOTAL {
            return Err(ParametersError::TooLarge);
        }
        let mut seen = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(bytes) {
            check(&name, &value, seen.len())?;
            if seen.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(ParametersError::Duplicate);
            }
        }
        seen.retain(|_, value| !value.is_empty());
        Ok(Self(seen))
    }

    /// Takes pairs that came in another form, as the claims of a request object; the same bounds hold.
    pub fn collect(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, ParametersError> {
        let mut seen = BTreeMap::new();
        for (name, value) in pairs {
            check(&name, &value, seen.len())?;
            if seen.insert(name, value).is_some() {
                return Err(ParametersError::Duplicate);
            }
        }
        seen.retain(|_, value| !value.is_empty());
        Ok(Self(seen))
    }

    /// The value of a parameter, if it was given and is not empty.
    pub fn one(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether a parameter was given.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Every parameter whose name begins with `prefix`, with the rest of the name.
    pub fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }
}

impl std::fmt::Debug for Parameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Whether one more parameter is well formed and within bounds.
fn check(name: &str, value: &str, before: usize) -> Result<(), ParametersError> {
    if name.contains('\u{fffd}') || value.contains('\u{fffd}') || value.chars().any(is_forbidden) {
        return Err(ParametersError::Malformed);
    }
    if value.len() > bound(name) || before >= MAX_COUNT {
        return Err(ParametersError::TooLarge);
    }
    Ok(())
}

/// Control characters other than those of pasted text: pretty-printed JSON has lines, a copied code may have a tab.
/// Whoever puts a value into a line of something else refuses those as well.
fn is_forbidden(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\r' | '\n')
}

fn bound(name: &str) -> usize {
    LARGE.iter().find(|(large, _)| *large == name).map_or(MAX_VALUE, |(_, bound)| *bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_given_twice_is_refused_even_with_the_same_value() {
        assert_eq!(Parameters::parse(b"a=1&b=2&a=1").err(), Some(ParametersError::Duplicate));
        assert_eq!(Parameters::parse(b"a=&a=1").err(), Some(ParametersError::Duplicate));
    }

    #[test]
    fn sizes_are_bounded() {
        let long = format!("state={}", "x".repeat(MAX_VALUE + 1));
        assert_eq!(Parameters::parse(long.as_bytes()).err(), Some(ParametersError::TooLarge));
        let many = (0..=MAX_COUNT).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        assert_eq!(Parameters::parse(many.as_bytes()).err(), Some(ParametersError::TooLarge));
        assert_eq!(Parameters::parse(&vec![b'a'; MAX_TOTAL + 1]).err(), Some(ParametersError::TooLarge));
        let assertion = format!("client_assertion={}", "x".repeat(MAX_VALUE + 1));
        assert!(Parameters::parse(assertion.as_bytes()).is_ok());
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        for bad in [&b"a=%ff"[..], b"a=%1b%5b31m", b"a=%00", b"%ff=1"] {
            assert_eq!(Parameters::parse(bad).err(), Some(ParametersError::Malformed));
        }
    }

    #[test]
    fn an_empty_value_counts_as_absent_and_values_do_not_print() {
        let parameters = Parameters::parse(b"code=secret-value&state=").expect("well formed");
        assert_eq!(parameters.one("code"), Some("secret-value"));
        assert!(!parameters.has("state"));
        assert!(!format!("{parameters:?}").contains("secret-value"));
    }
}
