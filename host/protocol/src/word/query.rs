//! The parameters of a request that a browser brings: those that stand once, and which ones stand twice
//! (RFC 6749 §3.1, §4.1.2.1).
//!
//! A request that names a registered redirect URI is answered there, even if another parameter is repeated; so here a
//! repetition does not refuse the whole, as it does where a client calls itself ([`Parameters::parse`]).

use std::collections::BTreeSet;

use super::parameters::{MAX_TOTAL, Parameters, ParametersError};

/// The parameters of a query or a form.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Those that stand once.
    pub parameters: Parameters,
    /// The names of those that stand twice or more; none of their values counts.
    pub repeated: BTreeSet<String>,
}

impl Query {
    /// Parses `application/x-www-form-urlencoded` bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParametersError> {
        if bytes.len() > MAX_TOTAL {
            return Err(ParametersError::TooLarge);
        }
        let (mut seen, mut repeated) = (BTreeSet::new(), BTreeSet::new());
        for (name, _) in form_urlencoded::parse(bytes) {
            if !seen.insert(name.clone().into_owned()) {
                repeated.insert(name.into_owned());
            }
        }
        let once = form_urlencoded::parse(bytes)
            .filter(|(name, _)| !repeated.contains(name.as_ref()))
            .map(|(name, value)| (name.into_owned(), value.into_owned()));
        Ok(Self { parameters: Parameters::collect(once)?, repeated })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_of_a_repeated_parameter_counts() {
        let query = Query::parse(b"client_id=rp&scope=openid&scope=profile&state=s").expect("parses");
        assert_eq!(query.parameters.one("client_id"), Some("rp"));
        assert_eq!(query.parameters.one("scope"), None);
        assert_eq!(query.repeated.iter().map(String::as_str).collect::<Vec<_>>(), ["scope"]);
    }

    #[test]
    fn the_bounds_of_parameters_hold() {
        let long = format!("state={}", "x".repeat(super::super::parameters::MAX_VALUE + 1));
        assert_eq!(Query::parse(long.as_bytes()).err(), Some(ParametersError::TooLarge));
        assert_eq!(Query::parse(&vec![b'a'; MAX_TOTAL + 1]).err(), Some(ParametersError::TooLarge));
        assert_eq!(Query::parse(b"a=%ff").err(), Some(ParametersError::Malformed));
    }
}
