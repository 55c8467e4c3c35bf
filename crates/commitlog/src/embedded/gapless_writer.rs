//! Writes batches that may have holes between them, closing the holes: a batch is widened over what
//! is missing behind it, and an empty batch stands for what is missing before the first one, or behind
//! one that has a producer: its last sequence number is told by its last offset. Used by compaction
//! and by imports.

use bytes::{Bytes, BytesMut};
use records::{Batch, Builder, Compression};

use super::files::corrupt;
use super::segment::Segment;
use super::segment_writer::{SegmentWriter, Target};
use crate::Result;

/// A writer of new segments without holes.
#[derive(Debug)]
pub(super) struct GaplessWriter<'a> {
    writer: SegmentWriter<'a>,
    path: &'a str,
    /// Where the next batch should start.
    next: i64,
    /// The last batch, not yet written because it may still be widened.
    pending: Option<Batch>,
}

impl<'a> GaplessWriter<'a> {
    /// A writer whose first offset is `base`.
    pub(super) fn new(target: Target<'a>, base: i64) -> Self {
        let writer = SegmentWriter::new(target);
        Self { writer, path: target.path, next: base, pending: None }
    }

    /// Takes a batch that starts where the last one ended, or later within 31 bits.
    pub(super) fn put(&mut self, batch: Batch) -> Result<()> {
        self.fill_until(batch.base_offset())?;
        self.next = batch.last_offset() + 1;
        self.pending = Some(batch);
        Ok(())
    }

    /// Writes the pending batch, widened so that the next one may start at `offset`.
    fn fill_until(&mut self, offset: i64) -> Result<()> {
        let batch = match self.pending.take() {
            Some(batch) if self.next == offset => batch,
            Some(batch) if batch.producer_id() >= 0 => {
                self.writer.append(&batch)?;
                self.parse(&hole(self.next, offset))?
            }
            Some(batch) => {
                let mut wider = BytesMut::from(&batch.bytes()[..]);
                records::widen(&mut wider, offset - 1);
                self.parse(&wider.freeze())?
            }
            None if self.next == offset => return Ok(()),
            None => self.parse(&hole(self.next, offset))?,
        };
        self.writer.append(&batch)
    }

    /// A batch in the bytes that compaction, an import or this writer has made.
    pub(super) fn parse(&self, bytes: &Bytes) -> Result<Batch> {
        let batch = Batch::parse_unverified(bytes);
        batch.map_err(|error| corrupt(self.path, 0, error.to_string()))
    }

    /// Fills up to `end` and syncs; returns the new segments.
    pub(super) fn finish(mut self, end: i64) -> Result<Vec<Segment>> {
        self.fill_until(end)?;
        self.writer.roll()?;
        self.writer.finish()
    }
}

/// An empty batch over `base` to before `end`, which lie within 31 bits.
fn hole(base: i64, end: i64) -> Bytes {
    let delta = (end - 1 - base) as i32;
    Builder::new(Compression::None).base_offset(base).last_offset_delta(delta).build()
}
