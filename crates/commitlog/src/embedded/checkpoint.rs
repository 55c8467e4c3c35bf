//! The checkpoint: everything about the log at one commit, in one file that is replaced as a whole.
//! Its bytes are `checkpoint_codec`'s.

use std::sync::Arc;

use types::seams::{Directory, OpenMode};

use super::checkpoint_codec::{decode, encode};
use super::files::{self, FileCache, corrupt, failed};
use super::limits::CHECKPOINT_BYTES_MAX;
use super::segment::Segment;
use super::state::TopicId;
use super::unsynced::Unsynced;
use crate::positions::{Move, Pending};
use crate::producers::Ledger;
use crate::{Result, TopicConfig};

/// The checkpoint's file.
pub(super) const PATH: &str = "checkpoint";
const NEW_PATH: &str = "checkpoint.new";

/// The log at commit `commit`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Checkpoint {
    pub(super) log_id: u64,
    /// Number of this checkpoint.
    pub(super) number: u64,
    /// The last commit whose records are in segments.
    pub(super) commit: u64,
    pub(super) next_topic: u64,
    /// All producer ids below it may have been given out.
    pub(super) producer_ids: u64,
    /// By id.
    pub(super) topics: Vec<Topic>,
    pub(super) positions: Vec<Move>,
    /// Positions that wait for a transaction.
    pub(super) pending: Vec<Pending>,
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
    pub(super) ledger: Option<Arc<Ledger>>,
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

/// Makes `changes`; returns the directories they are in, which are still to be synced.
pub(super) fn make_changes(directory: &dyn Directory, changes: &[Change]) -> Result<Vec<Unsynced>> {
    let mut changed: Vec<&str> = Vec::new();
    for change in changes {
        change.make(directory)?;
        let (Change::Rename { to: path, .. } | Change::Remove { path }) = change;
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        if changed.last() != Some(&parent) {
            changed.push(parent);
        }
    }
    let unsynced = |path: &str| Unsynced::Changed { path: path.to_owned() };
    Ok(changed.into_iter().map(unsynced).collect())
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
