//! Writes what compaction keeps, closing the holes: a batch is widened over what was removed behind
//! it, and an empty batch stands for what was removed before the first one, or behind one that has a
//! producer: its last sequence number is told by its last offset.

use bytes::{Bytes, BytesMut};
use records::{Batch, Builder, Compression};

use super::filter::Kept;
use crate::Result;
use crate::embedded::files::corrupt;
use crate::embedded::segment::Segment;
use crate::embedded::segment_writer::{SegmentWriter, Target};

/// The new segments of a group.
#[derive(Debug)]
pub(super) struct Output<'a> {
    writer: SegmentWriter<'a>,
    path: &'a str,
    /// Where the next batch should start.
    next: i64,
    /// The last batch, not yet written because it may still be widened.
    pending: Option<Bytes>,
    changed: bool,
}

impl<'a> Output<'a> {
    /// An output whose first offset is `base`.
    pub(super) fn new(target: Target<'a>, base: i64) -> Self {
        let writer = SegmentWriter::new(target);
        Self { writer, path: target.path, next: base, pending: None, changed: false }
    }

    /// Takes what was kept of `batch`.
    pub(super) fn put(&mut self, batch: &Batch, kept: Kept) -> Result<()> {
        let bytes = match kept {
            Kept::Nothing => {
                // An empty batch that stood for a hole before gives way to a new one.
                self.changed |= !batch.is_empty();
                return Ok(());
            }
            Kept::Unchanged => batch.bytes().clone(),
            Kept::Rewritten(bytes) => {
                self.changed = true;
                bytes
            }
        };
        self.fill_until(batch.base_offset())?;
        self.pending = Some(bytes);
        self.next = batch.last_offset() + 1;
        Ok(())
    }

    /// Writes the pending batch, widened so that the next one may start at `offset`.
    fn fill_until(&mut self, offset: i64) -> Result<()> {
        let bytes = match self.pending.take() {
            Some(bytes) if self.next == offset => bytes,
            Some(bytes) if self.parse(&bytes)?.producer_id() >= 0 => {
                let batch = self.parse(&bytes)?;
                self.writer.append(&batch)?;
                hole(self.next, offset)
            }
            Some(bytes) => {
                let mut wider = BytesMut::from(&bytes[..]);
                records::widen(&mut wider, offset - 1);
                wider.freeze()
            }
            None if self.next == offset => return Ok(()),
            None => hole(self.next, offset),
        };
        let batch = self.parse(&bytes)?;
        self.writer.append(&batch)
    }

    fn parse(&self, bytes: &Bytes) -> Result<Batch> {
        let batch = Batch::parse_unverified(bytes);
        batch.map_err(|error| corrupt(self.path, 0, error.to_string()))
    }

    /// Fills up to `end` and syncs; returns the new segments and whether anything differs.
    pub(super) fn finish(mut self, end: i64) -> Result<(Vec<Segment>, bool)> {
        self.fill_until(end)?;
        self.writer.roll()?;
        Ok((self.writer.finish()?, self.changed))
    }
}

/// An empty batch over `base` to before `end`; groups span 31 bits.
fn hole(base: i64, end: i64) -> Bytes {
    let delta = (end - 1 - base) as i32;
    Builder::new(Compression::None).base_offset(base).last_offset_delta(delta).build()
}
