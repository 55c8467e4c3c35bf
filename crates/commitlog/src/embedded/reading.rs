//! Reads: recent batches from memory, older ones from segments. Readers inside see the records that
//! count, those outside fetch batches as they lie in the log.

use std::sync::PoisonError;

use records::Batch;
use types::{Offset, TopicPartition};

use super::core::Core;
use super::partition::{Hint, Partition};
use super::segment::{self, Segment};
use super::segment_reader::SegmentReader;
use crate::producers::{AbortedRange, counts};
use crate::{Chunk, Error, Fetched, Isolation, PartitionOffsets, Result, Visibility};

/// A look at a partition: what it held at one moment, from an offset on.
#[derive(Debug)]
struct Look {
    offsets: PartitionOffsets,
    /// Where this reader has to stop.
    limit: i64,
    batches: Vec<Batch>,
    bytes: usize,
    /// Where to read on.
    next: i64,
    /// Aborted transactions among the batches.
    aborted: Vec<AbortedRange>,
}

/// What to read, and how much.
#[derive(Clone, Copy, Debug)]
struct Wanted<'a> {
    at: &'a TopicPartition,
    from: Offset,
    bytes_max: usize,
}

impl Core {
    /// Whole batches of records that count; see [`crate::Log::read`].
    pub(super) fn read(
        &self,
        at: &TopicPartition,
        from: Offset,
        bytes_max: usize,
        visibility: Visibility,
    ) -> Result<Chunk> {
        let end_of = |partition: &Partition| partition.visible_end(visibility);
        let look = self.look(Wanted { at, from, bytes_max }, end_of)?;
        let counting = look.batches.iter().filter(|batch| counts(batch, &look.aborted));
        let batches = counting.map(|batch| batch.bytes().clone()).collect();
        Ok(Chunk { batches, next: Offset(look.next) })
    }

    /// Whole batches on stable storage as they are; see [`super::EmbeddedLog::fetch`].
    pub(super) fn fetch(
        &self,
        at: &TopicPartition,
        from: Offset,
        bytes_max: usize,
        isolation: Isolation,
    ) -> Result<Fetched> {
        let end_of = |partition: &Partition| partition.outside_end(isolation);
        let look = self.look(Wanted { at, from, bytes_max }, end_of)?;
        let aborted = match isolation {
            Isolation::ReadCommitted => look.aborted.iter().map(AbortedRange::outside).collect(),
            Isolation::ReadUncommitted => Vec::new(),
        };
        let batches = look.batches.iter().map(|batch| batch.bytes().clone()).collect();
        Ok(Fetched { batches, offsets: look.offsets, aborted })
    }

    /// Batches from the one that holds the wanted offset on, up to about as many bytes as wanted and
    /// before where `end_of` the partition says, at least one when there is one.
    fn look(&self, wanted: Wanted<'_>, end_of: impl Fn(&Partition) -> i64) -> Result<Look> {
        let mut look = {
            let state = self.state();
            let (_, partition) = state.partition(wanted.at)?;
            let offsets = partition.offsets();
            check_range(wanted.at, wanted.from, offsets)?;
            let mut look = Look::new(offsets, end_of(partition), wanted.from.0);
            if look.next >= partition.flushed_end {
                look.take_recent(partition, wanted.bytes_max);
                return Ok(look);
            }
            look
        };
        while look.wants_more(wanted.bytes_max) && self.take_cold(&mut look, wanted)? {}
        Ok(look)
    }

