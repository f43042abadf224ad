//! What stands before a value on the disk: whether it still counts, decided without opening it.

use esignet_protocol::ports::store::StoreError;
use esignet_protocol::word::time::Timestamp;

use crate::kv::Key;
use crate::seal::corrupt;

/// The layout that this release writes: `1 ‖ epoch ‖ version ‖ expiry ‖ value`, numbers big-endian.
const LAYOUT: u8 = 1;

/// The epoch of records that outlive every epoch.
pub(super) const LASTING: u64 = 0;

/// The facts of a record on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The boot epoch that the record ends with, or [`LASTING`].
    pub(super) epoch: u64,
    /// Differs after every write.
    pub(super) version: u64,
    /// From when it is absent.
    pub(super) expires_at: Timestamp,
}

impl Header {
    /// Whether the record counts in this epoch at this time.
    pub(super) fn is_alive(&self, epoch: u64, now: Timestamp) -> bool {
        self.expires_at > now && (self.epoch == LASTING || self.epoch == epoch)
    }

    /// The stored form with its value.
    pub(super) fn encode(&self, value: &[u8]) -> Vec<u8> {
        let mut stored = Vec::with_capacity(25 + value.len());
        stored.push(LAYOUT);
        for number in [self.epoch, self.version, self.expires_at.0] {
            stored.extend_from_slice(&number.to_be_bytes());
        }
        stored.extend_from_slice(value);
        stored
    }

    /// The expiry in a stored form; `None` when it has none, so that nobody can read the record anyway.
    pub(super) fn expiry(stored: &[u8]) -> Option<Timestamp> {
        let bytes = stored.get(17..25)?;
        bytes.try_into().map(u64::from_be_bytes).map(Timestamp).ok()
    }

    /// The facts and the value of a stored form.
    pub(super) fn decode<'a>(key: &Key, stored: &'a [u8]) -> Result<(Self, &'a [u8]), StoreError> {
        let (layout, rest) = stored.split_first().ok_or_else(|| corrupt(key, "it is empty"))?;
        if *layout != LAYOUT {
            let what = format!(
                "it has layout {layout}, but this release reads layout {LAYOUT}; run the release that wrote it"
            );
            return Err(corrupt(key, &what));
        }
        let mut rest = rest;
        let mut number = || {
            let (number, after) = rest.split_first_chunk().ok_or_else(|| corrupt(key, "it is cut off"))?;
            rest = after;
            Ok::<_, StoreError>(u64::from_be_bytes(*number))
        };
        let header = Self { epoch: number()?, version: number()?, expires_at: Timestamp(number()?) };
        Ok((header, rest))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kv::Table;

    proptest! {
        #[test]
        fn a_header_gives_back_what_went_in(
            numbers in any::<[u64; 3]>(), value in any::<Vec<u8>>(),
        ) {
            let [epoch, version, expires_at] = numbers;
            let header = Header { epoch, version, expires_at: Timestamp(expires_at) };
            let stored = header.encode(&value);
            prop_assert_eq!(Header::decode(&Key::new(Table::Code, ""), &stored), Ok((header, value.as_slice())));
        }

        #[test]
        fn no_bytes_make_the_reader_panic(stored in any::<Vec<u8>>()) {
            if let Ok((header, value)) = Header::decode(&Key::new(Table::Code, ""), &stored) {
                prop_assert_eq!(header.encode(value), stored);
            }
        }
    }

    #[test]
    fn a_record_of_an_older_epoch_does_not_count_and_a_lasting_one_does() {
        let header = |epoch| Header { epoch, version: 1, expires_at: Timestamp(10) };
        assert!(header(7).is_alive(7, Timestamp(9)));
        assert!(header(LASTING).is_alive(7, Timestamp(9)));
        assert!(!header(6).is_alive(7, Timestamp(9)));
        assert!(!header(7).is_alive(7, Timestamp(10)));
    }
}
