//! Recovery: brings the stores of a task to where its group's positions are.
//!
//! A store with a changelog topic is replayed from its last checkpoint to the topic's end, which holds
//! exactly the committed batches. A store that is rebuilt from a source topic is replayed up to the
//! group's position there. A checkpoint that does not fit the log (a wiped log, an expired changelog)
//! is thrown away and everything replayed.

use std::sync::Arc;

use commitlog::{Commit, Visibility};
use plan::physical::Operator;
use records::Batches;
use types::{Offset, TopicPartition};

use super::Task;
use crate::context::Context;
use crate::operator::MaterializeOp;
use crate::source::{RowDecoder, Source};
use crate::stores::TableCodec;
use crate::{Error, Result, Services};

impl Task {
    /// Restores every store.
    pub(super) fn restore(&mut self, services: &Services) -> Result<()> {
        for changelog in 0..self.changelogs.len() {
            if self.options.is_transient {
                self.byte_store(changelog)?.wipe()?;
            } else if let Some(partition) = self.changelogs[changelog].partition.clone() {
                self.restore_from_topic(changelog, &partition)?;
            } else {
                self.restore_from_sources(changelog, services)?;
            }
        }
        Ok(())
    }

    fn byte_store(&mut self, changelog: usize) -> Result<&mut state::Store> {
        let store = self.changelogs[changelog].store;
        match self.stores.by_index.get_mut(store) {
            Some(Some(found)) => Ok(found.bytes()),
            _ => Err(Error::Plan(format!("store {store} is not of this sub-topology"))),
        }
    }

    fn checkpointed(&mut self, changelog: usize) -> Result<Option<Vec<i64>>> {
        let store = self.byte_store(changelog)?;
        match store.positions() {
            Err(state::Error::Corrupt { store: name, reason }) => {
                tracing::warn!(store = name, reason, "checkpoint is unusable, rebuilding");
                store.wipe()?;
                Ok(None)
            }
            other => Ok(other?),
        }
    }

    fn restore_from_topic(&mut self, changelog: usize, at: &TopicPartition) -> Result<()> {
        let offsets = self.log.offsets(at)?;
        let checkpoint = self.checkpointed(changelog)?;
        let mut next = match checkpoint.and_then(|positions| positions.first().copied()) {
            Some(position) if (offsets.start.0..=offsets.end.0).contains(&position) => {
                Offset(position)
            }
            _ => {
                self.byte_store(changelog)?.wipe()?;
                offsets.start
            }
        };
        while next < offsets.end {
            let read = self.replay(changelog, at, next)?;
            if read == next {
                break;
            }
            next = read;
            self.shrink(changelog, &[next.0])?;
        }
        self.changelogs[changelog].next = offsets.end;
        Ok(())
    }

    /// Applies some records of a changelog topic from `from` on; gives the offset after them.
    fn replay(&mut self, changelog: usize, at: &TopicPartition, from: Offset) -> Result<Offset> {
        let damaged = |error: records::Error| Error::Records {
            partition: at.clone(),
            reason: error.to_string(),
        };
        let index = self.changelogs[changelog].store;
        let Some(Some(store)) = self.stores.by_index.get_mut(index) else { return Ok(from) };
        let mut next = from;
        let bytes_max = self.options.fetch_bytes_max;
        let blobs = self.log.read(at, from, bytes_max, Visibility::Committed)?;
        for batch in blobs.iter().flat_map(Batches::unverified) {
            let batch = batch.map_err(damaged)?;
            let records = batch.records().map_err(damaged)?;
            for record in records.iter().filter(|record| record.offset >= from.0) {
                store.restore(record.key.unwrap_or_default(), record.value);
            }
            next = next.max(Offset(batch.last_offset() + 1));
        }
        Ok(next)
    }

    fn restore_from_sources(&mut self, changelog: usize, services: &Services) -> Result<()> {
        let sources = self.changelogs[changelog].sources.clone();
        let mut positions = match self.checkpointed(changelog)? {
            Some(positions) if self.fits(&sources, &positions)? => positions,
            _ => {
                self.byte_store(changelog)?.wipe()?;
                self.first_offsets(&sources)?
            }
        };
        for (number, source) in sources.iter().enumerate() {
            self.replay_source(changelog, *source, number, &mut positions, services)?;
        }
        Ok(())
    }

    /// Whether checkpointed positions lie between what the log holds and what was committed.
    fn fits(&self, sources: &[usize], positions: &[i64]) -> Result<bool> {
        if sources.len() != positions.len() {
            return Ok(false);
        }
        for (source, position) in sources.iter().zip(positions) {
            let offsets = self.log.offsets(&self.sources[*source].partition)?;
            if !(offsets.start.0..=self.committed[*source].0).contains(position) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn first_offsets(&self, sources: &[usize]) -> Result<Vec<i64>> {
        let first =
            |source: &usize| Ok(self.log.offsets(&self.sources[*source].partition)?.start.0);
        sources.iter().map(first).collect()
    }

    /// Applies a source partition from `positions[number]` to the group's position.
    fn replay_source(
        &mut self,
        changelog: usize,
        source: usize,
        number: usize,
        positions: &mut [i64],
        services: &Services,
    ) -> Result<()> {
        let end = self.committed[source];
        let plan = Arc::clone(&self.plan);
        let index = self.sources[source].node;
        let node = &plan.sub_topologies[self.sub_topology].nodes[index];
        let Operator::Read(read) = &node.operator else { return Ok(()) };
        let store = self.changelogs[changelog].store;
        let codec = TableCodec::try_new(&node.layout.key, &node.layout.value)?;
        let keeper = MaterializeOp { store, codec };
        let partition = self.sources[source].partition.clone();
        let decoder = RowDecoder::try_new(node, read, services)?;
        let (log, from) = (Arc::clone(&self.log), Offset(positions[number]));
        let mut replay = Source::new(index, partition, false, log, decoder, from);
        loop {
            let Self { stores, surroundings, options, reporter, partition, .. } = self;
            let mut context =
                Context { stores, surroundings, options, reporter, partition: *partition };
            if replay.head(&context)?.is_none() || replay.position() >= end {
                return Ok(());
            }
            let left = usize::try_from(end.0 - replay.position().0).unwrap_or(usize::MAX);
            let chunk = replay.take_run(i64::MAX, left);
            // Offsets may have gaps, so a run can reach beyond the end.
            let offsets = chunk.offsets.clone();
            let keep = |row: usize| offsets.as_ref().is_none_or(|found| found.value(row) < end.0);
            keeper.restore(&chunk.retain(keep)?, &mut context)?;
            positions[number] = replay.position().0.min(end.0);
            self.shrink(changelog, positions)?;
        }
    }

    /// Checkpoints a store that has grown too large while it is replayed. What it reflects was
    /// committed before; an empty commit after it tells when that is durable.
    fn shrink(&mut self, changelog: usize, positions: &[i64]) -> Result<()> {
        if !self.byte_store(changelog)?.wants_checkpoint() {
            return Ok(());
        }
        let committed = self.log.commit(Commit::default())?;
        self.log.wait_durable(committed.id)?;
        Ok(self.byte_store(changelog)?.checkpoint(positions)?)
    }
}
