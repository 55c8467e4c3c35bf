//! Everything the log knows in memory. Commits change it, live and when they are read back from the
//! journal, through one and the same function: [`State::apply`].

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use hashbrown::HashMap;
use records::Batch;
use types::TopicPartition;

use super::checkpoint::{self, Checkpoint};
use super::frame::{self, Operation};
use super::offsets_topic;
use super::partition::Partition;
use super::segment;
use crate::positions::Positions;
use crate::{Error, Position, Result, TopicConfig, TopicDescription};

/// Identity of a topic: a deleted topic's name may come back, its id does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct TopicId(pub(super) u64);

/// The log in memory.
#[derive(Debug, Default)]
pub(super) struct State {
    topics: BTreeMap<Arc<str>, Topic>,
    names: HashMap<TopicId, Arc<str>>,
    pub(super) positions: Positions,
    /// Bytes of all recent batches of all partitions.
    pub(super) recent_bytes: usize,
    /// What readers of durable records are still to be told, in order of commits.
    growth: VecDeque<Growth>,
    /// Directories of deleted topics, with the commits that deleted them.
    removals: Vec<Removal>,
    next_topic: u64,
    log_id: u64,
}

/// A topic.
#[derive(Debug)]
pub(super) struct Topic {
    pub(super) id: TopicId,
    pub(super) config: Arc<TopicConfig>,
    pub(super) partitions: Vec<Partition>,
}

#[derive(Debug)]
struct Growth {
    commit: u64,
    topic: TopicId,
    at: TopicPartition,
    end: i64,
}

#[derive(Clone, Debug)]
struct Removal {
    commit: u64,
    directory: String,
}

impl State {
    /// The state that a checkpoint describes.
    pub(super) fn restored(checkpoint: Checkpoint) -> Self {
        let mut state = Self {
            next_topic: checkpoint.next_topic,
            log_id: checkpoint.log_id,
            ..Self::default()
        };
        for topic in checkpoint.topics {
            state.names.insert(topic.id, topic.name.clone());
            let partitions = topic.partitions.into_iter().map(Partition::restored).collect();
            let restored = Topic { id: topic.id, config: topic.config, partitions };
            state.topics.insert(topic.name, restored);
        }
        for position in checkpoint.positions {
            state.positions.set(position);
        }
        state
    }

    /// What a checkpoint keeps of the topics, by id.
    pub(super) fn saved_topics(&self) -> Vec<checkpoint::Topic> {
        let save = |(name, topic): (&Arc<str>, &Topic)| checkpoint::Topic {
            id: topic.id,
            name: name.clone(),
            config: topic.config.clone(),
            partitions: topic.partitions.iter().map(Partition::saved).collect(),
        };
        let mut saved: Vec<_> = self.topics.iter().map(save).collect();
        saved.sort_unstable_by_key(|topic| topic.id);
        saved
    }

    /// The id that the next created topic gets.
    pub(super) fn next_topic(&self) -> TopicId {
        TopicId(self.next_topic)
    }

    /// The topic called `name`.
    pub(super) fn topic(&self, name: &str) -> Option<&Topic> {
        self.topics.get(name)
    }

    /// Every topic, by name.
    pub(super) fn topics(&self) -> impl Iterator<Item = (&Arc<str>, &Topic)> {
        self.topics.iter()
    }

    /// The topic called `name`, for those outside.
    pub(super) fn describe(&self, name: &str) -> Option<TopicDescription> {
        let (name, topic) = self.topics.get_key_value(name)?;
        let id = u128::from(self.log_id) << 64 | u128::from(topic.id.0);
        Some(TopicDescription { id, name: name.clone(), config: topic.config.clone() })
    }

    /// Partition `at` with its topic. Fails when there is none.
    pub(super) fn partition(&self, at: &TopicPartition) -> Result<(&Topic, &Partition)> {
        let unknown = || Error::UnknownPartition(at.clone());
        let topic = self.topics.get(&*at.topic).ok_or_else(unknown)?;
        let index = usize::try_from(at.partition).map_err(|_| unknown())?;
        Ok((topic, topic.partitions.get(index).ok_or_else(unknown)?))
    }

    /// Partition `partition` of topic `id`, and the topic's name.
    pub(super) fn partition_mut(
        &mut self,
        id: TopicId,
        partition: i32,
    ) -> Option<(&Arc<str>, &mut Partition)> {
        let name = self.names.get(&id)?;
        let topic = self.topics.get_mut(name)?;
        Some((name, topic.partitions.get_mut(usize::try_from(partition).ok()?)?))
    }

