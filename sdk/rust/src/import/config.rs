//! The plugin's own settings from the operator's file (`esignet:host/config`).

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};

use crate::bindings::host::esignet::host::config;
use crate::word::Failure;

/// The setting `key`: a string as it stands, anything else as JSON; none if the operator did not set it.
pub fn get(key: &str) -> Option<String> {
    config::get(key)
}

/// The setting `key` as a `T`; none if the operator did not set it.
///
/// # Errors
///
/// [`Failure::Misconfigured`] that names the key, if its value is no `T`.
pub fn parse<T: DeserializeOwned>(key: &str) -> Result<Option<T>, Failure> {
    get(key).map(|text| read(key, &text)).transpose()
}

/// The setting `key` as a `T`, or `otherwise` if the operator did not set it.
///
/// # Errors
///
/// [`Failure::Misconfigured`] that names the key, if its value is no `T`.
pub fn parse_or<T: DeserializeOwned>(key: &str, otherwise: T) -> Result<T, Failure> {
    Ok(parse(key)?.unwrap_or(otherwise))
}

/// The setting `key` as a `T`, which the plugin cannot do without.
///
/// # Errors
///
/// [`Failure::Misconfigured`] that names the key, if it is not set or its value is no `T`.
pub fn required<T: DeserializeOwned>(key: &str) -> Result<T, Failure> {
    parse(key)?.ok_or_else(|| Failure::Misconfigured(format!("set the plugin's config key `{key}`")))
}

/// Checks that the value of the setting `key` is in its range, both ends included.
///
/// # Errors
///
/// [`Failure::Misconfigured`] that names the key, the value and the range.
pub fn within<T: PartialOrd + Display>(
    key: &str,
    value: &T,
    range: &RangeInclusive<T>,
) -> Result<(), Failure> {
    if range.contains(value) {
        return Ok(());
    }
    let (least, most) = (range.start(), range.end());
    Err(Failure::Misconfigured(format!("config key `{key}` is {value}; set it to {least} to {most}")))
}

/// Reads a setting. Strings come without quotes, so what reads from a string is tried before JSON: `111111` is a `String`
/// as well as a number.
fn read<T: DeserializeOwned>(key: &str, text: &str) -> Result<T, Failure> {
    let string: StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
    T::deserialize(string).or_else(|_| {
        serde_json::from_str(text)
            .map_err(|error| Failure::Misconfigured(format!("the plugin's config key `{key}`: {error}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_read_as_it_stands_even_when_it_looks_like_a_number() {
        assert_eq!(read::<String>("otp", "111111"), Ok("111111".to_owned()));
    }

    #[test]
    fn what_is_no_string_is_read_as_json() {
        assert_eq!(read::<u32>("length", "6"), Ok(6));
        assert_eq!(read::<Vec<String>>("channels", r#"["sms"]"#), Ok(vec!["sms".to_owned()]));
    }

    #[test]
    fn a_value_out_of_its_range_is_named_with_it() {
        assert_eq!(within("length", &4, &(4..=10)), Ok(()));
        let Err(Failure::Misconfigured(text)) = within("length", &3, &(4..=10)) else {
            panic!("it was accepted")
        };
        assert_eq!(text, "config key `length` is 3; set it to 4 to 10");
    }

    #[test]
    fn a_value_of_the_wrong_type_names_its_key() {
        let Err(Failure::Misconfigured(text)) = read::<u32>("length", "six") else {
            panic!("it was accepted")
        };
        assert!(text.contains("`length`"), "{text}");
    }
}
