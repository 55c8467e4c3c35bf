//! Several updates of a table's key within one batch leave as one: the last value with the first one's
//! replaced value. Only called while coalescing is on.

use arrow_array::UInt32Array;
use foldhash::HashMap;
use state::WindowKey;

use crate::Result;
use crate::chunk::{Chunk, Old, row_number, take_columns};

/// The first and the last update of a key, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub first: usize,
    pub last: usize,
}

/// The updates of each key among `count`, in the order of the last ones.
pub(crate) fn spans<'a>(count: usize, key: impl Fn(usize) -> (&'a [u8], WindowKey)) -> Vec<Span> {
    let mut numbers: HashMap<(&[u8], WindowKey), usize> = HashMap::default();
    let mut spans: Vec<Span> = Vec::with_capacity(count);
    for at in 0..count {
        let number = *numbers.entry(key(at)).or_insert(spans.len());
        match spans.get_mut(number) {
            Some(span) => span.last = at,
            None => spans.push(Span { first: at, last: at }),
        }
    }
    spans.sort_unstable_by_key(|span| span.last);
    spans
}

/// Merges the rows of each key. A row that came and went within the batch leaves nothing.
pub(crate) fn merge_rows<'a>(
    chunk: Chunk,
    key: impl Fn(usize) -> (&'a [u8], WindowKey),
) -> Result<Chunk> {
    let mut spans = spans(chunk.rows(), key);
    if spans.len() == chunk.rows() {
        return Ok(chunk);
    }
    spans.retain(|span| {
        span.first == span.last || chunk.has_value(span.last) || chunk.has_old(span.first)
    });
    let rows = |row: fn(&Span) -> usize| -> UInt32Array {
        spans.iter().map(|span| row_number(row(span))).collect::<Vec<u32>>().into()
    };
    let merged = chunk.take(&rows(|span| span.last))?;
    let Some(old) = &chunk.old else { return Ok(merged) };
    let replaced = Old {
        value: take_columns(&old.value, &rows(|span| span.first))?,
        present: spans.iter().map(|span| old.present.is_valid(span.first)).collect(),
    };
    Ok(Chunk { old: Some(replaced), ..merged })
}
