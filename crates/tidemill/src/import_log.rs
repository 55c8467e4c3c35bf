//! `tidemill import-log`: topics whose files were copied from an Apache Kafka broker become topics of a
//! data directory that no server has.

mod partition_directory;
mod segment_file;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use commitlog::{EmbeddedLog, ImportSource, Imported, TopicConfig};
use server::DataDir;
use types::seams::system::{SystemClock, SystemDirectory};

use self::partition_directory::PartitionDirectory;

/// Arguments of `tidemill import-log`.
#[derive(Debug, Args)]
pub struct Options {
    /// The data directory; its server is stopped.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Directories of partitions, TOPIC-PARTITION, all of each topic; their broker is stopped.
    #[arg(long, value_name = "DIR", required = true, num_args = 1..)]
    from: Vec<PathBuf>,
    /// The topics are compacted (cleanup.policy=compact). Otherwise all is kept (retention.ms=-1) until
    /// a client configures something else.
    #[arg(long)]
    compact: bool,
}

/// The partitions of each topic.
type Topics = BTreeMap<String, BTreeMap<i32, PartitionDirectory>>;

/// Imports topic by topic; one that fails leaves nothing behind, those before it stay.
pub fn run(options: &Options) -> ExitCode {
    match import(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("{}: {reason}", .path.display())]
    Foreign { path: PathBuf, reason: String },
    #[error("topic '{topic}' is Apache Kafka's own; its contents are about that cluster")]
    Internal { topic: String },
    #[error("partition {missing} of topic '{topic}' is missing: name the directories of all")]
    Incomplete { topic: String, missing: i32 },
    #[error("cannot read {}: {source}", .path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Data(#[from] server::Error),
    #[error("cannot open {}: {source}", .path.display())]
    Directory { path: PathBuf, source: std::io::Error },
    #[error("cannot import topic '{topic}', of which nothing is there now: {source}")]
    Topic { topic: String, source: commitlog::Error },
    #[error("the log of the data directory: {0}")]
    Log(#[from] commitlog::Error),
}

fn import(options: &Options) -> Result<(), Error> {
    let topics = topics(&options.from)?;
    let data = DataDir::take(&options.data)?;
    let log = open(&data.log())?;
    let all = TopicConfig { retention_ms: None, ..TopicConfig::default() };
    let config = if options.compact { all.compacted() } else { all };
    for (topic, partitions) in &topics {
        let sources: Vec<&dyn ImportSource> =
            partitions.values().map(|partition| partition as _).collect();
        let imported = log.import_topic(topic, &config, &sources);
        let imported = imported.map_err(|source| Error::Topic { topic: topic.clone(), source })?;
        imported.iter().enumerate().for_each(|(number, it)| tell(topic, number, it));
    }
    Ok(log.close()?)
}

fn open(path: &std::path::Path) -> Result<EmbeddedLog, Error> {
    let failed = |source| Error::Directory { path: path.to_owned(), source };
    let directory = SystemDirectory::new(path).map_err(failed)?;
    let clock = Arc::new(SystemClock::new());
    Ok(EmbeddedLog::open(Arc::new(directory), clock, commitlog::Config::default())?)
}

/// Opens the directories and puts them in order.
fn topics(paths: &[PathBuf]) -> Result<Topics, Error> {
    let mut topics = Topics::new();
    for path in paths {
        let partition = PartitionDirectory::open(path)?;
        let (topic, number) = (partition.topic().to_owned(), partition.number());
        if topic.starts_with("__") {
            return Err(Error::Internal { topic });
        }
        if topics.entry(topic).or_default().insert(number, partition).is_some() {
            let reason = "another directory is of the same partition".to_owned();
            return Err(Error::Foreign { path: path.clone(), reason });
        }
    }
    for (topic, partitions) in &topics {
        let missing = (0..).zip(partitions.keys()).find(|(expected, number)| expected != *number);
        if let Some((missing, _)) = missing {
            return Err(Error::Incomplete { topic: topic.clone(), missing });
        }
    }
    Ok(topics)
}

fn tell(topic: &str, number: usize, imported: &Imported) {
    let Imported { offsets, batches, aborted_at_end } = imported;
    let open = match aborted_at_end {
        0 => String::new(),
        count => format!(", {count} open transactions aborted"),
    };
    println!(
        "{topic}-{number}: offsets {}..{}, {batches} batches{open}",
        offsets.start, offsets.end
    );
}
