//! What a commit will write, checked as far as that needs no order: the batches of its appends, of its
//! positions and of its markers, copied into a frame. [`Plan::fit`] does the rest in the order of
//! commits.

use std::ops::Range;

use hashbrown::HashMap;
use records::Batch;
use types::{Offset, TopicPartition};

use super::frame;
use super::limits::COMMIT_BYTES_MAX;
use super::offsets_topic;
use super::state::{State, TopicId};
use crate::producers::{Check, Verdict};
use crate::unpacking::Unpacking;
use crate::{
    Append, Appended, Commit, Error, Marker, Position, Producer, Result, TopicConfig, admission,
};

/// Longest name of a group and longest metadata: Kafka's strings have 16-bit lengths.
const TEXT_BYTES_MAX: usize = i16::MAX as usize;
/// Bytes of an append in a frame besides its batch, rounded up.
const APPEND_BYTES: usize = 32;

/// A commit on its way into the journal.
#[derive(Debug)]
pub(super) struct Plan {
    frame: frame::Builder,
    placed: Vec<Placed>,
    markers: Vec<Marker>,
    /// How many of the batches are the caller's appends; they stand first.
    appends: usize,
}

/// A batch in the frame.
#[derive(Debug)]
struct Placed {
    topic: TopicId,
    at: TopicPartition,
    bytes: Range<usize>,
    /// As it was handed in, without its offset.
    batch: Batch,
    append_time_ms: Option<i64>,
}

/// What [`Plan::fit`] made of a plan.
#[derive(Debug)]
pub(super) struct Fitted {
    /// `None` when every batch repeats an earlier one, so that nothing is to be written.
    pub(super) frame: Option<frame::Builder>,
    pub(super) appended: Vec<Appended>,
    /// Batches in the frame.
    pub(super) batches: usize,
}

/// A commit whose topics are known; the batches are still to be checked.
#[derive(Debug)]
pub(super) struct Unchecked {
    targets: Vec<Target>,
    markers: Vec<Marker>,
    appends: usize,
    bytes: usize,
    now_ms: i64,
}

#[derive(Debug)]
struct Target {
    topic: TopicId,
    config: std::sync::Arc<TopicConfig>,
    append: Append,
}

impl Unchecked {
    /// Looks up what `commit` writes to, and makes the batches of its positions and markers.
    pub(super) fn try_new(commit: Commit, state: &State, now_ms: i64) -> Result<Self> {
        check_positions(state, &commit.positions)?;
        let Commit { mut appends, positions, markers, transaction } = commit;
        let count = appends.len();
        let own = position_appends(state, &positions, transaction, now_ms);
        appends.extend(own);
        appends.extend(markers.iter().map(|marker| Append {
            partition: marker.partition.clone(),
            batch: marker.control_batch(now_ms),
        }));
        let bytes: usize = appends.iter().map(|append| append.batch.len()).sum();
        if bytes > COMMIT_BYTES_MAX {
            return Err(Error::CommitTooLarge { bytes, bytes_max: COMMIT_BYTES_MAX });
        }
        let target = |append: Append| -> Result<Target> {
            let (topic, _) = state.partition(&append.partition)?;
            Ok(Target { topic: topic.id, config: topic.config.clone(), append })
        };
        let targets = appends.into_iter().map(target).collect::<Result<_>>()?;
        Ok(Self { targets, markers, appends: count, bytes, now_ms })
    }

    /// Checks the batches and copies them into a frame.
    pub(super) fn checked(self, unpacking: &Unpacking) -> Result<Plan> {
        let mut frame = frame::Builder::new(self.bytes + self.targets.len() * APPEND_BYTES);
        let mut placed = Vec::with_capacity(self.targets.len());
        for (number, target) in self.targets.into_iter().enumerate() {
            let Target { topic, config, append: Append { partition: at, batch } } = target;
            let is_own = number >= self.appends;
            let checked = match is_own {
                true => admission::own_batch(&at, &batch)?,
                false => admission::admit(&at, &batch, &config, self.now_ms, unpacking)?,
            };
            let bytes = frame.append(topic, at.partition, checked.bytes());
            let stamps = !is_own && admission::stamps_append_time(&config);
            let append_time_ms = stamps.then_some(self.now_ms);
            if stamps {
                records::stamp_append_time(frame.batch(bytes.clone()), self.now_ms);
            }
            placed.push(Placed { topic, at, bytes, batch: checked, append_time_ms });
        }
        Ok(Plan { frame, placed, markers: self.markers, appends: self.appends })
    }
}

