//! The checkpoint: everything about the log at one commit, in one file that is replaced as a whole.
//! The layout is described in [`super`].

use std::sync::Arc;

use bytes::Bytes;
use types::seams::{Directory, OpenMode};
use types::{Offset, TopicPartition};

use super::codec::{Decoder, Encoder};
use super::files::{self, FileCache, corrupt, failed};
use super::limits::CHECKPOINT_BYTES_MAX;
use super::segment::Segment;
use super::state::TopicId;
use crate::{Error, Position, Result, TopicConfig};

/// The checkpoint's file.
pub(super) const PATH: &str = "checkpoint";
const NEW_PATH: &str = "checkpoint.new";
const MAGIC: [u8; 8] = *b"TMchkpnt";
const VERSION: u32 = 1;
const PREFIX_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;

/// The log at commit `commit`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Checkpoint {
    pub(super) log_id: u64,
    /// Number of this checkpoint.
    pub(super) number: u64,
    /// The last commit whose records are in segments.
    pub(super) commit: u64,
    pub(super) next_topic: u64,
    /// By id.
    pub(super) topics: Vec<Topic>,
    pub(super) positions: Vec<Position>,
    /// Changes of names that belong to it and may have to be made again.
    pub(super) changes: Vec<Change>,
}

impl Checkpoint {
    /// Partition `partition` of topic `id`, with the topic's name and configuration.
    pub(super) fn partition_mut(
        &mut self,
        id: TopicId,
        partition: i32,
    ) -> Option<(Arc<str>, Arc<TopicConfig>, &mut Partition)> {
        let number = self.topics.binary_search_by_key(&id, |topic| topic.id).ok()?;
        let topic = self.topics.get_mut(number)?;
        let entry = topic.partitions.get_mut(usize::try_from(partition).ok()?)?;
        Some((topic.name.clone(), topic.config.clone(), entry))
    }
}

/// A topic in a checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Topic {
    pub(super) id: TopicId,
    pub(super) name: Arc<str>,
    pub(super) config: Arc<TopicConfig>,
    pub(super) partitions: Vec<Partition>,
}

/// A partition in a checkpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Partition {
    /// The first offset kept.
    pub(super) start: i64,
    /// One past the last offset in segments.
    pub(super) flushed_end: i64,
    /// Compaction has seen everything before this offset.
    pub(super) cleaned_end: i64,
    pub(super) segments: Arc<Vec<Segment>>,
}

/// A change of names that follows the checkpoint; each can be made twice without harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Move a finished file into its place.
    Rename { from: String, to: String },
    /// Remove a file.
    Remove { path: String },
}

impl Change {
    /// Makes the change; what is done already stays done.
    fn make(&self, directory: &dyn Directory) -> Result<()> {
        match self {
            Self::Remove { path } => files::remove_if_there(directory, path),
            Self::Rename { from, to } => match directory.rename(from, to) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Err(failed("rename", from, &error))
                }
                _ => Ok(()),
            },
        }
    }
}

/// Makes `changes` and syncs the directories they are in; a directory that is gone needs no sync.
pub(super) fn make_changes(directory: &dyn Directory, changes: &[Change]) -> Result<()> {
    let mut changed: Vec<&str> = Vec::new();
    for change in changes {
        change.make(directory)?;
        let (Change::Rename { to: path, .. } | Change::Remove { path }) = change;
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        if changed.last() != Some(&parent) {
            changed.push(parent);
        }
    }
    for parent in changed {
        match files::sync_directory(directory, parent) {
            Err(Error::Io { kind: std::io::ErrorKind::NotFound, .. }) => {}
            synced => synced?,
        }
    }
    Ok(())
}

/// Replaces the checkpoint by `checkpoint`; it is on stable storage afterwards, together with every
/// other change of names in the root.
pub(super) fn save(directory: &dyn Directory, checkpoint: &Checkpoint) -> Result<()> {
    let bytes = encode(checkpoint);
    let file = files::open(directory, NEW_PATH, OpenMode::Create)?;
    file.set_length(0).map_err(|error| failed("cut", NEW_PATH, &error))?;
    file.write_at(&bytes, 0).map_err(|error| failed("write", NEW_PATH, &error))?;
    files::sync(&*file, NEW_PATH)?;
    directory.rename(NEW_PATH, PATH).map_err(|error| failed("rename", NEW_PATH, &error))?;
    files::sync_directory(directory, "")
}

/// The checkpoint, `None` when there is none. Fails when its bytes are not what was written.
pub(super) fn load(directory: &dyn Directory, files: &FileCache) -> Result<Option<Checkpoint>> {
    let file = match directory.open(PATH, OpenMode::Read) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| failed("open", PATH, &error))?,
    };
    let length = file.length().map_err(|error| failed("measure", PATH, &error))?;
    if length > CHECKPOINT_BYTES_MAX {
        return Err(corrupt(PATH, 0, "impossibly large"));
    }
    let bytes = files::read(&*file, PATH, 0, length as usize)?;
    decode(&bytes, files).map(Some)
}

