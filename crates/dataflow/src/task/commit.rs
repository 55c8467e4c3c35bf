//! The commit of a batch: outputs, changelogs and positions in one log commit; and checkpoints of the
//! stores behind durable commits.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use commitlog::{Append, Commit, Position, Sequences};
use functions::Environment;
use records::{Builder, Compression};
use types::TopicPartition;

use super::{ChangelogState, Task, changelog_value};
use crate::Result;

/// Changelog batches are closed at this size.
const BATCH_BYTES_MAX: usize = 512 << 10;

impl Task {
    /// Commits the batch; then its rows may be shown and the stores checkpointed.
    pub(super) fn commit(&mut self) -> Result<()> {
        let mut batches = Vec::new();
        let mut records: u64 =
            self.operators.iter_mut().map(|operator| operator.drain(&mut batches)).sum();
        let first_changelog = batches.len();
        let written = self.drain_changelogs(&mut batches);
        let appends = self.number(batches)?;
        let commit = Commit { appends, positions: self.moved_positions(), ..Commit::default() };
        if !commit.appends.is_empty() || !commit.positions.is_empty() {
            let committed = self.log.commit(commit)?;
            self.last_commit = Some(committed.id);
            let appended = committed.appended.get(first_changelog..).unwrap_or_default();
            for ((changelog, count), appended) in written.into_iter().zip(appended) {
                self.changelogs[changelog].next = appended.base_offset.advanced_by(count);
            }
        }
        self.committed = self.sources.iter().map(|source| source.position()).collect();
        for operator in &mut self.operators {
            records += operator.committed(&mut self.stores)?;
        }
        self.reporter.counters.records_out.fetch_add(records, Ordering::Relaxed);
        self.care_for_stores()
    }

    /// The batches as appends of the task's producer. A task that never writes has none.
    fn number(&mut self, batches: Vec<(TopicPartition, Builder)>) -> Result<Vec<Append>> {
        if batches.is_empty() {
            return Ok(Vec::new());
        }
        let sequences = match &mut self.sequences {
            Some(sequences) => sequences,
            none => none.insert(Sequences::new(self.log.allocate_producer_id()?)),
        };
        Ok(batches.into_iter().map(|(at, builder)| sequences.append(at, builder)).collect())
    }

    fn moved_positions(&self) -> Vec<Position> {
        if self.options.is_transient {
            return Vec::new();
        }
        let moved = self.sources.iter().zip(&self.committed);
        let moved = moved.filter(|(source, committed)| source.position() != **committed);
        moved
            .map(|(source, _)| {
                let group = Arc::clone(&self.group);
                Position::new(group, source.partition.clone(), source.position())
            })
            .collect()
    }

    /// Adds what changed in operators and stores to `drained`; gives for each batch its changelog and
    /// number of records.
    fn drain_changelogs(
        &mut self,
        drained: &mut Vec<(TopicPartition, Builder)>,
    ) -> Vec<(usize, i64)> {
        // The records bear wall-clock time: retention of changelogs counts from their writing.
        let now_ms = self.surroundings.now_ms();
        let mut batches: Vec<ChangelogBatches> = Vec::new();
        batches.resize_with(self.stores.by_index.len(), ChangelogBatches::default);
        for operator in &mut self.operators {
            operator.log_changes(&mut |store, key, value| {
                batches[store].append(now_ms, key, Some(value));
            });
        }
        for (store, batches) in self.stores.by_index.iter_mut().zip(&mut batches) {
            if let Some(store) = store {
                store.bytes().drain_changes(|key, value| batches.append(now_ms, key, value));
            }
        }
        let mut written = Vec::new();
        for (index, changelog) in self.changelogs.iter().enumerate() {
            let batches = std::mem::take(&mut batches[changelog.store]).finish();
            let Some(partition) = &changelog.partition else { continue };
            if self.options.is_transient {
                continue;
            }
            for builder in batches {
                written.push((index, builder.len() as i64));
                drained.push((partition.clone(), builder));
            }
        }
        written
    }

