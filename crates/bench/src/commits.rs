//! Commit latency: a small commit made durable, against the disk's own write and sync of as many
//! bytes, taken in turns.
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock and writes a file")]

use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::time::Instant;

use commitlog::{Append, Commit, Config, EmbeddedLog, Log, TopicConfig};
use records::{Builder, Compression};
use types::TopicPartition;
use types::seams::system::{SystemClock, SystemDirectory};

use crate::cost::percentile;
use crate::outcome::Result;
use crate::report::{Line, Report, milliseconds};

const COMMITS: usize = 500;
const RECORDS: usize = 10;
const VALUE: [u8; 100] = [b'x'; 100];

/// Measures p50 and p99.
pub fn run(report: &mut Report) -> Result<()> {
    let directory = tempfile::Builder::new().prefix("tidemill-bench-").tempdir()?;
    let disk = Arc::new(SystemDirectory::new(directory.path().join("log"))?);
    let log = EmbeddedLog::open(disk, Arc::new(SystemClock::new()), Config::default())?;
    log.create_topic("t", &TopicConfig::default())?;
    let file = std::fs::File::create(directory.path().join("plain"))?;
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    let mut position = 0;
    for _ in 0..COMMITS {
        let mut builder = Builder::new(Compression::None);
        (0..RECORDS).for_each(|_| builder.append(0, None, Some(&VALUE), &[]));
        let batch = builder.build();
        plain.push(sync_time(&file, &batch, position)?);
        position += batch.len() as u64;
        let append = Append { partition: TopicPartition::new("t", 0), batch };
        let started = Instant::now();
        let committed = log.commit(Commit { appends: vec![append], ..Commit::default() })?;
        log.wait_durable(committed.id)?;
        ours.push(started.elapsed().as_secs_f64());
    }
    for (name, at) in [("p50", 0.5), ("p99", 0.99)] {
        let (ours, plain) = (percentile(ours.clone(), at), percentile(plain.clone(), at));
        let measure = format!("durable commit, {RECORDS} records, {name} (yardstick: fdatasync)");
        report.add(
            Line::new(measure, milliseconds(ours))
                .against(milliseconds(plain), ours / plain)
                .remark("-"),
        );
    }
    let only = "not applicable: there is only exactly-once, at the speeds above";
    report.add(Line::new("exactly-once against at-least-once", only).remark(">= 0.90"));
    Ok(())
}

/// Seconds that the disk takes to write and sync a small record, again and again.
pub fn sync_times() -> Result<Vec<f64>> {
    let directory = tempfile::Builder::new().prefix("tidemill-bench-").tempdir()?;
    let file = std::fs::File::create(directory.path().join("plain"))?;
    (0..COMMITS).map(|number| sync_time(&file, &VALUE, (number * VALUE.len()) as u64)).collect()
}

fn sync_time(file: &std::fs::File, bytes: &[u8], position: u64) -> Result<f64> {
    let started = Instant::now();
    file.write_all_at(bytes, position)?;
    file.sync_data()?;
    Ok(started.elapsed().as_secs_f64())
}
