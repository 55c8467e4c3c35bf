//! Recovery: brings the stores of a task to where its group's positions are, in bounded steps, so that
//! other tasks of the worker run in between.
//!
//! A store with a changelog topic is replayed from its last checkpoint to the topic's end, which holds
//! exactly the committed batches. A store that is rebuilt from a source topic is replayed up to the
//! group's position there. A checkpoint that does not fit the log (a wiped log, an expired changelog)
//! is thrown away and everything replayed. So is a damaged one, provided that the changelog still begins
//! at its beginning or is compacted: then it holds every entry. State of another release is refused.

use std::sync::Arc;

use commitlog::{Commit, Visibility};
use plan::physical::Operator;
use records::Batches;
use types::{Offset, TopicPartition};

use super::Task;
use super::changelog_value;
use crate::context::Context;
use crate::operator::MaterializeOp;
use crate::source::{RowDecoder, Source};
use crate::stores::TableCodec;
use crate::{Error, Result, Services};

/// How far the recovery of a task has come.
#[derive(Default)]
pub(super) struct Restoration {
    /// The changelog under way; all are done when it is their number.
    changelog: usize,
    replay: Option<Replay>,
}

/// What is being replayed into one store.
enum Replay {
    /// Its changelog topic.
    Topic { at: TopicPartition, next: Offset, end: Offset },
    /// The source topics it follows from, one after the other.
    Sources(Box<SourceReplay>),
}

struct SourceReplay {
    /// Sources of the task.
    sources: Vec<usize>,
    /// How far each is replayed.
    positions: Vec<i64>,
    /// The one under way, by its number in `sources`, once it was opened.
    number: usize,
    reader: Option<(Source, MaterializeOp)>,
}

/// What a store knows of its last checkpoint.
enum Checkpoint {
    Missing,
    At(Vec<i64>),
    Damaged(state::Error),
}

impl Task {
    /// Whether every store is restored. Before, the task must neither run nor be read.
    pub fn is_restored(&self) -> bool {
        self.restoration.changelog == self.changelogs.len()
    }

    /// Restores a bounded piece of a store; gives [`Self::is_restored`].
    pub fn restore_step(&mut self, services: &Services) -> Result<bool> {
        let changelog = self.restoration.changelog;
        if changelog < self.changelogs.len() {
            let replay = match self.restoration.replay.take() {
                None => self.begin(changelog)?,
                begun => begun,
            };
            self.restoration.replay = match replay {
                None => None,
                Some(Replay::Topic { at, next, end }) => {
                    self.replay_topic(changelog, at, next, end)?
                }
                Some(Replay::Sources(replay)) => {
                    self.replay_sources(changelog, replay, services)?
                }
            };
            if self.restoration.replay.is_none() {
                self.restoration.changelog += 1;
            }
        }
        Ok(self.is_restored())
    }

    fn begin(&mut self, changelog: usize) -> Result<Option<Replay>> {
        if self.options.is_transient {
            self.byte_store(changelog)?.wipe()?;
            return Ok(None);
        }
        match self.changelogs[changelog].partition.clone() {
            Some(partition) => self.begin_topic(changelog, partition).map(Some),
            None => self.begin_sources(changelog).map(Some),
        }
    }

    fn byte_store(&mut self, changelog: usize) -> Result<&mut state::Store> {
        let store = self.changelogs[changelog].store;
        match self.stores.by_index.get_mut(store) {
            Some(Some(found)) => Ok(found.bytes()),
            _ => Err(Error::Plan(format!("store {store} is not of this sub-topology"))),
        }
    }

    fn checkpointed(&mut self, changelog: usize) -> Result<Checkpoint> {
        match self.byte_store(changelog)?.positions() {
            Ok(Some(positions)) => Ok(Checkpoint::At(positions)),
            Ok(None) => Ok(Checkpoint::Missing),
            Err(damaged @ state::Error::Corrupt { .. }) => Ok(Checkpoint::Damaged(damaged)),
            Err(error) => Err(error.into()),
        }
    }

    fn begin_topic(&mut self, changelog: usize, at: TopicPartition) -> Result<Replay> {
        let offsets = self.log.offsets(&at)?;
        let known = offsets.start.0..=offsets.end.0;
        let checkpoint = self.checkpointed(changelog)?;
        let next = match &checkpoint {
            Checkpoint::At(positions) => positions.first().filter(|at| known.contains(at)).copied(),
            Checkpoint::Missing => None,
            Checkpoint::Damaged(error) => self.check_rebuild(error, &at).map(|()| None)?,
        };
        if next.is_none() {
            self.byte_store(changelog)?.wipe()?;
        }
        self.changelogs[changelog].next = offsets.end;
        let next = next.map_or(offsets.start, Offset);
        Ok(Replay::Topic { at, next, end: offsets.end })
    }

