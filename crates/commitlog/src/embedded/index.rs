//! The offset index and the time index of a segment, in Kafka's formats.
//!
//! An offset index entry is 8 bytes: last offset of a batch minus the segment's base (u32) and the
//! batch's position in the log (u32). A time index entry is 12 bytes: the greatest timestamp up to
//! there (i64) and the last offset of the batch that bears it minus the base (u32). Both are sparse
//! and grow; neither is ever trusted without a check against the checksum or the log.

use bytes::Bytes;

/// Bytes of an offset index entry.
pub(super) const OFFSET_ENTRY_BYTES: usize = 8;
/// Bytes of a time index entry.
pub(super) const TIME_ENTRY_BYTES: usize = 12;

/// An entry of the offset index.
pub(super) fn offset_entry(base: i64, last_offset: i64, position: u64) -> [u8; OFFSET_ENTRY_BYTES] {
    let mut entry = [0; OFFSET_ENTRY_BYTES];
    // Segments are rolled before either leaves 31 bits.
    entry[..4].copy_from_slice(&((last_offset - base) as u32).to_be_bytes());
    entry[4..].copy_from_slice(&(position as u32).to_be_bytes());
    entry
}

/// An entry of the time index.
pub(super) fn time_entry(base: i64, timestamp_ms: i64, offset: i64) -> [u8; TIME_ENTRY_BYTES] {
    let mut entry = [0; TIME_ENTRY_BYTES];
    entry[..8].copy_from_slice(&timestamp_ms.to_be_bytes());
    entry[8..].copy_from_slice(&((offset - base) as u32).to_be_bytes());
    entry
}

/// A batch that the offset index points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Indexed {
    pub(super) last_offset: i64,
    pub(super) position: u64,
}

/// The last entry whose batch ends at or before `offset`. `entry` reads the entry with a number, out
/// of `count`; its errors end the search.
pub(super) fn find_offset<E>(
    base: i64,
    count: u64,
    offset: i64,
    mut entry: impl FnMut(u64) -> Result<[u8; OFFSET_ENTRY_BYTES], E>,
) -> Result<Option<Indexed>, E> {
    let (mut low, mut high) = (0, count);
    let mut found = None;
    while low < high {
        let middle = low + (high - low) / 2;
        let indexed = decode_offset_entry(base, entry(middle)?);
        if indexed.last_offset <= offset {
            found = Some(indexed);
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(found)
}

fn decode_offset_entry(base: i64, entry: [u8; OFFSET_ENTRY_BYTES]) -> Indexed {
    let [a, b, c, d, e, f, g, h] = entry;
    Indexed {
        last_offset: base + i64::from(u32::from_be_bytes([a, b, c, d])),
        position: u64::from(u32::from_be_bytes([e, f, g, h])),
    }
}

/// The offset up to which every record is older than `timestamp_ms`, by a whole time index that was
/// checked before; `None` when it does not know of any.
pub(super) fn find_timestamp(base: i64, index: &Bytes, timestamp_ms: i64) -> Option<i64> {
    let entries = index.chunks_exact(TIME_ENTRY_BYTES);
    let decoded = entries.map(|entry| {
        let (timestamp, offset) = entry.split_at(8);
        let timestamp = timestamp.try_into().map_or(i64::MAX, i64::from_be_bytes);
        (timestamp, offset.try_into().map_or(0, u32::from_be_bytes))
    });
    let older = decoded.take_while(|(timestamp, _)| *timestamp < timestamp_ms);
    older.last().map(|(_, offset)| base + i64::from(offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_found_by_halving() {
        let entries: Vec<_> =
            (0..100).map(|i| offset_entry(1_000, 1_005 + i * 10, 7 * i as u64)).collect();
        let find = |offset| {
            let entry = |n: u64| Ok::<_, ()>(entries[n as usize]);
            find_offset(1_000, 100, offset, entry).expect("no errors")
        };
        assert_eq!(find(1_004), None);
        assert_eq!(find(1_005), Some(Indexed { last_offset: 1_005, position: 0 }));
        assert_eq!(find(1_024), Some(Indexed { last_offset: 1_015, position: 7 }));
        assert_eq!(find(9_999), Some(Indexed { last_offset: 1_995, position: 693 }));
    }

    #[test]
    fn timestamps_start_behind_everything_older() {
        let index: Bytes = [time_entry(50, 10, 51), time_entry(50, 20, 60)].concat().into();
        assert_eq!(find_timestamp(50, &index, 10), None);
        assert_eq!(find_timestamp(50, &index, 11), Some(51));
        assert_eq!(find_timestamp(50, &index, 99), Some(60));
    }
}
