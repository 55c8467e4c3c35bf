//! Whether the records in the topics are the expected ones (spec section 10.5).

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::actual::Actual;
use super::case::{Case, Header, Record, Window};
use super::compare::{matches, record_value_matches};
use super::serde::{Environment, TopicSerde, without_window};
use super::stub::{StubBroker, StubRecord};
use super::topic_serdes::TopicSerdes;

/// A stored record, read in its topic's formats.
struct ActualRecord {
    key: Actual,
    window: Option<Window>,
    value: Actual,
    timestamp_ms: i64,
    headers: Vec<(String, Option<Bytes>)>,
}

/// Compares every topic that the case expects records in.
///
/// # Errors
/// With a readable difference.
pub fn outputs(
    case: &Case,
    broker: &StubBroker,
    serdes: &TopicSerdes,
    env: &Environment,
) -> Result<(), String> {
    let mut by_topic: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in &case.outputs {
        by_topic.entry(&record.topic).or_default().push(record);
    }
    for (topic, expected) in by_topic {
        let serde = serdes.serde(topic)?;
        let actual = broker.records(topic).iter().map(|record| read(record, serde, env));
        let actual: Vec<ActualRecord> =
            actual.collect::<Result<_, _>>().map_err(|e| format!("topic {topic}: {e}"))?;
        compare_topic(topic, &expected, &actual, case.inputs.is_empty())?;
    }
    Ok(())
}

/// Whether every expected record stands in the topic, given by partition: each must be the next unread
/// record of some partition. Headers and windows are not looked at, and more may follow.
///
/// # Errors
/// With a readable difference.
pub fn holds(
    expected: &[&Record],
    partitions: &[Vec<StubRecord>],
    serde: &TopicSerde,
    env: &Environment,
) -> Result<(), String> {
    let mut partitions: Vec<VecDeque<ActualRecord>> = partitions
        .iter()
        .map(|records| records.iter().map(|record| read(record, serde, env)).collect())
        .collect::<Result<_, String>>()?;
    for expected in expected {
        let is_next = |records: &&mut VecDeque<ActualRecord>| {
            records.front().is_some_and(|actual| is_same(expected, actual))
        };
        let Some(records) = partitions.iter_mut().find(is_next) else {
            let next = partitions.iter().filter_map(VecDeque::front).map(shown_actual);
            let next: Vec<String> = next.collect();
            return Err(format!("expected {}\n  next are {}", shown(expected), next.join("; ")));
        };
        records.pop_front();
    }
    Ok(())
}

/// Whether key, value and timestamp match.
fn is_same(expected: &Record, actual: &ActualRecord) -> bool {
    matches(&actual.key, &expected.key)
        && record_value_matches(&actual.value, &expected.value)
        && expected.timestamp.is_none_or(|timestamp| timestamp == actual.timestamp_ms)
}

fn read(
    record: &StubRecord,
    serde: &TopicSerde,
    env: &Environment,
) -> Result<ActualRecord, String> {
    let (key, window) = match (&record.key, serde.window) {
        (Some(key), Some(kind)) => {
            let (inner, window) = without_window(key, kind)?;
            (serde.key.read(Some(inner), env)?, Some(window))
        }
        (key, _) => (serde.key.read(key.as_deref(), env)?, None),
    };
    Ok(ActualRecord {
        key,
        window,
        value: serde.value.read(record.value.as_deref(), env)?,
        timestamp_ms: record.timestamp_ms,
        headers: record.headers.clone(),
    })
}

fn compare_topic(
    topic: &str,
    expected: &[&Record],
    actual: &[ActualRecord],
    without_inputs: bool,
) -> Result<(), String> {
    let pairs = expected.iter().zip(actual);
    let wrong = pairs.enumerate().find_map(|(index, (expected, actual))| {
        difference(expected, actual, without_inputs).map(|what| (index, what))
    });
    let reason = match wrong {
        Some((index, what)) => format!("record {index} of topic {topic} differs in its {what}"),
        None if expected.len() != actual.len() => {
            format!("topic {topic}: expected {} records, found {}", expected.len(), actual.len())
        }
        None => return Ok(()),
    };
    Err(format!("{reason}\n{}", side_by_side(expected, actual)))
}

/// The part in which the records differ.
fn difference(
    expected: &Record,
    actual: &ActualRecord,
    without_inputs: bool,
) -> Option<&'static str> {
    if !matches(&actual.key, &expected.key) {
        return Some("key");
    }
    if !window_matches(expected, actual) {
        return Some("window");
    }
    if !record_value_matches(&actual.value, &expected.value) {
        return Some("value");
    }
    let is_checked = |timestamp: &i64| !(without_inputs && *timestamp == 0);
    if expected.timestamp.filter(is_checked).is_some_and(|t| t != actual.timestamp_ms) {
        return Some("timestamp");
    }
    if !headers_match(expected, actual) {
        return Some("headers");
    }
    None
}

fn window_matches(expected: &Record, actual: &ActualRecord) -> bool {
    match (&expected.window, &actual.window) {
        (None, None) => true,
        (None, Some(_)) => expected.key.is_null(),
        (Some(_), None) => false,
        (Some(expected), Some(actual)) => {
            expected.start == actual.start
                && expected.end.is_none_or(|end| Some(end) == actual.end)
                && expected.kind.eq_ignore_ascii_case(&actual.kind)
        }
    }
}

fn headers_match(expected: &Record, actual: &ActualRecord) -> bool {
    let expected: Result<Vec<_>, String> =
        expected.headers.iter().flatten().map(header_bytes).collect();
    expected.is_ok_and(|expected| expected == actual.headers)
}

/// A header's name and bytes.
///
/// # Errors
/// When its value is no base64.
pub fn header_bytes(header: &Header) -> Result<(String, Option<Bytes>), String> {
    let value = header.value.as_ref().map(|value| STANDARD.decode(value)).transpose();
    let value = value.map_err(|error| format!("header {}: {error}", header.key))?;
    Ok((header.key.clone(), value.map(Bytes::from)))
}

/// Expected and actual records, one below the other.
fn side_by_side(expected: &[&Record], actual: &[ActualRecord]) -> String {
    let mut text = String::new();
    for index in 0..expected.len().max(actual.len()) {
        let expected = expected.get(index).map_or_else(|| "nothing".to_owned(), |r| shown(r));
        let actual = actual.get(index).map_or_else(|| "nothing".to_owned(), shown_actual);
        writeln!(text, "  {index} expected {expected}\n    actual   {actual}")
            .expect("writing to a string can't fail");
    }
    text
}

fn shown(record: &Record) -> String {
    let window = record.window.as_ref().map_or_else(String::new, shown_window);
    let timestamp = record.timestamp.map_or_else(|| "any".to_owned(), |t| t.to_string());
    format!("{}{window}: {} at {timestamp}", record.key, record.value)
}

fn shown_actual(record: &ActualRecord) -> String {
    let window = record.window.as_ref().map_or_else(String::new, shown_window);
    format!("{}{window}: {} at {}", record.key, record.value, record.timestamp_ms)
}

fn shown_window(window: &Window) -> String {
    let end = window.end.map_or_else(|| "?".to_owned(), |end| end.to_string());
    format!(" [{}, {end}) {}", window.start, window.kind)
}
