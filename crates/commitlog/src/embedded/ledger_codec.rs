//! A partition's producers and aborted transactions in the checkpoint. The layout is described in
//! [`super`].

use std::sync::Arc;

use hashbrown::HashMap;

use super::codec::{Decoder, Encoder};
use crate::producers::{AbortedRange, Entry, Ledger, Written};

/// What stands for "no open transaction".
const NO_OFFSET: i64 = -1;

/// Writes `ledger`; none at all is written as an empty one.
pub(super) fn encode(out: &mut Encoder, ledger: Option<&Ledger>) {
    let Some(ledger) = ledger else {
        out.u32(0);
        out.u32(0);
        return;
    };
    let mut entries: Vec<(i64, &Entry)> = ledger.entries().collect();
    entries.sort_unstable_by_key(|(id, _)| *id);
    out.list(&entries, |out, (id, entry)| encode_entry(out, *id, entry));
    out.list(ledger.aborted(), |out, range| {
        out.i64(range.producer_id);
        out.i64(range.first_offset);
        out.i64(range.last_offset);
        out.i64(range.stable_offset);
    });
}

fn encode_entry(out: &mut Encoder, id: i64, entry: &Entry) {
    out.i64(id);
    out.u32(u32::from(entry.epoch as u16));
    out.u32(entry.coordinator_epoch as u32);
    out.i64(entry.last_timestamp_ms);
    out.i64(entry.seen_ms);
    out.i64(entry.transaction_start.unwrap_or(NO_OFFSET));
    out.u32(entry.batches.len() as u32);
    for batch in &entry.batches {
        out.u32(batch.last_sequence as u32);
        out.i64(batch.last_offset);
        out.u32(batch.offset_delta as u32);
        out.i64(batch.timestamp_ms);
    }
}

/// What [`encode`] wrote.
pub(super) fn decode(decoder: &mut Decoder) -> Option<Option<Arc<Ledger>>> {
    let entries: HashMap<i64, Entry> = decoder.list(decode_entry)?.into_iter().collect();
    let aborted = decoder.list(|decoder| {
        Some(AbortedRange {
            producer_id: decoder.i64()?,
            first_offset: decoder.i64()?,
            last_offset: decoder.i64()?,
            stable_offset: decoder.i64()?,
        })
    })?;
    let ledger = Ledger::restored(entries, aborted);
    Some((!ledger.is_empty()).then(|| Arc::new(ledger)))
}

fn decode_entry(decoder: &mut Decoder) -> Option<(i64, Entry)> {
    let id = decoder.i64()?;
    let entry = Entry {
        epoch: decoder.u32()? as u16 as i16,
        coordinator_epoch: decoder.u32()? as i32,
        last_timestamp_ms: decoder.i64()?,
        seen_ms: decoder.i64()?,
        transaction_start: Some(decoder.i64()?).filter(|start| *start != NO_OFFSET),
        batches: decoder
            .list(|decoder| {
                Some(Written {
                    last_sequence: decoder.u32()? as i32,
                    last_offset: decoder.i64()?,
                    offset_delta: decoder.u32()? as i32,
                    timestamp_ms: decoder.i64()?,
                })
            })?
            .into(),
    };
    Some((id, entry))
}
