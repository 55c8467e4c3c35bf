//! What the log in memory holds. A commit is checked as a whole before anything of it changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use hashbrown::HashMap;
use records::Batch;
use types::{Offset, TopicPartition};

use crate::admission;
use crate::positions::{Move, Positions};
use crate::producers::{Check, Ledger, Verdict, counts};
use crate::unpacking::Unpacking;
use crate::{
    Append, Appended, Chunk, Commit, CommittedOffset, Error, PartitionOffsets, Position, Result,
    TopicConfig, TopicDescription,
};

/// Everything.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) topics: BTreeMap<Arc<str>, Topic>,
    pub(super) positions: Positions,
    pub(super) commits: u64,
    pub(super) next_topic: u128,
    pub(super) next_producer_id: i64,
    unpacking: Unpacking,
}

/// A topic.
#[derive(Debug)]
pub(super) struct Topic {
    id: u128,
    pub(super) config: Arc<TopicConfig>,
    partitions: Vec<Partition>,
}

/// A partition.
#[derive(Debug, Default)]
pub(super) struct Partition {
    pub(super) batches: Vec<Batch>,
    end: i64,
    ledger: Ledger,
}

/// A batch that was checked, in the order of the commit.
#[derive(Debug)]
pub(super) struct Checked {
    at: TopicPartition,
    bytes: Bytes,
    verdict: Verdict,
    is_own: bool,
}

impl Topic {
    /// An empty topic.
    pub(super) fn new(id: u128, config: &TopicConfig) -> Self {
        let partitions = (0..config.partitions).map(|_| Partition::default()).collect();
        Self { id, config: Arc::new(config.clone()), partitions }
    }

    /// The topic for those outside.
    pub(super) fn describe(&self, name: &Arc<str>) -> TopicDescription {
        TopicDescription { id: self.id, name: name.clone(), config: self.config.clone() }
    }
}

impl State {
    fn topic(&self, at: &TopicPartition) -> Result<&Topic> {
        self.topics.get(&*at.topic).ok_or_else(|| Error::UnknownPartition(at.clone()))
    }

    /// Partition `at`. Fails when there is none.
    pub(super) fn partition(&self, at: &TopicPartition) -> Result<&Partition> {
        let partitions = &self.topic(at)?.partitions;
        let index = usize::try_from(at.partition).ok();
        index
            .and_then(|index| partitions.get(index))
            .ok_or_else(|| Error::UnknownPartition(at.clone()))
    }

    /// Checks everything before anything changes, so that a refused commit leaves no trace.
    pub(super) fn check(&self, commit: &Commit, now_ms: i64) -> Result<Vec<Checked>> {
        self.check_positions(commit)?;
        let mut check = Check::default();
        let mut ends: HashMap<&TopicPartition, i64> = HashMap::new();
        let mut checked = Vec::with_capacity(commit.appends.len() + commit.markers.len());
        for Append { partition: at, batch: bytes } in &commit.appends {
            let partition = self.partition(at)?;
            let config = &self.topic(at)?.config;
            let batch = admission::admit(at, bytes, config, now_ms, &self.unpacking)?;
            let end = ends.entry(at).or_insert(partition.end);
            let verdict = check.batch(at, Some(&partition.ledger), &batch, *end)?;
            *end += i64::from(batch.record_count());
            let (at, bytes) = (at.clone(), batch.bytes().clone());
            checked.push(Checked { at, bytes, verdict, is_own: false });
        }
        for marker in &commit.markers {
            let partition = self.partition(&marker.partition)?;
            check.marker(Some(&partition.ledger), marker)?;
            let (at, bytes) = (marker.partition.clone(), marker.control_batch(now_ms));
            checked.push(Checked { at, bytes, verdict: Verdict::Append, is_own: true });
        }
        Ok(checked)
    }

    fn check_positions(&self, commit: &Commit) -> Result<()> {
        for Position { partition: at, .. } in &commit.positions {
            self.partition(at)?;
            if let Some(producer) = commit.transaction {
                return Err(Error::InvalidTransaction {
                    partition: at.clone(),
                    producer_id: producer.id,
                    reason: "the log in memory has no transactional positions",
                });
            }
        }
        Ok(())
    }

    /// Appends a checked batch, unless it repeats another.
    pub(super) fn append(&mut self, checked: Checked, now_ms: i64) -> Result<Appended> {
        let Checked { at, bytes, verdict, is_own } = checked;
        let topic = self.topics.get_mut(&*at.topic);
        let topic = topic.ok_or_else(|| Error::UnknownPartition(at.clone()))?;
        let stamps = !is_own && admission::stamps_append_time(&topic.config);
        if let Verdict::Repeats(written) = verdict {
            return Ok(Appended {
                base_offset: Offset(written.first_offset()),
                append_time_ms: stamps.then_some(written.timestamp_ms),
                is_duplicate: true,
            });
        }
        let partition = &mut topic.partitions[at.partition as usize];
        let base = partition.end;
        let mut bytes = BytesMut::from(&bytes[..]);
        records::assign_offset(&mut bytes, base, 0);
        if stamps {
            records::stamp_append_time(&mut bytes, now_ms);
        }
        partition.append(admission::own_batch(&at, &bytes.freeze())?, now_ms);
        let append_time_ms = stamps.then_some(now_ms);
        Ok(Appended { base_offset: Offset(base), append_time_ms, is_duplicate: false })
    }

    /// Moves a group to `position`.
    pub(super) fn set_position(&mut self, position: Position, now_ms: i64) {
        let Position { group, partition, offset, leader_epoch, metadata } = position;
        let to = CommittedOffset { offset, leader_epoch, metadata, committed_ms: now_ms };
        let written_at = self.commits as i64;
        self.positions.apply(Move { group, partition, to: Some(to), written_at });
    }

    /// Forgets all positions of `group`.
    pub(super) fn delete_group(&mut self, group: &str) {
        let group: Arc<str> = group.into();
        for (partition, _) in self.positions.of_group(&group) {
            let (group, written_at) = (group.clone(), self.commits as i64);
            self.positions.apply(Move { group, partition, to: None, written_at });
        }
    }
}

impl Partition {
    fn append(&mut self, batch: Batch, now_ms: i64) {
        self.end = batch.last_offset() + 1;
        if batch.producer_id() >= 0 {
            self.ledger.append(&batch, now_ms);
            self.ledger.make_durable(self.end);
        }
        self.batches.push(batch);
    }

    /// Where it begins and ends.
    pub(super) fn offsets(&self) -> PartitionOffsets {
        let end = Offset(self.end);
        let stable = Offset(self.ledger.stable(self.end));
        PartitionOffsets { start: Offset::ZERO, stable, durable_end: end, end }
    }

    /// Batches that count, see [`crate::Log::read`].
    pub(super) fn read(&self, from: i64, bytes_max: usize) -> Chunk {
        let limit = self.ledger.stable(self.end);
        let first = self.batches.partition_point(|batch| batch.last_offset() < from);
        let aborted = self.ledger.aborted_within(from, limit);
        let mut chunk = Chunk { batches: Vec::new(), next: Offset(from) };
        let mut total = 0;
        for batch in self.batches[first..].iter().take_while(|it| it.base_offset() < limit) {
            total += batch.len();
            if total > bytes_max && !chunk.batches.is_empty() {
                break;
            }
            if counts(batch, &aborted) {
                chunk.batches.push(batch.bytes().clone());
            }
            chunk.next = Offset(batch.last_offset() + 1);
        }
        chunk
    }
}
