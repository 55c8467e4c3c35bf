//! A model of the log: what it held after each commit. After a crash the log has to hold what it held
//! after one of them, not before the last that was acknowledged.

use std::collections::BTreeMap;

use super::*;

/// What a log holds: values by partition, and positions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    topics: BTreeMap<String, Vec<Vec<String>>>,
    positions: BTreeMap<(String, TopicPartition), i64>,
}

impl Contents {
    /// What `log` holds.
    pub(super) fn of(log: &EmbeddedLog) -> Result<Self> {
        let mut contents = Self::default();
        for topic in log.topics().iter().filter(|topic| !topic.name.starts_with("__")) {
            let mut partitions = Vec::new();
            for number in 0..topic.config.partitions {
                let rows = try_rows(log, &at(&topic.name, number), Visibility::Durable)?;
                let offsets = rows.iter().map(|row| row.offset);
                assert!(offsets.eq(0..rows.len() as i64), "offsets without gaps");
                partitions.push(rows.into_iter().filter_map(|row| row.value).collect());
            }
            contents.topics.insert(topic.name.to_string(), partitions);
        }
        for group in log.groups() {
            for (at, offset) in log.positions(&group) {
                contents.positions.insert((group.clone(), at), offset.0);
            }
        }
        Ok(contents)
    }

    pub(super) fn partitions(&self, topic: &str) -> usize {
        self.topics.get(topic).map_or(0, Vec::len)
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

    pub(super) fn delete(&mut self, topic: &str) {
        self.change(|contents| {
            contents.topics.remove(topic);
            contents.positions.retain(|(_, at), _| *at.topic != *topic);
        });
    }

    pub(super) fn commit(&mut self, commit: &Commit) {
        self.change(|contents| {
            for append in &commit.appends {
                let partitions = contents.topics.get_mut(&*append.partition.topic);
                let values = &mut partitions.expect("known")[append.partition.partition as usize];
                for batch in Batches::new(&append.batch).flatten() {
                    let records = batch.records().expect("sound");
                    let texts = records.iter().filter_map(|record| record.value);
                    values.extend(texts.map(|text| String::from_utf8_lossy(text).into_owned()));
                }
            }
            for position in &commit.positions {
                let key = (position.group.to_string(), position.partition.clone());
                contents.positions.insert(key, position.offset.0);
            }
        });
    }

    /// Checks that `found` is a state not before the acknowledged one, and goes on from there.
    pub(super) fn recover(&mut self, found: &Contents) {
        let number = self.states.iter().rposition(|state| state == found);
        let number = number.unwrap_or_else(|| {
            panic!("never held {found:#?}, last was {:#?}", self.now());
        });
        // Equal states may repeat; the latest is meant.
        assert!(number >= self.acknowledged, "state {number} lost {}", self.acknowledged);
        self.states.truncate(number + 1);
        self.acknowledge();
    }
}
