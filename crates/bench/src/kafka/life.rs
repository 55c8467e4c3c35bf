//! Start-up time, memory, and many topics.
#![allow(clippy::disallowed_methods, reason = "a benchmark looks at files")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use commitlog::{Config, EmbeddedLog, Log as _, TopicConfig};
use types::seams::system::{SystemClock, SystemDirectory};

use super::broker::{self, Broker};
use crate::cost::median;
use crate::outcome::Result;
use crate::process::Server;
use crate::report::{Line, Report, megabytes, milliseconds};

const TURNS: usize = 3;
const TOPICS: usize = 1_000;
const PARTITIONS: i32 = 10;

/// Measures all.
pub fn run(report: &mut Report) -> Result<()> {
    empty(report)?;
    many_topics(report)
}

fn empty(report: &mut Report) -> Result<()> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let (mut our_bytes, mut their_bytes) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let (broker, started) = Broker::tidemill()?;
        ours.push(started);
        our_bytes.push(broker.resident_bytes()?);
        let (broker, started) = Broker::apache()?;
        theirs.push(started);
        their_bytes.push(broker.resident_bytes()?);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let line =
        Line::new("start to first answered Kafka request (Apache Kafka)", milliseconds(ours));
    let line = line.against(milliseconds(theirs), ours / theirs);
    report.add(line.below(ours, 0.2, "200 ms"));
    let (ours, theirs) = (median(our_bytes), median(their_bytes));
    let line = Line::new("resident memory, idle (Apache Kafka)", megabytes(ours));
    report.add(line.against(megabytes(theirs), ours / theirs).below(ours, 100e6, "100 MB"));
    Ok(())
}

fn many_topics(report: &mut Report) -> Result<()> {
    let mut server = Server::on_empty_directory()?;
    {
        let directory = Arc::new(SystemDirectory::new(server.data().join("log"))?);
        let log = EmbeddedLog::open(directory, Arc::new(SystemClock::new()), Config::default())?;
        let config = TopicConfig::with_partitions(PARTITIONS);
        for number in 0..TOPICS {
            log.create_topic(&format!("topic-{number}"), &config)?;
        }
        log.close()?;
    }
    let started = broker::start(&mut server)?;
    let of = format!("{TOPICS} topics of {PARTITIONS} partitions");
    let line = Line::new(format!("start with {of}"), milliseconds(started));
    report.add(line.below(started, 2.0, "2 s"));
    let broker = Broker::Tidemill(Box::new(server));
    let bytes = broker.resident_bytes()?;
    report.add(Line::new(format!("resident memory with {of}"), megabytes(bytes)).remark("-"));
    let files = broker.open_files()?;
    report.add(Line::new(format!("open files with {of}"), files.to_string()).below(
        files as f64,
        1_000.0,
        "1000",
    ));
    Ok(())
}

/// Lets the system forget the cached pages of every file below `directory`, so that the next read
/// comes from the disk. Pages that are not written back yet cannot be forgotten, so that comes first.
pub fn forget_pages(directory: &Path) -> Result<()> {
    Command::new("sync").arg("--file-system").arg(directory).status()?;
    forget_files(directory)
}

fn forget_files(directory: &Path) -> Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            forget_files(&entry.path())?;
        } else if entry.file_type()?.is_file() {
            let file = format!("if={}", entry.path().display());
            // Of a file as a whole, with nothing read, `nocache` drops what is cached.
            let arguments = [file.as_str(), "iflag=nocache", "count=0", "status=none"];
            let status = Command::new("dd").args(arguments).status()?;
            if !status.success() {
                return Err(format!("dd: {status}").into());
            }
        }
    }
    Ok(())
}
