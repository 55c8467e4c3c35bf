//! The way of a commit: checked, put into a frame, written to the journal, applied to memory.

use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashMap;
use types::{Offset, TopicPartition};

use super::core::Core;
use super::frame;
use super::limits::COMMIT_BYTES_MAX;
use super::offsets_topic;
use super::state::{State, TopicId};
use crate::{
    Append, Appended, Commit, CommitId, Committed, Error, Position, Result, TopicConfig,
    Visibility, admission,
};

/// Longest name of a group: Kafka's strings have 16-bit lengths.
const GROUP_BYTES_MAX: usize = i16::MAX as usize;

/// A position and the offset it moves to; `None` forgets it.
type Move<'a> = (&'a Position, Option<Offset>);

/// A batch in a frame that still needs its offset.
#[derive(Debug)]
struct Placed {
    topic: TopicId,
    at: TopicPartition,
    bytes: Range<usize>,
    records: i64,
    append_time_ms: Option<i64>,
}

impl Core {
    /// Commits `commit`. Fails without any trace when something in it is wrong or the disk refuses.
    pub(super) fn commit(&self, commit: Commit) -> Result<Committed> {
        self.make_room()?;
        let appends = commit.appends.len();
        let (mut frame, placed) = self.place(commit)?;
        if placed.is_empty() {
            let id = CommitId(self.journal().last_commit());
            return Ok(Committed { id, appended: Vec::new() });
        }
        let (id, mut appended) = self.write(|state| {
            let appended = assign(state, &mut frame, &placed)?;
            Ok((frame, appended))
        })?;
        appended.truncate(appends);
        self.metrics.batches.add(placed.len() as u64);
        Ok(Committed { id, appended })
    }

    /// Checks everything that needs no order and copies the batches into a frame.
    fn place(&self, commit: Commit) -> Result<(frame::Builder, Vec<Placed>)> {
        let now_ms = self.clock.now_ms();
        let Commit { mut appends, positions, .. } = commit;
        self.check_positions(&positions)?;
        appends.extend(self.offset_appends(&positions, now_ms));
        let bytes: usize = appends.iter().map(|append| append.batch.len()).sum();
        if bytes > COMMIT_BYTES_MAX {
            return Err(Error::CommitTooLarge { bytes, bytes_max: COMMIT_BYTES_MAX });
        }
        let mut frame = frame::Builder::new(bytes + appends.len() * 32);
        let mut placed = Vec::with_capacity(appends.len());
        for Append { partition: at, batch } in appends {
            let (topic, config) = self.topic_of(&at)?;
            let checked = admission::check_batch(&at, &batch, &config)?;
            let bytes = frame.append(topic, at.partition, &batch);
            let append_time_ms = admission::stamps_append_time(&config).then_some(now_ms);
            if append_time_ms.is_some() {
                records::stamp_append_time(frame.batch(bytes.clone()), now_ms);
            }
            let records = i64::from(checked.record_count());
            placed.push(Placed { topic, at, bytes, records, append_time_ms });
        }
        Ok((frame, placed))
    }

    fn topic_of(&self, at: &TopicPartition) -> Result<(TopicId, Arc<TopicConfig>)> {
        let state = self.state();
        let (topic, _) = state.partition(at)?;
        Ok((topic.id, topic.config.clone()))
    }

    fn check_positions(&self, positions: &[Position]) -> Result<()> {
        let state = self.state();
        for position in positions {
            state.partition(&position.partition)?;
            if position.group.is_empty() || position.group.len() > GROUP_BYTES_MAX {
                return Err(Error::InvalidGroup(position.group.to_string()));
            }
        }
        Ok(())
    }

    /// The records of `__consumer_offsets` that move `positions`: a batch per partition of it.
    fn offset_appends(&self, positions: &[Position], now_ms: i64) -> Vec<Append> {
        let moves = positions.iter().map(|position| (position, Some(position.offset)));
        self.position_appends(moves.collect(), now_ms)
    }

