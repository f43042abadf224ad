//! The order in which records expire, and the sweep that follows it.
//!
//! Beside the records there is an index of `expiry, big-endian ‖ key`, so that a sweep reads one range and touches
//! nothing that lives (`state.md`). An index entry is a hint: the record itself says when its time is over.

use esignet_protocol::ports::store::StoreError;
use esignet_protocol::word::time::Timestamp;

use crate::kv::Kv;

/// How many records are swept before other tasks get their turn.
const STRIDE: usize = 64;

/// The index entry of a record.
pub(crate) fn index_entry(expires_at: Timestamp, key: &[u8]) -> Vec<u8> {
    let mut entry = Vec::with_capacity(8 + key.len());
    entry.extend_from_slice(&expires_at.0.to_be_bytes());
    entry.extend_from_slice(key);
    entry
}

/// The expiry and the key of an index entry; `None` if it is none.
pub(crate) fn split_index_entry(entry: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (expires_at, key) = entry.split_first_chunk::<8>()?;
    Some((Timestamp(u64::from_be_bytes(*expires_at)), key))
}

/// The first index entry that is not over at `now`: everything before it is.
pub(crate) fn index_bound(now: Timestamp) -> [u8; 8] {
    now.plus(1).0.to_be_bytes()
}

/// Removes at most `max` records whose time is over, in small strides between which other tasks run.
pub(crate) async fn sweep(kv: &dyn Kv, max: usize, now: Timestamp) -> Result<usize, StoreError> {
    let mut done = 0;
    while done < max {
        let stride = STRIDE.min(max - done);
        let swept = kv.sweep(stride, now).await?;
        done += swept;
        if swept < stride {
            break;
        }
        tokio::task::yield_now().await;
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn index_entries_sort_by_expiry_and_give_back_what_went_in(
            (a, b) in (any::<u64>(), any::<u64>()),
            (x, y) in (any::<Vec<u8>>(), any::<Vec<u8>>()),
        ) {
            let (first, second) = (index_entry(Timestamp(a), &x), index_entry(Timestamp(b), &y));
            prop_assert_eq!(first.cmp(&second), (a, &x).cmp(&(b, &y)));
            prop_assert_eq!(split_index_entry(&first), Some((Timestamp(a), x.as_slice())));
        }

        #[test]
        fn the_bound_of_a_sweep_parts_what_is_over_from_what_lives(
            now in 0..u64::MAX - 1, expires_at in any::<u64>(), key in any::<Vec<u8>>(),
        ) {
            let over = index_entry(Timestamp(expires_at), &key).as_slice() < index_bound(Timestamp(now)).as_slice();
            prop_assert_eq!(over, expires_at <= now);
        }
    }

    #[test]
    fn what_is_too_short_is_no_index_entry() {
        assert_eq!(split_index_entry(&[0; 7]), None);
    }
}
