//! What the operator can set: `digits`, `period`, `window`, `max-tries`.

use std::ops::RangeInclusive;

use esignet_sdk::prelude::*;

const DIGITS: RangeInclusive<u8> = 6..=8;
const PERIODS: RangeInclusive<u8> = 15..=120;
const WINDOWS: RangeInclusive<u8> = 0..=2;
const TRIES: RangeInclusive<u8> = 1..=10;

/// The settings of the plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// How many digits a code has.
    pub(crate) digits: u8,
    /// How long a step is, in seconds.
    pub(crate) period: u8,
    /// How many steps before and after the present one are accepted.
    pub(crate) window: u8,
    /// How many codes are judged in one login.
    pub(crate) max_tries: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Self { digits: 6, period: 30, window: 1, max_tries: 5 }
    }
}

impl Settings {
    /// The operator's settings, and our defaults for what they left out.
    pub(crate) fn from_config() -> Result<Self, Failure> {
        let default = Self::default();
        Self {
            digits: config::parse_or("digits", default.digits)?,
            period: config::parse_or("period", default.period)?,
            window: config::parse_or("window", default.window)?,
            max_tries: config::parse_or("max-tries", default.max_tries)?,
        }
        .checked()
    }

    fn checked(self) -> Result<Self, Failure> {
        config::within("digits", &self.digits, &DIGITS)?;
        config::within("period", &self.period, &PERIODS)?;
        config::within("window", &self.window, &WINDOWS)?;
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
    fn what_would_make_codes_easy_to_guess_is_a_misconfiguration_that_names_its_key() {
        let default = Settings::default();
        for (settings, says) in [
            (Settings { digits: 4, ..default.clone() }, "`digits` is 4; set it to 6 to 8"),
            (Settings { window: 10, ..default.clone() }, "`window` is 10; set it to 0 to 2"),
            (Settings { period: 0, ..default.clone() }, "`period` is 0; set it to 15 to 120"),
            (Settings { max_tries: 11, ..default.clone() }, "`max-tries` is 11; set it to 1 to 10"),
        ] {
            let refused = settings.checked();
            assert!(
                matches!(&refused, Err(Failure::Misconfigured(text)) if text.contains(says)),
                "{refused:?}"
            );
        }
    }
}
