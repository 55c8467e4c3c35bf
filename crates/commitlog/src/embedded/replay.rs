//! Reading the journal back when the log is opened.
//!
//! Commits are numbered without gaps, so the first place where the expected one is not found whole is
//! either where a crash tore unsynced writes, and the journal ends there, or damage to something that
//! was acknowledged, and the log must not open. Every frame tells up to which commit everything was
//! durable when it was written; a sound frame header anywhere behind the break that vouches for the
//! missing commit decides for damage.

use std::sync::Arc;

use bytes::Bytes;
use types::seams::{Directory, OpenMode};

use super::files::{self, corrupt, failed};
use super::frame::{self, Header};
use super::journal::{self, DIRECTORY, FILE_HEADER_BYTES};
use crate::Result;

/// What the journal held.
#[derive(Debug)]
pub(super) struct Replayed {
    pub(super) last_commit: u64,
    /// First commits of the files that hold commits; all of them are on stable storage.
    pub(super) files: Vec<u64>,
}

/// Takes each commit's number, its operations, and its place for errors: file and position.
pub(super) type Apply<'a> = &'a mut dyn FnMut(u64, &Bytes, &str, u64) -> Result<()>;

/// Hands every commit after `checkpoint` to `apply`, in order, and mends what a crash tore.
pub(super) fn replay(
    directory: &Arc<dyn Directory>,
    log_id: u64,
    checkpoint: u64,
    apply: Apply<'_>,
) -> Result<Replayed> {
    let mut replay = Replay {
        directory: &**directory,
        log_id,
        expected: checkpoint + 1,
        durable: checkpoint,
        kept: Vec::new(),
    };
    let mut waiting = replay.list(checkpoint)?.into_iter();
    while let Some(first_commit) = waiting.next() {
        if first_commit < replay.expected {
            // Left by a change of files that failed half-way; its number was used again since.
            replay.remove(first_commit)?;
            continue;
        }
        if let Some(broken) = replay.file(first_commit, apply)? {
            if replay.goes_on_in(waiting.as_slice().first())? {
                // Only a mark was torn, which nobody had waited for.
                continue;
            }
            replay.end_at(&broken, waiting.as_slice())?;
            break;
        }
    }
    replay.sync()?;
    let files = replay.kept.iter().map(|kept| kept.first_commit).collect();
    Ok(Replayed { last_commit: replay.expected - 1, files })
}

struct Replay<'a> {
    directory: &'a dyn Directory,
    log_id: u64,
    expected: u64,
    /// Some frame says that everything up to this commit was on stable storage when it was written.
    durable: u64,
    kept: Vec<Kept>,
}

/// A file that holds commits.
struct Kept {
    first_commit: u64,
    last_commit: u64,
    /// Whether a torn end was cut off just now.
    is_cut: bool,
}

/// Where the expected commit was not found.
struct Break {
    first_commit: u64,
    contents: Bytes,
    position: usize,
}

