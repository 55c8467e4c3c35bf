//! Finding records by their time, by time indexes in segments and one by one in memory.

use std::sync::{Arc, PoisonError};

use records::Batch;
use types::TopicPartition;

use super::core::Core;
use super::segment::{self, Segment};
use super::segment_reader::first_at;
use crate::{Error, Result, TimestampedOffset};

/// What is looked for: the first record at or after a time between two offsets.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    timestamp_ms: i64,
    from: i64,
    end: i64,
}

/// Where it may be.
struct Places {
    segments: Arc<Vec<Segment>>,
    /// The first recent batch that says it has such a record.
    recent: Option<Batch>,
}

impl Core {
    /// The first record at or after `timestamp_ms`; see [`crate::Log::offset_for_timestamp`].
    pub(super) fn offset_for_timestamp(
        &self,
        at: &TopicPartition,
        timestamp_ms: i64,
    ) -> Result<Option<TimestampedOffset>> {
        let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        let from = self.state().partition(at)?.1.start;
        self.search(at, Wanted { timestamp_ms, from, end: i64::MAX })
    }

    /// The first record with the greatest timestamp; see [`super::EmbeddedLog::max_timestamp`].
    pub(super) fn max_timestamp(&self, at: &TopicPartition) -> Result<Option<TimestampedOffset>> {
        let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        let wanted = {
            let state = self.state();
            let (_, partition) = state.partition(at)?;
            let (from, end) = (partition.start, partition.durable_end);
            let held = partition.segments.iter().filter(|segment| segment.end > from);
            let durable = partition.recent_from(from).filter(|batch| batch.last_offset() < end);
            let times = held.map(|segment| segment.max_timestamp_ms);
            let latest = times.chain(durable.map(Batch::max_timestamp_ms)).max();
            latest.map(|timestamp_ms| Wanted { timestamp_ms, from, end })
        };
        wanted.map_or(Ok(None), |wanted| self.search(at, wanted))
    }

    fn search(&self, at: &TopicPartition, mut wanted: Wanted) -> Result<Option<TimestampedOffset>> {
        let Wanted { timestamp_ms, .. } = wanted;
        let directory = segment::directory_of(&at.topic, at.partition);
        loop {
            let Places { segments, recent } = self.places(at, wanted)?;
            let held = segments.iter().filter(|segment| segment.end > wanted.from);
            for segment in held.filter(|segment| segment.max_timestamp_ms >= timestamp_ms) {
                let reader = self.reader(&directory, segment);
                let found = reader.find_timestamp(timestamp_ms, wanted.from)?;
                if found.is_some() {
                    return Ok(found);
                }
            }
            let Some(batch) = recent else { return Ok(None) };
            let found = first_at(&batch, timestamp_ms, wanted.from).map_err(|error| {
                Error::CorruptBatch { partition: at.clone(), reason: error.to_string() }
            })?;
            if found.is_some() {
                return Ok(found);
            }
            // Not what its header says; on behind it.
            wanted.from = batch.last_offset() + 1;
        }
    }

    /// Segments and memory at one moment: what leaves the one is in the other.
    fn places(&self, at: &TopicPartition, wanted: Wanted) -> Result<Places> {
        let state = self.state();
        let (_, partition) = state.partition(at)?;
        let mut recent = partition.recent_from(wanted.from);
        let recent = recent.find(|batch| {
            batch.max_timestamp_ms() >= wanted.timestamp_ms && batch.last_offset() < wanted.end
        });
        Ok(Places { segments: partition.segments.clone(), recent: recent.cloned() })
    }
}
