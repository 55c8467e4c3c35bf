//! The log in memory: for TestDriver and the unit tests of everyone who needs a [`Log`]. What is
//! committed counts as durable at once, nothing outlives the process, and nothing is ever removed
//! by retention or compaction.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::{Bytes, BytesMut};
use records::Batch;
use types::seams::Clock;
use types::{Offset, TopicPartition};

use crate::admission;
use crate::listeners::Listeners;
use crate::positions::Positions;
use crate::{
    Appended, Chunk, Commit, CommitId, Committed, Error, Listener, Log, PartitionOffsets, Result,
    TimestampedOffset, TopicConfig, TopicDescription, Visibility,
};

/// A [`Log`] without a disk.
#[derive(Debug)]
pub struct MemoryLog {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    listeners: Listeners,
}

#[derive(Debug, Default)]
struct State {
    topics: BTreeMap<Arc<str>, Topic>,
    positions: Positions,
    commits: u64,
    next_topic: u128,
}

#[derive(Debug)]
struct Topic {
    id: u128,
    config: Arc<TopicConfig>,
    partitions: Vec<Partition>,
}

#[derive(Debug, Default)]
struct Partition {
    batches: Vec<Batch>,
    end: i64,
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

impl State {
    fn topic(&self, at: &TopicPartition) -> Result<&Topic> {
        self.topics.get(&*at.topic).ok_or_else(|| Error::UnknownPartition(at.clone()))
    }

    fn partition(&self, at: &TopicPartition) -> Result<&Partition> {
        let partitions = &self.topic(at)?.partitions;
        let index = usize::try_from(at.partition).ok();
        index
            .and_then(|index| partitions.get(index))
            .ok_or_else(|| Error::UnknownPartition(at.clone()))
    }

    /// Checks everything before anything changes, so that a refused commit leaves no trace.
    fn check(&self, commit: &Commit) -> Result<()> {
        for append in &commit.appends {
            self.partition(&append.partition)?;
            let config = &self.topic(&append.partition)?.config;
            admission::check_batch(&append.partition, &append.batch, config)?;
        }
        for position in &commit.positions {
            self.partition(&position.partition)?;
        }
        Ok(())
    }

    fn append(&mut self, at: &TopicPartition, bytes: &Bytes, now_ms: i64) -> Result<Appended> {
        let topic = self.topics.get_mut(&*at.topic);
        let topic = topic.ok_or_else(|| Error::UnknownPartition(at.clone()))?;
        let partition = &mut topic.partitions[at.partition as usize];
        let base = partition.end;
        let mut bytes = BytesMut::from(&bytes[..]);
        records::assign_offset(&mut bytes, base, 0);
        let append_time_ms = admission::stamps_append_time(&topic.config).then_some(now_ms);
        if append_time_ms.is_some() {
            records::stamp_append_time(&mut bytes, now_ms);
        }
        let batch = Batch::parse_unverified(&bytes.freeze()).map_err(|error| {
            Error::CorruptBatch { partition: at.clone(), reason: error.to_string() }
        })?;
        partition.end = batch.last_offset() + 1;
        partition.batches.push(batch);
        Ok(Appended { base_offset: Offset(base), append_time_ms, is_duplicate: false })
    }
}

impl Topic {
    fn describe(&self, name: &Arc<str>) -> TopicDescription {
        TopicDescription { id: self.id, name: name.clone(), config: self.config.clone() }
    }
}

impl Partition {
    fn offsets(&self) -> PartitionOffsets {
        let end = Offset(self.end);
        PartitionOffsets { start: Offset::ZERO, stable: end, durable_end: end, end }
    }

    fn read(&self, from: i64, bytes_max: usize) -> Chunk {
        let first = self.batches.partition_point(|batch| batch.last_offset() < from);
        let mut chunk = Chunk { batches: Vec::new(), next: Offset(from) };
        let mut total = 0;
        for batch in &self.batches[first..] {
            total += batch.len();
            if total > bytes_max && !chunk.batches.is_empty() {
                break;
            }
            chunk.batches.push(batch.bytes().clone());
            chunk.next = Offset(batch.last_offset() + 1);
        }
        chunk
    }
}

impl Log for MemoryLog {
    fn create_topic(&self, name: &str, config: &TopicConfig) -> Result<()> {
        admission::check_topic(name, config)?;
        let mut state = self.state();
        if state.topics.contains_key(name) {
            return Err(Error::TopicExists(name.to_owned()));
        }
        let partitions = (0..config.partitions).map(|_| Partition::default()).collect();
        state.next_topic += 1;
        let (id, config) = (state.next_topic, Arc::new(config.clone()));
        state.topics.insert(name.into(), Topic { id, config, partitions });
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
            state.check(&commit)?;
            let mut appended = Vec::with_capacity(commit.appends.len());
            for append in commit.appends {
                appended.push(state.append(&append.partition, &append.batch, now_ms)?);
                grown.push(append.partition);
            }
            for position in commit.positions {
                state.positions.set(position);
            }
            state.commits += 1;
            Committed { id: CommitId(state.commits), appended }
        };
        grown.sort_unstable();
        grown.dedup();
        self.listeners.notify(&grown, Visibility::Committed);
        self.listeners.notify(&grown, Visibility::Durable);
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
        self.state().positions.of_group(group)
    }

    fn groups(&self) -> Vec<String> {
        self.state().positions.groups()
    }

    fn delete_group(&self, group: &str) -> Result<()> {
        self.state().positions.remove_group(group);
        Ok(())
    }

    fn subscribe(&self, listener: Weak<dyn Listener>) {
        self.listeners.add(listener);
    }
}
