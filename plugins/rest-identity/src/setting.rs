//! How settings are read, and how what is wrong with them is said: which key, what about it, what to do.

use std::fmt::Display;

use esignet_sdk::prelude::*;
use serde::de::DeserializeOwned;

/// A setting that cannot be used.
pub(crate) fn unusable(key: &str, problem: impl Display) -> Failure {
    Failure::misconfigured(format!("config key `{key}`: {problem}"))
}

/// The setting of a key, if there is one.
pub(crate) fn read<T: DeserializeOwned>(
    key: &str,
    get: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<T>, Failure> {
    let read =
        |text: String| serde_json::from_str(&text).map_err(|error| unusable(key, without_place(&error)));
    get(key).map(read).transpose()
}

/// The setting of a key that there has to be.
pub(crate) fn required<T: DeserializeOwned>(
    key: &str,
    example: &str,
    get: &dyn Fn(&str) -> Option<String>,
) -> Result<T, Failure> {
    read(key, get)?
        .ok_or_else(|| unusable(key, format!("it is missing; add it, for example {key} = {example}")))
}

/// Line and column are of the JSON that the host made of the operator's file, and would only mislead.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}
