//! The journal's writing side: appends frames to the newest file, takes back what failed, and moves on
//! to a new file when segments have been written. Reading it back is [`super::replay`].

use std::sync::Arc;

use types::seams::{Directory, File, OpenMode};

use super::files::{self, failed};
use super::frame::{self, Frame};
use crate::{Error, Result};

/// The directory of the journal's files.
pub(super) const DIRECTORY: &str = "journal";
/// Bytes of a journal file's header.
pub(super) const FILE_HEADER_BYTES: usize = 32;
const MAGIC: [u8; 8] = *b"TMjournl";
/// Version 1 knows the operations 1 to 3 only.
const VERSION: u32 = 2;

/// The file that starts with commit `first_commit`.
pub(super) fn path(first_commit: u64) -> String {
    format!("{DIRECTORY}/{first_commit:020}.journal")
}

/// The first commit of the journal file called `name`, if it is one.
pub(super) fn first_commit_in(name: &str) -> Option<u64> {
    name.strip_suffix(".journal").filter(|digits| digits.len() == 20)?.parse().ok()
}

/// Whether `contents` starts with the header of the journal file that starts with `first_commit`.
pub(super) fn has_header(contents: &[u8], log_id: u64, first_commit: u64) -> bool {
    let mut versions = 1..=VERSION;
    versions.any(|version| contents.starts_with(&file_header(version, log_id, first_commit)))
}

fn file_header(version: u32, log_id: u64, first_commit: u64) -> [u8; FILE_HEADER_BYTES] {
    let mut header = [0; FILE_HEADER_BYTES];
    header[..8].copy_from_slice(&MAGIC);
    header[8..12].copy_from_slice(&version.to_be_bytes());
    header[12..20].copy_from_slice(&log_id.to_be_bytes());
    header[20..28].copy_from_slice(&first_commit.to_be_bytes());
    let checksum = crc32c::crc32c(&header[..28]);
    header[28..].copy_from_slice(&checksum.to_be_bytes());
    header
}

/// The version in a journal file's header when the header is sound but of another version.
pub(super) fn foreign_version(header: &[u8]) -> Option<u32> {
    let header = header.get(..FILE_HEADER_BYTES)?;
    let checksum = u32::from_be_bytes(header[28..].try_into().ok()?);
    let version = u32::from_be_bytes(header[8..12].try_into().ok()?);
    let sound = header[..8] == MAGIC && crc32c::crc32c(&header[..28]) == checksum;
    (sound && !(1..=VERSION).contains(&version)).then_some(version)
}

/// A journal file with bytes that are not on stable storage.
#[derive(Clone, Debug)]
pub(super) struct Unsynced {
    pub(super) file: Arc<dyn File>,
    pub(super) path: String,
}

/// What a sync has to do, and how far it gets.
#[derive(Debug)]
pub(super) struct SyncJob {
    pub(super) files: Vec<Unsynced>,
    /// Whether a file was created since the last sync.
    pub(super) names: bool,
    /// The last commit that the sync makes durable.
    pub(super) commit: u64,
}

/// The newest journal file, and those before it that are still needed.
#[derive(Debug)]
pub(super) struct Journal {
    directory: Arc<dyn Directory>,
    log_id: u64,
    current: Unsynced,
    salt: u32,
    position: u64,
    last_commit: u64,
    /// Whether a mark stands at the end, so that another would say nothing new.
    marked: bool,
    /// Files before the current one that a sync has still to cover.
    rotated: Vec<Unsynced>,
    names_unsynced: bool,
    /// First commits of all files, the current one last.
    first_commits: Vec<u64>,
}

impl Journal {
    /// Starts a new file behind commit `last_commit`; `older` are the first commits of the files
    /// before it.
    pub(super) fn create(
        directory: Arc<dyn Directory>,
        log_id: u64,
        last_commit: u64,
        older: Vec<u64>,
    ) -> Result<Self> {
        let current = create_file(&*directory, log_id, last_commit + 1)?;
        let mut first_commits = older;
        first_commits.push(last_commit + 1);
        Ok(Self {
            directory,
            log_id,
            current,
            salt: frame::salt(log_id, last_commit + 1),
            position: FILE_HEADER_BYTES as u64,
            last_commit,
            marked: true,
            rotated: Vec::new(),
            names_unsynced: true,
            first_commits,
        })
    }