    fn position_appends(&self, moves: Vec<Move<'_>>, now_ms: i64) -> Vec<Append> {
        let topic = self.state().topic(offsets_topic::NAME).map(|topic| topic.config.partitions);
        let partitions = topic.unwrap_or(1);
        let mut by_partition: Vec<(i32, Vec<Move<'_>>)> = Vec::new();
        for (position, offset) in moves {
            let partition = offsets_topic::partition_of(&position.group, partitions);
            match by_partition.iter_mut().find(|(number, _)| *number == partition) {
                Some((_, moves)) => moves.push((position, offset)),
                None => by_partition.push((partition, vec![(position, offset)])),
            }
        }
        let append = |(partition, moves): (i32, Vec<Move<'_>>)| Append {
            partition: TopicPartition::new(offsets_topic::NAME, partition),
            batch: offsets_topic::batch(moves.into_iter(), now_ms),
        };
        by_partition.into_iter().map(append).collect()
    }

    /// Writes the frame that `prepare` completes in the order of commits, and applies it. Nothing
    /// else is written or applied in between.
    fn write<T>(
        &self,
        prepare: impl FnOnce(&State) -> Result<(frame::Builder, T)>,
    ) -> Result<(CommitId, T)> {
        let mut journal = self.journal();
        self.progress.check_open()?;
        let (frame, result) = prepare(&self.state())?;
        let bytes = frame.payload_len() as u64;
        let durable = self.progress.durable();
        let written = journal.append(frame, durable).map_err(|error| self.noted(error))?;
        let commit = journal.last_commit();
        let applied = self.state().apply(commit, &written.slice(frame::HEADER_BYTES..));
        let grown = applied.map_err(|reason| self.noted(Error::Poisoned(reason.to_owned())))?;
        self.progress.set_written(commit);
        drop(journal);
        self.metrics.commits.add(1);
        self.metrics.appended_bytes.add(bytes);
        self.listeners.notify(&grown, Visibility::Committed);
        Ok((CommitId(commit), result))
    }

    /// Sees to it that memory has room for more. Fails when it is full and cannot be flushed.
    fn make_room(&self) -> Result<()> {
        let held = self.state().recent_bytes;
        if held < self.config.memory_bytes_flush {
            return Ok(());
        }
        let is_full = held >= self.config.memory_bytes_max;
        match (self.config.background, is_full) {
            (true, false) => self.progress.want_flush(),
            (true, true) => self.wait_for_room()?,
            (false, true) => self.flush()?,
            (false, false) => {
                // There is still room, so a flush that failed is tried again by the next commit.
                if let Err(error) = self.flush() {
                    tracing::warn!(%error, "cannot write segments");
                }
            }
        }
        Ok(())
    }

    fn wait_for_room(&self) -> Result<()> {
        while self.state().recent_bytes >= self.config.memory_bytes_max {
            self.progress.wait_flushed()?;
        }
        Ok(())
    }

    /// Creates a topic; durable when it returns.
    pub(super) fn create_topic(&self, name: &str, config: &TopicConfig) -> Result<()> {
        admission::check_topic(name, config)?;
        let (commit, ()) = self.write(|state| {
            if state.topic(name).is_some() {
                return Err(Error::TopicExists(name.to_owned()));
            }
            let mut frame = frame::Builder::new(256);
            frame.create_topic(state.next_topic(), name, config);
            Ok((frame, ()))
        })?;
        self.wait_durable(commit)
    }

    /// Deletes a topic; durable when it returns. Its files go with the next flush.
    pub(super) fn delete_topic(&self, name: &str) -> Result<()> {
        if name == offsets_topic::NAME {
            let reason = "it is the log's own".to_owned();
            return Err(Error::InvalidTopic { name: name.to_owned(), reason });
        }
        let positions = self.state().positions.in_topic(name);
        let appends = self.tombstones(&positions);
        let (commit, ()) = self.write(|state| {
            let unknown = || Error::UnknownPartition(TopicPartition::new(name, 0));
            let id = state.topic(name).ok_or_else(unknown)?.id;
            let mut frame = frame_of(state, &appends)?;
            frame.delete_topic(id);
            Ok((frame, ()))
        })?;
        self.wait_durable(commit)
    }

    /// Forgets all positions of `group`; durable when it returns.
    pub(super) fn delete_group(&self, group: &str) -> Result<()> {
        let positions = self.state().positions.of_group(group);
        let group: Arc<str> = group.into();
        let of_group = |(partition, offset)| Position::new(group.clone(), partition, offset);
        let positions: Vec<Position> = positions.into_iter().map(of_group).collect();
        if positions.is_empty() {
            return Ok(());
        }
        let appends = self.tombstones(&positions);
        let (commit, ()) = self.write(|state| Ok((frame_of(state, &appends)?, ())))?;
        self.wait_durable(commit)
    }

    fn tombstones(&self, positions: &[Position]) -> Vec<Append> {
        let moves = positions.iter().map(|position| (position, None)).collect();
        self.position_appends(moves, self.clock.now_ms())
    }
}

/// A frame of batches of the log's own, which need no checks.
fn frame_of(state: &State, appends: &[Append]) -> Result<frame::Builder> {
    let bytes = appends.iter().map(|append| append.batch.len() + 32).sum();
    let mut frame = frame::Builder::new(bytes);
    for Append { partition: at, batch } in appends {
        let (topic, partition) = state.partition(at)?;
        let bytes = frame.append(topic.id, at.partition, batch);
        records::assign_offset(frame.batch(bytes), partition.end, 0);
    }
    Ok(frame)
}

/// Gives every batch its offsets. Fails when a topic was deleted since it was looked up.
fn assign(state: &State, frame: &mut frame::Builder, placed: &[Placed]) -> Result<Vec<Appended>> {
    let mut ends: HashMap<(TopicId, i32), i64> = HashMap::new();
    let mut appended = Vec::with_capacity(placed.len());
    for Placed { topic: id, at, bytes, records, append_time_ms } in placed {
        let (topic, partition) = state.partition(at)?;
        if topic.id != *id {
            return Err(Error::UnknownPartition(at.clone()));
        }
        let end = ends.entry((*id, at.partition)).or_insert(partition.end);
        records::assign_offset(frame.batch(bytes.clone()), *end, 0);
        appended.push(Appended {
            base_offset: Offset(*end),
            append_time_ms: *append_time_ms,
            is_duplicate: false,
        });
        *end += records;
    }
    Ok(appended)
}
