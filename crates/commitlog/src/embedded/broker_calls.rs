//! What only the broker asks of the embedded log: calls beyond the trait [`crate::Log`].

use records::{Batch, Records};
use types::seams::Space;
use types::{Offset, TopicPartition};

use super::files::failed;
use super::log::EmbeddedLog;
use super::planning;
use crate::{
    CommitId, CommittedOffset, Fetched, Isolation, ProducerState, Result, TimestampedOffset,
    TopicChange, TopicConfig, TopicDescription,
};

impl EmbeddedLog {
    /// Whole record batches on stable storage as they lie in the log, with control batches and aborted
    /// records, from the one that holds `from` on, up to about `bytes_max`; at least one batch when
    /// there is one. Fails with `OffsetOutOfRange` outside log start .. log end.
    pub fn fetch(
        &self,
        at: &TopicPartition,
        from: Offset,
        bytes_max: usize,
        isolation: Isolation,
    ) -> Result<Fetched> {
        self.core.fetch(at, from, bytes_max, isolation)
    }

    /// What `look` makes of the records of `batch`, which comes from a client; of batches that unpack to
    /// much only one at a time is looked into. Fails when the records are malformed.
    pub fn look_into<T>(
        &self,
        batch: &Batch,
        look: impl FnOnce(&Records) -> T,
    ) -> records::Result<T> {
        self.core.unpacking.look(batch, look)
    }

    /// The topic whose description has `id`, if there is one.
    pub fn topic_by_id(&self, id: u128) -> Option<TopicDescription> {
        let state = self.core.state();
        state.topic_by_id(id).map(|topic| state.describe(topic))
    }

    /// Keeps a topic as `config` says from now on; its number of partitions stays. Durable when it
    /// returns. Fails with `InvalidTopic` for a bad configuration.
    pub fn alter_topic(&self, name: &str, config: &TopicConfig) -> Result<()> {
        self.core.change_topic_durably(name, TopicChange::Alter(config))
    }

    /// Adds partitions to a topic until it has `total`. Durable when it returns. Fails with
    /// `InvalidTopic` when it has as many already.
    pub fn add_partitions(&self, name: &str, total: i32) -> Result<()> {
        self.core.change_topic_durably(name, TopicChange::AddPartitions(total))
    }

    /// Makes `change` of the topic called `name`; returns after the write, before the sync, so that many
    /// changes need to wait for one sync only. Fails as the calls that make one durable change do.
    pub fn change_topic(&self, name: &str, change: TopicChange<'_>) -> Result<CommitId> {
        self.core.change_topic(name, change)
    }

    /// Deletes the records of a partition before an offset; returns where it starts now, after the write
    /// and before the sync. The files go with the next rounds of retention. Fails with
    /// `OffsetOutOfRange` for an offset that is not on stable storage.
    pub fn delete_records(
        &self,
        at: &TopicPartition,
        before: Offset,
    ) -> Result<(CommitId, Offset)> {
        self.core.delete_records(at, before)
    }

    /// The first of the records on stable storage that bear the greatest timestamp.
    pub fn max_timestamp(&self, at: &TopicPartition) -> Result<Option<TimestampedOffset>> {
        self.core.max_timestamp(at)
    }

    /// What a partition knows of its producers, by id.
    pub fn producers(&self, at: &TopicPartition) -> Result<Vec<ProducerState>> {
        let state = self.core.state();
        let (_, partition) = state.partition(at)?;
        Ok(partition.ledger().map_or_else(Vec::new, |ledger| ledger.states()))
    }

    /// Bytes of a partition's records.
    pub fn partition_bytes(&self, at: &TopicPartition) -> Result<u64> {
        let state = self.core.state();
        let (_, partition) = state.partition(at)?;
        let in_segments: u64 = partition.segments.iter().map(|segment| segment.length).sum();
        Ok(in_segments + partition.recent_bytes() as u64)
    }

    /// All committed positions of `group` with what belongs to them. They may not be on stable storage
    /// before [`Self::last_commit`] is.
    pub fn group_offsets(&self, group: &str) -> Vec<(TopicPartition, CommittedOffset)> {
        self.core.state().positions.of_group(group)
    }

    /// Partitions whose positions open transactions of `group` will move when they commit.
    pub fn pending_offsets(&self, group: &str) -> Vec<TopicPartition> {
        self.core.state().positions.pending_of(group)
    }

    /// The partition of `__consumer_offsets` that holds the positions of `group`.
    pub fn offsets_partition(&self, group: &str) -> TopicPartition {
        planning::offsets_partition(&self.core.state(), group)
    }

    /// Forgets the positions of `group` in `partitions`, as far as it has any. Durable when it returns.
    pub fn delete_positions(&self, group: &str, partitions: &[TopicPartition]) -> Result<()> {
        self.core.delete_positions(group, partitions)
    }

    /// How much room there is on the log's disk.
    pub fn space(&self) -> Result<Space> {
        let found = self.core.directory.space();
        found.map_err(|error| failed("measure", "the disk of the log", &error))
    }

    /// The last commit on stable storage.
    pub fn durable_commit(&self) -> CommitId {
        CommitId(self.core.progress.durable())
    }

    /// The last commit.
    pub fn last_commit(&self) -> CommitId {
        self.core.last_commit()
    }
}