    /// Checkpoints when much is dirty, and keeps the caches within their limits.
    fn care_for_stores(&mut self) -> Result<()> {
        let held: usize = self.operators.iter().map(|operator| operator.held_bytes()).sum();
        let is_too_much = self.caches.is_exceeded() && held > self.caches.share();
        if is_too_much {
            self.release(held, self.caches.share().min(self.options.cache_bytes_max))?;
        } else if held > self.options.cache_bytes_max {
            self.release(held, self.options.cache_bytes_max)?;
        }
        self.report_held();
        let mut wants_checkpoint = false;
        for store in self.stores.by_index.iter_mut().flatten() {
            wants_checkpoint |= store.bytes().wants_checkpoint();
            store.bytes().trim();
        }
        if wants_checkpoint { self.checkpoint() } else { Ok(()) }
    }

    /// Has the operators, which hold `held` bytes, keep to three quarters of `bytes_max`, so that this is
    /// not due again with the next batch. Each gives up the same part.
    fn release(&mut self, held: usize, bytes_max: usize) -> Result<()> {
        let remaining = bytes_max / 4 * 3;
        let Self { operators, stores, .. } = self;
        for operator in operators {
            let part = operator.held_bytes().saturating_mul(remaining) / held.max(1);
            operator.release(part, stores)?;
        }
        Ok(())
    }

    fn report_held(&mut self) {
        let held = self.operators.iter().map(|operator| operator.held_bytes()).sum();
        self.caches.report(self.held_bytes, held);
        self.held_bytes = held;
    }

    /// Gives memory back between batches, as far as the task takes more than its share.
    pub fn relieve(&mut self) -> Result<()> {
        if self.is_restored() { self.care_for_stores() } else { Ok(()) }
    }

    /// Writes the stores' dirty entries to the backend, once the commits they reflect are durable.
    pub fn checkpoint(&mut self) -> Result<()> {
        if !self.is_restored() {
            // Its stores are behind the positions that would be noted with them.
            return Ok(());
        }
        self.spill()?;
        if let Some(commit) = self.last_commit {
            self.log.wait_durable(commit)?;
        }
        for changelog in &self.changelogs {
            let positions = self.checkpoint_positions(changelog);
            if let Some(Some(store)) = self.stores.by_index.get_mut(changelog.store) {
                store.bytes().checkpoint(&positions)?;
            }
        }
        Ok(())
    }

    /// Moves state that operators hold in memory into the stores.
    pub(super) fn spill(&mut self) -> Result<()> {
        let Self { operators, stores, .. } = self;
        operators.iter_mut().try_for_each(|operator| operator.spill(stores))
    }

    fn checkpoint_positions(&self, changelog: &ChangelogState) -> Vec<i64> {
        if changelog.partition.is_some() {
            return vec![changelog.next.0];
        }
        changelog.sources.iter().map(|source| self.committed[*source].0).collect()
    }
}

/// Record batches of what changed in one store.
#[derive(Default)]
struct ChangelogBatches {
    building: Option<Builder>,
    bytes: usize,
    full: Vec<Builder>,
    /// Scratch for values with their format.
    value: Vec<u8>,
}

impl ChangelogBatches {
    fn append(&mut self, now_ms: i64, key: &[u8], value: Option<&[u8]>) {
        let builder = self.building.get_or_insert_with(|| Builder::new(Compression::None));
        let value = value.map(|value| {
            changelog_value::write(value, &mut self.value);
            self.value.as_slice()
        });
        builder.append(now_ms, Some(key), value, &[]);
        self.bytes += key.len() + value.map_or(0, <[u8]>::len);
        if self.bytes >= BATCH_BYTES_MAX {
            self.close();
        }
    }

    fn close(&mut self) {
        self.full.extend(self.building.take());
        self.bytes = 0;
    }

    fn finish(mut self) -> Vec<Builder> {
        self.close();
        self.full
    }
}
