//! Many crashes in a row leave neither many files nor much work for the next start.

use super::*;

fn journal_files(machine: &Machine) -> usize {
    let files = machine.disk.files();
    files.iter().filter(|path| path.starts_with("journal/")).count()
}

/// A machine that was stopped `count` times, each time a record after its start.
fn stopped(count: usize, crash: Crash) -> Machine {
    let mut machine = Machine::new();
    machine.open().create_topic("a", &TopicConfig::default()).expect("created");
    for number in 0..count {
        machine = machine.after(crash);
        put(&machine.open(), "a", "k", &number.to_string());
    }
    machine.after(crash)
}

#[test]
fn crashes_in_a_row_leave_few_journal_files() {
    for crash in [Crash::Process, Crash::LoseUnsynced] {
        let mut machine = stopped(1, crash);
        for number in 1..50 {
            put(&machine.open(), "a", "k", &number.to_string());
            machine = machine.after(crash);
            assert!(journal_files(&machine) <= 10, "{crash:?} {number}");
        }
        let numbers: Vec<String> = (0..50).map(|number| number.to_string()).collect();
        assert_eq!(values(&machine.open(), "a", 0), numbers);
    }
}

#[test]
fn what_is_known_to_be_durable_is_not_synced_again() {
    for (crash, syncs) in [(Crash::Process, 0), (Crash::LoseUnsynced, 1)] {
        let machine = stopped(7, crash);
        assert!(journal_files(&machine) >= 7, "each start had a file of its own");
        let log = machine.open();
        assert_eq!(machine.disk.syncs(), syncs, "{crash:?}: the last one may not be vouched for");
        assert_eq!(values(&log, "a", 0).len(), 7);
    }
}

#[test]
fn what_was_never_vouched_for_is_synced_before_it_counts() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &TopicConfig::default()).expect("created");
    let commit = Commit { appends: vec![append("a", 0, "k", "v")], ..Commit::default() };
    log.commit(commit).expect("written");
    let machine = machine.after(Crash::Process);
    assert_eq!(values(&machine.open(), "a", 0), ["v"]);
    assert_eq!(values(&machine.after(Crash::LoseUnsynced).open(), "a", 0), ["v"]);
}

#[test]
fn a_full_disk_does_not_keep_a_long_journal_from_opening() {
    let machine = stopped(8, Crash::Process);
    put(&machine.open(), "a", "k", "8");
    let machine = machine.after(Crash::Process);
    // Room for the header of a new journal file, not for a checkpoint.
    machine.disk.set_capacity(Some(machine.disk.used() + 40));
    assert_eq!(values(&machine.open(), "a", 0).len(), 9);
    machine.disk.set_capacity(None);
    let machine = machine.after(Crash::Process);
    assert_eq!(values(&machine.open(), "a", 0).len(), 9);
    assert!(journal_files(&machine) <= 2);
}
