//! Records and positions gathered for one commit. Sources fill it; the context commits it.

use std::collections::BTreeMap;
use std::sync::Arc;

use commitlog::{Append, Commit, Sequences};
use records::{Builder, Compression};
use types::TopicPartition;

use crate::runtime::{OFFSETS_TOPIC, position_key};

/// A batch is cut here, far below what a topic accepts.
const BATCH_BYTES_MAX: usize = 512 * 1024;

/// Number of a topic registered with an outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TargetId(usize);

/// What will become visible together.
#[derive(Debug)]
pub struct Outbox {
    sequences: Sequences,
    targets: Vec<Target>,
    by_topic: BTreeMap<Arc<str>, TargetId>,
    finished: Vec<Finished>,
    positions: BTreeMap<String, Option<String>>,
    bytes: usize,
    records: u64,
    redirection: Option<(Arc<str>, Arc<str>)>,
}

#[derive(Debug)]
struct Target {
    topic: Arc<str>,
    partitions: Vec<Open>,
    next_unkeyed: usize,
}

/// A batch that gets no more records.
#[derive(Debug)]
enum Finished {
    /// To be numbered when it is known where it goes.
    Gathered(TopicPartition, Builder),
    /// To be appended as it is.
    Whole(Append),
}

#[derive(Debug)]
struct Open {
    builder: Builder,
    bytes: usize,
}

impl Open {
    fn new() -> Self {
        Self { builder: Builder::new(Compression::None), bytes: 0 }
    }
}

impl Outbox {
    /// An empty one, whose batches are numbered by `sequences`.
    pub fn new(sequences: Sequences) -> Self {
        Self {
            sequences,
            targets: Vec::new(),
            by_topic: BTreeMap::new(),
            finished: Vec::new(),
            positions: BTreeMap::new(),
            bytes: 0,
            records: 0,
            redirection: None,
        }
    }

    /// Registers `topic` with its number of partitions; the same topic gives the same id.
    pub fn target(&mut self, topic: &Arc<str>, partitions: i32) -> TargetId {
        if let Some(id) = self.by_topic.get(topic) {
            return *id;
        }
        let id = TargetId(self.targets.len());
        let partitions = (0..partitions.max(1)).map(|_| Open::new()).collect();
        self.targets.push(Target { topic: Arc::clone(topic), partitions, next_unkeyed: 0 });
        self.by_topic.insert(Arc::clone(topic), id);
        id
    }

    /// Adds a record. Keyed records go where Kafka's partitioner puts them, others in turn.
    pub fn append(
        &mut self,
        target: TargetId,
        timestamp_ms: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
    ) {
        let size = key.map_or(0, <[u8]>::len) + value.map_or(0, <[u8]>::len) + 16;
        let target = &mut self.targets[target.0];
        let partition = target.partition_of(key);
        let open = &mut target.partitions[partition];
        if open.bytes > 0 && open.bytes + size > BATCH_BYTES_MAX {
            self.finished.extend(target.finish(partition));
        }
        let open = &mut target.partitions[partition];
        open.builder.append(timestamp_ms, key, value, &[]);
        open.bytes += size;
        self.bytes += size;
        self.records += 1;
    }

    /// Adds a whole batch as it is.
    pub fn append_batch(&mut self, at: TopicPartition, batch: bytes::Bytes, records: u64) {
        self.bytes += batch.len();
        self.records += records;
        self.finished.push(Finished::Whole(Append { partition: at, batch }));
    }

    /// Moves source partition `partition` to `position`; `None` forgets it.
    pub fn position(&mut self, partition: impl Into<String>, position: Option<String>) {
        self.positions.insert(partition.into(), position);
    }

    /// From the next commit on, lets what was meant for topic `from` go to `to`; `None` ends that.
    pub fn redirect(&mut self, redirection: Option<(Arc<str>, Arc<str>)>) {
        self.redirection = redirection;
    }

    /// Bytes of keys and values held.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Records held.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Whether there is nothing to commit.
    pub fn is_empty(&self) -> bool {
        self.records == 0 && self.positions.is_empty()
    }

