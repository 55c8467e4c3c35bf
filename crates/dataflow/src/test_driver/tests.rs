//! Queries from plans, run in all the ways the driver knows.

use std::sync::Arc;

use formats::MemorySchemaStore;
use plan::logical::{Emit, Window, WindowShape};
use types::{Value, WindowKind};

use super::*;
use crate::test_driver::plans::*;
use crate::{KeySelection, WindowBounds};

pub(super) fn driver() -> TestDriver {
    let functions = Arc::new(functions::Registry::builtin());
    TestDriver::new(functions, Arc::new(MemorySchemaStore::default()))
}

pub(super) fn record(timestamp_ms: i64, key: &str, value: Option<&str>) -> TestRecord {
    TestRecord {
        timestamp_ms,
        key: Some(key.as_bytes().to_vec()),
        value: value.map(|value| value.as_bytes().to_vec()),
        ..TestRecord::default()
    }
}

pub(super) fn texts(driver: &TestDriver, topic: &str) -> Vec<(i64, String, Option<String>)> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let records = driver.records(topic).expect("the topic can be read");
    records
        .into_iter()
        .map(|record| {
            (record.timestamp_ms, record.key.map(text).unwrap_or_default(), record.value.map(text))
        })
        .collect()
}

pub(super) fn row(
    timestamp_ms: i64,
    key: &str,
    value: Option<&str>,
) -> (i64, String, Option<String>) {
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

#[test]
fn counts_and_sums_are_those_of_the_rows() {
    let mut driver = driver();
    driver.create_topic("in", 1).expect("memory");
    driver.create_topic("out", 1).expect("memory");
    driver.create(spec("q", aggregate("in", "out", None, Emit::Changes))).expect("a good plan");
    for (time, key, value) in [
        (5, "a", Some("{\"AMOUNT\":1}")),
        (3, "a", Some("{\"AMOUNT\":2}")),
        (6, "b", Some("{\"AMOUNT\":4}")),
        (7, "a", None),
    ] {
        driver.pipe("in", &record(time, key, value)).expect("runs");
    }
    let expected = [
        row(5, "a", Some("{\"N\":1,\"TOTAL\":1}")),
        row(5, "a", Some("{\"N\":2,\"TOTAL\":3}")),
        row(6, "b", Some("{\"N\":1,\"TOTAL\":4}")),
    ];
    assert_eq!(texts(&driver, "out"), expected);
    let key = vec![Value::string("a")];
    let request = PullRequest {
        keys: KeySelection::Lookup(vec![key]),
        windows: WindowBounds::default(),
        limit: None,
    };
    let pulled = driver.pull(&QueryId::new("q"), &request).expect("materialized");
    assert_eq!(pulled.len(), 1);
    assert_eq!(pulled[0].len(), 1);
    assert_eq!(types::columns::values(&pulled[0].value[1]), [Value::Bigint(3)]);
}

#[test]
fn sessions_merge_and_leave_tombstones() {
    let window = Window {
        kind: WindowShape::Session { gap_ms: 10 },
        grace_ms: Some(1000),
        retention_ms: None,
    };
    let mut driver = driver();
    driver.create_topic("in", 1).expect("memory");
    driver.create_topic("out", 1).expect("memory");
    let plan = aggregate("in", "out", Some(window), Emit::Changes);
    driver.create(spec("q", plan)).expect("a good plan");
    for time in [0, 18, 9] {
        driver.pipe("in", &record(time, "a", Some("{\"AMOUNT\":1}"))).expect("runs");
    }
    let rows: Vec<(i64, i64, bool)> = driver
        .records("out")
        .expect("memory")
        .into_iter()
        .map(|record| {
            let key = record.key.expect("a windowed key");
            let (_, bounds) =
                formats::windowed::split(WindowKind::Session, &key).expect("a session");
            (bounds.start_ms, bounds.end_ms, record.value.is_some())
        })
        .collect();
    let expected = [(0, 0, true), (18, 18, true), (0, 0, false), (18, 18, false), (0, 18, true)];
    assert_eq!(rows, expected);
}

#[test]
fn a_table_is_regrouped_over_partitions() {
    let mut driver = driver();
    driver.create_topic("in", 2).expect("memory");
    driver.create_topic("out", 2).expect("memory");
    driver.create(spec("q", regroup())).expect("a good plan");
    let row_of =
        |group: &str, amount: i64| format!("{{\"GROUP\":\"{group}\",\"AMOUNT\":{amount}}}");
    let changes = [
        (1, "a", Some(row_of("x", 1))),
        (2, "b", Some(row_of("x", 10))),
        (3, "a", Some(row_of("x", 2))),
        (4, "a", Some(row_of("y", 3))),
        (5, "b", None),
    ];
    for (time, key, value) in &changes {
        driver.pipe("in", &record(*time, key, value.as_deref())).expect("runs");
        driver.restart(Restart::Crash).expect("restarts");
    }
    let result = |n: i64, total: i64| Some(format!("{{\"N\":{n},\"TOTAL\":{total}}}"));
    let mut outputs = texts(&driver, "out");
    outputs.sort();
    let mut expected = vec![
        (1, "x".to_owned(), result(1, 1)),
        (2, "x".to_owned(), result(2, 11)),
        (3, "x".to_owned(), result(2, 12)),
        (4, "x".to_owned(), result(1, 10)),
        (4, "y".to_owned(), result(1, 3)),
        (5, "x".to_owned(), result(0, 0)),
    ];
    expected.sort();
    assert_eq!(outputs, expected);
}

#[test]
fn a_push_query_waits_for_its_reader() {
    let mut driver = driver();
    driver.create_topic("in", 1).expect("memory");
    let (sender, receiver) = crate::push_channel(1);
    let mut query = spec("q", push("in"));
    query.rows = Some(sender);
    query.options.is_transient = true;
    query.options.batch_records_max = 1;
    driver.create(query).expect("a good plan");
    for time in 0..3 {
        driver.append("in", &record(time, "a", Some("{\"AMOUNT\":1}"))).expect("memory");
    }
    let mut times = Vec::new();
    while times.len() < 3 {
        driver.run_until_idle().expect("runs");
        let crate::Received::Rows(rows) = receiver.try_recv() else { panic!("rows are there") };
        assert!(matches!(receiver.try_recv(), crate::Received::Nothing), "the bound holds");
        times.extend(rows.timestamps.values().iter().copied());
    }
    assert_eq!(times, [0, 1, 2]);
    assert!(driver.services().log.positions("app").is_empty());
    driver.delete(&QueryId::new("q")).expect("it exists");
    assert!(matches!(receiver.try_recv(), crate::Received::Ended));
}
