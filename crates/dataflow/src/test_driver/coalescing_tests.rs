//! Coalescing: what a key goes through within one batch leaves as one.

use plan::logical::{Emit, JoinKind, Window, WindowShape};
use plan::physical::Operator;
use types::SourceKind;

use super::plans::{aggregate, join, regroup, spec};
use super::tests::{driver, record, row, texts};
use super::*;

fn coalescing(plan: plan::physical::Plan) -> QuerySpec {
    let mut spec = spec("q", plan);
    spec.options.is_coalescing = true;
    spec
}

#[test]
fn updates_of_a_table_source_leave_as_one() {
    let mut driver = driver();
    for topic in ["l", "r", "out"] {
        driver.create_topic(topic, 1).expect("memory");
    }
    let operator = Operator::TableTableJoin { kind: JoinKind::Left, stores: [0, 1] };
    let plan = join([SourceKind::Table; 2], operator, SourceKind::Table);
    driver.create(coalescing(plan)).expect("a good plan");
    let steps = [("a", Some(1)), ("b", Some(2)), ("a", None), ("c", Some(3)), ("b", Some(4))];
    for (time, (key, number)) in (1..).zip(steps) {
        let value = number.map(|number| format!("{{\"L\":{number}}}"));
        driver.append("l", &record(time, key, value.as_deref())).expect("memory");
    }
    driver.run_until_idle().expect("runs");
    let value = |number| Some(format!("{{\"L\":{number},\"RK\":null,\"R\":null}}"));
    let found: Vec<(i64, String, bool)> =
        texts(&driver, "out").into_iter().map(|(t, key, v)| (t, key, v.is_some())).collect();
    let expected = [(4, "c".to_owned(), true), (5, "b".to_owned(), true)];
    assert_eq!(found, expected, "a came and went; {:?}", value(0));
}

#[test]
fn a_regrouped_table_counts_each_row_once() {
    let mut driver = driver();
    driver.create_topic("in", 1).expect("memory");
    driver.create_topic("out", 1).expect("memory");
    driver.create(coalescing(regroup())).expect("a good plan");
    for (time, group) in (1..).zip(["x", "y", "x", "y"]) {
        let value = format!("{{\"GROUP\":\"{group}\",\"AMOUNT\":{time}}}");
        driver.append("in", &record(time, "a", Some(&value))).expect("memory");
    }
    driver.run_until_idle().expect("runs");
    assert_eq!(texts(&driver, "out"), [row(4, "y", Some("{\"N\":1,\"TOTAL\":4}"))]);
}

#[test]
fn a_session_that_grows_leaves_once() {
    let kind = WindowShape::Session { gap_ms: 10 };
    let window = Window { kind, grace_ms: Some(1_000), retention_ms: None };
    let mut driver = driver();
    driver.create_topic("in", 1).expect("memory");
    driver.create_topic("out", 1).expect("memory");
    let plan = aggregate("in", "out", Some(window), Emit::Changes);
    driver.create(coalescing(plan)).expect("a good plan");
    let one = |time| record(time, "a", Some("{\"AMOUNT\":1}"));
    driver.pipe("in", &one(0)).expect("runs");
    for time in [5, 9, 14] {
        driver.append("in", &one(time)).expect("memory");
    }
    driver.run_until_idle().expect("runs");
    let values: Vec<Option<String>> =
        texts(&driver, "out").into_iter().map(|(_, _, value)| value).collect();
    let total = |n: i64| Some(format!("{{\"N\":{n},\"TOTAL\":{n}}}"));
    assert_eq!(values, [total(1), None, total(4)], "what grew in between is not seen");
}
