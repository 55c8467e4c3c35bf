//! Reads: recent batches from memory, older ones from segments.

use std::sync::{Arc, PoisonError};

use records::Batch;
use types::{Offset, TopicPartition};

use super::core::Core;
use super::partition::{Hint, Partition};
use super::segment::{self, Segment};
use super::segment_reader::{SegmentReader, first_at};
use super::state::TopicId;
use crate::{Chunk, Error, PartitionOffsets, Result, TimestampedOffset, Visibility};

/// A segment to read, and where to begin.
struct Cold {
    topic: TopicId,
    segments: Arc<Vec<Segment>>,
    number: usize,
    hint: Option<Hint>,
}

impl Core {
    /// Whole batches from the one that holds `from` on; see [`crate::Log::read`].
    pub(super) fn read(
        &self,
        at: &TopicPartition,
        from: Offset,
        bytes_max: usize,
        visibility: Visibility,
    ) -> Result<Chunk> {
        let batches = self.read_batches(at, from, bytes_max, visibility)?;
        let next = batches.last().map_or(from.0, |batch| batch.last_offset() + 1);
        let batches = batches.iter().map(|batch| batch.bytes().clone()).collect();
        Ok(Chunk { batches, next: Offset(next) })
    }

    fn read_batches(
        &self,
        at: &TopicPartition,
        from: Offset,
        bytes_max: usize,
        visibility: Visibility,
    ) -> Result<Vec<Batch>> {
        {
            let state = self.state();
            let (_, partition) = state.partition(at)?;
            check_range(at, from, partition.offsets())?;
            if from.0 >= partition.flushed_end {
                let end = partition.visible_end(visibility);
                return Ok(partition.read_recent(from.0, end, bytes_max));
            }
        }
        self.read_segments(at, from, bytes_max)
    }

    fn read_segments(
        &self,
        at: &TopicPartition,
        from: Offset,
        bytes_max: usize,
    ) -> Result<Vec<Batch>> {
        let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        let cold = {
            let state = self.state();
            let (topic, partition) = state.partition(at)?;
            // Retention may have passed by since the gate was open.
            check_range(at, from, partition.offsets())?;
            cold(topic.id, partition, from.0)
                .ok_or_else(|| out_of_range(at, from, partition.offsets()))?
        };
        let directory = segment::directory_of(&at.topic, at.partition);
        let segment = &cold.segments[cold.number];
        let found = self.reader(&directory, segment).read(from.0, bytes_max, cold.hint)?;
        if let Some(next) = found.next {
            self.remember(cold.topic, at.partition, next);
        }
        Ok(found.batches)
    }

    fn remember(&self, id: TopicId, partition: i32, hint: Hint) {
        if let Some((_, partition)) = self.state().partition_mut(id, partition) {
            partition.remember(hint);
        }
    }

    /// A reader of `segment` in the partition's `directory`.
    pub(super) fn reader<'a>(
        &'a self,
        directory: &'a str,
        segment: &'a Segment,
    ) -> SegmentReader<'a> {
        SegmentReader { files: &self.files, metrics: &self.metrics, directory, segment }
    }

    /// The first offset at or after `timestamp_ms`; see [`crate::Log::offset_for_timestamp`].
    pub(super) fn offset_for_timestamp(
        &self,
        at: &TopicPartition,
        timestamp_ms: i64,
    ) -> Result<Option<TimestampedOffset>> {
        let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        let (segments, start, recent) = {
            let state = self.state();
            let (_, partition) = state.partition(at)?;
            let recent: Vec<Batch> =
                partition.recent().map(|recent| recent.batch.clone()).collect();
            (partition.segments.clone(), partition.start, recent)
        };
        let directory = segment::directory_of(&at.topic, at.partition);
        for segment in segments.iter().filter(|s| s.max_timestamp_ms >= timestamp_ms) {
            let reader = self.reader(&directory, segment);
            if let Some(found) = reader.find_timestamp(timestamp_ms, start)? {
                return Ok(Some(found));
            }
        }
        for batch in recent {
            let found = first_at(&batch, timestamp_ms, start).map_err(|error| {
                Error::CorruptBatch { partition: at.clone(), reason: error.to_string() }
            })?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

fn cold(topic: TopicId, partition: &Partition, from: i64) -> Option<Cold> {
    let segments = partition.segments.clone();
    let number = segments.partition_point(|segment| segment.end <= from);
    let hint = partition.hint(segments.get(number)?.file, from);
    Some(Cold { topic, segments, number, hint })
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
