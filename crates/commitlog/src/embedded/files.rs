//! Files: errors that say what was attempted on which one, whole-file reads, and the bounded cache of
//! handles that reads go through.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use hashbrown::HashMap;
use types::seams::{Directory, File, OpenMode};

use crate::{Error, Result};

/// The action named in the error of a failed sync, which poisons the log.
pub(super) const SYNC: &str = "sync";

/// Wraps an I/O error with what was attempted.
pub(super) fn failed(action: &'static str, path: &str, error: &io::Error) -> Error {
    Error::Io { action, path: path.to_owned(), reason: error.to_string(), kind: error.kind() }
}

/// An error for bytes of `path` that are not what was written.
pub(super) fn corrupt(path: &str, position: u64, reason: impl Into<String>) -> Error {
    Error::CorruptFile { path: path.to_owned(), position, reason: reason.into() }
}

/// Opens `path`, wrapping the error.
pub(super) fn open(directory: &dyn Directory, path: &str, mode: OpenMode) -> Result<Box<dyn File>> {
    directory.open(path, mode).map_err(|error| failed("open", path, &error))
}

/// Syncs `file`, wrapping the error as one that poisons.
pub(super) fn sync(file: &dyn File, path: &str) -> Result<()> {
    file.sync().map_err(|error| failed(SYNC, path, &error))
}

/// Syncs directory `path`, wrapping the error as one that poisons.
pub(super) fn sync_directory(directory: &dyn Directory, path: &str) -> Result<()> {
    directory.sync_directory(path).map_err(|error| failed(SYNC, path, &error))
}

/// `length` bytes of `file` from `position` on, fewer only at the end of the file.
pub(super) fn read(file: &dyn File, path: &str, position: u64, length: usize) -> Result<Bytes> {
    let mut buffer = vec![0; length];
    let count =
        file.read_at(&mut buffer, position).map_err(|error| failed("read", path, &error))?;
    buffer.truncate(count);
    Ok(buffer.into())
}

/// Removes the file or does nothing when it is gone already.
pub(super) fn remove_if_there(directory: &dyn Directory, path: &str) -> Result<()> {
    match directory.remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(failed("remove", path, &error))
        }
        _ => Ok(()),
    }
}

/// Which of a segment's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Log,
    Index,
    TimeIndex,
    TxnIndex,
}

/// Identity of a segment's files while the process runs: a compacted segment has the old one's names
/// but is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FileId(pub(super) u64);

impl FileId {
    /// That of a segment without files.
    pub(super) const NONE: Self = Self(0);
}

/// Open handles for reading, the least recently used closed first.
#[derive(Debug)]
pub(super) struct FileCache {
    directory: Arc<dyn Directory>,
    handles_max: usize,
    handles: Mutex<Handles>,
}

#[derive(Debug, Default)]
struct Handles {
    open: HashMap<(FileId, Kind), Handle>,
    uses: u64,
    ids: u64,
    /// Segments whose indexes are not to be used, and whether mending them was tried.
    damaged: HashMap<FileId, bool>,
}

#[derive(Debug)]
struct Handle {
    file: Arc<dyn File>,
    used: u64,
}

impl FileCache {
    pub(super) fn new(directory: Arc<dyn Directory>, handles_max: usize) -> Self {
        Self { directory, handles_max: handles_max.max(1), handles: Mutex::default() }
    }

    /// An id no other segment has had.
    pub(super) fn new_id(&self) -> FileId {
        let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        handles.ids += 1;
        FileId(handles.ids)
    }

    /// The handle of file `id`, opened as `path` when it is not open.
    pub(super) fn open(&self, id: FileId, kind: Kind, path: &str) -> Result<Arc<dyn File>> {
        let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        handles.uses += 1;
        let used = handles.uses;
        if let Some(handle) = handles.open.get_mut(&(id, kind)) {
            handle.used = used;
            return Ok(handle.file.clone());
        }
        let file: Arc<dyn File> = Arc::from(open(&*self.directory, path, OpenMode::Read)?);
        handles.open.insert((id, kind), Handle { file: file.clone(), used });
        if handles.open.len() > self.handles_max {
            handles.evict();
        }
        Ok(file)
    }

    /// Notes that an index of segment `id` is damaged; says whether that is news.
    pub(super) fn note_damaged(&self, id: FileId) -> bool {
        let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        handles.damaged.insert(id, false).is_none()
    }

    /// Whether an index of segment `id` is known to be damaged.
    pub(super) fn is_damaged(&self, id: FileId) -> bool {
        let handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        handles.damaged.contains_key(&id)
    }

    /// Segments whose damaged indexes nobody has tried to mend, each handed out once.
    pub(super) fn take_damaged(&self) -> Vec<FileId> {
        let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        let untried = handles.damaged.iter_mut().filter(|(_, tried)| !**tried);
        untried.map(|(id, tried)| (*id, std::mem::replace(tried, true)).0).collect()
    }

    /// Closes the handles of segments that are gone: the disk gets no room back before.
    pub(super) fn forget(&self, gone: impl IntoIterator<Item = FileId>) {
        let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        for id in gone {
            handles.damaged.remove(&id);
            for kind in [Kind::Log, Kind::Index, Kind::TimeIndex, Kind::TxnIndex] {
                handles.open.remove(&(id, kind));
            }
        }
    }
}

impl Handles {
    fn evict(&mut self) {
        let oldest = self.open.iter().min_by_key(|(_, handle)| handle.used).map(|(key, _)| *key);
        if let Some(key) = oldest {
            self.open.remove(&key);
        }
    }
}
