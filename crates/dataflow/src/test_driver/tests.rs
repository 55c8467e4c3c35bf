//! Queries from plans, run in all the ways the driver knows.

mod plans;

use std::sync::Arc;

use formats::MemorySchemaStore;

use super::*;
use plans::*;

fn driver() -> TestDriver {
    let functions = Arc::new(functions::Registry::builtin());
    TestDriver::new(functions, Arc::new(MemorySchemaStore::default()))
}

fn record(timestamp_ms: i64, key: &str, value: Option<&str>) -> TestRecord {
    TestRecord {
        timestamp_ms,
        key: Some(key.as_bytes().to_vec()),
        value: value.map(|value| value.as_bytes().to_vec()),
        ..TestRecord::default()
    }
}

fn texts(driver: &TestDriver, topic: &str) -> Vec<(i64, String, Option<String>)> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let records = driver.records(topic).expect("the topic can be read");
    records
        .into_iter()
        .map(|record| {
            (record.timestamp_ms, record.key.map(text).unwrap_or_default(), record.value.map(text))
        })
        .collect()
}

fn row(timestamp_ms: i64, key: &str, value: Option<&str>) -> (i64, String, Option<String>) {
    (timestamp_ms, key.to_owned(), value.map(str::to_owned))
}

#[test]
fn a_stream_is_filtered_and_projected() {
    let mut driver = driver();
    driver.create_topic("in", 1).expect("memory");
    driver.create_topic("out", 1).expect("memory");
    driver.create(spec("q", filter_project("in", "out"))).expect("a good plan");
    for (time, key, amount) in [(1, "a", 5), (2, "b", 50), (3, "a", 70)] {
        let value = format!("{{\"AMOUNT\":{amount}}}");
        driver.pipe("in", &record(time, key, Some(&value))).expect("runs");
    }
    driver.pipe("in", &record(4, "a", Some("not json"))).expect("bad data stops nothing");
    let expected = [row(2, "b", Some("{\"DOUBLED\":100}")), row(3, "a", Some("{\"DOUBLED\":140}"))];
    assert_eq!(texts(&driver, "out"), expected);
    assert_eq!(driver.problems().count(crate::ProblemKind::Deserialization), 1);
}
