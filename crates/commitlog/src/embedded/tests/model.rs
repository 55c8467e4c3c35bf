//! A model of the log: what it held after each commit. After a crash the log has to hold what it held
//! after one of them, not before the last that was acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use records::ControlKind;

use super::*;
use crate::{Isolation, Outcome};

/// What stands at one offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Value(String),
    /// A record of a producer, with its sequence number, perhaps in a transaction.
    Produced {
        producer: i64,
        sequence: i32,
        value: String,
        transactional: bool,
    },
    Marker {
        producer: i64,
        commits: bool,
    },
}

/// A group and a partition.
type Key = (String, TopicPartition);

/// A position, and the number of the move that wrote it: a later one is not moved back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moved {
    number: u64,
    offset: i64,
}

/// What a log holds: entries by partition, positions, and positions that wait for transactions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    topics: BTreeMap<String, Vec<Vec<Entry>>>,
    positions: BTreeMap<Key, Moved>,
    pending: BTreeMap<i64, BTreeMap<Key, Moved>>,
    moves: u64,
}

/// What can be seen of it from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    topics: BTreeMap<String, Vec<Vec<Entry>>>,
    positions: BTreeMap<Key, i64>,
    pending: BTreeSet<TopicPartition>,
}

/// The entries in a record batch.
fn entries_of(bytes: &Bytes) -> Vec<Entry> {
    let mut entries = Vec::new();
    for batch in Batches::new(bytes) {
        let batch = batch.expect("a sound batch");
        let producer = batch.producer_id();
        if let Some((kind, _)) = ControlKind::in_batch(&batch) {
            entries.push(Entry::Marker { producer, commits: kind == ControlKind::Commit });
            continue;
        }
        for (number, record) in batch.records().expect("sound records").iter().enumerate() {
            let value = String::from_utf8_lossy(record.value.unwrap_or_default()).into_owned();
            entries.push(match producer {
                -1 => Entry::Value(value),
                _ => Entry::Produced {
                    producer,
                    sequence: batch.base_sequence() + number as i32,
                    value,
                    transactional: batch.is_transactional(),
                },
            });
        }
    }
    entries
}

/// Where `producer` has an open transaction in a partition.
fn open_since(entries: &[Entry], producer: i64) -> Option<usize> {
    let ended = entries
        .iter()
        .rposition(|entry| matches!(entry, Entry::Marker { producer: id, .. } if *id == producer));
    let from = ended.map_or(0, |ended| ended + 1);
    let begins = |entry: &Entry| matches!(entry, Entry::Produced { producer: id, transactional: true, .. } if *id == producer);
    entries[from..].iter().position(begins).map(|at| from + at)
}

/// The values that count in a partition, decided by looking ahead for each one's marker.
fn counting(entries: &[Entry]) -> Vec<String> {
    let mut values = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        match entry {
            Entry::Value(value) | Entry::Produced { value, transactional: false, .. } => {
                values.push(value.clone());
            }
            Entry::Produced { producer, value, .. } => {
                let end = entries[at..].iter().find_map(|entry| match entry {
                    Entry::Marker { producer: id, commits } if id == producer => Some(*commits),
                    _ => None,
                });
                match end {
                    None => break,
                    Some(true) => values.push(value.clone()),
                    Some(false) => {}
                }
            }
            Entry::Marker { .. } => {}
        }
    }
    values
}

impl Seen {
    /// What `log` shows; everything of it is durable. Its views have to agree with each other.
    pub(super) fn of(log: &EmbeddedLog) -> Result<Self> {
        let mut topics = BTreeMap::new();
        for topic in log.topics().iter().filter(|topic| !topic.name.starts_with("__")) {
            let mut partitions = Vec::new();
            for number in 0..topic.config.partitions {
                let at = at(&topic.name, number);
                let entries = fetch_all(log, &at)?;
                let rows = try_rows(log, &at, Visibility::Durable)?;
                let values: Vec<String> = rows.into_iter().filter_map(|row| row.value).collect();
                assert_eq!(values, counting(&entries), "{at}");
                check_producers(log, &at, &entries)?;
                partitions.push(entries);
            }
            topics.insert(topic.name.to_string(), partitions);
        }
        let mut positions = BTreeMap::new();
        for group in log.groups() {
            for (at, offset) in log.positions(&group) {
                positions.insert((group.clone(), at), offset.0);
            }
        }
        let groups = ["g", "t"].into_iter();
        let pending = groups.flat_map(|group| log.pending_offsets(group)).collect();
        Ok(Self { topics, positions, pending })
    }
}

fn fetch_all(log: &EmbeddedLog, at: &TopicPartition) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    loop {
        let from = Offset(entries.len() as i64);
        let fetched = log.fetch(at, from, 400, Isolation::ReadUncommitted)?;
        if fetched.batches.is_empty() {
            assert_eq!(fetched.offsets.durable_end, from, "offsets without gaps");
            return Ok(entries);
        }
        entries.extend(fetched.batches.iter().flat_map(entries_of));
    }
}