    /// Everything as one commit, with the positions moved and the number of records; `None` when
    /// there is nothing.
    pub(crate) fn take(
        &mut self,
        connector: &str,
        now_ms: i64,
    ) -> Option<(Commit, BTreeMap<String, Option<String>>, u64)> {
        if self.is_empty() {
            return None;
        }
        let mut finished = std::mem::take(&mut self.finished);
        for target in &mut self.targets {
            for partition in 0..target.partitions.len() {
                finished.extend(target.finish(partition));
            }
        }
        let mut appends: Vec<Append> =
            finished.into_iter().map(|finished| self.addressed(finished)).collect();
        let positions = std::mem::take(&mut self.positions);
        if !positions.is_empty() {
            let mut builder = Builder::new(Compression::None);
            for (partition, position) in &positions {
                let key = position_key(connector, partition);
                let value = position.as_ref().map(String::as_bytes);
                builder.append(now_ms, Some(key.as_bytes()), value, &[]);
            }
            let partition = TopicPartition::new(OFFSETS_TOPIC, 0);
            appends.push(self.sequences.append(partition, builder));
        }
        self.bytes = 0;
        let records = std::mem::take(&mut self.records);
        Some((Commit { appends, ..Commit::default() }, positions, records))
    }

    /// Where a batch really goes. What is redirected will be moved on as it is, so it bears no numbers
    /// of a place where it does not stay.
    fn addressed(&mut self, finished: Finished) -> Append {
        let redirected = |at: &TopicPartition| match &self.redirection {
            Some((from, to)) if at.topic == *from => {
                Some(TopicPartition::new(Arc::clone(to), at.partition))
            }
            _ => None,
        };
        match finished {
            Finished::Gathered(at, builder) => match redirected(&at) {
                Some(partition) => Append { partition, batch: builder.build() },
                None => self.sequences.append(at, builder),
            },
            Finished::Whole(Append { partition, batch }) => {
                let partition = redirected(&partition).unwrap_or(partition);
                Append { partition, batch }
            }
        }
    }
}

impl Target {
    fn partition_of(&mut self, key: Option<&[u8]>) -> usize {
        let count = self.partitions.len();
        match key {
            _ if count == 1 => 0,
            Some(key) => records::partition_for_key(key, count as i32) as usize,
            None => {
                self.next_unkeyed = (self.next_unkeyed + 1) % count;
                self.next_unkeyed
            }
        }
    }

    fn finish(&mut self, partition: usize) -> Option<Finished> {
        let open = &mut self.partitions[partition];
        if open.bytes == 0 {
            return None;
        }
        let Open { builder, .. } = std::mem::replace(open, Open::new());
        let at = TopicPartition::new(Arc::clone(&self.topic), partition as i32);
        Some(Finished::Gathered(at, builder))
    }
}

#[cfg(test)]
mod tests {
    use records::Batch;

    use super::*;

    /// Topic, producer id and first sequence number of each batch of the next commit.
    fn taken(outbox: &mut Outbox) -> Vec<(String, i64, i32)> {
        let (commit, ..) = outbox.take("connector", 0).expect("something to commit");
        let shown = |append: &Append| {
            let batch = Batch::parse(&append.batch).expect("sound");
            (append.partition.topic.to_string(), batch.producer_id(), batch.base_sequence())
        };
        commit.appends.iter().map(shown).collect()
    }

    #[test]
    fn batches_are_numbered_where_they_stay() {
        let mut outbox = Outbox::new(Sequences::new(7));
        let target = outbox.target(&"orders".into(), 1);
        let numbered = |topic: &str, sequence| (topic.to_owned(), 7, sequence);
        for sequence in [0, 2] {
            outbox.append(target, 0, Some(b"a"), None);
            outbox.append(target, 0, Some(b"b"), None);
            assert_eq!(taken(&mut outbox), [numbered("orders", sequence)]);
        }
        outbox.redirect(Some(("orders".into(), "staging".into())));
        outbox.append(target, 0, Some(b"c"), None);
        outbox.position("table", Some("{}".to_owned()));
        let redirected = taken(&mut outbox);
        assert_eq!(redirected, [("staging".to_owned(), -1, -1), numbered(OFFSETS_TOPIC, 0)]);
        outbox.redirect(None);
        outbox.append(target, 0, Some(b"d"), None);
        assert_eq!(taken(&mut outbox), [numbered("orders", 4)]);
    }
}