    /// Fails unless `at` still holds all that is needed to rebuild a damaged store.
    fn check_rebuild(&self, damaged: &state::Error, at: &TopicPartition) -> Result<()> {
        let is_compacted = self.log.topic(&at.topic).is_some_and(|topic| topic.config.compact);
        if is_compacted || self.log.offsets(at)?.start == Offset::ZERO {
            tracing::error!(%damaged, from = %at, "rebuilding the state from its whole changelog");
            return Ok(());
        }
        Err(Error::Data(format!(
            "{damaged}; it can't be rebuilt, because {at} no longer holds its beginning; drop the query \
             and create it again"
        )))
    }

    fn replay_topic(
        &mut self,
        changelog: usize,
        at: TopicPartition,
        next: Offset,
        end: Offset,
    ) -> Result<Option<Replay>> {
        if next >= end {
            return Ok(None);
        }
        let read = self.replay(changelog, &at, next)?;
        if read == next {
            return Ok(None);
        }
        self.shrink(changelog, &[read.0])?;
        Ok(Some(Replay::Topic { at, next: read, end }))
    }

    /// Applies some records of a changelog topic from `from` on; gives the offset after them.
    fn replay(&mut self, changelog: usize, at: &TopicPartition, from: Offset) -> Result<Offset> {
        let damaged = |error: records::Error| Error::Records {
            partition: at.clone(),
            reason: error.to_string(),
        };
        let index = self.changelogs[changelog].store;
        let Some(Some(store)) = self.stores.by_index.get_mut(index) else { return Ok(from) };
        let bytes_max = self.options.fetch_bytes_max;
        let read = self.log.read(at, from, bytes_max, Visibility::Committed)?;
        for batch in read.batches.iter().flat_map(Batches::unverified) {
            let batch = batch.map_err(damaged)?;
            let records = batch.records().map_err(damaged)?;
            for record in records.iter().filter(|record| record.offset >= from.0) {
                let value = changelog_value::payload(record.value, store.bytes().id())?;
                store.restore(record.key.unwrap_or_default(), value);
            }
        }
        Ok(read.next)
    }

    fn begin_sources(&mut self, changelog: usize) -> Result<Replay> {
        let sources = self.changelogs[changelog].sources.clone();
        let positions = match self.checkpointed(changelog)? {
            Checkpoint::At(positions) if self.fits(&sources, &positions)? => Some(positions),
            Checkpoint::At(_) | Checkpoint::Missing => None,
            Checkpoint::Damaged(error) => {
                let mut partitions = sources.iter().map(|source| &self.sources[*source].partition);
                partitions.try_for_each(|at| self.check_rebuild(&error, at))?;
                None
            }
        };
        let positions = match positions {
            Some(positions) => positions,
            None => {
                self.byte_store(changelog)?.wipe()?;
                self.first_offsets(&sources)?
            }
        };
        let replay = SourceReplay { sources, positions, number: 0, reader: None };
        Ok(Replay::Sources(Box::new(replay)))
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

    /// Applies some rows of the source partition under way, up to the group's position there.
    fn replay_sources(
        &mut self,
        changelog: usize,
        mut replay: Box<SourceReplay>,
        services: &Services,
    ) -> Result<Option<Replay>> {
        let number = replay.number;
        let Some(source) = replay.sources.get(number).copied() else { return Ok(None) };
        let end = self.committed[source];
        let (mut reader, keeper) = match replay.reader.take() {
            Some(reader) => reader,
            None => self.source_reader(changelog, source, replay.positions[number], services)?,
        };
        let Self { stores, surroundings, options, reporter, partition, .. } = self;
        let mut context =
            Context { stores, surroundings, options, reporter, partition: *partition };
        if reader.head(&context)?.is_none() || reader.position() >= end {
            replay.number += 1;
            return Ok(Some(Replay::Sources(replay)));
        }
        let left = usize::try_from(end.0 - reader.position().0).unwrap_or(usize::MAX);
        let chunk = reader.take_run(i64::MAX, left);
        // Offsets may have gaps, so a run can reach beyond the end.
        let offsets = chunk.offsets.clone();
        let keep = |row: usize| offsets.as_ref().is_none_or(|found| found.value(row) < end.0);
        keeper.restore(&chunk.retain(keep)?, &mut context)?;
        replay.positions[number] = reader.position().0.min(end.0);
        replay.reader = Some((reader, keeper));
        self.shrink(changelog, &replay.positions)?;
        Ok(Some(Replay::Sources(replay)))
    }

    /// Reads a source again from `from`, for the store of `changelog`.
    fn source_reader(
        &self,
        changelog: usize,
        source: usize,
        from: i64,
        services: &Services,
    ) -> Result<(Source, MaterializeOp)> {
        let index = self.sources[source].node;
        let node = &self.plan.sub_topologies[self.sub_topology].nodes[index];
        let Operator::Read(read) = &node.operator else {
            return Err(Error::Plan(format!("{} reads nothing", node.name)));
        };
        let codec = TableCodec::try_new(&node.layout.key, &node.layout.value)?;
        let keeper = MaterializeOp { store: self.changelogs[changelog].store, codec };
        let partition = self.sources[source].partition.clone();
        let decoder = RowDecoder::try_new(node, read, services)?;
        let log = Arc::clone(&self.log);
        Ok((Source::new(index, partition, false, log, decoder, Offset(from)), keeper))
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