    /// The last commit written.
    pub(super) fn last_commit(&self) -> u64 {
        self.last_commit
    }

    /// Appends the frame of the next commit; `durable` is the last commit on stable storage. When the
    /// write fails nothing of it stays; should even taking it back fail, the error says so by
    /// [`Error::Poisoned`].
    pub(super) fn append(&mut self, frame: frame::Builder, durable: u64) -> Result<Frame> {
        let commit = self.last_commit + 1;
        let frame = frame.finish(commit, durable, self.salt);
        self.write(&frame.bytes)?;
        self.last_commit = commit;
        self.marked = false;
        Ok(frame)
    }

    /// Appends a mark that everything written is durable, so that damage to it can be told from a
    /// torn write. A mark that cannot be written is left out.
    pub(super) fn mark(&mut self, durable: u64) -> Result<()> {
        if self.marked || durable != self.last_commit {
            return Ok(());
        }
        let mark = frame::Builder::new(0).finish(self.last_commit, durable, self.salt);
        match self.write(&mark.bytes) {
            Err(poisoned @ Error::Poisoned(_)) => Err(poisoned),
            Err(_) => Ok(()),
            Ok(()) => {
                self.marked = true;
                Ok(())
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let Unsynced { file, path } = &self.current;
        if let Err(error) = file.write_at(bytes, self.position) {
            file.set_length(self.position).map_err(|cut| {
                Error::Poisoned(format!("cannot take back a failed write to {path}: {cut}"))
            })?;
            return Err(failed("write", path, &error));
        }
        self.position += bytes.len() as u64;
        Ok(())
    }

    /// How many files there are before the current one.
    pub(super) fn older_files(&self) -> usize {
        self.first_commits.len().saturating_sub(1)
    }

    /// What has to be synced for all commits so far to be durable.
    pub(super) fn sync_job(&mut self) -> SyncJob {
        let mut files = std::mem::take(&mut self.rotated);
        files.push(self.current.clone());
        let names = std::mem::take(&mut self.names_unsynced);
        SyncJob { files, names, commit: self.last_commit }
    }

    /// Goes on in a new file, unless the current one is still empty; returns the last commit in the
    /// files before it.
    pub(super) fn rotate(&mut self) -> Result<u64> {
        let next = self.last_commit + 1;
        if self.first_commits.last() == Some(&next) {
            return Ok(self.last_commit);
        }
        let created = create_file(&*self.directory, self.log_id, next)?;
        self.rotated.push(std::mem::replace(&mut self.current, created));
        self.salt = frame::salt(self.log_id, next);
        self.position = FILE_HEADER_BYTES as u64;
        self.marked = true;
        self.names_unsynced = true;
        self.first_commits.push(next);
        Ok(self.last_commit)
    }

    /// Takes the files out whose commits all lie at or before `commit`, for removal.
    pub(super) fn take_files_before(&mut self, commit: u64) -> Vec<String> {
        let current = self.first_commits.pop();
        let (gone, kept) = self.first_commits.iter().partition(|first| **first <= commit);
        let gone: Vec<u64> = gone;
        self.first_commits = kept;
        self.first_commits.extend(current);
        gone.into_iter().map(path).collect()
    }
}

fn create_file(directory: &dyn Directory, log_id: u64, first_commit: u64) -> Result<Unsynced> {
    let path = path(first_commit);
    let file = files::open(directory, &path, OpenMode::Create)?;
    file.set_length(0).map_err(|error| failed("cut", &path, &error))?;
    let header = file_header(VERSION, log_id, first_commit);
    file.write_at(&header, 0).map_err(|error| failed("write", &path, &error))?;
    Ok(Unsynced { file: Arc::from(file), path })
}
