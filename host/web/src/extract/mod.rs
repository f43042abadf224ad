//! From HTTP to raw values: bodies within bounds, headers as text. What they mean is not decided here.

pub(crate) mod body;
pub(crate) mod language;

use http::header::{HeaderMap, HeaderName};

/// Every value of a header, in order; one that is no visible ASCII is empty, so that it still counts as given.
pub(crate) fn values(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default().to_owned()).collect()
}
