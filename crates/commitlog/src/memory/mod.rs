//! The log in memory: for TestDriver and the unit tests of everyone who needs a [`Log`]. What is
//! committed counts as durable at once, nothing outlives the process, and nothing is ever removed
//! by retention or compaction.

mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use types::seams::Clock;
use types::{Offset, TopicPartition};

use self::state::{Partition, State, Topic};
use crate::admission;
use crate::listeners::Listeners;
use crate::{
    Chunk, Commit, CommitId, Committed, Error, Listener, Log, PartitionOffsets, Result,
    TimestampedOffset, TopicConfig, TopicDescription, Visibility,
};

/// A [`Log`] without a disk.
#[derive(Debug)]
pub struct MemoryLog {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    listeners: Listeners,
}

impl MemoryLog {
    /// An empty log; `clock` is read for topics whose records bear the time of their append.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, state: Mutex::default(), listeners: Listeners::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log for MemoryLog {
    fn create_topic(&self, name: &str, config: &TopicConfig) -> Result<()> {
        admission::check_topic(name, config)?;
        let mut state = self.state();
        if state.topics.contains_key(name) {
            return Err(Error::TopicExists(name.to_owned()));
        }
        state.next_topic += 1;
        let topic = Topic::new(state.next_topic, config);
        state.topics.insert(name.into(), topic);
        Ok(())
    }

    fn delete_topic(&self, name: &str) -> Result<()> {
        let mut state = self.state();
        if state.topics.remove(name).is_none() {
            return Err(Error::UnknownPartition(TopicPartition::new(name, 0)));
        }
        state.positions.remove_topic(name);
        Ok(())
    }

    fn topic(&self, name: &str) -> Option<TopicDescription> {
        let state = self.state();
        let (name, topic) = state.topics.get_key_value(name)?;
        Some(topic.describe(name))
    }

    fn topics(&self) -> Vec<TopicDescription> {
        let state = self.state();
        state.topics.iter().map(|(name, topic)| topic.describe(name)).collect()
    }

    fn commit(&self, commit: Commit) -> Result<Committed> {
        let now_ms = self.clock.now_ms();
        let mut grown = Vec::new();
        let committed = {
            let mut state = self.state();
            let checked = state.check(&commit, now_ms)?;
            state.commits += 1;
            let partitions = commit.appends.iter().map(|append| &append.partition);
            grown.extend(partitions.cloned());
            grown.extend(commit.markers.iter().map(|marker| marker.partition.clone()));
            let appended = checked.into_iter().map(|checked| state.append(checked, now_ms));
            let mut appended = appended.collect::<Result<Vec<_>>>()?;
            appended.truncate(commit.appends.len());
            for position in commit.positions {
                state.set_position(position, now_ms);
            }
            Committed { id: CommitId(state.commits), appended }
        };
        grown.sort_unstable();
        grown.dedup();
        self.listeners.notify(&grown, Visibility::Committed);
        self.listeners.notify(&grown, Visibility::Durable);
        self.listeners.notify_durable(committed.id);
        Ok(committed)
    }

    fn wait_durable(&self, _commit: CommitId) -> Result<()> {
        Ok(())
    }

    fn read(
        &self,
        at: &TopicPartition,
        from: Offset,
        bytes_max: usize,
        _visibility: Visibility,
    ) -> Result<Chunk> {
        let state = self.state();
        let partition = state.partition(at)?;
        let PartitionOffsets { start, end, .. } = partition.offsets();
        if from < start || from > end {
            return Err(Error::OffsetOutOfRange {
                partition: at.clone(),
                offset: from,
                start,
                end,
            });
        }
        Ok(partition.read(from.0, bytes_max))
    }

    fn offsets(&self, at: &TopicPartition) -> Result<PartitionOffsets> {
        self.state().partition(at).map(Partition::offsets)
    }

    fn offset_for_timestamp(
        &self,
        at: &TopicPartition,
        timestamp_ms: i64,
    ) -> Result<Option<TimestampedOffset>> {
        let candidates = self.state().partition(at)?.batches.clone();
        for batch in candidates.iter().filter(|batch| batch.max_timestamp_ms() >= timestamp_ms) {
            let records = batch.records().map_err(|error| Error::CorruptBatch {
                partition: at.clone(),
                reason: error.to_string(),
            })?;
            let found = records.iter().find(|record| record.timestamp_ms >= timestamp_ms);
            if let Some(record) = found {
                let (offset, timestamp_ms) = (Offset(record.offset), record.timestamp_ms);
                return Ok(Some(TimestampedOffset { offset, timestamp_ms }));
            }
        }
        Ok(None)
    }

    fn position(&self, group: &str, at: &TopicPartition) -> Option<Offset> {
        self.state().positions.position(group, at)
    }

    fn positions(&self, group: &str) -> Vec<(TopicPartition, Offset)> {
        let of_group = self.state().positions.of_group(group);
        of_group.into_iter().map(|(at, committed)| (at, committed.offset)).collect()
    }

    fn groups(&self) -> Vec<String> {
        self.state().positions.groups()
    }

    fn delete_group(&self, group: &str) -> Result<()> {
        self.state().delete_group(group);
        Ok(())
    }

    fn allocate_producer_id(&self) -> Result<i64> {
        let mut state = self.state();
        state.next_producer_id += 1;
        Ok(state.next_producer_id - 1)
    }

    fn subscribe(&self, listener: Weak<dyn Listener>) {
        self.listeners.add(listener);
    }
}
