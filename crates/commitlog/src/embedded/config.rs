//! Settings of the embedded log.

use crate::TopicConfig;

/// How the embedded log uses memory, disk and threads. The defaults suit a server.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whether the log runs its own threads. Without them nothing happens behind the caller's back:
    /// syncs happen in `wait_durable`, segments are written in `commit` when memory asks for it,
    /// retention happens only in [`super::EmbeddedLog::maintain`], and compaction there and in
    /// [`super::EmbeddedLog::clean`]. For simulations.
    pub background: bool,
    /// Appended bytes held in memory from which on they are moved to segments.
    pub memory_bytes_flush: usize,
    /// Appended bytes held in memory at most; commits wait for segments to be written beyond it.
    pub memory_bytes_max: usize,
    /// Segment and index files kept open for reading at most.
    pub open_files_max: usize,
    /// Time between two rounds of retention: `log.retention.check.interval.ms`.
    pub retention_check_interval_ms: u64,
    /// Time between two looks for something to compact, at first: `log.cleaner.backoff.ms`.
    pub cleaner_backoff_ms: u64,
    /// Distinct keys that one round of compaction remembers for a partition at most (about 32 bytes
    /// each); what lies behind them waits for the next round.
    pub compaction_keys_max: usize,
    /// After this time producers that wrote nothing, and have no open transaction, are forgotten.
    pub producer_id_expiration_ms: i64,
    /// Partitions of `__consumer_offsets` when the log is created.
    pub offsets_partitions: i32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            background: true,
            memory_bytes_flush: 32 << 20,
            memory_bytes_max: 96 << 20,
            open_files_max: 512,
            retention_check_interval_ms: 300_000,
            cleaner_backoff_ms: 15_000,
            compaction_keys_max: 1_000_000,
            producer_id_expiration_ms: 24 * 60 * 60 * 1000,
            offsets_partitions: 50,
        }
    }
}

impl Config {
    /// How `__consumer_offsets` is kept: compacted, in small segments because it is rewritten often.
    pub(super) fn offsets_topic(&self) -> TopicConfig {
        TopicConfig {
            segment_bytes_max: 16 << 20,
            message_bytes_max: super::limits::COMMIT_BYTES_MAX as u32,
            ..TopicConfig::with_partitions(self.offsets_partitions).compacted()
        }
    }
}
