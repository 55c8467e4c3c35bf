//! Pull queries over windowed tables: lookups, ranges, scans, bounds.

use plan::logical::{Emit, Window, WindowShape};
use types::Value;

use super::plans::{aggregate, spec};
use super::tests::{driver, record};
use super::*;
use crate::{KeyBound, KeyRange, KeySelection, WindowBounds};

fn table() -> TestDriver {
    let kind = WindowShape::Tumbling { size_ms: 100 };
    let window = Window { kind, grace_ms: Some(1_000), retention_ms: None };
    let mut driver = driver();
    driver.create_topic("in", 1).expect("memory");
    driver.create_topic("out", 1).expect("memory");
    let plan = aggregate("in", "out", Some(window), Emit::Changes);
    driver.create(spec("q", plan)).expect("a good plan");
    for (time, key) in [(10, "a"), (110, "a"), (120, "b"), (210, "a"), (220, "c")] {
        driver.pipe("in", &record(time, key, Some("{\"AMOUNT\":1}"))).expect("runs");
    }
    driver
}

/// Keys and window starts found.
fn found(driver: &mut TestDriver, request: &PullRequest) -> Vec<(String, i64)> {
    let mut rows = driver.pull(&QueryId::new("q"), request).expect("a table");
    let rows = rows.remove(0);
    let starts = rows.windows.as_ref().expect("a windowed table").start.values().to_vec();
    let keys = types::columns::values(&rows.key[0]).into_iter();
    let text = |key: Value| if let Value::String(text) = key { text } else { String::new() };
    keys.map(text).zip(starts).collect()
}

fn expected(rows: &[(&str, i64)]) -> Vec<(String, i64)> {
    rows.iter().map(|(key, start)| ((*key).to_owned(), *start)).collect()
}

#[test]
fn windowed_rows_are_found_by_key_and_bounds() {
    let mut driver = table();
    let all = WindowBounds::default();
    let a = |windows| PullRequest {
        keys: KeySelection::Lookup(vec![vec![Value::string("a")]]),
        windows,
        limit: None,
    };
    let cases = [
        (all, vec![("a", 0), ("a", 100), ("a", 200)]),
        (WindowBounds { start_min: 100, ..all }, vec![("a", 100), ("a", 200)]),
        (WindowBounds { start_min: 100, start_max: 199, ..all }, vec![("a", 100)]),
        (WindowBounds { end_max: 100, ..all }, vec![("a", 0)]),
        (WindowBounds { end_min: 201, ..all }, vec![("a", 200)]),
        (WindowBounds { start_min: 300, ..all }, vec![]),
    ];
    for (windows, rows) in cases {
        assert_eq!(found(&mut driver, &a(windows)), expected(&rows), "{windows:?}");
        driver.restart(Restart::Crash).expect("restarts");
    }
}

#[test]
fn windowed_rows_are_found_by_ranges_and_scans() {
    let mut driver = table();
    let range = |lower, upper| KeySelection::Range(KeyRange { lower, upper });
    let b = || Value::string("b");
    let cases = [
        (KeySelection::All, vec![("a", 0), ("a", 100), ("a", 200), ("b", 100), ("c", 200)]),
        (range(KeyBound::Inclusive(b()), KeyBound::Unbounded), vec![("b", 100), ("c", 200)]),
        (range(KeyBound::Exclusive(b()), KeyBound::Unbounded), vec![("c", 200)]),
        (
            range(KeyBound::Unbounded, KeyBound::Exclusive(b())),
            vec![("a", 0), ("a", 100), ("a", 200)],
        ),
        (range(KeyBound::Inclusive(b()), KeyBound::Inclusive(b())), vec![("b", 100)]),
    ];
    for (keys, rows) in cases {
        let windows = WindowBounds::default();
        let request = PullRequest { keys, windows, limit: None };
        assert_eq!(found(&mut driver, &request), expected(&rows), "{request:?}");
    }
    let windows = WindowBounds { start_min: 100, end_max: 200, ..WindowBounds::default() };
    let request = PullRequest { keys: KeySelection::All, windows, limit: Some(1) };
    assert_eq!(found(&mut driver, &request), expected(&[("a", 100)]));
}
