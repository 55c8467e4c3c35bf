//! Streaming goldens: SQL statements, records that go in, records that must come out.
//!
//! The files in `cases` are golden files: a block's input are statements and records (see `case.rs`
//! for how they are written), its answer are the records of every topic that the queries write. Each
//! case is run straight, stopped and restored after every few records, in batches of several sizes,
//! over several partitions, and with coalescing; `compare.rs` says what must be the same.

mod case;
mod compare;
mod definitions;
mod payload;
mod run;

use std::path::Path;
use std::sync::Arc;

use testkit::golden;

fn check(file: &str) {
    let functions = Arc::new(functions::Registry::builtin());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/streaming/cases").join(file);
    golden::check(path, |case| compare::answer(case, &functions));
}

#[test]
fn streams() {
    check("streams.txt");
}

#[test]
fn aggregates() {
    check("aggregates.txt");
}

#[test]
fn windows() {
    check("windows.txt");
}

#[test]
fn joins() {
    check("joins.txt");
}

#[test]
fn formats() {
    check("formats.txt");
}
