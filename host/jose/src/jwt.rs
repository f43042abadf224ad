//! Typed readers for JWT claims: a wrong type is an error and never "absent" (RFC 7519 §4.1).
//!
//! A library once skipped `exp` and `nbf` when they were strings (CVE-2026-25537). Here a claim is
//! absent only when the member is absent; `null` is a wrong type like any other.

use serde_json::{Map, Value};

/// The claims of a JWT, the members of its payload.
pub type Claims = Map<String, Value>;

/// The largest time that is read: 2⁵³ − 1, the last integer that every JSON reader agrees on
/// (RFC 7493 §2.2). A caller can add durations to it without overflow.
pub const MAX_NUMERIC_DATE: u64 = (1 << 53) - 1;

/// Why a claim cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// The member is present with another JSON type than the specification gives it.
    #[error("the claim `{claim}` does not have the type that its specification gives it")]
    WrongType {
        /// The name of the claim.
        claim: &'static str,
    },
    /// The member is absent and was required.
    #[error("the required claim `{claim}` is missing")]
    Missing {
        /// The name of the claim.
        claim: &'static str,
    },
    /// The number is negative or larger than [`MAX_NUMERIC_DATE`].
    #[error("the claim `{claim}` is a number outside of the range of times")]
    OutOfRange {
        /// The name of the claim.
        claim: &'static str,
    },
}

/// The value of `aud` (RFC 7519 §4.1.3), in the form in which it was written.
///
/// FAPI 2.0 SP §5.3.2.1 accepts a single string only, so the form matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience<'a> {
    /// One string.
    One(&'a str),
    /// An array of strings, also when it has one element or none.
    Several(Vec<&'a str>),
}

impl Audience<'_> {
    /// Whether the audience names this recipient, in either form.
    pub fn names(&self, recipient: &str) -> bool {
        match self {
            Self::One(audience) => *audience == recipient,
            Self::Several(audiences) => audiences.contains(&recipient),
        }
    }
}

/// Reads a string claim.
pub fn string<'a>(claims: &'a Claims, claim: &'static str) -> Result<Option<&'a str>, ClaimError> {
    claims.get(claim).map(|value| value.as_str().ok_or(ClaimError::WrongType { claim })).transpose()
}

/// Reads a string claim that must be present.
pub fn required_string<'a>(claims: &'a Claims, claim: &'static str) -> Result<&'a str, ClaimError> {
    string(claims, claim)?.ok_or(ClaimError::Missing { claim })
}

/// Reads a boolean claim; the strings `"true"` and `"false"` are a wrong type.
pub fn boolean(claims: &Claims, claim: &'static str) -> Result<Option<bool>, ClaimError> {
    claims.get(claim).map(|value| value.as_bool().ok_or(ClaimError::WrongType { claim })).transpose()
}

/// Reads a claim that is an object, as `cnf` (RFC 7800 §3.1).
pub fn object<'a>(claims: &'a Claims, claim: &'static str) -> Result<Option<&'a Claims>, ClaimError> {
    claims.get(claim).map(|value| value.as_object().ok_or(ClaimError::WrongType { claim })).transpose()
}

/// Reads a claim that is an array of strings, as `amr` (OIDC Core §2).
pub fn strings<'a>(claims: &'a Claims, claim: &'static str) -> Result<Option<Vec<&'a str>>, ClaimError> {
    let wrong_type = ClaimError::WrongType { claim };
    let Some(value) = claims.get(claim) else {
        return Ok(None);
    };
    let elements = value.as_array().ok_or(wrong_type)?;
    elements.iter().map(|element| element.as_str().ok_or(wrong_type)).collect::<Result<_, _>>().map(Some)
}

/// Reads `aud`, a string or an array of strings (RFC 7519 §4.1.3).
pub fn audience(claims: &Claims) -> Result<Option<Audience<'_>>, ClaimError> {
    match claims.get("aud") {
        None => Ok(None),
        Some(Value::String(audience)) => Ok(Some(Audience::One(audience))),
        Some(_) => Ok(strings(claims, "aud")?.map(Audience::Several)),
    }
}

/// Reads a `NumericDate` in seconds since 1970-01-01T00:00:00Z (RFC 7519 §2).
///
/// A fraction is allowed by the specification and is cut off.
pub fn numeric_date(claims: &Claims, claim: &'static str) -> Result<Option<u64>, ClaimError> {
    let Some(value) = claims.get(claim) else {
        return Ok(None);
    };
    let Value::Number(number) = value else {
        return Err(ClaimError::WrongType { claim });
    };
    let out_of_range = ClaimError::OutOfRange { claim };
    let seconds = match (number.as_u64(), number.as_f64()) {
        (Some(seconds), _) => seconds,
        (None, Some(seconds)) => whole_seconds(seconds).ok_or(out_of_range)?,
        (None, None) => return Err(out_of_range),
    };
    if seconds > MAX_NUMERIC_DATE { Err(out_of_range) } else { Ok(Some(seconds)) }
}

