//! How a plan spreads over partitions: how many tasks each sub-topology has, which partitions each
//! reads, which internal topics there must be.
//!
//! A sub-topology has one task per partition of its topics. One with a foreign-key join has a single
//! task for all partitions, because the rows that meet there lie in unrelated partitions.

use std::sync::Arc;

use commitlog::{Commit, Log, Position, TopicConfig};
use plan::physical::{Changelog, Operator, Plan, Read, StoreKind};
use types::{Offset, SourceKind, TopicPartition};

use crate::{Error, OffsetReset, QueryOptions, Result};

/// Added to the retention of windowed changelogs, as ksqlDB does by default.
const CHANGELOG_ADDITIONAL_RETENTION_MS: i64 = 1_000_000;

/// How one sub-topology spreads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spread {
    /// Partitions of its topics.
    pub partitions: i32,
    /// Number of tasks: as many, or 1.
    pub tasks: i32,
}

impl Spread {
    /// The partitions that task `task` reads of each topic.
    pub fn partitions_of(&self, task: i32) -> std::ops::Range<i32> {
        if self.tasks == self.partitions { task..task + 1 } else { 0..self.partitions }
    }
}

/// The Read nodes of sub-topology `index`, with their node indexes.
pub(crate) fn reads(plan: &Plan, index: usize) -> impl Iterator<Item = (usize, &Read)> {
    let nodes = plan.sub_topologies[index].nodes.iter().enumerate();
    nodes.filter_map(|(node, found)| match &found.operator {
        Operator::Read(read) => Some((node, read)),
        _ => None,
    })
}

/// The stores used in sub-topology `index`.
pub(crate) fn stores(plan: &Plan, index: usize) -> Vec<usize> {
    let mut stores: Vec<usize> = Vec::new();
    for node in &plan.sub_topologies[index].nodes {
        match &node.operator {
            Operator::Read(read) => stores.extend(read.store),
            Operator::Aggregate { store, .. } | Operator::Materialize { store } => {
                stores.push(*store);
            }
            Operator::StreamStreamJoin { stores: buffers, .. } => stores.extend(buffers),
            Operator::StreamTableJoin { table_store, .. } => stores.push(*table_store),
            Operator::TableTableJoin { stores: sides, .. } => stores.extend(sides),
            Operator::ForeignKeyJoin { stores: sides, .. } => stores.extend(sides),
            _ => {}
        }
    }
    stores.sort_unstable();
    stores.dedup();
    stores
}

/// Spreads every sub-topology of `plan`, and creates the internal topics that are missing. Fails when
/// a source topic does not exist.
pub(crate) fn prepare(plan: &Plan, log: &dyn Log, keeps_changelogs: bool) -> Result<Vec<Spread>> {
    let mut spreads: Vec<Spread> = Vec::new();
    for index in 0..plan.sub_topologies.len() {
        let spread = spread(plan, index, &spreads, log)?;
        for (_, read) in reads(plan, index).filter(|(_, read)| read.source.is_none()) {
            ensure_topic(log, &read.topic, &TopicConfig::with_partitions(spread.partitions))?;
        }
        if keeps_changelogs {
            for store in stores(plan, index) {
                ensure_changelog(plan, store, spread.tasks, log)?;
            }
        }
        spreads.push(spread);
    }
    Ok(spreads)
}

fn spread(plan: &Plan, index: usize, upstream: &[Spread], log: &dyn Log) -> Result<Spread> {
    let mut partitions = 0;
    for (_, read) in reads(plan, index) {
        if let Some(topic) = log.topic(&read.topic) {
            partitions = partitions.max(topic.config.partitions);
        } else if read.source.is_some() {
            return Err(Error::Plan(format!("topic {} does not exist", read.topic)));
        }
    }
    if partitions == 0 {
        let writers = (0..upstream.len()).filter(|writer| feeds(plan, *writer, index));
        partitions = writers.map(|writer| upstream[writer].partitions).max().unwrap_or(1);
    }
    let nodes = &plan.sub_topologies[index].nodes;
    let is_single =
        nodes.iter().any(|node| matches!(node.operator, Operator::ForeignKeyJoin { .. }));
    Ok(Spread { partitions, tasks: if is_single { 1 } else { partitions } })
}

/// Whether sub-topology `writer` writes a topic that `reader` reads.
fn feeds(plan: &Plan, writer: usize, reader: usize) -> bool {
    plan.sub_topologies[writer].nodes.iter().any(|node| match &node.operator {
        Operator::Write(write) => reads(plan, reader).any(|(_, read)| read.topic == write.topic),
        _ => false,
    })
}

