//! `make bench`: prints every speed of the design as a ratio taken in the same run.
//!
//! `cargo run --release -p bench -- [GROUP ...]` runs the named groups, or all. Two sides of a ratio
//! are measured in turns (A B A B ...) and their medians compared, so that a busy machine harms both
//! alike. Nothing here asserts a time: a missed bar is printed, not failed.

mod capture;
mod commits;
mod cost;
mod kafka;
mod machine;
mod outcome;
mod process;
mod queries;
mod report;

use std::process::ExitCode;

use outcome::Result;
use report::Report;

/// A group of measurements.
struct Group {
    name: &'static str,
    what: &'static str,
    run: fn(&mut Report) -> Result<()>,
}

const GROUPS: [Group; 8] = [
    Group { name: "json", what: "queries over JSON against arrow-json", run: queries::json },
    Group { name: "avro", what: "queries over AVRO against arrow-avro", run: queries::avro },
    Group { name: "commit", what: "commit latency against the disk's fsync", run: commits::run },
    Group { name: "process", what: "start, memory, 1,000 idle queries", run: process::life },
    Group { name: "pull", what: "pull queries by key over REST", run: process::pull },
    Group { name: "broker", what: "start and memory against Apache Kafka", run: kafka::life },
    Group { name: "kafka", what: "Kafka clients against Apache Kafka", run: kafka::traffic },
    Group { name: "capture", what: "MariaDB snapshot and stream", run: capture::run },
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let unknown = wanted.iter().find(|name| GROUPS.iter().all(|group| group.name != **name));
    if let Some(unknown) = unknown {
        eprintln!("no group is called '{unknown}'; there are:");
        GROUPS.iter().for_each(|group| eprintln!("  {:<8} {}", group.name, group.what));
        return ExitCode::from(2);
    }
    println!("{}", machine::description());
    let mut report = Report::default();
    let mut has_failed = false;
    let is_wanted = |group: &&Group| wanted.is_empty() || wanted.iter().any(|n| n == group.name);
    for group in GROUPS.iter().filter(is_wanted) {
        eprintln!("measuring: {}", group.what);
        if let Err(error) = (group.run)(&mut report) {
            eprintln!("group '{}' could not be measured to its end: {error}", group.name);
            has_failed = true;
        }
    }
    print!("{report}");
    if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
