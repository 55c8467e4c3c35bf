//! The `Log` contract: what the engine, the connectors and the brokers may rely on, whichever log
//! stands behind it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use types::{Offset, TopicPartition};

use crate::{Result, TopicConfig};

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
    /// batch when there is one). Fails with `OffsetOutOfRange` outside log start .. log end.
    fn read(
        &self,
        at: &TopicPartition,
        from: Offset,
        bytes_max: usize,
        visibility: Visibility,
    ) -> Result<Vec<Bytes>>;

    /// The partition's offsets.
    fn offsets(&self, at: &TopicPartition) -> Result<PartitionOffsets>;

    /// The first offset whose record's timestamp is `timestamp_ms` or later; `None` if there is none.
    fn offset_for_timestamp(
        &self,
        at: &TopicPartition,
        timestamp_ms: i64,
    ) -> Result<Option<Offset>>;

    /// The position `group` committed in `at`: the next offset it wants.
    fn position(&self, group: &str, at: &TopicPartition) -> Option<Offset>;

    /// All committed positions of `group`.
    fn positions(&self, group: &str) -> Vec<(TopicPartition, Offset)>;

    /// Names of all groups that have positions.
    fn groups(&self) -> Vec<String>;

    /// Forgets all positions of `group`.
    fn delete_group(&self, group: &str) -> Result<()>;

    /// Registers `listener` to be told of growth; it is dropped when its last strong reference is.
    fn subscribe(&self, listener: std::sync::Weak<dyn Listener>);
}

/// Told when partitions grow. Calls come from the log's threads and must not block.
pub trait Listener: Send + Sync {
    /// `partitions` have new records visible at `visibility`.
    fn grown(&self, partitions: &[TopicPartition], visibility: Visibility);
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
}

/// One record batch for one partition.
#[derive(Clone, Debug)]
pub struct Append {
    /// Where to.
    pub partition: TopicPartition,
    /// A whole magic-2 record batch (as `records` builds it); its base offset is assigned here.
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
}

/// Number of a commit, growing by the order in which commits become durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(pub u64);

/// What a commit became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// To wait for.
    pub id: CommitId,
    /// The base offset each append got, in order.
    pub base_offsets: Vec<Offset>,
}

/// Offsets of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionOffsets {
    /// The first record still kept.
    pub start: Offset,
    /// One past the last record on stable storage.
    pub durable_end: Offset,
    /// One past the last committed record.
    pub end: Offset,
}

/// A topic's name, shape and configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicDescription {
    /// The name.
    pub name: Arc<str>,
    /// The configuration, with the number of partitions.
    pub config: TopicConfig,
}