fn encode(checkpoint: &Checkpoint) -> Vec<u8> {
    let mut out = Encoder::default();
    out.bytes.extend_from_slice(&MAGIC);
    out.u32(VERSION);
    for field in [checkpoint.log_id, checkpoint.number, checkpoint.commit, checkpoint.next_topic] {
        out.u64(field);
    }
    out.u32(checkpoint.topics.len() as u32);
    for topic in &checkpoint.topics {
        encode_topic(&mut out, topic);
    }
    out.u32(checkpoint.positions.len() as u32);
    for position in &checkpoint.positions {
        out.text(&position.group);
        out.text(&position.partition.topic);
        out.u32(position.partition.partition as u32);
        out.i64(position.offset.0);
    }
    out.u32(checkpoint.changes.len() as u32);
    for change in &checkpoint.changes {
        encode_change(&mut out, change);
    }
    let checksum = crc32c::crc32c(&out.bytes);
    out.u32(checksum);
    out.bytes
}

fn encode_topic(out: &mut Encoder, topic: &Topic) {
    out.u64(topic.id.0);
    out.text(&topic.name);
    out.topic_config(&topic.config);
    out.u32(topic.partitions.len() as u32);
    for partition in &topic.partitions {
        out.i64(partition.start);
        out.i64(partition.flushed_end);
        out.i64(partition.cleaned_end);
        out.u32(partition.segments.len() as u32);
        for segment in partition.segments.iter() {
            segment.encode(out);
        }
    }
}

fn encode_change(out: &mut Encoder, change: &Change) {
    let (from, to) = match change {
        Change::Rename { from, to } => (from.as_str(), to.as_str()),
        Change::Remove { path } => (path.as_str(), ""),
    };
    out.text(from);
    out.text(to);
}

fn decode(bytes: &Bytes, files: &FileCache) -> Result<Checkpoint> {
    let checked =
        bytes.len().checked_sub(CHECKSUM_BYTES).filter(|checked| *checked >= PREFIX_BYTES);
    let checked = checked.ok_or_else(|| corrupt(PATH, 0, "cut short"))?;
    let stored = Decoder::new(&bytes.slice(checked..)).u32();
    if bytes[..8] != MAGIC || stored != Some(crc32c::crc32c(&bytes[..checked])) {
        return Err(corrupt(PATH, 0, "the checksum does not match"));
    }
    let mut decoder = Decoder::new(&bytes.slice(8..checked));
    match decoder.u32() {
        Some(VERSION) => {}
        version => {
            let version = version.unwrap_or(0);
            return Err(corrupt(PATH, 8, format!("checkpoint version {version} is not supported")));
        }
    }
    decode_body(&mut decoder, files)
        .filter(|_| decoder.is_empty())
        .ok_or_else(|| corrupt(PATH, PREFIX_BYTES as u64, "the fields do not add up"))
}

fn decode_body(decoder: &mut Decoder, files: &FileCache) -> Option<Checkpoint> {
    Some(Checkpoint {
        log_id: decoder.u64()?,
        number: decoder.u64()?,
        commit: decoder.u64()?,
        next_topic: decoder.u64()?,
        topics: decoder.list(|decoder| decode_topic(decoder, files))?,
        positions: decoder.list(decode_position)?,
        changes: decoder.list(decode_change)?,
    })
}

fn decode_topic(decoder: &mut Decoder, files: &FileCache) -> Option<Topic> {
    Some(Topic {
        id: TopicId(decoder.u64()?),
        name: decoder.text()?.into(),
        config: Arc::new(decoder.topic_config()?),
        partitions: decoder.list(|decoder| {
            Some(Partition {
                start: decoder.i64()?,
                flushed_end: decoder.i64()?,
                cleaned_end: decoder.i64()?,
                segments: Arc::new(decode_segments(decoder, files)?),
            })
        })?,
    })
}

fn decode_segments(decoder: &mut Decoder, files: &FileCache) -> Option<Vec<Segment>> {
    decoder.list(|decoder| Segment::decode(decoder, files.new_id()))
}

fn decode_position(decoder: &mut Decoder) -> Option<Position> {
    let group = decoder.text()?;
    let partition = TopicPartition::new(decoder.text()?, i32::try_from(decoder.u32()?).ok()?);
    Some(Position::new(group, partition, Offset(decoder.i64()?)))
}

fn decode_change(decoder: &mut Decoder) -> Option<Change> {
    let (from, to) = (decoder.text()?, decoder.text()?);
    Some(if to.is_empty() { Change::Remove { path: from } } else { Change::Rename { from, to } })
}
