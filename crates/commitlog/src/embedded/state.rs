//! Everything the log knows in memory. Commits change it, live and when they are read back from the
//! journal, through one and the same function: [`State::apply`] in `applying`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use hashbrown::HashMap;
use types::TopicPartition;

use super::checkpoint::{self, Checkpoint};
use super::files::FileId;
use super::partition::Partition;
use super::producer_ids::ProducerIds;
use crate::positions::Positions;
use crate::{Error, Result, TopicConfig, TopicDescription};

/// Identity of a topic: a deleted topic's name may come back, its id does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct TopicId(pub(super) u64);

/// The log in memory.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) names: BTreeMap<Arc<str>, TopicId>,
    pub(super) topics: HashMap<TopicId, Topic>,
    pub(super) positions: Positions,
    pub(super) producer_ids: ProducerIds,
    /// Bytes of all recent batches of all partitions.
    pub(super) recent_bytes: usize,
    /// What readers of durable records are still to be told, in order of commits.
    pub(super) growth: VecDeque<Growth>,
    /// Directories of deleted topics, with the commits that deleted them.
    pub(super) removals: Vec<Removal>,
    pub(super) next_topic: u64,
    log_id: u64,
}

/// A topic.
#[derive(Debug)]
pub(super) struct Topic {
    pub(super) id: TopicId,
    pub(super) name: Arc<str>,
    pub(super) config: Arc<TopicConfig>,
    pub(super) partitions: Vec<Partition>,
}

/// A partition ends at `end` since `commit`.
#[derive(Debug)]
pub(super) struct Growth {
    pub(super) commit: u64,
    pub(super) topic: TopicId,
    pub(super) partition: i32,
    pub(super) end: i64,
}

/// A directory that goes when `commit` is in the checkpoint.
#[derive(Clone, Debug)]
pub(super) struct Removal {
    pub(super) commit: u64,
    pub(super) directory: String,
    /// The segments in it.
    pub(super) files: Vec<FileId>,
}

impl State {
    /// The state that a checkpoint describes.
    pub(super) fn restored(checkpoint: Checkpoint) -> Self {
        let mut state = Self {
            next_topic: checkpoint.next_topic,
            log_id: checkpoint.log_id,
            producer_ids: ProducerIds::restored(checkpoint.producer_ids),
            ..Self::default()
        };
        checkpoint.topics.into_iter().for_each(|topic| state.adopt(topic));
        for change in checkpoint.positions {
            state.positions.apply(change);
        }
        for pending in checkpoint.pending {
            let (partition, producer_id) = (pending.partition, pending.producer_id);
            state.positions.suspend(partition, producer_id, pending.moves);
        }
        state
    }

    /// Takes in a topic that a checkpoint describes.
    pub(super) fn adopt(&mut self, topic: checkpoint::Topic) {
        let checkpoint::Topic { id, name, config, partitions } = topic;
        let partitions = partitions.into_iter().map(Partition::restored).collect();
        self.names.insert(name.clone(), id);
        self.topics.insert(id, Topic { id, name, config, partitions });
        self.next_topic = self.next_topic.max(id.0 + 1);
    }

    /// What a checkpoint keeps of the topics, by id.
    pub(super) fn saved_topics(&self) -> Vec<checkpoint::Topic> {
        let save = |topic: &Topic| checkpoint::Topic {
            id: topic.id,
            name: topic.name.clone(),
            config: topic.config.clone(),
            partitions: topic.partitions.iter().map(Partition::saved).collect(),
        };
        let mut saved: Vec<_> = self.topics.values().map(save).collect();
        saved.sort_unstable_by_key(|topic| topic.id);
        saved
    }

    /// The id that the next created topic gets.
    pub(super) fn next_topic(&self) -> TopicId {
        TopicId(self.next_topic)
    }

    /// The topic called `name`.
    pub(super) fn topic(&self, name: &str) -> Option<&Topic> {
        self.topics.get(self.names.get(name)?)
    }

    /// Every topic, by name.
    pub(super) fn topics(&self) -> impl Iterator<Item = &Topic> {
        self.names.values().filter_map(|id| self.topics.get(id))
    }

    /// `topic` for those outside.
    pub(super) fn describe(&self, topic: &Topic) -> TopicDescription {
        TopicDescription {
            id: u128::from(self.log_id) << 64 | u128::from(topic.id.0),
            name: topic.name.clone(),
            config: topic.config.clone(),
        }
    }

    /// The topic that [`Self::describe`] gave `id`.
    pub(super) fn topic_by_id(&self, id: u128) -> Option<&Topic> {
        if (id >> 64) as u64 != self.log_id {
            return None;
        }
        self.topics.get(&TopicId(id as u64))
    }

    /// Partition `at` with its topic. Fails when there is none.
    pub(super) fn partition(&self, at: &TopicPartition) -> Result<(&Topic, &Partition)> {
        let unknown = || Error::UnknownPartition(at.clone());
        let topic = self.topic(&at.topic).ok_or_else(unknown)?;
        let index = usize::try_from(at.partition).map_err(|_| unknown())?;
        Ok((topic, topic.partitions.get(index).ok_or_else(unknown)?))
    }

    /// Partition `partition` of topic `id`.
    pub(super) fn partition_of(&self, id: TopicId, partition: i32) -> Option<&Partition> {
        self.topics.get(&id)?.partitions.get(usize::try_from(partition).ok()?)
    }

    /// Partition `partition` of topic `id`, to change it.
    pub(super) fn partition_mut(&mut self, id: TopicId, partition: i32) -> Option<&mut Partition> {
        self.topics.get_mut(&id)?.partitions.get_mut(usize::try_from(partition).ok()?)
    }

    /// Makes everything up to `commit` visible to readers of durable records; returns the partitions
    /// that grew. A partition is told once however often it grew: at the opening of a log that is as
    /// often as the journal has commits.
    pub(super) fn make_durable(&mut self, commit: u64) -> Vec<TopicPartition> {
        let until = self.growth.partition_point(|growth| growth.commit <= commit);
        let mut growth: Vec<Growth> = self.growth.drain(..until).collect();
        growth.sort_unstable_by_key(|it| (it.topic, it.partition, Reverse(it.end)));
        growth.dedup_by_key(|it| (it.topic, it.partition));
        let mut grown: Vec<TopicPartition> =
            growth.into_iter().filter_map(|growth| self.show(&growth)).collect();
        grown.sort_unstable();
        grown
    }

    /// Shows readers of durable records how far a partition has grown, unless it was deleted.
    fn show(&mut self, growth: &Growth) -> Option<TopicPartition> {
        let topic = self.topics.get_mut(&growth.topic)?;
        let partition = topic.partitions.get_mut(growth.partition as usize)?;
        partition.make_durable(growth.end);
        Some(TopicPartition { topic: topic.name.clone(), partition: growth.partition })
    }

    /// Directories of topics deleted at or before `commit`.
    pub(super) fn removals_until(&self, commit: u64) -> Vec<Removal> {
        self.removals.iter().filter(|removal| removal.commit <= commit).cloned().collect()
    }

    /// Forgets the directories of topics deleted at or before `commit`: they are gone.
    pub(super) fn removed_until(&mut self, commit: u64) {
        self.removals.retain(|removal| removal.commit > commit);
    }
}
