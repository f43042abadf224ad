//! What the operator can set: `max-length`, `max-tries`.

use std::ops::RangeInclusive;

use esignet_sdk::prelude::*;

/// NIST SP 800-63B-4 §3.1.1.2 wants at least 64 characters to be taken; a phrase is longer than that sooner than one thinks.
const LENGTHS: RangeInclusive<u16> = 64..=1024;
const TRIES: RangeInclusive<u16> = 1..=10;

/// The settings of the plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The most characters of a password.
    pub(crate) max_length: u16,
    /// How many passwords go to the ID system in one login.
    pub(crate) max_tries: u16,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max_length: 256, max_tries: 3 }
    }
}

impl Settings {
    /// The operator's settings, and our defaults for what they left out.
    pub(crate) fn read() -> Result<Self, Failure> {
        let default = Self::default();
        Self {
            max_length: config::parse_or("max-length", default.max_length)?,
            max_tries: config::parse_or("max-tries", default.max_tries)?,
        }
        .checked()
    }

    fn checked(self) -> Result<Self, Failure> {
        config::within("max-length", &self.max_length, &LENGTHS)?;
        config::within("max-tries", &self.max_tries, &TRIES)?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_within_their_own_bounds() {
        assert_eq!(Settings::default().checked(), Ok(Settings::default()));
    }

    #[test]
    fn what_would_cut_long_passwords_off_is_a_misconfiguration_that_names_its_key() {
        let refused = Settings { max_length: 32, ..Settings::default() }.checked();
        assert!(
            matches!(&refused, Err(Failure::Misconfigured(text)) if text.contains("`max-length` is 32; set it to 64")),
            "{refused:?}"
        );
    }
}
