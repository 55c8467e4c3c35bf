//! Commits change the state here, live and when they are read back from the journal. Nothing is
//! refused: what does not fit was kept out before it was written.

use std::sync::Arc;

use bytes::Bytes;
use records::{Batch, ControlKind};
use types::TopicPartition;

use super::frame::Operation;
use super::offsets_topic;
use super::partition::Partition;
use super::segment;
use super::state::{Growth, Removal, State, Topic, TopicId};
use crate::TopicConfig;

/// What does not fit; that cannot happen to a commit that was checked before it was written.
type Applied<T> = std::result::Result<T, &'static str>;

/// The commit that is applied, and when by the steady clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) commit: u64,
    pub(super) now_ms: i64,
}

impl State {
    /// Does what `operations` of a commit say; returns the partitions that grew.
    pub(super) fn apply(
        &mut self,
        moment: Moment,
        operations: Vec<Operation>,
    ) -> Applied<Vec<TopicPartition>> {
        let mut grown: Vec<(TopicId, i32)> = Vec::new();
        for operation in operations {
            match operation {
                Operation::Append { topic, partition, batch } => {
                    self.append(moment, topic, partition, &batch)?;
                    if grown.last() != Some(&(topic, partition)) {
                        grown.push((topic, partition));
                    }
                }
                Operation::CreateTopic { id, name, config } => self.create(id, name, config),
                Operation::DeleteTopic { id } => self.delete(moment.commit, id),
                Operation::AlterTopic { id, config } => self.alter(id, config),
                Operation::MoveStart { topic, partition, start } => {
                    self.move_start(topic, partition, start);
                }
                Operation::ReserveProducerIds { until } => {
                    self.producer_ids.reserve(until, moment.commit);
                }
            }
        }
        grown.sort_unstable();
        grown.dedup();
        Ok(grown.into_iter().filter_map(|grown| self.note_growth(moment.commit, grown)).collect())
    }

    fn append(&mut self, moment: Moment, id: TopicId, number: i32, bytes: &Bytes) -> Applied<()> {
        let batch = Batch::parse_unverified(bytes).map_err(|_| "a batch is malformed")?;
        let topic = self.topics.get_mut(&id).ok_or("a batch is for an unknown topic")?;
        let partition = topic.partitions.get_mut(number as usize);
        let partition = partition.ok_or("a batch is for an unknown partition")?;
        if batch.base_offset() != partition.end {
            return Err("a batch does not follow the one before it");
        }
        if &*topic.name == offsets_topic::NAME {
            move_positions(&mut self.positions, number, &batch);
        }
        self.recent_bytes += batch.len();
        partition.append(moment, batch);
        Ok(())
    }

    fn note_growth(
        &mut self,
        commit: u64,
        (id, partition): (TopicId, i32),
    ) -> Option<TopicPartition> {
        // Deleted by the same commit.
        let topic = self.topics.get(&id)?;
        let end = topic.partitions.get(partition as usize)?.end;
        self.growth.push_back(Growth { commit, topic: id, partition, end });
        Some(TopicPartition { topic: topic.name.clone(), partition })
    }

    fn create(&mut self, id: TopicId, name: String, config: TopicConfig) {
        let name: Arc<str> = name.into();
        let partitions = (0..config.partitions).map(|_| Partition::default()).collect();
        let config = Arc::new(config);
        self.names.insert(name.clone(), id);
        self.topics.insert(id, Topic { id, name, config, partitions });
        self.next_topic = self.next_topic.max(id.0 + 1);
    }

    fn delete(&mut self, commit: u64, id: TopicId) {
        let Some(topic) = self.topics.remove(&id) else { return };
        self.names.remove(&topic.name);
        self.positions.remove_topic(&topic.name);
        for (number, partition) in topic.partitions.iter().enumerate() {
            self.recent_bytes -= partition.recent_bytes();
            let directory = segment::directory_of(&topic.name, number as i32);
            let files = partition.segments.iter().map(|segment| segment.file).collect();
            self.removals.push(Removal { commit, directory, files });
        }
    }

    fn alter(&mut self, id: TopicId, config: TopicConfig) {
        let Some(topic) = self.topics.get_mut(&id) else { return };
        let partitions = config.partitions.max(0) as usize;
        if partitions > topic.partitions.len() {
            topic.partitions.resize_with(partitions, Partition::default);
        }
        topic.config = Arc::new(config);
    }

    fn move_start(&mut self, id: TopicId, partition: i32, start: i64) {
        if let Some(partition) = self.partition_mut(id, partition) {
            partition.start = partition.start.max(start);
        }
    }
}

/// Does what a batch in partition `number` of `__consumer_offsets` says.
fn move_positions(positions: &mut crate::positions::Positions, number: i32, batch: &Batch) {
    let producer_id = batch.producer_id();
    if batch.is_control() {
        if let Some((kind, _)) = ControlKind::in_batch(batch) {
            positions.decide(number, producer_id, kind == ControlKind::Commit);
        }
        return;
    }
    let moves = offsets_topic::moves(batch);
    if batch.is_transactional() {
        positions.suspend(number, producer_id, moves);
    } else {
        moves.into_iter().for_each(|change| positions.apply(change));
    }
}
