//! What is read of records besides key and value columns, table functions, and counters.

use plan::expression::ColumnRef;
use plan::logical::{Emit, Layout, TableCall, TimestampColumn, Window, WindowShape};
use plan::physical::{Operator, Plan};
use types::{Header, SourceKind, SqlType};

use super::plans::*;
use super::tests::{driver, record, row, texts};
use super::*;

/// `in` copied to `out` with value columns `columns`, after `change` was made to the read.
fn copy(columns: Vec<types::Column>, change: impl FnOnce(&mut plan::physical::Read)) -> Plan {
    let Operator::Read(mut source) = read("in") else { unreachable!("a read") };
    change(&mut source);
    let rows = layout(SourceKind::Stream, columns);
    let nodes = vec![
        node("Source", &[], Operator::Read(source), rows.clone()),
        node("Sink", &[0], write("out"), Layout::empty(SourceKind::Stream)),
    ];
    plan(vec![nodes], Vec::new(), rows)
}

fn running(plan: Plan) -> TestDriver {
    let mut driver = driver();
    driver.create_topic("in", 1).expect("memory");
    driver.create_topic("out", 1).expect("memory");
    driver.create(spec("q", plan)).expect("a good plan");
    driver
}

#[test]
fn headers_fill_their_columns() {
    let columns = vec![column("V", SqlType::Bigint), column("TRACE", SqlType::Bytes)];
    let named = vec![Header::Named("trace".to_owned())];
    let mut driver = running(copy(columns, |read| read.headers = named));
    let headers = [("trace", "first"), ("other", "x"), ("trace", "ab")];
    let headers = headers.map(|(key, value)| (key.to_owned(), Some(value.as_bytes().to_vec())));
    let traced = TestRecord { headers: headers.to_vec(), ..record(1, "a", Some("{\"V\":1}")) };
    driver.pipe("in", &traced).expect("runs");
    driver.pipe("in", &record(2, "a", Some("{\"V\":2}"))).expect("runs");
    let expected = [
        row(1, "a", Some("{\"V\":1,\"TRACE\":\"YWI=\"}")),
        row(2, "a", Some("{\"V\":2,\"TRACE\":null}")),
    ];
    assert_eq!(texts(&driver, "out"), expected);
    assert_eq!(driver.records("out").expect("memory")[0].headers, headers, "they go on");
}

#[test]
fn timestamps_come_from_texts() {
    let column_of_time = TimestampColumn {
        column: ColumnRef::Value(0),
        format: Some("yyyy-MM-dd HH:mm:ssX".to_owned()),
    };
    let columns = vec![column("T", SqlType::String)];
    let mut driver = running(copy(columns, |read| read.timestamp = Some(column_of_time)));
    for text in ["1970-01-01 00:00:07Z", "yesterday", "1970-01-01 01:00:08+01"] {
        let value = format!("{{\"T\":\"{text}\"}}");
        // The record's own timestamp does not matter, not even a negative one.
        driver.pipe("in", &record(-1, "a", Some(&value))).expect("runs");
    }
    let times: Vec<i64> = texts(&driver, "out").into_iter().map(|(time, _, _)| time).collect();
    assert_eq!(times, [7_000, 8_000]);
    assert_eq!(driver.metrics(&QueryId::new("q")).expect("it exists").problems, 2);
}

#[test]
fn a_negative_timestamp_stops_the_query() {
    let mut driver = running(copy(vec![column("V", SqlType::Bigint)], |_| {}));
    driver.pipe("in", &record(0, "a", Some("{\"V\":1}"))).expect("runs");
    let failed = driver.pipe("in", &record(-5, "a", Some("{\"V\":2}"))).expect_err("it stops");
    assert_eq!(
        failed.to_string(),
        "Source: the record at in-0 offset 1 has an invalid (negative) timestamp, -5; declare the \
         source with a TIMESTAMP column, or write the topic with valid timestamps"
    );
}

