//! What the log knows about a segment without looking at its files. The checkpoint keeps it; readers
//! trust no more of a file than this says.

use records::Batch;

use super::codec::{Decoder, Encoder};
use super::files::{FileId, Kind};
use super::limits::SEGMENT_BYTES_MAX;
use crate::TopicConfig;

/// A segment of a partition: one `.log` file with its two indexes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// Identity of its files in this process.
    pub(super) file: FileId,
    /// Offset its files are named after; its first batch starts there.
    pub(super) base: i64,
    /// One past its last offset.
    pub(super) end: i64,
    /// Bytes of its log; what follows them in the file is left over and void.
    pub(super) length: u64,
    /// The greatest timestamp of its first batch, which `segment.ms` counts from; of a batch without one,
    /// when it was written here.
    pub(super) first_timestamp_ms: i64,
    /// The greatest timestamp of all, and the last offset of the batch that bears it.
    pub(super) max_timestamp_ms: i64,
    pub(super) max_timestamp_offset: i64,
    /// Bytes of log since the last index entry.
    pub(super) unindexed_bytes: u64,
    pub(super) index: IndexState,
    pub(super) time_index: IndexState,
    /// Timestamp of the last entry of the time index.
    pub(super) indexed_timestamp_ms: i64,
    /// Bytes of its index of aborted transactions; without any there is no such file.
    pub(super) txn_index_bytes: u64,
}

/// How much of an index file counts, and its checksum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct IndexState {
    pub(super) bytes: u64,
    pub(super) checksum: u32,
}

impl IndexState {
    /// The state with `entry` behind.
    pub(super) fn with(self, entry: &[u8]) -> Self {
        Self {
            bytes: self.bytes + entry.len() as u64,
            checksum: crc32c::crc32c_append(self.checksum, entry),
        }
    }
}

impl Segment {
    /// An empty segment that starts at `base`.
    pub(super) fn new(file: FileId, base: i64) -> Self {
        Self {
            file,
            base,
            end: base,
            length: 0,
            first_timestamp_ms: -1,
            max_timestamp_ms: -1,
            max_timestamp_offset: base,
            unindexed_bytes: 0,
            index: IndexState::default(),
            time_index: IndexState::default(),
            indexed_timestamp_ms: -1,
            txn_index_bytes: 0,
        }
    }

    /// Takes in `batch`, which is written to its end at `now_ms`.
    pub(super) fn extend(&mut self, batch: &Batch, now_ms: i64) {
        if self.length == 0 {
            self.first_timestamp_ms = rolling_ms(batch, now_ms);
        }
        if batch.max_timestamp_ms() > self.max_timestamp_ms {
            self.max_timestamp_ms = batch.max_timestamp_ms();
            self.max_timestamp_offset = batch.last_offset();
        }
        self.length += batch.len() as u64;
        self.end = batch.last_offset() + 1;
    }

    /// Whether `batch`, written at `now_ms`, belongs into a new segment, by Kafka's rules.
    pub(super) fn is_full(&self, batch: &Batch, config: &TopicConfig, now_ms: i64) -> bool {
        let has_room = self.length + batch.len() as u64 <= bytes_max(config)
            && batch.last_offset() - self.base <= i64::from(i32::MAX);
        self.length > 0 && (!has_room || self.is_over(config, rolling_ms(batch, now_ms)))
    }

    /// Whether it has been written to for as long as it may be at `time_ms`.
    pub(super) fn is_over(&self, config: &TopicConfig, time_ms: i64) -> bool {
        time_ms.saturating_sub(self.first_timestamp_ms) > span_ms_max(config)
    }

    /// When its last record was made, for retention. Of records without timestamps only that is known
    /// which ended the segment.
    pub(super) fn latest_ms(&self, config: &TopicConfig) -> i64 {
        match self.max_timestamp_ms {
            0.. => self.max_timestamp_ms,
            _ => self.first_timestamp_ms.saturating_add(span_ms_max(config)),
        }
    }

    pub(super) fn encode(&self, out: &mut Encoder) {
        out.i64(self.base);
        out.i64(self.end);
        out.u64(self.length);
        out.i64(self.first_timestamp_ms);
        out.i64(self.max_timestamp_ms);
        out.i64(self.max_timestamp_offset);
        out.u64(self.unindexed_bytes);
        for index in [self.index, self.time_index] {
            out.u64(index.bytes);
            out.u32(index.checksum);
        }
        out.i64(self.indexed_timestamp_ms);
        out.u64(self.txn_index_bytes);
    }

    /// A segment from a checkpoint of `version`; the first had no index of aborted transactions.
    pub(super) fn decode(decoder: &mut Decoder, version: u32, file: FileId) -> Option<Self> {
        Some(Self {
            file,
            base: decoder.i64()?,
            end: decoder.i64()?,
            length: decoder.u64()?,
            first_timestamp_ms: decoder.i64()?,
            max_timestamp_ms: decoder.i64()?,
            max_timestamp_offset: decoder.i64()?,
            unindexed_bytes: decoder.u64()?,
            index: IndexState { bytes: decoder.u64()?, checksum: decoder.u32()? },
            time_index: IndexState { bytes: decoder.u64()?, checksum: decoder.u32()? },
            indexed_timestamp_ms: decoder.i64()?,
            txn_index_bytes: if version == 1 { 0 } else { decoder.u64()? },
        })
    }
}

/// The largest segment of a topic.
pub(super) fn bytes_max(config: &TopicConfig) -> u64 {
    config.segment_bytes_max.min(SEGMENT_BYTES_MAX)
}

/// How long a segment of a topic is written to. Compaction has to see a record in time, and sees only
/// segments that have ended.
pub(super) fn span_ms_max(config: &TopicConfig) -> i64 {
    let lag_ms_max = config.compaction_lag_ms_max.filter(|_| config.compact);
    config.segment_ms_max.min(lag_ms_max.unwrap_or(i64::MAX))
}

/// The time of `batch`, written at `now_ms`, for the span of its segment.
pub(super) fn rolling_ms(batch: &Batch, now_ms: i64) -> i64 {
    if batch.max_timestamp_ms() < 0 { now_ms } else { batch.max_timestamp_ms() }
}

/// The directory of a partition.
pub(super) fn directory_of(topic: &str, partition: i32) -> String {
    format!("{topic}-{partition}")
}

/// The path of a segment's file in `directory`; `suffix` is empty, or marks a file that is not yet in
/// its place.
pub(super) fn path(directory: &str, base: i64, kind: Kind, suffix: &str) -> String {
    let extension = match kind {
        Kind::Log => "log",
        Kind::Index => "index",
        Kind::TimeIndex => "timeindex",
        Kind::TxnIndex => "txnindex",
    };
    format!("{directory}/{base:020}.{extension}{suffix}")
}