    /// Reads on in a segment, or in memory when the segments are behind; says whether that gave
    /// anything and may go on.
    fn take_cold(&self, look: &mut Look, wanted: Wanted<'_>) -> Result<bool> {
        // While the gate is held no segment is replaced, and no aborted transaction forgotten.
        let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        let at = wanted.at;
        let (topic, segment, hint) = {
            let state = self.state();
            let (topic, partition) = state.partition(at)?;
            if look.next >= partition.flushed_end {
                look.take_recent(partition, wanted.bytes_max);
                return Ok(false);
            }
            let place = place(partition, look.next);
            match place {
                Some((segment, hint)) if look.next >= partition.start => (topic.id, segment, hint),
                // Retention has passed by. What was found before it is still good.
                _ if !look.batches.is_empty() => return Ok(false),
                _ => return Err(out_of_range(at, Offset(look.next), partition.offsets())),
            }
        };
        let directory = segment::directory_of(&at.topic, at.partition);
        let left = wanted.bytes_max.saturating_sub(look.bytes);
        let found = self.reader(&directory, &segment).read(look.next, left, hint)?;
        let (from, taken) = (look.next, look.take(found.batches, wanted.bytes_max));
        let mut state = self.state();
        if let Some(partition) = state.partition_mut(topic, at.partition) {
            look.note_aborted(partition, from);
            if let Some(next) = found.next {
                partition.remember(next);
            }
        }
        Ok(taken)
    }

    /// A reader of `segment` in the partition's `directory`.
    pub(super) fn reader<'a>(
        &'a self,
        directory: &'a str,
        segment: &'a Segment,
    ) -> SegmentReader<'a> {
        SegmentReader { files: &self.files, metrics: &self.metrics, directory, segment }
    }
}

impl Look {
    fn new(offsets: PartitionOffsets, limit: i64, from: i64) -> Self {
        Self { offsets, limit, batches: Vec::new(), bytes: 0, next: from, aborted: Vec::new() }
    }

    fn wants_more(&self, bytes_max: usize) -> bool {
        self.next < self.limit && (self.batches.is_empty() || self.bytes < bytes_max)
    }

    fn take_recent(&mut self, partition: &Partition, bytes_max: usize) {
        let from = self.next;
        if from < self.limit {
            let left = bytes_max.saturating_sub(self.bytes);
            self.take(partition.read_recent(from, self.limit, left), bytes_max);
            self.note_aborted(partition, from);
        }
    }

    /// Takes down the aborted transactions among the batches from `from` on, the last ones taken.
    fn note_aborted(&mut self, partition: &Partition, from: i64) {
        let mut aborted = partition.aborted_within(from, self.next);
        if self.has_earlier(from) {
            // What began before was taken down with the batches before.
            aborted.retain(|range| range.first_offset >= from);
        }
        self.aborted.extend(aborted);
    }

    /// Whether there are batches before `from`.
    fn has_earlier(&self, from: i64) -> bool {
        self.batches.first().is_some_and(|batch| batch.last_offset() < from)
    }

    /// Takes what lies before the limit and fits; says whether that was everything, and something.
    fn take(&mut self, batches: Vec<Batch>, bytes_max: usize) -> bool {
        let has_some = !batches.is_empty();
        for batch in batches {
            let is_too_much = !self.batches.is_empty() && self.bytes + batch.len() > bytes_max;
            if is_too_much || batch.base_offset() >= self.limit {
                return false;
            }
            self.bytes += batch.len();
            self.next = batch.last_offset() + 1;
            self.batches.push(batch);
        }
        has_some
    }
}

/// The segment that holds `from`, and where in it a reader left off.
fn place(partition: &Partition, from: i64) -> Option<(Segment, Option<Hint>)> {
    let number = partition.segments.partition_point(|segment| segment.end <= from);
    let segment = partition.segments.get(number)?;
    Some((segment.clone(), partition.hint(segment.file, from)))
}

fn check_range(at: &TopicPartition, from: Offset, offsets: PartitionOffsets) -> Result<()> {
    if from < offsets.start || from > offsets.end {
        return Err(out_of_range(at, from, offsets));
    }
    Ok(())
}

fn out_of_range(at: &TopicPartition, offset: Offset, offsets: PartitionOffsets) -> Error {
    let PartitionOffsets { start, end, .. } = offsets;
    Error::OffsetOutOfRange { partition: at.clone(), offset, start, end }
}
