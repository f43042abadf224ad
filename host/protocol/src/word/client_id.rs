//! `client_id` (RFC 6749 §2.2, appendix A.1), narrowed to visible characters so that it is safe in logs and keys.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The most characters a client id has here.
pub const MAX_LENGTH: usize = 128;

/// A well-formed client identifier; whether such a client exists is for the store to say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

/// The text is not 1 to 128 visible ASCII characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a client_id has 1 to {MAX_LENGTH} visible ASCII characters and no space")]
pub struct MalformedClientId;

impl ClientId {
    /// Takes 1 to 128 characters of %x21-7E.
    pub fn parse(text: &str) -> Result<Self, MalformedClientId> {
        let visible = text.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
        if text.is_empty() || text.len() > MAX_LENGTH || !visible {
            return Err(MalformedClientId);
        }
        Ok(Self(text.to_owned()))
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ClientId {
    type Error = MalformedClientId;

    fn try_from(text: String) -> Result<Self, MalformedClientId> {
        Self::parse(&text)
    }
}

impl From<ClientId> for String {
    fn from(id: ClientId) -> Self {
        id.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visible_ascii_is_taken_and_anything_else_refused() {
        assert!(ClientId::parse("rp-1.example:web").is_ok());
        for bad in ["", "two words", "tab\t", "line\n", "é", &"x".repeat(MAX_LENGTH + 1)] {
            assert_eq!(ClientId::parse(bad), Err(MalformedClientId), "{bad:?}");
        }
    }
}
