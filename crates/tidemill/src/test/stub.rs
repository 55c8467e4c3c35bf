//! The stub broker of a case: topics as plain lists of records (spec section 10.4).

use std::collections::BTreeMap;

use bytes::Bytes;

/// Partitions of a topic that nobody declared.
pub const PARTITIONS_DEFAULT: i32 = 4;

/// A stored record.
#[derive(Clone, Debug, PartialEq)]
pub struct StubRecord {
    /// The key's bytes.
    pub key: Option<Bytes>,
    /// The value's bytes.
    pub value: Option<Bytes>,
    /// The timestamp.
    pub timestamp_ms: i64,
    /// The headers.
    pub headers: Vec<(String, Option<Bytes>)>,
}

/// A topic.
#[derive(Clone, Debug)]
pub struct StubTopic {
    /// Its number of partitions, for planning; records all go to partition 0.
    pub partitions: i32,
    /// Its records.
    pub records: Vec<StubRecord>,
}

/// All topics of a case.
#[derive(Clone, Debug, Default)]
pub struct StubBroker {
    topics: BTreeMap<String, StubTopic>,
}

impl StubBroker {
    /// Creates a topic unless it exists.
    pub fn ensure(&mut self, topic: &str, partitions: i32) {
        let create = || StubTopic { partitions, records: Vec::new() };
        self.topics.entry(topic.to_owned()).or_insert_with(create);
    }

    /// The topic's records; none when it does not exist.
    pub fn records(&self, topic: &str) -> &[StubRecord] {
        self.topics.get(topic).map_or(&[], |topic| &topic.records)
    }

    /// Appends a record, creating the topic when needed.
    pub fn append(&mut self, topic: &str, record: StubRecord) {
        self.ensure(topic, PARTITIONS_DEFAULT);
        if let Some(topic) = self.topics.get_mut(topic) {
            topic.records.push(record);
        }
    }

    /// Names and partitions of all topics.
    pub fn topics(&self) -> impl Iterator<Item = (&str, i32)> {
        self.topics.iter().map(|(name, topic)| (name.as_str(), topic.partitions))
    }
}
