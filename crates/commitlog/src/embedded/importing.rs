//! Imports: a topic whose partitions another broker has written becomes a topic of this log, with all
//! its offsets.
//!
//! Every source is read twice. First it is looked through as a whole: that its batches are sound and
//! in order, and which transactions they hold. Only then it is written to segments, which nobody knows
//! of until the checkpoint names them, so that an import that fails leaves nothing to be seen.
//!
//! Batches stay as they are, but for their leader epoch, which is 0 here as for all others, because
//! clients would take a higher one for news from a broker that is ahead of this one. What the batches
//! say of producers is not kept: their ids were given out elsewhere, and here the same ids may belong
//! to others. A transaction without an end is aborted, because its coordinator stayed behind.

use std::sync::Arc;

use bytes::BytesMut;
use hashbrown::HashMap;
use records::Batch;
use types::{Offset, TopicPartition};

use super::checkpoint::{self, Checkpoint};
use super::core::Core;
use super::gapless_writer::GaplessWriter;
use super::log::EmbeddedLog;
use super::segment;
use super::state::State;
use crate::producers::Ledger;
use crate::{Error, Marker, Outcome, PartitionOffsets, Result, TopicConfig, admission};

/// The batches of a source, in order.
pub type SourceBatches<'a> = Box<dyn Iterator<Item = Result<Batch>> + 'a>;

/// A partition as another broker has written it.
pub trait ImportSource {
    /// Where its first segment begins; no batch lies before it.
    fn base(&self) -> Offset;

    /// The first offset that readers may have.
    fn start(&self) -> Offset;

    /// Where its last segment begins: the partition ends there, or later by what the batches say.
    fn end_min(&self) -> Offset;

    /// Every batch in order of offsets; there may be holes between them. Nobody reads on after an error.
    /// It is asked for more than once, with the same answer.
    fn batches(&self) -> SourceBatches<'_>;
}

/// What a partition was after its import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its offsets.
    pub offsets: PartitionOffsets,
    /// How many batches it was given.
    pub batches: u64,
    /// How many transactions had no end and were aborted.
    pub aborted_at_end: usize,
}

impl EmbeddedLog {
    /// Creates topic `name` with the partitions `sources`; `config` says the rest. It is durable when
    /// this returns, and there is nothing of it when this fails: with `TopicExists`, `InvalidTopic`,
    /// `CorruptBatch` for offsets that go back, whatever a source fails with, or `Io`.
    pub fn import_topic(
        &self,
        name: &str,
        config: &TopicConfig,
        sources: &[&dyn ImportSource],
    ) -> Result<Vec<Imported>> {
        let imported = self.core.import_topic(name, config, sources);
        self.core.tell_poisoned();
        imported
    }
}

/// What looking through a source has found.
struct Survey {
    at: TopicPartition,
    base: i64,
    start: i64,
    end: i64,
    batches: u64,
    ledger: Ledger,
    /// The ends of the transactions that had none.
    markers: Vec<Batch>,
}

impl Core {
    fn import_topic(
        &self,
        name: &str,
        config: &TopicConfig,
        sources: &[&dyn ImportSource],
    ) -> Result<Vec<Imported>> {
        let config = Arc::new(TopicConfig { partitions: sources.len() as i32, ..config.clone() });
        admission::check_topic(name, &config)?;
        let mut saved = self.keeper();
        // The files of a deleted topic of that name go with it.
        self.flush_holding(&mut saved)?;
        check_free(&self.state(), name)?;
        let now_ms = self.clock.now_ms();
        let at = |number| TopicPartition::new(name, number as i32);
        let numbered = sources.iter().enumerate();
        let surveys: Vec<Survey> = numbered
            .map(|(number, source)| Survey::of(at(number), *source, now_ms))
            .collect::<Result<_>>()?;
        let paths: Vec<String> =
            surveys.iter().map(|survey| segment::directory_of(name, survey.at.partition)).collect();
        self.remove_directories(paths.iter().map(String::as_str))?;
        let mut partitions = Vec::with_capacity(sources.len());
        for (source, survey) in sources.iter().zip(&surveys) {
            partitions.push(self.write_import(&config, *source, survey)?);
        }
        self.adopt(&mut saved, name, config, partitions)?;
        Ok(surveys.iter().map(Survey::imported).collect())
    }

    /// Writes the segments of a partition.
    fn write_import(
        &self,
        config: &TopicConfig,
        source: &dyn ImportSource,
        survey: &Survey,
    ) -> Result<checkpoint::Partition> {
        let path = segment::directory_of(&survey.at.topic, survey.at.partition);
        let target = self.target(&path, "", config, Some(&survey.ledger));
        let mut writer = GaplessWriter::new(target, survey.base);
        let mut ordered = Ordered::new(&survey.at, survey.base);
        for batch in source.batches() {
            let batch = ordered.check(batch?)?;
            writer.put(of_this_leader(&survey.at, batch)?)?;
        }
        for marker in &survey.markers {
            writer.put(ordered.check(marker.clone())?)?;
        }
        ordered.check_reach(survey.end)?;
        let segments = writer.finish(survey.end).map_err(|error| self.noted(error))?;
        let mut ledger = Ledger::restored(HashMap::new(), survey.ledger.aborted().to_vec());
        ledger.forget_before(survey.start);
        Ok(checkpoint::Partition {
            start: survey.start,
            flushed_end: survey.end,
            cleaned_end: 0,
            segments: Arc::new(segments),
            ledger: (!ledger.is_empty()).then(|| Arc::new(ledger)),
        })
    }