#[test]
fn an_array_explodes_into_rows() {
    let list = SqlType::Array(Box::new(SqlType::Bigint));
    let source = layout(SourceKind::Stream, vec![column("LIST", list.clone())]);
    let exploded = vec![column("LIST", list.clone()), column("ITEM", SqlType::Bigint)];
    let exploded = layout(SourceKind::Stream, exploded);
    let item = layout(SourceKind::Stream, vec![column("ITEM", SqlType::Bigint)]);
    let calls =
        vec![TableCall { function: "EXPLODE".to_owned(), arguments: vec![value_column(0, list)] }];
    let value = vec![value_column(1, SqlType::Bigint)];
    let nodes = vec![
        node("Source", &[], read("in"), source),
        node("Explode", &[0], Operator::Explode { calls }, exploded),
        node("Project", &[1], Operator::Project { value }, item.clone()),
        node("Sink", &[2], write("out"), Layout::empty(SourceKind::Stream)),
    ];
    let mut driver = running(plan(vec![nodes], Vec::new(), item));
    for (time, value) in [(1, Some("{\"LIST\":[1,null,3]}")), (2, Some("{\"LIST\":[]}")), (3, None)]
    {
        driver.append("in", &record(time, "a", value)).expect("memory");
    }
    driver.append("in", &record(4, "b", Some("{\"LIST\":[4]}"))).expect("memory");
    driver.run_until_idle().expect("runs");
    let expected = [
        row(1, "a", Some("{\"ITEM\":1}")),
        row(1, "a", Some("{\"ITEM\":null}")),
        row(1, "a", Some("{\"ITEM\":3}")),
        row(4, "b", Some("{\"ITEM\":4}")),
    ];
    assert_eq!(texts(&driver, "out"), expected);
}

#[test]
fn counters_tell_what_went_in_and_out() {
    let kind = WindowShape::Tumbling { size_ms: 100 };
    let window = Window { kind, grace_ms: Some(0), retention_ms: None };
    let mut driver = running(aggregate("in", "out", Some(window), Emit::Changes));
    driver.clock().set_ms(77);
    let amount = Some("{\"AMOUNT\":1}");
    for (time, value) in [(10, amount), (20, amount), (150, amount), (30, amount), (160, Some("?"))]
    {
        driver.pipe("in", &record(time, "a", value)).expect("runs");
    }
    let metrics = driver.metrics(&QueryId::new("q")).expect("it exists");
    let expected = QueryMetrics {
        records_in: 5,
        records_out: 3,
        problems: 1,
        late_records: 1,
        last_message_ms: 77,
    };
    assert_eq!(metrics, expected);
}

#[test]
fn a_stretch_is_decoded_once_for_all_that_wait_for_it() {
    let mut driver = driver();
    driver.create_topic("in", 1).expect("memory");
    for name in ["q0", "q1", "q2"] {
        driver.create_topic(name, 1).expect("memory");
        let mut query = spec(name, filter_project("in", name));
        Arc::make_mut(&mut query.plan).application_id = name.to_owned();
        driver.create(query).expect("a good plan");
    }
    driver.run_until_idle().expect("runs");
    for round in 1..4 {
        driver.append("in", &record(round, "a", Some("{\"AMOUNT\":20}"))).expect("memory");
        for (name, left) in [("q0", 1), ("q1", 1), ("q2", 0)] {
            driver.run_query_until_idle(&QueryId::new(name)).expect("runs");
            let (stretches, bytes) = driver.shares.decodes.size();
            assert_eq!((stretches, bytes > 0), (left, left > 0), "after {name}");
            assert_eq!(
                texts(&driver, name).last(),
                Some(&row(round, "a", Some("{\"DOUBLED\":40}")))
            );
        }
    }
    driver.append("in", &record(9, "a", Some("not json"))).expect("memory");
    driver.run_until_idle().expect("runs");
    for name in ["q0", "q1", "q2"] {
        let metrics = driver.metrics(&QueryId::new(name)).expect("it exists");
        assert_eq!((metrics.records_in, metrics.problems), (4, 1), "problems are not shared");
    }
}
