//! The index of aborted transactions of a segment, in Kafka's format, for tools that read segments
//! without the log: the log itself knows them from its checkpoint and journal.
//!
//! An entry is 34 bytes: version (int16, 0), producer id (8), first offset (8), offset of the marker
//! (8), last stable offset behind the marker (8). It stands in the segment that holds the marker. A
//! segment without any has no such file.

use records::Batch;

use crate::producers::{AbortedRange, Ledger};

/// Bytes of an entry.
pub(super) const ENTRY_BYTES: usize = 34;
const VERSION: i16 = 0;

/// The entry that `batch` adds, if it is the marker of a transaction that `ledger` knows as aborted.
pub(super) fn entry(batch: &Batch, ledger: Option<&Ledger>) -> Option<[u8; ENTRY_BYTES]> {
    let last_offset = batch.last_offset();
    let ledger = ledger.filter(|_| batch.is_control())?;
    let ranges = ledger.aborted_within(last_offset, last_offset + 1);
    let range = ranges.into_iter().find(|range| range.last_offset == last_offset)?;
    let AbortedRange { producer_id, first_offset, last_offset, stable_offset } = range;
    let mut entry = [0; ENTRY_BYTES];
    entry[..2].copy_from_slice(&VERSION.to_be_bytes());
    let fields = [producer_id, first_offset, last_offset, stable_offset];
    for (field, place) in fields.iter().zip(entry[2..].chunks_exact_mut(8)) {
        place.copy_from_slice(&field.to_be_bytes());
    }
    Some(entry)
}