/// Reads a `NumericDate` that must be present.
pub fn required_numeric_date(claims: &Claims, claim: &'static str) -> Result<u64, ClaimError> {
    numeric_date(claims, claim)?.ok_or(ClaimError::Missing { claim })
}

/// The integer part of a number that lies in the range of times.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range was checked and the fraction is meant to go"
)]
fn whole_seconds(number: f64) -> Option<u64> {
    (0.0..9_007_199_254_740_992.0).contains(&number).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: &Value) -> Claims {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_time_is_an_integer_or_a_number_whose_fraction_is_cut_off() {
        let claims = claims(
            &json!({"a": 0, "b": 1_700_000_000, "c": 1_700_000_000.9, "d": 9_007_199_254_740_991_u64, "e": 1.7e9}),
        );
        assert_eq!(numeric_date(&claims, "a"), Ok(Some(0)));
        assert_eq!(numeric_date(&claims, "b"), Ok(Some(1_700_000_000)));
        assert_eq!(numeric_date(&claims, "c"), Ok(Some(1_700_000_000)));
        assert_eq!(numeric_date(&claims, "d"), Ok(Some(MAX_NUMERIC_DATE)));
        assert_eq!(numeric_date(&claims, "e"), Ok(Some(1_700_000_000)));
        assert_eq!(numeric_date(&claims, "exp"), Ok(None));
        assert_eq!(required_numeric_date(&claims, "exp"), Err(ClaimError::Missing { claim: "exp" }));
    }

    #[test]
    fn a_time_of_another_type_is_an_error_and_never_absent() {
        for value in
            [json!("1700000000"), json!(true), json!(null), json!([1_700_000_000]), json!({"exp": 1})]
        {
            let claims = claims(&json!({ "exp": value }));
            assert_eq!(numeric_date(&claims, "exp"), Err(ClaimError::WrongType { claim: "exp" }), "{value}");
        }
    }

    #[test]
    fn a_time_outside_of_the_range_is_an_error() {
        for value in [
            json!(-1),
            json!(-0.5),
            json!(9_007_199_254_740_992_u64),
            json!(u64::MAX),
            json!(1e300),
            json!(9.1e15),
        ] {
            let claims = claims(&json!({ "exp": value }));
            assert_eq!(numeric_date(&claims, "exp"), Err(ClaimError::OutOfRange { claim: "exp" }), "{value}");
        }
    }

    #[test]
    fn a_string_of_another_type_is_an_error_and_never_absent() {
        for value in [json!(1), json!(false), json!(null), json!(["https://op"]), json!({})] {
            let claims = claims(&json!({ "iss": value }));
            assert_eq!(string(&claims, "iss"), Err(ClaimError::WrongType { claim: "iss" }), "{value}");
        }
        let claims = claims(&json!({"iss": "https://op"}));
        assert_eq!(string(&claims, "iss"), Ok(Some("https://op")));
        assert_eq!(string(&claims, "sub"), Ok(None));
        assert_eq!(required_string(&claims, "sub"), Err(ClaimError::Missing { claim: "sub" }));
    }

    #[test]
    fn an_audience_keeps_the_form_in_which_it_was_written() {
        let one = claims(&json!({"aud": "https://op"}));
        assert_eq!(audience(&one), Ok(Some(Audience::One("https://op"))));
        let several = claims(&json!({"aud": ["https://op"]}));
        assert_eq!(audience(&several), Ok(Some(Audience::Several(vec!["https://op"]))));
        assert!(audience(&several).unwrap().unwrap().names("https://op"));
        assert!(!audience(&one).unwrap().unwrap().names("https://op/"));
        assert_eq!(audience(&Claims::new()), Ok(None));
        for value in [json!(null), json!(1), json!({}), json!(["https://op", 1])] {
            let claims = claims(&json!({ "aud": value }));
            assert_eq!(audience(&claims), Err(ClaimError::WrongType { claim: "aud" }), "{value}");
        }
    }

    #[test]
    fn booleans_objects_and_lists_keep_their_types() {
        let claims = claims(&json!({"b": true, "s": "true", "o": {"jkt": "x"}, "l": ["pwd", "otp"]}));
        assert_eq!(boolean(&claims, "b"), Ok(Some(true)));
        assert_eq!(boolean(&claims, "s"), Err(ClaimError::WrongType { claim: "s" }));
        assert_eq!(object(&claims, "o").unwrap().unwrap().len(), 1);
        assert_eq!(object(&claims, "l"), Err(ClaimError::WrongType { claim: "l" }));
        assert_eq!(strings(&claims, "l"), Ok(Some(vec!["pwd", "otp"])));
        assert_eq!(strings(&claims, "o"), Err(ClaimError::WrongType { claim: "o" }));
    }
}
