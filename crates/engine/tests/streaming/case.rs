//! A case as it stands in a file: statements, then records.
//!
//! A record is `topic@timestamp | key | value`, with ` | name=value, ...` behind it when it has
//! headers. Keys of windows have their bounds behind them: `[0, 10)`, of sessions `[3, 7]`. SQL
//! comments may take a case out of some of the runs; each says why.

use dataflow::TestRecord;
use formats::{Part, windowed};
use sql::catalog::SourceDefinition;
use types::WindowKind;

use crate::definitions::Definitions;
use crate::payload::Payload;

/// Marks a case whose records mean something else when they are spread: stream time, and with it
/// what is late or final, belongs to a partition.
const ONE_PARTITION: &str = "-- one partition";
/// Marks a case in which the order of records is only determined when one is processed after the
/// other: several queries write one topic.
const ONE_BY_ONE: &str = "-- one by one";
/// Marks a case whose tables may lack rows when updates coalesce: a group of a table's rows that is
/// entered and left within a batch is never seen, and else stays as an empty one.
const NOT_COALESCED: &str = "-- not coalesced";

/// The input of a golden block.
pub struct Case<'a> {
    pub text: &'a str,
    pub statements: String,
    pub records: Vec<InputLine<'a>>,
    pub is_for_one_partition: bool,
    pub is_one_by_one: bool,
    pub is_never_coalesced: bool,
}

/// A record to be written.
pub struct InputLine<'a> {
    pub topic: &'a str,
    pub timestamp_ms: i64,
    key: &'a str,
    value: &'a str,
    headers: &'a str,
}

/// A record that was written, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputLine {
    pub timestamp_ms: i64,
    /// With its window.
    pub key: String,
    pub value: Option<String>,
    pub headers: String,
}

impl<'a> Case<'a> {
    pub fn new(text: &'a str) -> Self {
        let mut case = Self {
            text,
            statements: String::new(),
            records: Vec::new(),
            is_for_one_partition: false,
            is_one_by_one: false,
            is_never_coalesced: false,
        };
        for line in text.lines() {
            case.is_for_one_partition |= line.starts_with(ONE_PARTITION);
            case.is_one_by_one |= line.starts_with(ONE_BY_ONE);
            case.is_never_coalesced |= line.starts_with(NOT_COALESCED);
            match InputLine::parse(line) {
                Some(record) => case.records.push(record),
                None => case.statements.extend([line, "\n"]),
            }
        }
        case
    }
}

impl<'a> InputLine<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut parts = line.split(" | ");
        let (topic, timestamp) = parts.next()?.split_once('@')?;
        Some(Self {
            topic,
            timestamp_ms: timestamp.parse().ok()?,
            key: parts.next()?,
            value: parts.next()?,
            headers: parts.next().unwrap_or_default(),
        })
    }

    /// The record, in the formats of the source over its topic.
    pub fn record(&self, definitions: &Definitions) -> TestRecord {
        let source = source(definitions, self.topic);
        let (key_side, value_side) = sides(source, definitions);
        let key = key_side.bytes(self.key);
        let partitions = definitions.partitions;
        let partition = key.as_deref().map_or(0, |k| records::partition_for_key(k, partitions));
        TestRecord {
            partition,
            timestamp_ms: self.timestamp_ms,
            key,
            value: value_side.bytes(self.value),
            headers: self.headers.split_terminator(", ").map(header).collect(),
        }
    }
}

fn header(text: &str) -> (String, Option<Vec<u8>>) {
    let (name, value) = text.split_once('=').expect("a header is name=value");
    (name.to_owned(), (value != "null").then(|| value.as_bytes().to_vec()))
}

impl OutputLine {
    pub fn new(record: &TestRecord, topic: &str, definitions: &Definitions) -> Self {
        let source = source(definitions, topic);
        let (key_side, value_side) = sides(source, definitions);
        let key = match (source.window, record.key.as_deref()) {
            (Some(kind), Some(key)) => windowed_key(kind, key, &key_side),
            (_, key) => key_side.text(key),
        };
        let headers = record.headers.iter().map(|(name, value)| {
            let value = value.as_deref().map_or("null".into(), String::from_utf8_lossy);
            format!("{name}={value}")
        });
        Self {
            timestamp_ms: record.timestamp_ms,
            key,
            value: record.value.as_deref().map(|value| value_side.text(Some(value))),
            headers: headers.collect::<Vec<_>>().join(", "),
        }
    }

    pub fn text(&self, topic: &str) -> String {
        let value = self.value.as_deref().unwrap_or("null");
        let headers = match self.headers.as_str() {
            "" => String::new(),
            headers => format!(" | {headers}"),
        };
        format!("{topic}@{} | {} | {value}{headers}", self.timestamp_ms, self.key)
    }
}

fn windowed_key(kind: WindowKind, key: &[u8], side: &Payload<'_>) -> String {
    let (key, bounds) = windowed::split(kind, key).expect("the key carries its window");
    let close = if kind == WindowKind::Session { ']' } else { ')' };
    format!("{} [{}, {}{close}", side.text(Some(key)), bounds.start_ms, bounds.end_ms)
}

fn source<'a>(definitions: &'a Definitions, topic: &str) -> &'a SourceDefinition {
    definitions.source(topic).unwrap_or_else(|| panic!("no source is over topic {topic}"))
}

fn sides<'a>(
    source: &'a SourceDefinition,
    definitions: &'a Definitions,
) -> (Payload<'a>, Payload<'a>) {
    let side = |spec, columns, part| Payload {
        topic: &source.topic,
        spec,
        columns,
        part,
        schemas: &definitions.schemas,
    };
    let key = side(&source.key_serde, source.schema.key.as_slice(), Part::Key);
    (key, side(&source.value_serde, source.schema.value.as_slice(), Part::Value))
}
