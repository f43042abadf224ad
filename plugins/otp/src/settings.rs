//! What the operator can set: `length`, `max-sends`, `channels`.

use std::ops::RangeInclusive;

use esignet_sdk::prelude::*;

const LENGTHS: RangeInclusive<u8> = 4..=10;
const SENDS: RangeInclusive<u8> = 1..=10;

/// The settings of the plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// How many digits a code has.
    pub(crate) length: u8,
    /// How many codes are sent in one login.
    pub(crate) max_sends: u8,
    /// Channels to send over; none for the ID system's usual one.
    pub(crate) channels: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { length: 6, max_sends: 3, channels: Vec::new() }
    }
}

impl Settings {
    /// The operator's settings, and our defaults for what they left out.
    pub(crate) fn from_config() -> Result<Self, Failure> {
        let default = Self::default();
        Self {
            length: config::parse_or("length", default.length)?,
            max_sends: config::parse_or("max-sends", default.max_sends)?,
            channels: config::parse_or("channels", default.channels)?,
        }
        .checked()
    }

    fn checked(self) -> Result<Self, Failure> {
        within("length", self.length, &LENGTHS)?;
        within("max-sends", self.max_sends, &SENDS)?;
        Ok(self)
    }
}

fn within(key: &str, value: u8, range: &RangeInclusive<u8>) -> Result<(), Failure> {
    if range.contains(&value) {
        return Ok(());
    }
    let (least, most) = (range.start(), range.end());
    Err(Failure::misconfigured(format!("config key `{key}` is {value}; set it to {least} to {most}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_within_their_own_bounds() {
        assert_eq!(Settings::default().checked(), Ok(Settings::default()));
    }

    #[test]
    fn a_code_too_short_to_be_safe_is_a_misconfiguration_that_names_its_key() {
        let refused = Settings { length: 3, ..Settings::default() }.checked();
        assert!(matches!(refused, Err(Failure::Misconfigured(text)) if text.contains("`length` is 3")));
    }
}
