//! Joins record by record, with a restart in the middle.

use plan::expression::{ColumnRef, Expr, ExprKind};
use plan::logical::{JoinKind, Within};
use plan::physical::{Operator, Plan};
use types::{SourceKind, SqlType};

use super::plans::{join, spec};
use super::tests::{driver, record};
use super::{Restart, TestDriver};

const LEFT: (&str, &str) = ("l", "L");
const RIGHT: (&str, &str) = ("r", "R");

/// A change: side, time, key, number or NULL.
type Change = ((&'static str, &'static str), i64, &'static str, Option<i64>);

/// What comes out for each change: time, key, `L/R` or `T` for a tombstone. Runs straight, then
/// crashed and restored after every record, and compares.
fn joined(plan: impl Fn() -> Plan, changes: &[Change]) -> Vec<String> {
    let straight = run(plan(), changes, false);
    assert_eq!(run(plan(), changes, true), straight, "a crash changes nothing");
    straight
}

fn run(plan: Plan, changes: &[Change], crashes: bool) -> Vec<String> {
    let mut driver = driver();
    for topic in ["l", "r", "out"] {
        driver.create_topic(topic, 1).expect("memory");
    }
    let mut spec = spec("q", plan);
    spec.options.outer_join_interval_ms = 0;
    driver.create(spec).expect("a good plan");
    let mut all = Vec::new();
    for ((topic, name), time, key, number) in changes {
        let value = number.map(|number| format!("{{\"{name}\":{number}}}"));
        driver.pipe(topic, &record(*time, key, value.as_deref())).expect("runs");
        all.push(output(&driver, all.iter().map(String::as_str).map(count).sum()));
        if crashes {
            driver.restart(Restart::Crash).expect("restarts");
        }
    }
    all
}

fn count(outputs: &str) -> usize {
    outputs.split_whitespace().count()
}

/// The records of `out` behind the first `seen`, as one line.
fn output(driver: &TestDriver, seen: usize) -> String {
    let records = driver.records("out").expect("memory");
    let line = records.iter().skip(seen).map(|record| {
        let key = String::from_utf8_lossy(record.key.as_deref().unwrap_or_default()).into_owned();
        let value = match &record.value {
            None => "T".to_owned(),
            Some(value) => {
                let value: serde_json::Value = serde_json::from_slice(value).expect("JSON");
                format!("{}/{}", value["L"], value["R"]).replace("null", "-")
            }
        };
        format!("{}:{key}={value}", record.timestamp_ms)
    });
    line.collect::<Vec<String>>().join(" ")
}

fn table_table(kind: JoinKind) -> Plan {
    let operator = Operator::TableTableJoin { kind, stores: [0, 1] };
    join([SourceKind::Table; 2], operator, SourceKind::Table)
}

#[test]
fn tables_join_on_every_change() {
    let changes = [
        (LEFT, 1, "a", Some(1)),
        (RIGHT, 5, "a", Some(2)),
        (LEFT, 3, "a", Some(3)),
        (LEFT, 6, "a", None),
        (RIGHT, 7, "a", None),
        (RIGHT, 8, "a", None),
        (RIGHT, 9, "b", Some(4)),
    ];
    let inner = joined(|| table_table(JoinKind::Inner), &changes);
    assert_eq!(inner, ["", "5:a=1/2", "5:a=3/2", "6:a=T", "", "", ""]);
    let left = joined(|| table_table(JoinKind::Left), &changes);
    assert_eq!(left, ["1:a=1/-", "5:a=1/2", "5:a=3/2", "6:a=T", "", "", ""]);
    let full = joined(|| table_table(JoinKind::Full), &changes);
    assert_eq!(full, ["1:a=1/-", "5:a=1/2", "5:a=3/2", "6:a=-/2", "7:a=T", "", "9:b=-/4"]);
}

#[test]
fn a_stream_looks_up_the_table() {
    let plan = |kind| {
        let operator = Operator::StreamTableJoin { kind, table_store: 1 };
        join([SourceKind::Stream, SourceKind::Table], operator, SourceKind::Stream)
    };
    let changes = [
        (LEFT, 1, "a", Some(1)),
        (RIGHT, 2, "a", Some(2)),
        (LEFT, 3, "a", Some(3)),
        (LEFT, 4, "a", None),
        (RIGHT, 5, "a", None),
        (LEFT, 6, "a", Some(4)),
    ];
    let inner = joined(|| plan(JoinKind::Inner), &changes);
    assert_eq!(inner, ["", "", "3:a=3/2", "", "", ""]);
    let left = joined(|| plan(JoinKind::Left), &changes);
    assert_eq!(left, ["1:a=1/-", "", "3:a=3/2", "", "", "6:a=4/-"]);
}

fn stream_stream(kind: JoinKind, grace_ms: Option<i64>) -> Plan {
    let within = Within { before_ms: 10, after_ms: 10, grace_ms };
    let operator = Operator::StreamStreamJoin { kind, within, stores: vec![0, 1, 2] };
    join([SourceKind::Stream; 2], operator, SourceKind::Stream)
}

#[test]
fn streams_join_within_their_span() {
    let changes = [
        (LEFT, 100, "a", Some(1)),
        (RIGHT, 110, "a", Some(2)),
        (RIGHT, 111, "a", Some(3)),
        (LEFT, 105, "a", Some(4)),
        (LEFT, 200, "b", Some(5)),
        (RIGHT, 300, "c", Some(6)),
        // Its span ended at 298: it leaves at once, though its grace goes on to 303.
        (LEFT, 288, "d", Some(7)),
    ];
    let inner = joined(|| stream_stream(JoinKind::Inner, None), &changes);
    assert_eq!(inner, ["", "110:a=1/2", "", "110:a=4/2 111:a=4/3", "", "", ""]);
    let eager = joined(|| stream_stream(JoinKind::Left, None), &changes);
    assert_eq!(
        eager,
        ["100:a=1/-", "110:a=1/2", "", "110:a=4/2 111:a=4/3", "200:b=5/-", "", "288:d=7/-"]
    );
    let patient = joined(|| stream_stream(JoinKind::Full, Some(5)), &changes);
    assert_eq!(patient, ["", "110:a=1/2", "", "110:a=4/2 111:a=4/3", "", "200:b=5/-", "288:d=7/-"]);
}

#[test]
fn a_foreign_key_follows_both_tables() {
    // The foreign key is the left's number as text.
    let as_text = || Expr {
        kind: ExprKind::Cast(Box::new(Expr::column(ColumnRef::Value(0), SqlType::Bigint))),
        ty: SqlType::String,
    };
    let plan = |kind| {
        let operator = Operator::ForeignKeyJoin { kind, foreign_key: as_text(), stores: [0, 1, 2] };
        join([SourceKind::Table; 2], operator, SourceKind::Table)
    };
    let changes = [
        (LEFT, 1, "a", Some(1)),
        (RIGHT, 2, "1", Some(10)),
        (LEFT, 3, "b", Some(1)),
        (RIGHT, 4, "1", Some(20)),
        (LEFT, 5, "b", Some(2)),
        (RIGHT, 6, "1", None),
        (LEFT, 7, "a", None),
    ];
    let inner = joined(|| plan(JoinKind::Inner), &changes);
    assert_eq!(inner, ["", "2:a=1/10", "3:b=1/10", "4:a=1/20 4:b=1/20", "5:b=T", "6:a=T", "7:a=T"]);
    let left = joined(|| plan(JoinKind::Left), &changes);
    assert_eq!(
        left,
        ["1:a=1/-", "2:a=1/10", "3:b=1/10", "4:a=1/20 4:b=1/20", "5:b=2/-", "6:a=1/-", "7:a=T"]
    );
}
