//! Recovery from damage and from other releases, and recovery in steps.

use plan::logical::Emit;
use state::{StoreId, Write};
use types::Value;

use super::plans::{aggregate, spec};
use super::tests::{driver, record, texts};
use super::*;
use crate::{KeySelection, WindowBounds};

const CHANGELOG: &str = "app-Aggregate-Materialize-changelog";

/// A table of 30 keys that was checkpointed when it had 20.
fn table() -> TestDriver {
    let mut driver = driver();
    driver.create_topic("in", 1).expect("memory");
    driver.create_topic("out", 1).expect("memory");
    let mut query = spec("q", aggregate("in", "out", None, Emit::Changes));
    query.options.fetch_bytes_max = 1;
    driver.create(query).expect("a good plan");
    feed(&mut driver, 0..20);
    driver.restart(Restart::Orderly).expect("restarts");
    feed(&mut driver, 20..30);
    driver
}

fn feed(driver: &mut TestDriver, keys: std::ops::Range<i64>) {
    for key in keys {
        let record = record(key, &format!("k{key}"), Some("{\"AMOUNT\":1}"));
        driver.pipe("in", &record).expect("runs");
    }
}

fn all() -> PullRequest {
    PullRequest { keys: KeySelection::All, windows: WindowBounds::default(), limit: None }
}

fn total(driver: &mut TestDriver) -> (usize, i64) {
    let rows = driver.pull(&QueryId::new("q"), &all()).expect("a table").remove(0);
    let number = |value: Value| if let Value::Bigint(number) = value { number } else { 0 };
    (rows.len(), types::columns::values(&rows.value[1]).into_iter().map(number).sum())
}

/// Puts `value` in the place of the checkpoint.
fn set_checkpoint(driver: &TestDriver, value: &[u8]) {
    let mut key = StoreId::application_prefix("app");
    key.extend(b"Aggregate-Materialize\0\0\0\0\0\0");
    assert!(driver.services().state.get(&key).expect("memory").is_some(), "a checkpoint");
    let write = Write { key, value: Some(value.to_vec()) };
    driver.services().state.apply(vec![write]).expect("memory");
}

#[test]
fn a_damaged_checkpoint_is_rebuilt_from_the_changelog() {
    let mut driver = table();
    driver.restart(Restart::Crash).expect("restarts");
    set_checkpoint(&driver, b"TMST\x01\x01garbage");
    assert_eq!(total(&mut driver), (30, 30));
    feed(&mut driver, 0..1);
    assert_eq!(total(&mut driver), (30, 31));
    assert_eq!(texts(&driver, "out").len(), 31, "nothing left twice");
}

#[test]
fn state_of_another_release_is_refused_by_name() {
    let mut driver = table();
    driver.restart(Restart::Crash).expect("restarts");
    // Version 1, rows of format 9, no position.
    set_checkpoint(&driver, b"TMST\x01\x09\x63\x5c\xed\x1a");
    let refused = driver.pull(&QueryId::new("q"), &all()).expect_err("refused");
    assert_eq!(
        refused.to_string(),
        "state store app-Aggregate-Materialize-0: the format of its rows is 9, and this release knows 1; \
         start a release that knows it, or drop the query and create it again"
    );
    assert!(!refused.is_retryable());
}

#[test]
fn a_changelog_of_another_release_is_refused_by_name() {
    let mut driver = table();
    let newer = TestRecord { value: Some(b"\x09newer".to_vec()), ..record(0, "k", None) };
    driver.append(CHANGELOG, &newer).expect("memory");
    driver.restart(Restart::Crash).expect("restarts");
    let refused = driver.pull(&QueryId::new("q"), &all()).expect_err("refused");
    assert!(refused.to_string().contains("the format of its rows is 9"), "{refused}");
}

#[test]
fn a_task_is_not_read_before_it_is_restored() {
    let driver = table();
    let services = driver.services();
    let mut task = driver.queries[0].query.tasks[0].build(services).expect("it opens");
    let mut steps = 0;
    while !task.restore_step(services).expect("the log is good") {
        steps += 1;
        let refused = task.pull(&all(), services).expect_err("too early");
        assert!(matches!(refused, Error::Restoring(_)), "{refused}");
        assert!(refused.is_retryable());
    }
    assert!(steps >= 10, "a step is one fetch: {steps}");
    assert_eq!(task.pull(&all(), services).expect("restored").len(), 30);
}
