//! Text that belongs to the relying party and comes back intact: `state` (RFC 6749 §4.1.1) and `nonce` (OIDC Core §3.1.2.1).
//!
//! Both are bounded, and what is longer is refused whole: a truncated value would break the relying party's own check.

use serde::{Deserialize, Serialize};

/// The longest `state` or `nonce`, in bytes.
pub const MAX_LENGTH: usize = 1024;

/// An opaque value of the relying party, at most 1024 bytes of printable ASCII (RFC 6749 appendix A.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Opaque(String);

/// The value is longer than 1024 bytes, empty, or not printable ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value has 1 to {MAX_LENGTH} printable ASCII characters")]
pub struct NotOpaque;

impl Opaque {
    /// Takes 1 to 1024 characters of %x20-7E.
    pub fn parse(text: &str) -> Result<Self, NotOpaque> {
        let printable = text.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
        if text.is_empty() || text.len() > MAX_LENGTH || !printable {
            return Err(NotOpaque);
        }
        Ok(Self(text.to_owned()))
    }

    /// The value, to be given back.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_kept_whole_or_refused_and_never_cut() {
        let longest = "n".repeat(MAX_LENGTH);
        assert_eq!(Opaque::parse(&longest).map(|value| value.as_str().len()), Ok(MAX_LENGTH));
        assert_eq!(Opaque::parse(&format!("{longest}n")), Err(NotOpaque));
        assert_eq!(Opaque::parse("line\nbreak"), Err(NotOpaque));
    }
}
