//! What the operator can set: whose the codes are, and for those of the ID system `length`, `max-sends`, `channels`.

use std::ops::RangeInclusive;

use esignet_sdk::prelude::*;
use serde::Deserialize;

use crate::own::settings::Own;

const LENGTHS: RangeInclusive<u8> = 4..=10;
const SENDS: RangeInclusive<u8> = 1..=10;

/// The settings of the plugin.
#[derive(Clone, Debug)]
pub(crate) enum Settings {
    /// The ID system makes codes, sends and judges them.
    IdSystem(OfIdSystem),
    /// We do.
    Own(Box<Own>),
}

/// Whose the codes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Codes {
    IdSystem,
    Own,
}

impl Settings {
    /// The operator's settings, and our defaults for what they left out.
    pub(crate) fn from_config() -> Result<Self, Failure> {
        Ok(match config::parse_or("codes", Codes::IdSystem)? {
            Codes::IdSystem => Self::IdSystem(OfIdSystem::from_config()?),
            Codes::Own => Self::Own(Box::new(Own::from_config()?)),
        })
    }
}

/// The settings for codes of the ID system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OfIdSystem {
    /// How many digits a code has.
    pub(crate) length: u8,
    /// How many codes are sent in one login.
    pub(crate) max_sends: u8,
    /// Channels to send over; none for the ID system's usual one.
    pub(crate) channels: Vec<String>,
}

impl Default for OfIdSystem {
    fn default() -> Self {
        Self { length: 6, max_sends: 3, channels: Vec::new() }
    }
}

impl OfIdSystem {
    fn from_config() -> Result<Self, Failure> {
        let default = Self::default();
        Self {
            length: config::parse_or("length", default.length)?,
            max_sends: config::parse_or("max-sends", default.max_sends)?,
            channels: config::parse_or("channels", default.channels)?,
        }
        .checked()
    }

    fn checked(self) -> Result<Self, Failure> {
        config::within("length", &self.length, &LENGTHS)?;
        config::within("max-sends", &self.max_sends, &SENDS)?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_within_their_own_bounds() {
        assert_eq!(OfIdSystem::default().checked(), Ok(OfIdSystem::default()));
    }

    #[test]
    fn a_code_too_short_to_be_safe_is_a_misconfiguration_that_names_its_key() {
        let refused = OfIdSystem { length: 3, ..OfIdSystem::default() }.checked();
        assert!(matches!(refused, Err(Failure::Misconfigured(text)) if text.contains("`length` is 3")));
    }
}
