//! What the log's calls exchange about producers, transactions and fetches: the part of the contract
//! that follows Kafka's clients. Used by the broker, and by whoever writes transactions.

use std::sync::Arc;

use bytes::Bytes;
use types::{Offset, TopicPartition};

use crate::PartitionOffsets;

/// A producer at one of its epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Producer {
    /// Its id, see [`crate::Log::allocate_producer_id`].
    pub id: i64,
    /// Its epoch; a later one fences off the earlier.
    pub epoch: i16,
}

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its records count.
    Commit,
    /// They do not.
    Abort,
}

/// The end of a producer's open transaction in one partition. It becomes a control batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// Where.
    pub partition: TopicPartition,
    /// Whose transaction.
    pub producer: Producer,
    /// How it ends.
    pub outcome: Outcome,
    /// Epoch of the coordinator that decided; a marker of an older one than the last is refused.
    pub coordinator_epoch: i32,
}

/// Which records a fetch shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Everything on stable storage.
    ReadUncommitted,
    /// Only what lies before the last stable offset; the client passes over aborted transactions.
    ReadCommitted,
}

/// What a fetch found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Whole record batches as they lie in the log; the first may begin before what was asked for.
    pub batches: Vec<Bytes>,
    /// The partition's offsets at the same moment.
    pub offsets: PartitionOffsets,
    /// Aborted transactions that overlap the batches, by first offset; empty unless read committed.
    pub aborted: Vec<Aborted>,
}

/// An aborted transaction in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aborted {
    /// Whose it was.
    pub producer_id: i64,
    /// The offset of its first record.
    pub first_offset: Offset,
}

/// What a partition knows of a producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerState {
    /// Its id and latest epoch.
    pub producer: Producer,
    /// Sequence number of its last record; -1: none in this epoch.
    pub last_sequence: i32,
    /// Timestamp of its last batch.
    pub last_timestamp_ms: i64,
    /// Epoch of the coordinator that wrote its last marker; -1: none.
    pub coordinator_epoch: i32,
    /// Where its open transaction began.
    pub transaction_start: Option<Offset>,
}

/// A position as a group committed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedOffset {
    /// The next offset the group wants.
    pub offset: Offset,
    /// Leader epoch of the record before it; -1: unknown.
    pub leader_epoch: i32,
    /// What the consumer gave along.
    pub metadata: Arc<str>,
    /// When it was committed.
    pub committed_ms: i64,
}
