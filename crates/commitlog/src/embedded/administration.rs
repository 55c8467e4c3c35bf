//! Changes of topics and groups. Each is a commit, and durable when its call returns unless it says
//! otherwise.

use std::sync::Arc;

use types::{Offset, TopicPartition};

use super::core::Core;
use super::frame;
use super::offsets_topic;
use super::planning::by_offsets_partition;
use super::state::{State, Topic};
use crate::{CommitId, Error, Result, TopicChange, TopicConfig, admission};

impl Core {
    /// Makes `change` of the topic called `name`. It is written when the call returns, and durable when
    /// its commit is.
    pub(super) fn change_topic(&self, name: &str, change: TopicChange<'_>) -> Result<CommitId> {
        let now_ms = self.clock.now_ms();
        let (commit, ()) = self.write(|state| {
            let frame = match change {
                TopicChange::Create(config) => creation(state, name, config),
                TopicChange::Delete => deletion(state, name, now_ms),
                TopicChange::Alter(config) => alteration(state, name, config),
                TopicChange::AddPartitions(total) => growth(state, name, total),
            };
            Ok((frame?, ()))
        })?;
        Ok(commit)
    }

    /// The same, durable when it returns.
    pub(super) fn change_topic_durably(&self, name: &str, change: TopicChange<'_>) -> Result<()> {
        self.wait_durable(self.change_topic(name, change)?)
    }

    /// Creates a topic.
    pub(super) fn create_topic(&self, name: &str, config: &TopicConfig) -> Result<()> {
        self.change_topic_durably(name, TopicChange::Create(config))
    }

    /// Deletes a topic.
    pub(super) fn delete_topic(&self, name: &str) -> Result<()> {
        self.change_topic_durably(name, TopicChange::Delete)
    }

    /// Deletes the records of a partition before an offset; returns where it starts now. It is written when
    /// the call returns, and durable when its commit is.
    pub(super) fn delete_records(
        &self,
        at: &TopicPartition,
        before: Offset,
    ) -> Result<(CommitId, Offset)> {
        self.write(|state| {
            let (topic, partition) = state.partition(at)?;
            let offsets = partition.offsets();
            if before > offsets.durable_end || before < Offset::ZERO {
                let (start, end) = (offsets.start, offsets.durable_end);
                let partition = at.clone();
                return Err(Error::OffsetOutOfRange { partition, offset: before, start, end });
            }
            let mut frame = frame::Builder::new(32);
            frame.move_start(topic.id, at.partition, before.0);
            Ok((frame, before.max(offsets.start)))
        })
    }

    /// Forgets all positions of `group`.
    pub(super) fn delete_group(&self, group: &str) -> Result<()> {
        let of_group = self.state().positions.of_group(group);
        let partitions: Vec<TopicPartition> = of_group.into_iter().map(|(at, _)| at).collect();
        self.delete_positions(group, &partitions)
    }

    /// Forgets the positions of `group` in `partitions`, as far as it has any.
    pub(super) fn delete_positions(
        &self,
        group: &str,
        partitions: &[TopicPartition],
    ) -> Result<()> {
        let group: Arc<str> = group.into();
        let now_ms = self.clock.now_ms();
        let known = |at: &&TopicPartition| self.state().positions.position(&group, at).is_some();
        let forgotten: Vec<_> =
            partitions.iter().filter(known).map(|at| (group.clone(), at.clone())).collect();
        if forgotten.is_empty() {
            return Ok(());
        }
        let (commit, ()) = self.write(|state| Ok((tombstones(state, forgotten, now_ms)?, ())))?;
        self.wait_durable(commit)
    }
}

fn creation(state: &State, name: &str, config: &TopicConfig) -> Result<frame::Builder> {
    admission::check_topic(name, config)?;
    if state.topic(name).is_some() {
        return Err(Error::TopicExists(name.to_owned()));
    }
    let mut frame = frame::Builder::new(256);
    frame.create_topic(state.next_topic(), name, config);
    Ok(frame)
}

/// The topic's files go with the next flush.
fn deletion(state: &State, name: &str, now_ms: i64) -> Result<frame::Builder> {
    check_foreign(name)?;
    let id = existing(state, name)?.id;
    let mut frame = tombstones(state, state.positions.in_topic(name), now_ms)?;
    frame.delete_topic(id);
    Ok(frame)
}

fn alteration(state: &State, name: &str, config: &TopicConfig) -> Result<frame::Builder> {
    let topic = existing(state, name)?;
    let config = TopicConfig { partitions: topic.config.partitions, ..config.clone() };
    altered(topic, name, &config)
}

fn growth(state: &State, name: &str, total: i32) -> Result<frame::Builder> {
    check_foreign(name)?;
    let topic = existing(state, name)?;
    if total <= topic.config.partitions {
        let reason = format!("it has {} partitions already", topic.config.partitions);
        return Err(Error::InvalidTopic { name: name.to_owned(), reason });
    }
    altered(topic, name, &TopicConfig { partitions: total, ..TopicConfig::clone(&topic.config) })
}

fn altered(topic: &Topic, name: &str, config: &TopicConfig) -> Result<frame::Builder> {
    admission::check_topic(name, config)?;
    let mut frame = frame::Builder::new(256);
    frame.alter_topic(topic.id, config);
    Ok(frame)
}

/// Fails for the log's own topic, whose shape decides where positions lie.
fn check_foreign(name: &str) -> Result<()> {
    if name == offsets_topic::NAME {
        let reason = "it is the log's own".to_owned();
        return Err(Error::InvalidTopic { name: name.to_owned(), reason });
    }
    Ok(())
}

fn existing<'a>(state: &'a State, name: &str) -> Result<&'a Topic> {
    state.topic(name).ok_or_else(|| Error::UnknownPartition(TopicPartition::new(name, 0)))
}

/// A frame with the records of `__consumer_offsets` that forget positions.
fn tombstones(
    state: &State,
    forgotten: Vec<(Arc<str>, TopicPartition)>,
    now_ms: i64,
) -> Result<frame::Builder> {
    let mut frame = frame::Builder::new(64 + forgotten.len() * 128);
    let grouped = by_offsets_partition(state, forgotten.into_iter(), |(group, _)| group);
    for (at, forgotten) in grouped {
        let positions = forgotten.iter().map(|(group, at)| (&**group, at));
        let batch = offsets_topic::tombstones(positions, now_ms);
        let (topic, partition) = state.partition(&at)?;
        let bytes = frame.append(topic.id, at.partition, &batch);
        records::assign_offset(frame.batch(bytes), partition.end, 0);
    }
    Ok(frame)
}