impl Replay<'_> {
    /// First commits of the files behind `checkpoint`, in order; those before it are removed.
    fn list(&self, checkpoint: u64) -> Result<Vec<u64>> {
        let entries = self.directory.list(DIRECTORY);
        let entries = entries.map_err(|error| failed("list", DIRECTORY, &error))?;
        let firsts = entries.iter().filter_map(|entry| journal::first_commit_in(&entry.name));
        let (mut needed, old): (Vec<u64>, Vec<u64>) = firsts.partition(|first| *first > checkpoint);
        needed.sort_unstable();
        for first_commit in old {
            self.remove(first_commit)?;
        }
        Ok(needed)
    }

    fn remove(&self, first_commit: u64) -> Result<()> {
        files::remove_if_there(self.directory, &journal::path(first_commit))
    }

    fn read(&self, first_commit: u64) -> Result<Bytes> {
        let path = journal::path(first_commit);
        let file = files::open(self.directory, &path, OpenMode::Read)?;
        let length = file.length().map_err(|error| failed("measure", &path, &error))?;
        let contents = files::read(&*file, &path, 0, length as usize)?;
        match journal::foreign_version(&contents) {
            Some(version) => {
                Err(corrupt(&path, 8, format!("journal version {version} is not supported")))
            }
            None => Ok(contents),
        }
    }

    /// Applies the commits of one file; says where it broke off, if it did.
    fn file(&mut self, first_commit: u64, apply: Apply<'_>) -> Result<Option<Break>> {
        let contents = self.read(first_commit)?;
        let has_header = journal::has_header(&contents, self.log_id, first_commit);
        if first_commit > self.expected || !has_header {
            return Ok(Some(Break { first_commit, contents, position: 0 }));
        }
        let path = journal::path(first_commit);
        let salt = frame::salt(self.log_id, first_commit);
        let mut position = FILE_HEADER_BYTES;
        while position < contents.len() {
            let Some((header, payload)) = self.frame_at(&contents, position, salt) else {
                return Ok(Some(Break { first_commit, contents, position }));
            };
            self.durable = self.durable.max(header.durable);
            if !header.is_mark() {
                apply(header.commit, &payload, &path, position as u64)?;
                self.expected += 1;
                self.keep(first_commit, header.commit);
            }
            position += frame::HEADER_BYTES + payload.len();
        }
        if self.last_kept(first_commit).is_none() {
            self.remove(first_commit)?;
        }
        Ok(None)
    }

    /// The file read last, if it is `first_commit` and holds commits.
    fn last_kept(&mut self, first_commit: u64) -> Option<&mut Kept> {
        self.kept.last_mut().filter(|kept| kept.first_commit == first_commit)
    }

    fn keep(&mut self, first_commit: u64, commit: u64) {
        match self.last_kept(first_commit) {
            Some(kept) => kept.last_commit = commit,
            None => self.kept.push(Kept { first_commit, last_commit: commit, is_cut: false }),
        }
    }

    /// The frame of the expected commit, or a mark behind the last one, whole and sound.
    fn frame_at(&self, contents: &Bytes, position: usize, salt: u32) -> Option<(Header, Bytes)> {
        let header = Header::parse(&contents[position..], salt)?;
        let start = position + frame::HEADER_BYTES;
        let end = start.checked_add(header.payload_bytes)?;
        let payload = (end <= contents.len()).then(|| contents.slice(start..end))?;
        let expected = if header.is_mark() { self.expected - 1 } else { self.expected };
        (header.commit == expected && header.matches(&payload)).then_some((header, payload))
    }

    /// Whether the expected commit is the first of the file `next`: then nothing is missing before it.
    fn goes_on_in(&self, next: Option<&u64>) -> Result<bool> {
        let Some(first_commit) = next.filter(|next| **next == self.expected) else {
            return Ok(false);
        };
        let contents = self.read(*first_commit)?;
        Ok(journal::has_header(&contents, self.log_id, *first_commit))
    }

    /// Ends the journal at `broken`, or fails when what follows shows that more was acknowledged.
    fn end_at(&mut self, broken: &Break, later: &[u64]) -> Result<()> {
        let path = journal::path(broken.first_commit);
        let acknowledged = || {
            let reason =
                format!("commit {} was acknowledged but is damaged or missing", self.expected);
            corrupt(&path, broken.position as u64, reason)
        };
        let salt = frame::salt(self.log_id, broken.first_commit);
        if vouches(&broken.contents[broken.position..], salt, self.expected) {
            return Err(acknowledged());
        }
        for first_commit in later {
            let contents = self.read(*first_commit)?;
            if vouches(&contents, frame::salt(self.log_id, *first_commit), self.expected) {
                return Err(acknowledged());
            }
        }
        for first_commit in later {
            self.remove(*first_commit)?;
        }
        let Some(kept) = self.last_kept(broken.first_commit) else {
            return self.remove(broken.first_commit);
        };
        kept.is_cut = true;
        tracing::warn!(path, position = broken.position, "journal ends in a torn write");
        let file = files::open(self.directory, &path, OpenMode::Write)?;
        file.set_length(broken.position as u64).map_err(|error| failed("cut", &path, &error))
    }

    /// What was read back counts as durable from now on, so it has to be. Most of it is known to be: after
    /// many crashes in a row there may be many files, and each sync takes its time.
    fn sync(&self) -> Result<()> {
        let is_open = |kept: &&Kept| kept.is_cut || kept.last_commit > self.durable;
        for kept in self.kept.iter().filter(is_open) {
            let path = journal::path(kept.first_commit);
            let file = files::open(self.directory, &path, OpenMode::Write)?;
            files::sync(&*file, &path)?;
        }
        files::sync_directory(self.directory, DIRECTORY)
    }
}

/// Whether a sound frame header in `bytes` says that commit `commit` was durable.
fn vouches(bytes: &[u8], salt: u32, commit: u64) -> bool {
    let starts = bytes.windows(frame::MAGIC.len()).enumerate();
    let mut headers = starts
        .filter(|(_, window)| *window == frame::MAGIC)
        .filter_map(|(at, _)| Header::parse(&bytes[at..], salt));
    headers.any(|header| header.durable >= commit)
}
