//! Writes what compaction keeps, and notes whether that differs from what was there.

use records::Batch;

use super::filter::Kept;
use crate::Result;
use crate::embedded::gapless_writer::GaplessWriter;
use crate::embedded::segment::Segment;
use crate::embedded::segment_writer::Target;

/// The new segments of a group.
#[derive(Debug)]
pub(super) struct Output<'a> {
    writer: GaplessWriter<'a>,
    changed: bool,
}

impl<'a> Output<'a> {
    /// An output whose first offset is `base`; groups span 31 bits.
    pub(super) fn new(target: Target<'a>, base: i64) -> Self {
        Self { writer: GaplessWriter::new(target, base), changed: false }
    }

    /// Takes what was kept of `batch`.
    pub(super) fn put(&mut self, batch: &Batch, kept: Kept) -> Result<()> {
        match kept {
            Kept::Nothing => {
                // An empty batch that stood for a hole before gives way to a new one.
                self.changed |= !batch.is_empty();
                Ok(())
            }
            Kept::Unchanged => self.writer.put(batch.clone()),
            Kept::Rewritten(bytes) => {
                self.changed = true;
                let rewritten = self.writer.parse(&bytes)?;
                self.writer.put(rewritten)
            }
        }
    }

    /// Fills up to `end` and syncs; returns the new segments and whether anything differs.
    pub(super) fn finish(self, end: i64) -> Result<(Vec<Segment>, bool)> {
        Ok((self.writer.finish(end)?, self.changed))
    }
}
