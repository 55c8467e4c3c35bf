//! Finding records by their time, by time indexes in segments and one by one in memory.

use std::sync::{Arc, PoisonError};

use records::Batch;
use types::TopicPartition;

use super::core::Core;
use super::segment::{self, Segment};
use super::segment_reader::first_at;
use crate::{Error, Result, TimestampedOffset};

/// What a partition holds.
struct Holdings {
    segments: Arc<Vec<Segment>>,
    start: i64,
    recent: Vec<Batch>,
}

impl Core {
    /// The first record at or after `timestamp_ms`; see [`crate::Log::offset_for_timestamp`].
    pub(super) fn offset_for_timestamp(
        &self,
        at: &TopicPartition,
        timestamp_ms: i64,
    ) -> Result<Option<TimestampedOffset>> {
        let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        let holdings = self.holdings(at)?;
        self.search(at, &holdings, timestamp_ms)
    }

    /// The first record with the greatest timestamp; see [`super::EmbeddedLog::max_timestamp`].
    pub(super) fn max_timestamp(&self, at: &TopicPartition) -> Result<Option<TimestampedOffset>> {
        let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        let mut holdings = self.holdings(at)?;
        let durable_end = self.state().partition(at)?.1.durable_end;
        holdings.recent.retain(|batch| batch.last_offset() < durable_end);
        let held = holdings.segments.iter().filter(|segment| segment.end > holdings.start);
        let in_segments = held.map(|segment| segment.max_timestamp_ms);
        let recent = holdings.recent.iter().map(Batch::max_timestamp_ms);
        match in_segments.chain(recent).max() {
            Some(timestamp_ms) => self.search(at, &holdings, timestamp_ms),
            None => Ok(None),
        }
    }

    fn holdings(&self, at: &TopicPartition) -> Result<Holdings> {
        let state = self.state();
        let (_, partition) = state.partition(at)?;
        let recent = partition.recent().map(|recent| recent.batch.clone()).collect();
        Ok(Holdings { segments: partition.segments.clone(), start: partition.start, recent })
    }

    fn search(
        &self,
        at: &TopicPartition,
        holdings: &Holdings,
        timestamp_ms: i64,
    ) -> Result<Option<TimestampedOffset>> {
        let Holdings { segments, start, recent } = holdings;
        let directory = segment::directory_of(&at.topic, at.partition);
        for segment in segments.iter().filter(|s| s.max_timestamp_ms >= timestamp_ms) {
            let found = self.reader(&directory, segment).find_timestamp(timestamp_ms, *start)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        for batch in recent {
            let found = first_at(batch, timestamp_ms, *start).map_err(|error| {
                Error::CorruptBatch { partition: at.clone(), reason: error.to_string() }
            })?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}