    /// Makes the topic part of the log. While the journal is held no other topic can come or go.
    fn adopt(
        &self,
        saved: &mut Checkpoint,
        name: &str,
        config: Arc<TopicConfig>,
        partitions: Vec<checkpoint::Partition>,
    ) -> Result<()> {
        let _journal = self.journal();
        self.progress.check_open()?;
        let id = {
            let state = self.state();
            check_free(&state, name)?;
            state.next_topic()
        };
        let topic = checkpoint::Topic { id, name: name.into(), config, partitions };
        let mut next = saved.clone();
        next.number += 1;
        next.changes.clear();
        next.next_topic = id.0 + 1;
        next.topics.push(topic.clone());
        let stored = checkpoint::save(&*self.directory, &next);
        stored.map_err(|error| self.noted(error))?;
        *saved = next;
        self.state().adopt(topic);
        Ok(())
    }
}

/// Fails when there is a topic `name`, or when files of a former one are still to be removed.
fn check_free(state: &State, name: &str) -> Result<()> {
    let first = segment::directory_of(name, 0);
    let is_going = state.removals.iter().any(|removal| removal.directory == first);
    if state.topic(name).is_some() || is_going {
        return Err(Error::TopicExists(name.to_owned()));
    }
    Ok(())
}

impl Survey {
    fn of(at: TopicPartition, source: &dyn ImportSource, now_ms: i64) -> Result<Self> {
        let base = source.base().0;
        let mut ordered = Ordered::new(&at, base);
        let mut ledger = Ledger::default();
        let mut batches = 0;
        for batch in source.batches() {
            let batch = ordered.check(batch?)?;
            if batch.producer_id() >= 0 {
                ledger.append(&batch, now_ms);
            }
            batches += 1;
        }
        let markers = abort_open(&at, &mut ledger, ordered.next.max(source.end_min().0), now_ms)?;
        let marked_end = markers.last().map_or(ordered.next, |marker| marker.last_offset() + 1);
        let end = marked_end.max(source.end_min().0);
        let start = source.start().0.clamp(base, end);
        Ok(Self { at, base, start, end, batches, ledger, markers })
    }

    fn imported(&self) -> Imported {
        let end = Offset(self.end);
        let offsets =
            PartitionOffsets { start: Offset(self.start), stable: end, durable_end: end, end };
        Imported { offsets, batches: self.batches, aborted_at_end: self.markers.len() }
    }
}

/// Markers from offset `end` on that abort the transactions which are still open.
fn abort_open(
    at: &TopicPartition,
    ledger: &mut Ledger,
    end: i64,
    now_ms: i64,
) -> Result<Vec<Batch>> {
    let mut markers = Vec::new();
    let states = ledger.states();
    let open = states.iter().filter(|state| state.transaction_start.is_some());
    for (state, offset) in open.zip(end..) {
        let marker = Marker {
            partition: at.clone(),
            producer: state.producer,
            outcome: Outcome::Abort,
            coordinator_epoch: state.coordinator_epoch.max(0),
        };
        let mut bytes = BytesMut::from(&marker.control_batch(now_ms)[..]);
        records::assign_offset(&mut bytes, offset, 0);
        let batch = admission::own_batch(at, &bytes.freeze())?;
        ledger.append(&batch, now_ms);
        markers.push(batch);
    }
    Ok(markers)
}

/// `batch` with the leader epoch that all batches have here.
fn of_this_leader(at: &TopicPartition, batch: Batch) -> Result<Batch> {
    if batch.leader_epoch() == 0 {
        return Ok(batch);
    }
    let mut bytes = BytesMut::from(&batch.bytes()[..]);
    records::assign_offset(&mut bytes, batch.base_offset(), 0);
    admission::own_batch(at, &bytes.freeze())
}

/// Checks that offsets go up, and that no hole is wider than an empty batch can be.
struct Ordered<'a> {
    at: &'a TopicPartition,
    /// Where the batch before begins.
    last_base: i64,
    /// Where it ends.
    next: i64,
}

impl<'a> Ordered<'a> {
    fn new(at: &'a TopicPartition, base: i64) -> Self {
        Self { at, last_base: base, next: base }
    }

    fn check(&mut self, batch: Batch) -> Result<Batch> {
        let base = batch.base_offset();
        if base < self.next {
            let reason = format!("a batch at offset {base} follows one that ends at {}", self.next);
            return Err(Error::CorruptBatch { partition: self.at.clone(), reason });
        }
        self.check_reach(base)?;
        self.last_base = base;
        self.next = batch.last_offset() + 1;
        Ok(batch)
    }

    fn check_reach(&self, offset: i64) -> Result<()> {
        if offset - self.last_base > i64::from(i32::MAX) {
            let reason = format!("no batch between the offsets {} and {offset}", self.next);
            return Err(Error::CorruptBatch { partition: self.at.clone(), reason });
        }
        Ok(())
    }
}
