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
    Commit, CommitId, Committed, Error, Listener, Log, PartitionOffsets, Result, TopicConfig,
    TopicDescription, Visibility,
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
}

#[derive(Debug)]
struct Topic {
    config: TopicConfig,
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

    fn append(&mut self, at: &TopicPartition, bytes: &Bytes, now_ms: i64) -> Result<Offset> {
        let topic = self.topics.get_mut(&*at.topic);
        let topic = topic.ok_or_else(|| Error::UnknownPartition(at.clone()))?;
        let partition = &mut topic.partitions[at.partition as usize];
        let base = partition.end;
        let mut bytes = BytesMut::from(&bytes[..]);
        records::assign_offset(&mut bytes, base, 0);
        if admission::stamps_append_time(&topic.config) {
            records::stamp_append_time(&mut bytes, now_ms);
        }
        let batch = Batch::parse_unverified(&bytes.freeze()).map_err(|error| {
            Error::CorruptBatch { partition: at.clone(), reason: error.to_string() }
        })?;
        partition.end = batch.last_offset() + 1;
        partition.batches.push(batch);
        Ok(Offset(base))
    }
}

impl Partition {
    fn offsets(&self) -> PartitionOffsets {
        let end = Offset(self.end);
        PartitionOffsets { start: Offset::ZERO, durable_end: end, end }
    }

    fn read(&self, from: i64, bytes_max: usize) -> Vec<Bytes> {
        let first = self.batches.partition_point(|batch| batch.last_offset() < from);
        let mut read = Vec::new();
        let mut total = 0;
        for batch in &self.batches[first..] {
            total += batch.len();
            if total > bytes_max && !read.is_empty() {
                break;
            }
            read.push(batch.bytes().clone());
        }
        read
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
        state.topics.insert(name.into(), Topic { config: config.clone(), partitions });
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
        Some(TopicDescription { name: name.clone(), config: topic.config.clone() })
    }

    fn topics(&self) -> Vec<TopicDescription> {
        let state = self.state();
        let describe = |(name, topic): (&Arc<str>, &Topic)| TopicDescription {
            name: name.clone(),
            config: topic.config.clone(),
        };
        state.topics.iter().map(describe).collect()
    }

    fn commit(&self, commit: Commit) -> Result<Committed> {
        let now_ms = self.clock.now_ms();
        let mut grown = Vec::new();
        let committed = {
            let mut state = self.state();
            state.check(&commit)?;
            let mut base_offsets = Vec::with_capacity(commit.appends.len());
            for append in commit.appends {
                base_offsets.push(state.append(&append.partition, &append.batch, now_ms)?);
                grown.push(append.partition);
            }
            for position in commit.positions {
                state.positions.set(position);
            }
            state.commits += 1;
            Committed { id: CommitId(state.commits), base_offsets }
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
    ) -> Result<Vec<Bytes>> {
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
    ) -> Result<Option<Offset>> {
        let candidates = self.state().partition(at)?.batches.clone();
        for batch in candidates.iter().filter(|batch| batch.max_timestamp_ms() >= timestamp_ms) {
            let records = batch.records().map_err(|error| Error::CorruptBatch {
                partition: at.clone(),
                reason: error.to_string(),
            })?;
            let found = records.iter().find(|record| record.timestamp_ms >= timestamp_ms);
            if let Some(record) = found {
                return Ok(Some(Offset(record.offset)));
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
