//! The `Log` contract: what the engine, the connectors and the brokers may rely on, whichever log
//! stands behind it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use types::{Offset, TopicPartition};

use crate::{Marker, Producer, Result, TopicConfig};

/// A log of topics. All calls may block on the disk, so they belong on plain threads.
///
/// What holds for every implementation:
/// - A [`Commit`] becomes visible as a whole or not at all, over all its partitions and positions,
///   also across a crash. Commits are durable in the order of their [`CommitId`]s: after a crash
///   the log holds a prefix of them.
/// - A committed record is readable at once with [`Visibility::Committed`] and after its commit is
///   on stable storage with [`Visibility::Durable`]. Tasks of this process read committed; whoever
///   stands outside reads durable.
/// - Offsets are assigned at commit, without gaps, and are never reused.
/// - After a failed sync every later commit fails; reads go on.
pub trait Log: Send + Sync + fmt::Debug {
    /// Creates a topic. Fails with `TopicExists`, or `InvalidTopic` for a bad name or config.
    fn create_topic(&self, name: &str, config: &TopicConfig) -> Result<()>;

    /// Deletes a topic, its records and all positions of groups in it.
    fn delete_topic(&self, name: &str) -> Result<()>;

    /// The topic called `name`, if there is one.
    fn topic(&self, name: &str) -> Option<TopicDescription>;

    /// Every topic, by name.
    fn topics(&self) -> Vec<TopicDescription>;

    /// Appends and moves positions atomically; returns after the write, before the sync.
    fn commit(&self, commit: Commit) -> Result<Committed>;

    /// Blocks until `commit` and all before it are on stable storage.
    fn wait_durable(&self, commit: CommitId) -> Result<()>;

    /// Whole record batches from the one that holds `from` on, up to about `bytes_max` (at least one
    /// batch when there is one). Only records that count are there: aborted ones and control batches
    /// are left out, and reading ends before the first transaction that is not decided yet. Fails with
    /// `OffsetOutOfRange` outside log start .. log end.
    fn read(
        &self,
        at: &TopicPartition,
        from: Offset,
        bytes_max: usize,
        visibility: Visibility,
    ) -> Result<Chunk>;

    /// The partition's offsets.
    fn offsets(&self, at: &TopicPartition) -> Result<PartitionOffsets>;

    /// The first record whose timestamp is `timestamp_ms` or later; `None` if there is none.
    fn offset_for_timestamp(
        &self,
        at: &TopicPartition,
        timestamp_ms: i64,
    ) -> Result<Option<TimestampedOffset>>;

    /// The position `group` committed in `at`: the next offset it wants.
    fn position(&self, group: &str, at: &TopicPartition) -> Option<Offset>;

    /// All committed positions of `group`.
    fn positions(&self, group: &str) -> Vec<(TopicPartition, Offset)>;

    /// Names of all groups that have positions.
    fn groups(&self) -> Vec<String>;

    /// Forgets all positions of `group`.
    fn delete_group(&self, group: &str) -> Result<()>;

    /// A producer id that was never given out before, whatever crashed since.
    fn allocate_producer_id(&self) -> Result<i64>;

    /// Registers `listener` to be told of growth; it is dropped when its last strong reference is.
    fn subscribe(&self, listener: std::sync::Weak<dyn Listener>);
}

/// Told of what happens to the log. Calls come from the log's threads and must not block.
pub trait Listener: Send + Sync {
    /// `partitions` have new records visible at `visibility`, or transactions in them were decided.
    fn grown(&self, partitions: &[TopicPartition], visibility: Visibility);

    /// Every commit up to `commit` is on stable storage, and what it holds is visible. Calls may
    /// overtake each other, so the greatest `commit` heard of counts.
    fn durable(&self, _commit: CommitId) {}

    /// The log takes no more commits, nor acknowledges those that are not durable yet.
    fn poisoned(&self, _reason: &str) {}
}

/// Which records a reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// All committed records, synced or not.
    Committed,
    /// Only records on stable storage.
    Durable,
}

/// What becomes visible together.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// Batches to append; several to one partition keep their order.
    pub appends: Vec<Append>,
    /// Positions that move with them.
    pub positions: Vec<Position>,
    /// Transactions that are decided; their markers stand behind everything else of the commit.
    pub markers: Vec<Marker>,
    /// When set, the positions are part of this producer's open transaction: they move when a marker
    /// commits it in the partition of `__consumer_offsets` that holds them.
    pub transaction: Option<Producer>,
}

/// One record batch for one partition.
#[derive(Clone, Debug)]
pub struct Append {
    /// Where to.
    pub partition: TopicPartition,
    /// A whole magic-2 record batch (as `records` builds it); its base offset is assigned here. Its
    /// header says whether it has a producer with sequence numbers, and belongs to a transaction.
    pub batch: Bytes,
}

/// A group's position in a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The consumer group, connector or query.
    pub group: Arc<str>,
    /// Where.
    pub partition: TopicPartition,
    /// The next offset the group wants.
    pub offset: Offset,
    /// Leader epoch of the record before it, as the consumer knows it; -1: unknown.
    pub leader_epoch: i32,
    /// What the consumer wants to find again with it.
    pub metadata: Arc<str>,
}

impl Position {
    /// A position without leader epoch and metadata.
    pub fn new(group: impl Into<Arc<str>>, partition: TopicPartition, offset: Offset) -> Self {
        Self { group: group.into(), partition, offset, leader_epoch: -1, metadata: "".into() }
    }
}

/// Number of a commit, growing by the order in which commits become durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(pub u64);

/// What a commit became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// To wait for; it covers also what earlier commits hold of repeated batches.
    pub id: CommitId,
    /// What each append became, in order.
    pub appended: Vec<Appended>,
}

/// What an append became.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The offset of its first record.
    pub base_offset: Offset,
    /// The time its records bear, when the topic has them bear the time of their append.
    pub append_time_ms: Option<i64>,
    /// Whether it repeats one of its producer's last batches, which was not appended again.
    pub is_duplicate: bool,
}

/// What a read found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// Whole record batches; the first may begin before what was asked for.
    pub batches: Vec<Bytes>,
    /// Where to read on. Beyond what was asked for whenever something was there, even if all of it was
    /// left out.
    pub next: Offset,
}

/// An offset found by its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampedOffset {
    /// The record's offset.
    pub offset: Offset,
    /// The record's timestamp.
    pub timestamp_ms: i64,
}

/// Offsets of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionOffsets {
    /// The first record still kept.
    pub start: Offset,
    /// The last stable offset for those outside: the first one of the first transaction that is not
    /// decided on stable storage, or [`Self::durable_end`].
    pub stable: Offset,
    /// One past the last record on stable storage.
    pub durable_end: Offset,
    /// One past the last committed record.
    pub end: Offset,
}

/// A topic's name, shape and configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicDescription {
    /// Its identity, never used again, also not for a topic of the same name.
    pub id: u128,
    /// The name.
    pub name: Arc<str>,
    /// The configuration, with the number of partitions.
    pub config: Arc<TopicConfig>,
}
