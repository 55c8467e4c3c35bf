//! The directory of a partition as an Apache Kafka broker leaves it: `<topic>-<partition>`, with
//! segments `<base offset, 20 digits>.log` and files beside them that are not needed, because what they
//! say is computed anew. Beside the directory lies, unless only the directory was copied,
//! `log-start-offset-checkpoint`: which records at the beginning of the first segment are deleted.

use std::path::{Path, PathBuf};

use commitlog::{ImportSource, SourceBatches};
use types::Offset;

use super::Error;
use super::segment_file::SegmentFile;

/// Which records are deleted already; lies beside the partitions.
const STARTS: &str = "log-start-offset-checkpoint";
/// Digits of the offset that a segment is named after.
const OFFSET_DIGITS: usize = 20;
/// Files that nothing of is needed.
const BESIDE: [&str; 2] = ["leader-epoch-checkpoint", "partition.metadata"];
/// What the names of files end in that nothing of is needed: indexes, and what the broker had replaced
/// or not yet finished.
const UNNEEDED: [&str; 6] = ["index", "timeindex", "txnindex", "snapshot", "deleted", "cleaned"];

/// A partition to import.
#[derive(Debug)]
pub(super) struct PartitionDirectory {
    topic: String,
    number: i32,
    /// By base offset; at least one.
    segments: Vec<SegmentFile>,
    start: i64,
}

impl PartitionDirectory {
    /// Looks at the names in `path`.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let foreign = |path: &Path, reason: &str| Error::Foreign {
            path: path.to_owned(),
            reason: reason.to_owned(),
        };
        let (topic, number) = named(path).ok_or_else(|| {
            foreign(
                path,
                "a partition's directory is called TOPIC-PARTITION, for instance orders-0",
            )
        })?;
        let mut segments = Vec::new();
        for path in list(path)? {
            match Role::of(&path) {
                Role::Segment(base) => segments.push(SegmentFile { path, base }),
                Role::Unneeded => {}
                Role::Unfinished => {
                    let reason = "the broker was stopped while it replaced this file; start it and \
                                  stop it in order, then copy again";
                    return Err(foreign(&path, reason));
                }
                Role::Foreign => {
                    return Err(foreign(&path, "is no file of a partition of Apache Kafka"));
                }
            }
        }
        segments.sort_by_key(|segment| segment.base);
        let Some(first) = segments.first() else {
            return Err(foreign(path, "there is no segment in it"));
        };
        let start = match path.parent() {
            Some(parent) => deleted_before(&parent.join(STARTS), &topic, number)?,
            None => None,
        };
        let start = start.unwrap_or(first.base).max(first.base);
        Ok(Self { topic, number, segments, start })
    }

    pub(super) fn topic(&self) -> &str {
        &self.topic
    }

    pub(super) fn number(&self) -> i32 {
        self.number
    }
}

impl ImportSource for PartitionDirectory {
    fn base(&self) -> Offset {
        Offset(self.segments.first().map_or(0, |segment| segment.base))
    }

    fn start(&self) -> Offset {
        Offset(self.start)
    }

    fn end_min(&self) -> Offset {
        Offset(self.segments.last().map_or(0, |segment| segment.base))
    }

    fn batches(&self) -> SourceBatches<'_> {
        Box::new(self.segments.iter().flat_map(SegmentFile::batches))
    }
}

/// What a file is there for.
enum Role {
    Segment(i64),
    Unneeded,
    Unfinished,
    Foreign,
}

impl Role {
    fn of(path: &Path) -> Self {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return Self::Foreign;
        };
        let Some((stem, ending)) = name.rsplit_once('.') else {
            return if BESIDE.contains(&name) { Self::Unneeded } else { Self::Foreign };
        };
        match ending {
            "log" => match base_offset(stem) {
                Some(base) => Self::Segment(base),
                None => Self::Foreign,
            },
            "swap" => Self::Unfinished,
            _ if UNNEEDED.contains(&ending) || BESIDE.contains(&name) => Self::Unneeded,
            _ => Self::Foreign,
        }
    }
}

fn base_offset(stem: &str) -> Option<i64> {
    let is_offset = stem.len() == OFFSET_DIGITS && stem.bytes().all(|byte| byte.is_ascii_digit());
    if is_offset { stem.parse().ok() } else { None }
}

/// Topic and partition by the directory's name.
fn named(path: &Path) -> Option<(String, i32)> {
    let (topic, number) = path.file_name()?.to_str()?.rsplit_once('-')?;
    let number = number.parse().ok().filter(|number| *number >= 0)?;
    (!topic.is_empty()).then(|| (topic.to_owned(), number))
}

#[allow(clippy::disallowed_methods, reason = "a directory that the user names")]
fn list(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
    let entries = std::fs::read_dir(path).map_err(unreadable)?;
    entries.map(|entry| Ok(entry.map_err(unreadable)?.path())).collect()
}

/// The offset before which records of the partition are deleted, if the broker's file tells one. It has
/// a version, 0, a number of lines, and lines of topic, partition and offset.
fn deleted_before(path: &Path, topic: &str, number: i32) -> Result<Option<i64>, Error> {
    #[allow(clippy::disallowed_methods, reason = "a file beside the one that the user names")]
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        text => text.map_err(|source| Error::Unreadable { path: path.to_owned(), source })?,
    };
    let mut lines = text.lines();
    if lines.next() != Some("0") {
        let reason = "line 1: only version 0 is known".to_owned();
        return Err(Error::Foreign { path: path.to_owned(), reason });
    }
    let number = number.to_string();
    for (line, words) in lines.enumerate().skip(1) {
        let words: Vec<&str> = words.split(' ').collect();
        if words.len() != 3 || words[2].parse::<i64>().is_err() {
            let reason = format!("line {} is not topic, partition and offset", line + 2);
            return Err(Error::Foreign { path: path.to_owned(), reason });
        }
        if words[0] == topic && words[1] == number {
            return Ok(words[2].parse().ok());
        }
    }
    Ok(None)
}
