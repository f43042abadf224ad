//! `acr_values` (OIDC Core §3.1.2.1): authentication context classes the relying party prefers, best first.

use serde::{Deserialize, Serialize};

/// One authentication context class reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Acr(pub String);

impl Acr {
    /// The class as it goes on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads a space-separated list, in order, without repetitions. Unknown values stay: they are a preference, not an error.
pub fn parse_values(text: &str) -> Vec<Acr> {
    let mut values: Vec<Acr> = Vec::new();
    for value in text.split(' ').filter(|value| !value.is_empty()) {
        let acr = Acr(value.to_owned());
        if !values.contains(&acr) {
            values.push(acr);
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_order_and_lose_their_repetitions() {
        assert_eq!(parse_values("b a  b"), [Acr("b".to_owned()), Acr("a".to_owned())]);
    }
}