    /// Does what the payload of commit `commit` says; returns the partitions that grew. `Err` says
    /// what does not fit; that cannot happen to a commit that was checked before it was written.
    pub(super) fn apply(
        &mut self,
        commit: u64,
        payload: &Bytes,
    ) -> std::result::Result<Vec<TopicPartition>, &'static str> {
        let operations = frame::operations(payload).ok_or("the commit is not understood")?;
        let mut grown: Vec<TopicPartition> = Vec::new();
        for operation in operations {
            match operation {
                Operation::Append { topic, partition, batch } => {
                    let at = self.append(commit, topic, partition, &batch)?;
                    if grown.last() != Some(&at) {
                        grown.push(at);
                    }
                }
                Operation::CreateTopic { id, name, config } => self.create(id, name, config),
                Operation::DeleteTopic { id } => self.delete(commit, id),
            }
        }
        grown.sort_unstable();
        grown.dedup();
        Ok(grown)
    }

    fn append(
        &mut self,
        commit: u64,
        id: TopicId,
        number: i32,
        bytes: &Bytes,
    ) -> std::result::Result<TopicPartition, &'static str> {
        let batch = Batch::parse_unverified(bytes).map_err(|_| "a batch is malformed")?;
        let length = batch.len();
        let (name, partition) =
            self.partition_mut(id, number).ok_or("a batch is for an unknown partition")?;
        if batch.base_offset() != partition.end {
            return Err("a batch does not follow the one before it");
        }
        partition.append(commit, batch);
        let at = TopicPartition { topic: name.clone(), partition: number };
        let end = partition.end;
        self.recent_bytes += length;
        if &*at.topic == offsets_topic::NAME {
            self.move_positions(bytes);
        }
        self.growth.push_back(Growth { commit, topic: id, at: at.clone(), end });
        Ok(at)
    }

    fn move_positions(&mut self, batch: &Bytes) {
        for moved in offsets_topic::moved(batch) {
            match moved.offset {
                Some(offset) => {
                    self.positions.set(Position::new(moved.group, moved.partition, offset));
                }
                None => self.positions.remove(&moved.group, &moved.partition),
            }
        }
    }

    fn create(&mut self, id: TopicId, name: String, config: TopicConfig) {
        let name: Arc<str> = name.into();
        let partitions = (0..config.partitions).map(|_| Partition::default()).collect();
        self.names.insert(id, name.clone());
        self.topics.insert(name, Topic { id, config: Arc::new(config), partitions });
        self.next_topic = self.next_topic.max(id.0 + 1);
    }

    fn delete(&mut self, commit: u64, id: TopicId) {
        let Some(name) = self.names.remove(&id) else { return };
        let Some(topic) = self.topics.remove(&name) else { return };
        self.positions.remove_topic(&name);
        for (number, partition) in topic.partitions.iter().enumerate() {
            self.recent_bytes -= partition.recent_bytes();
            let directory = segment::directory_of(&name, number as i32);
            self.removals.push(Removal { commit, directory });
        }
    }

    /// Makes everything up to `commit` visible to readers of durable records; returns the partitions
    /// that grew.
    pub(super) fn make_durable(&mut self, commit: u64) -> Vec<TopicPartition> {
        let mut grown = Vec::new();
        while self.growth.front().is_some_and(|growth| growth.commit <= commit) {
            let Some(Growth { topic, at, end, .. }) = self.growth.pop_front() else { break };
            if let Some((_, partition)) = self.partition_mut(topic, at.partition) {
                partition.durable_end = end;
                grown.push(at);
            }
        }
        grown.sort_unstable();
        grown.dedup();
        grown
    }

    /// Directories of topics deleted at or before `commit`.
    pub(super) fn removals_until(&self, commit: u64) -> Vec<String> {
        let until = self.removals.iter().filter(|removal| removal.commit <= commit);
        until.map(|removal| removal.directory.clone()).collect()
    }

    /// Forgets the directories of topics deleted at or before `commit`: they are gone.
    pub(super) fn removed_until(&mut self, commit: u64) {
        self.removals.retain(|removal| removal.commit > commit);
    }

    /// Every position of every group.
    pub(super) fn all_positions(&self) -> Vec<Position> {
        let mut all = Vec::new();
        for group in self.positions.groups() {
            let group: Arc<str> = group.into();
            let of_group = self.positions.of_group(&group);
            let position = |(partition, offset)| Position::new(group.clone(), partition, offset);
            all.extend(of_group.into_iter().map(position));
        }
        all
    }
}
