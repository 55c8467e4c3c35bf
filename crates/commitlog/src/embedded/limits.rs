//! The limits of the embedded log's files, in one place.

/// Bytes of all batches of one commit: 256 MiB.
pub(super) const COMMIT_BYTES_MAX: usize = 256 << 20;
/// A segment never grows beyond this: Kafka's index positions are signed 32-bit integers.
pub(super) const SEGMENT_BYTES_MAX: u64 = i32::MAX as u64;
/// Bytes of a segment between two entries of its index, Kafka's `index.interval.bytes`.
pub(super) const INDEX_INTERVAL_BYTES: u64 = 4096;
/// Bytes written to segments from which on they are synced before more is written. Syncs of the journal
/// wait for what is being written back, so that acknowledgements are late by as much: with 32 MiB at once
/// their 99th percentile was 1.5 times as long as without a flush, by these steps it is 1.1 times.
pub(super) const UNSYNCED_BYTES_MAX: usize = 4 << 20;
/// Partitions that one checkpoint takes over from compaction at most.
pub(super) const REPLACED_AT_ONCE: usize = 32;
/// Bytes of old segments from which on a checkpoint takes over from compaction: the disk holds both the
/// old and the new ones until then.
pub(super) const REPLACED_BYTES_AT_ONCE: u64 = 256 << 20;
/// One read never gets more than this in one piece unless a single batch is larger.
pub(super) const READ_BYTES_MAX: usize = 64 << 20;
/// The disk is asked for at most this much before it is wanted.
pub(super) const READ_AHEAD_BYTES_MAX: usize = 1 << 20;
/// Bytes of the checkpoint: far beyond what a million partitions need.
pub(super) const CHECKPOINT_BYTES_MAX: u64 = 1 << 30;