fn ensure_changelog(plan: &Plan, store: usize, partitions: i32, log: &dyn Log) -> Result<()> {
    let store =
        plan.stores.get(store).ok_or_else(|| Error::Plan(format!("there is no store {store}")))?;
    let Changelog::Topic(topic) = &store.changelog else { return Ok(()) };
    let compacted = TopicConfig::with_partitions(partitions).compacted();
    let config = match store.kind {
        StoreKind::KeyValue | StoreKind::ForeignKeyIndex => compacted,
        StoreKind::Window { retention_ms }
        | StoreKind::Session { retention_ms }
        | StoreKind::Buffer { retention_ms } => TopicConfig {
            delete: true,
            retention_ms: Some(retention_ms.saturating_add(CHANGELOG_ADDITIONAL_RETENTION_MS)),
            ..compacted
        },
    };
    ensure_topic(log, topic, &config)
}

fn ensure_topic(log: &dyn Log, name: &str, config: &TopicConfig) -> Result<()> {
    match log.create_topic(name, config) {
        Ok(()) | Err(commitlog::Error::TopicExists(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Where a task starts in a partition: at its group's position, else where the kind of source and the
/// options say.
pub(crate) fn start(
    read: &Read,
    kind: SourceKind,
    at: &TopicPartition,
    group: &str,
    options: &QueryOptions,
    log: &dyn Log,
) -> Result<Offset> {
    if !options.is_transient
        && let Some(position) = log.position(group, at)
    {
        return Ok(position);
    }
    let offsets = log.offsets(at)?;
    let is_stream = read.source.is_some() && kind == SourceKind::Stream;
    match options.offset_reset {
        OffsetReset::Latest if is_stream => Ok(offsets.end),
        OffsetReset::Latest | OffsetReset::Earliest => Ok(offsets.start),
    }
}

/// Commits where a new query starts, so that a restart before its first batch changes nothing.
pub(crate) fn fix_positions(
    plan: &Plan,
    spreads: &[Spread],
    options: &QueryOptions,
    log: &dyn Log,
) -> Result<()> {
    if options.is_transient || options.offset_reset == OffsetReset::Earliest {
        return Ok(());
    }
    let group: Arc<str> = plan.application_id.as_str().into();
    let mut positions = Vec::new();
    for (index, spread) in spreads.iter().enumerate() {
        for (node, read) in reads(plan, index).filter(|(_, read)| read.source.is_some()) {
            let kind = plan.sub_topologies[index].nodes[node].layout.kind;
            for partition in topic_partitions(read, spread, log) {
                if log.position(&group, &partition).is_none() {
                    let offset = start(read, kind, &partition, &group, options, log)?;
                    positions.push(Position::new(Arc::clone(&group), partition, offset));
                }
            }
        }
    }
    if !positions.is_empty() {
        log.commit(Commit { positions, ..Commit::default() })?;
    }
    Ok(())
}

fn topic_partitions(read: &Read, spread: &Spread, log: &dyn Log) -> Vec<TopicPartition> {
    let count = log.topic(&read.topic).map_or(0, |topic| topic.config.partitions);
    let topic: Arc<str> = read.topic.as_str().into();
    let partitions = 0..count.min(spread.partitions);
    partitions.map(|partition| TopicPartition::new(Arc::clone(&topic), partition)).collect()
}

/// The partitions that task `task` of sub-topology `index` reads, with the node that reads them.
pub(crate) fn task_partitions(
    plan: &Plan,
    index: usize,
    spread: &Spread,
    task: i32,
    log: &dyn Log,
) -> Vec<(usize, TopicPartition)> {
    let mine = spread.partitions_of(task);
    let mut found = Vec::new();
    for (node, read) in reads(plan, index) {
        let partitions = topic_partitions(read, spread, log).into_iter();
        let partitions = partitions.filter(|at| mine.contains(&at.partition));
        found.extend(partitions.map(|partition| (node, partition)));
    }
    found
}

/// Deletes the internal topics of `plan` and its positions.
pub(crate) fn delete_internals(plan: &Plan, log: &dyn Log) -> Result<()> {
    let changelogs = plan.stores.iter().filter_map(|store| match &store.changelog {
        Changelog::Topic(topic) => Some(topic),
        Changelog::Source(_) => None,
    });
    let internal = (0..plan.sub_topologies.len())
        .flat_map(|index| reads(plan, index))
        .filter(|(_, read)| read.source.is_none())
        .map(|(_, read)| &read.topic);
    for topic in changelogs.chain(internal) {
        match log.delete_topic(topic) {
            Ok(()) | Err(commitlog::Error::UnknownPartition(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(log.delete_group(&plan.application_id)?)
}
