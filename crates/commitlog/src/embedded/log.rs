//! The embedded log's handle: the [`Log`] trait over [`Core`], and the threads' life.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;

use types::seams::{Clock, Directory};
use types::{Offset, TopicPartition};

use super::config::Config;
use super::core::Core;
use super::threads::{self, Kind};
use crate::metrics::Snapshot;
use crate::{
    Chunk, Commit, CommitId, Committed, Listener, Log, PartitionOffsets, Result, TimestampedOffset,
    TopicConfig, TopicDescription, Visibility,
};

/// The log on local disk. Dropping it closes it.
#[derive(Debug)]
pub struct EmbeddedLog {
    pub(super) core: Arc<Core>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl EmbeddedLog {
    /// Opens the log in `directory`, or makes a new one there. Fails with `CorruptFile` when something
    /// acknowledged is damaged, and with `Io` when the disk refuses.
    pub fn open(
        directory: Arc<dyn Directory>,
        clock: Arc<dyn Clock>,
        config: Config,
    ) -> Result<Self> {
        let core = Arc::new(Core::open(directory, clock, config)?);
        let log = Self { core, threads: Mutex::default() };
        if log.core.config.background {
            for kind in [Kind::Sync, Kind::Keeper] {
                let thread = threads::spawn(kind, &log.core)?;
                log.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
            }
        }
        log.core.create_own_topics()?;
        log.core.shorten_journal();
        Ok(log)
    }

    /// Makes everything committed so far durable.
    pub fn sync(&self) -> Result<()> {
        self.core.sync()
    }

    /// Moves everything committed so far from the journal to segments.
    pub fn flush(&self) -> Result<()> {
        self.core.flush()
    }

    /// Flushes, then runs one round of retention and compaction, as the log's own thread does every
    /// [`Config::retention_check_interval_ms`].
    pub fn maintain(&self) -> Result<()> {
        self.core.maintain()
    }

    /// Compacts what is due, as the log's own thread does every [`Config::cleaner_backoff_ms`]. Without
    /// anything due the disk is not touched.
    pub fn clean(&self) -> Result<()> {
        while self.core.clean()? {}
        Ok(())
    }

    /// Sets the time between two looks for something to compact; it counts from the next look on.
    pub fn set_cleaner_backoff_ms(&self, backoff_ms: u64) {
        self.core.cleaner_backoff_ms.store(backoff_ms, Ordering::Relaxed);
    }

    /// Makes everything durable, moves it to segments so that the next start has nothing to read back,
    /// and ends the threads. Reads still work afterwards.
    pub fn close(&self) -> Result<()> {
        self.core.progress.set_closing();
        let flushed = self.core.flush();
        self.stop();
        flushed
    }

    /// The log's counters.
    pub fn metrics(&self) -> Snapshot {
        let memory_bytes = self.core.state().recent_bytes as u64;
        self.core.metrics.snapshot(memory_bytes)
    }

    fn stop(&self) {
        self.core.progress.close();
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the log has panicked");
            }
        }
    }
}

impl Drop for EmbeddedLog {
    fn drop(&mut self) {
        self.stop();
        if let Err(error) = self.core.sync() {
            tracing::warn!(%error, "cannot sync the log while closing it");
        }
    }
}

impl Log for EmbeddedLog {
    fn create_topic(&self, name: &str, config: &TopicConfig) -> Result<()> {
        self.core.create_topic(name, config)
    }

    fn delete_topic(&self, name: &str) -> Result<()> {
        self.core.delete_topic(name)
    }

    fn topic(&self, name: &str) -> Option<TopicDescription> {
        let state = self.core.state();
        state.topic(name).map(|topic| state.describe(topic))
    }

    fn topics(&self) -> Vec<TopicDescription> {
        let state = self.core.state();
        state.topics().map(|topic| state.describe(topic)).collect()
    }

    fn commit(&self, commit: Commit) -> Result<Committed> {
        self.core.commit(commit)
    }

    fn wait_durable(&self, commit: CommitId) -> Result<()> {
        self.core.wait_durable(commit)
    }

    fn read(
        &self,
        at: &TopicPartition,
        from: Offset,
        bytes_max: usize,
        visibility: Visibility,
    ) -> Result<Chunk> {
        self.core.read(at, from, bytes_max, visibility)
    }

    fn offsets(&self, at: &TopicPartition) -> Result<PartitionOffsets> {
        self.core.state().partition(at).map(|(_, partition)| partition.offsets())
    }

    fn offset_for_timestamp(
        &self,
        at: &TopicPartition,
        timestamp_ms: i64,
    ) -> Result<Option<TimestampedOffset>> {
        self.core.offset_for_timestamp(at, timestamp_ms)
    }

    fn position(&self, group: &str, at: &TopicPartition) -> Option<Offset> {
        self.core.state().positions.position(group, at)
    }

    fn positions(&self, group: &str) -> Vec<(TopicPartition, Offset)> {
        let of_group = self.core.state().positions.of_group(group);
        of_group.into_iter().map(|(at, committed)| (at, committed.offset)).collect()
    }

    fn groups(&self) -> Vec<String> {
        self.core.state().positions.groups()
    }

    fn delete_group(&self, group: &str) -> Result<()> {
        self.core.delete_group(group)
    }

    fn allocate_producer_id(&self) -> Result<i64> {
        self.core.allocate_producer_id()
    }

    fn subscribe(&self, listener: Weak<dyn Listener>) {
        self.core.listeners.add(listener);
    }
}