impl Plan {
    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.placed.is_empty()
    }

    /// Gives every batch its offset and leaves out what was appended before. Fails when a topic was
    /// deleted since it was looked up, or when a batch or marker does not fit to its producer.
    pub(super) fn fit(mut self, state: &State) -> Result<Fitted> {
        let mut check = Check::default();
        let mut ends: HashMap<(TopicId, i32), i64> = HashMap::new();
        let mut appended = Vec::with_capacity(self.placed.len());
        let first_marker = self.placed.len() - self.markers.len();
        for (number, placed) in self.placed.iter().enumerate() {
            let Placed { topic, at, bytes, batch, append_time_ms } = placed;
            let partition = state.partition_of(*topic, at.partition);
            let partition = partition.ok_or_else(|| Error::UnknownPartition(at.clone()))?;
            let end = ends.entry((*topic, at.partition)).or_insert(partition.end);
            let verdict = match number.checked_sub(first_marker) {
                Some(marker) => {
                    check.marker(partition.ledger(), &self.markers[marker])?;
                    Verdict::Append
                }
                None => check.batch(at, partition.ledger(), batch, *end)?,
            };
            appended.push(match verdict {
                Verdict::Repeats(written) => Appended {
                    base_offset: Offset(written.first_offset()),
                    append_time_ms: append_time_ms.map(|_| written.timestamp_ms),
                    is_duplicate: true,
                },
                Verdict::Append => {
                    records::assign_offset(self.frame.batch(bytes.clone()), *end, 0);
                    let base_offset = Offset(*end);
                    *end += i64::from(batch.last_offset_delta()) + 1;
                    let append_time_ms = *append_time_ms;
                    Appended { base_offset, append_time_ms, is_duplicate: false }
                }
            });
        }
        let repeated = appended.iter().filter(|appended| appended.is_duplicate).count();
        let batches = appended.len() - repeated;
        let frame = if repeated == 0 { self.frame } else { self.without_repeated(&appended) };
        appended.truncate(self.appends);
        Ok(Fitted { frame: (batches > 0).then_some(frame), appended, batches })
    }

    /// The frame without the batches that were appended before.
    fn without_repeated(&mut self, appended: &[Appended]) -> frame::Builder {
        let mut frame = frame::Builder::new(self.frame.payload_len());
        for (placed, appended) in self.placed.iter().zip(appended) {
            if !appended.is_duplicate {
                let batch = self.frame.batch(placed.bytes.clone());
                frame.append(placed.topic, placed.at.partition, batch);
            }
        }
        frame
    }
}

fn check_positions(state: &State, positions: &[Position]) -> Result<()> {
    for position in positions {
        state.partition(&position.partition)?;
        if position.group.is_empty() || position.group.len() > TEXT_BYTES_MAX {
            return Err(Error::InvalidGroup(position.group.to_string()));
        }
        if position.metadata.len() > TEXT_BYTES_MAX {
            return Err(Error::MetadataTooLarge {
                group: position.group.to_string(),
                bytes: position.metadata.len(),
            });
        }
    }
    Ok(())
}

/// The partition of `__consumer_offsets` that holds the positions of `group`.
pub(super) fn offsets_partition(state: &State, group: &str) -> TopicPartition {
    let topic = state.topic(offsets_topic::NAME);
    let partitions = topic.map_or(1, |topic| topic.config.partitions);
    TopicPartition::new(offsets_topic::NAME, offsets_topic::partition_of(group, partitions))
}

/// `items` by the partitions of `__consumer_offsets` that hold their groups' positions.
pub(super) fn by_offsets_partition<T>(
    state: &State,
    items: impl Iterator<Item = T>,
    group: impl Fn(&T) -> &str,
) -> Vec<(TopicPartition, Vec<T>)> {
    let mut grouped: Vec<(TopicPartition, Vec<T>)> = Vec::new();
    for item in items {
        let at = offsets_partition(state, group(&item));
        match grouped.iter_mut().find(|(known, _)| *known == at) {
            Some((_, items)) => items.push(item),
            None => grouped.push((at, vec![item])),
        }
    }
    grouped
}

/// The records of `__consumer_offsets` that move `positions`: a batch per partition of it.
fn position_appends(
    state: &State,
    positions: &[Position],
    transaction: Option<Producer>,
    now_ms: i64,
) -> Vec<Append> {
    let grouped = by_offsets_partition(state, positions.iter(), |position| &position.group);
    let append = |(partition, positions): (TopicPartition, Vec<&Position>)| Append {
        partition,
        batch: offsets_topic::batch(positions.into_iter(), transaction, now_ms),
    };
    grouped.into_iter().map(append).collect()
}