/// What the log knows of producers is what their records say.
fn check_producers(log: &EmbeddedLog, at: &TopicPartition, entries: &[Entry]) -> Result<()> {
    for state in log.producers(at)? {
        let id = state.producer.id;
        let last = entries.iter().rev().find_map(|entry| match entry {
            Entry::Produced { producer, sequence, .. } if *producer == id => Some(*sequence),
            _ => None,
        });
        assert_eq!(state.last_sequence, last.unwrap_or(-1), "{at}");
        let start = open_since(entries, id).map(|start| Offset(start as i64));
        assert_eq!(state.transaction_start, start, "{at}");
    }
    Ok(())
}

impl Contents {
    pub(super) fn partitions(&self, topic: &str) -> usize {
        self.topics.get(topic).map_or(0, Vec::len)
    }

    /// The sequence number that `producer` has to use next in a partition.
    pub(super) fn next_sequence(&self, at: &TopicPartition, producer: i64) -> i32 {
        let entries = &self.topics[&*at.topic][at.partition as usize];
        let own = entries.iter().filter(
            |entry| matches!(entry, Entry::Produced { producer: id, .. } if *id == producer),
        );
        own.count() as i32
    }

    /// The partitions where `producer` has an open transaction.
    pub(super) fn open(&self, producer: i64) -> Vec<TopicPartition> {
        let mut open = Vec::new();
        for (topic, partitions) in &self.topics {
            for (number, entries) in partitions.iter().enumerate() {
                if open_since(entries, producer).is_some() {
                    open.push(at(topic, number as i32));
                }
            }
        }
        open
    }

    /// What is seen of it when all of it is durable.
    pub(super) fn seen(&self) -> Seen {
        let partitions = self.pending.values().flat_map(|moves| moves.keys());
        Seen {
            topics: self.topics.clone(),
            positions: self.positions.iter().map(|(key, to)| (key.clone(), to.offset)).collect(),
            pending: partitions.map(|(_, at)| at.clone()).collect(),
        }
    }

    fn apply(&mut self, commit: &Commit) {
        for append in &commit.appends {
            self.push(&append.partition, entries_of(&append.batch));
        }
        for position in &commit.positions {
            let key = (position.group.to_string(), position.partition.clone());
            self.moves += 1;
            let to = Moved { number: self.moves, offset: position.offset.0 };
            match commit.transaction {
                Some(producer) => {
                    self.pending.entry(producer.id).or_default().insert(key, to);
                }
                None => self.move_to(key, to),
            }
        }
        for marker in &commit.markers {
            let (producer, commits) = (marker.producer.id, marker.outcome == Outcome::Commit);
            if &*marker.partition.topic != "__consumer_offsets" {
                self.push(&marker.partition, vec![Entry::Marker { producer, commits }]);
                continue;
            }
            let moves = self.pending.remove(&producer).unwrap_or_default();
            for (key, to) in moves.into_iter().filter(|_| commits) {
                self.move_to(key, to);
            }
        }
    }

    fn move_to(&mut self, key: Key, to: Moved) {
        let known = self.positions.entry(key).or_insert(to);
        if known.number < to.number {
            *known = to;
        }
    }

    fn push(&mut self, at: &TopicPartition, entries: Vec<Entry>) {
        let partitions = self.topics.get_mut(&*at.topic).expect("known");
        partitions[at.partition as usize].extend(entries);
    }
}

/// Every state of a log, and which is acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Model {
    states: Vec<Contents>,
    acknowledged: usize,
}

impl Default for Model {
    fn default() -> Self {
        Self { states: vec![Contents::default()], acknowledged: 0 }
    }
}

impl Model {
    pub(super) fn now(&self) -> &Contents {
        self.states.last().expect("there is always one")
    }

    fn change(&mut self, change: impl FnOnce(&mut Contents)) {
        let mut next = self.now().clone();
        change(&mut next);
        self.states.push(next);
    }

    pub(super) fn acknowledge(&mut self) {
        self.acknowledged = self.states.len() - 1;
    }

    pub(super) fn create(&mut self, topic: &str, partitions: usize) {
        self.change(|contents| {
            contents.topics.insert(topic.to_owned(), vec![Vec::new(); partitions]);
        });
    }

    pub(super) fn grow(&mut self, topic: &str, partitions: usize) {
        self.change(|contents| {
            let known = contents.topics.get_mut(topic).expect("known");
            known.resize(partitions, Vec::new());
        });
    }

    pub(super) fn delete(&mut self, topic: &str) {
        self.change(|contents| {
            contents.topics.remove(topic);
            contents.positions.retain(|(_, at), _| *at.topic != *topic);
            for moves in contents.pending.values_mut() {
                moves.retain(|(_, at), _| *at.topic != *topic);
            }
        });
    }

    pub(super) fn commit(&mut self, commit: &Commit) {
        self.change(|contents| contents.apply(commit));
    }

    /// Checks that `found` is a state not before the acknowledged one, and goes on from there.
    pub(super) fn recover(&mut self, found: &Seen) {
        let number = self.states.iter().rposition(|state| state.seen() == *found);
        let number = number.unwrap_or_else(|| {
            panic!("never held {found:#?}, last was {:#?}", self.now());
        });
        // Equal states may repeat; the latest is meant.
        assert!(number >= self.acknowledged, "state {number} lost {}", self.acknowledged);
        self.states.truncate(number + 1);
        self.acknowledge();
    }
}
