//! What the operator can set: `min-length`, `max-length`, `max-tries`.

use std::ops::RangeInclusive;

use esignet_sdk::prelude::*;

const LENGTHS: RangeInclusive<u8> = 4..=16;
const TRIES: RangeInclusive<u8> = 1..=10;

/// The settings of the plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The fewest digits of a PIN.
    pub(crate) min_length: u8,
    /// The most digits of a PIN.
    pub(crate) max_length: u8,
    /// How many PINs go to the ID system in one login.
    pub(crate) max_tries: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Self { min_length: 4, max_length: 8, max_tries: 3 }
    }
}

impl Settings {
    /// The operator's settings, and our defaults for what they left out.
    pub(crate) fn read() -> Result<Self, Failure> {
        let default = Self::default();
        Self {
            min_length: config::parse_or("min-length", default.min_length)?,
            max_length: config::parse_or("max-length", default.max_length)?,
            max_tries: config::parse_or("max-tries", default.max_tries)?,
        }
        .checked()
    }

    fn checked(self) -> Result<Self, Failure> {
        config::within("min-length", &self.min_length, &LENGTHS)?;
        config::within("max-length", &self.max_length, &(self.min_length..=*LENGTHS.end()))?;
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
    fn what_is_out_of_bounds_is_a_misconfiguration_that_names_its_key() {
        let default = Settings::default();
        for (settings, says) in [
            (Settings { min_length: 3, ..default.clone() }, "`min-length` is 3; set it to 4 to 16"),
            (
                Settings { min_length: 6, max_length: 5, ..default.clone() },
                "`max-length` is 5; set it to 6 to 16",
            ),
            (Settings { max_tries: 0, ..default.clone() }, "`max-tries` is 0; set it to 1 to 10"),
        ] {
            let refused = settings.checked();
            assert!(
                matches!(&refused, Err(Failure::Misconfigured(text)) if text.contains(says)),
                "{refused:?}"
            );
        }
    }
}
