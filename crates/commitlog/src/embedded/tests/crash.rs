//! A scripted run that crashes at every write, sync and change of names.

use super::model::{Model, Seen};
use super::transactions::{marker, marker_at, produced, producer};
use super::*;
use crate::Outcome;

/// Everything the log does, in small. Ends early when the disk stops.
fn script(log: &EmbeddedLog, clock: &FakeClock, model: &mut Model) -> Result<()> {
    let small = |partitions| TopicConfig {
        segment_bytes_max: 1024,
        // Kept records are compared, so only the clock's jump below may retire any.
        retention_ms: None,
        ..TopicConfig::with_partitions(partitions)
    };
    model.create("a", 2);
    log.create_topic("a", &small(2))?;
    model.acknowledge();
    for number in 0..14 {
        let value = format!("value {number} {}", "x".repeat(number * 13));
        let commit = Commit {
            appends: vec![
                append("a", 0, "k", &value),
                append("a", 1, "k", &value),
                append("a", 0, "l", "second"),
            ],
            positions: vec![position("g", "a", 0, number as i64)],
            ..Commit::default()
        };
        model.commit(&commit);
        let committed = log.commit(commit)?;
        if number % 3 == 2 {
            log.wait_durable(committed.id)?;
            model.acknowledge();
        }
        transact(log, model, number)?;
        match number {
            4 => {
                model.create("b", 1);
                log.create_topic("b", &small(1))?;
                model.acknowledge();
            }
            7 => {
                let commit =
                    Commit { appends: vec![append("b", 0, "k", "v")], ..Commit::default() };
                model.commit(&commit);
                log.commit(commit)?;
                log.maintain()?;
                model.acknowledge();
            }
            9 => {
                model.delete("b");
                log.delete_topic("b")?;
                model.acknowledge();
                model.create("b", 1);
                log.create_topic("b", &small(1))?;
                model.acknowledge();
            }
            _ => clock.advance_ms(10),
        }
    }
    log.close()?;
    model.acknowledge();
    Ok(())
}

/// Writes to a transaction, which every third call ends, alternately so.
fn transact(log: &EmbeddedLog, model: &mut Model, number: usize) -> Result<()> {
    let owner = producer(1, 0);
    let mut commit = Commit {
        appends: vec![produced("a", owner, number as i32, true)],
        positions: vec![position("t", "a", 1, number as i64)],
        transaction: Some(owner),
        ..Commit::default()
    };
    if number.is_multiple_of(3) {
        let outcome = if number.is_multiple_of(2) { Outcome::Commit } else { Outcome::Abort };
        let positions = marker_at(log.offsets_partition("t"), owner, outcome);
        commit.markers = vec![marker("a", owner, outcome), positions];
    }
    model.commit(&commit);
    log.commit(commit.clone())?;
    commit.markers.clear();
    commit.positions.clear();
    commit.transaction = None;
    assert!(log.commit(commit)?.appended[0].is_duplicate);
    Ok(())
}

fn run(crash_at: Option<u64>) -> (Machine, Model, Result<()>) {
    let machine = Machine::flushing_at(2_500);
    if let Some(operation) = crash_at {
        machine.disk.crash_at(operation);
    }
    let mut model = Model::default();
    let result = machine.try_open().and_then(|log| script(&log, &machine.clock, &mut model));
    (machine, model, result)
}

#[test]
fn a_crash_at_any_operation_leaves_a_prefix_of_the_commits() {
    let (machine, _, result) = run(None);
    result.expect("nothing goes wrong");
    let operations = machine.disk.operations();
    assert!(operations > 150, "the script does something: {operations}");
    for operation in 1..=operations {
        let (machine, model, result) = run(Some(operation));
        assert!(
            result.is_err() || machine.disk.operations() < operation || machine.disk.has_crashed()
        );
        let crashes = [
            Crash::Process,
            Crash::LoseUnsynced,
            Crash::TearUnsynced { seed: operation },
            Crash::TearUnsynced { seed: operation + 1_000_000 },
        ];
        for crash in crashes {
            let machine = machine.after(crash);
            let mut model = model.clone();
            let opened = machine.try_open();
            let log = opened.unwrap_or_else(|error| panic!("{operation}, {crash:?}: {error}"));
            let found = Seen::of(&log);
            let found = found.unwrap_or_else(|error| panic!("{operation}, {crash:?}: {error}"));
            model.recover(&found);
            go_on(&machine, log, model);
        }
    }
}

/// A recovered log works, and what it takes from then on survives the next crash.
fn go_on(machine: &Machine, log: EmbeddedLog, mut model: Model) {
    if model.now().partitions("a") > 0 {
        let commit = Commit { appends: vec![append("a", 1, "k", "after")], ..Commit::default() };
        model.commit(&commit);
        let committed = log.commit(commit).expect("committed");
        log.wait_durable(committed.id).expect("durable");
        model.acknowledge();
    }
    let again = machine.after(Crash::LoseUnsynced).open();
    model.recover(&Seen::of(&again).expect("readable"));
    again.flush().expect("flushed");
    model.recover(&Seen::of(&again).expect("readable"));
}
