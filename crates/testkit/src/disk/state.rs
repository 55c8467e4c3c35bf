//! The whole disk behind its lock, with the faults that were asked for.

use std::collections::BTreeMap;
use std::io;

use super::inode::Inode;
use super::names::{Names, Node};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) inodes: BTreeMap<u64, Inode>,
    pub(super) names: Names,
    pub(super) next_inode: u64,
    pub(super) open_files: usize,
    pub(super) faults: Faults,
}

/// What goes wrong, and the counters that decide when.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// Changing operations so far.
    pub(super) operations: u64,
    /// The operation that finds the machine stopping, if any.
    pub(super) crash_at: Option<u64>,
    pub(super) crashed: bool,
    pub(super) syncs: u64,
    /// How many syncs work before the failing ones.
    pub(super) working_syncs: u64,
    /// How many syncs fail then.
    pub(super) failing_syncs: u64,
    pub(super) capacity: Option<usize>,
    pub(super) reads_fail: bool,
}

/// How far an operation gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Works,
    /// The machine stops in the middle of it.
    Crashes,
}

impl Faults {
    /// Counts a changing operation. Fails when the machine has stopped before it.
    pub(super) fn begin(&mut self) -> io::Result<Fate> {
        self.check_alive()?;
        self.operations += 1;
        if self.crash_at == Some(self.operations) {
            self.crashed = true;
            return Ok(Fate::Crashes);
        }
        Ok(Fate::Works)
    }

    pub(super) fn check_alive(&self) -> io::Result<()> {
        if self.crashed { Err(stopped()) } else { Ok(()) }
    }

    /// Whether this sync fails.
    pub(super) fn sync_fails(&mut self) -> bool {
        self.syncs += 1;
        if self.working_syncs > 0 {
            self.working_syncs -= 1;
            return false;
        }
        let fails = self.failing_syncs > 0;
        self.failing_syncs = self.failing_syncs.saturating_sub(1);
        fails
    }
}

/// What every call says once the machine has stopped.
pub(super) fn stopped() -> io::Error {
    io::Error::other("the machine has stopped")
}

impl State {
    pub(super) fn inode(&mut self, id: u64) -> &mut Inode {
        self.inodes.entry(id).or_default()
    }

    pub(super) fn file(&self, path: &str) -> io::Result<u64> {
        match self.names.current.get(path) {
            Some(Node::File(id)) => Ok(*id),
            Some(Node::Directory) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn is_directory(&self, path: &str) -> bool {
        path.is_empty() || self.names.current.get(path) == Some(&Node::Directory)
    }

    /// Bytes of all files that have a name.
    pub(super) fn used(&self) -> usize {
        let files = self.names.current.values().filter_map(|node| match node {
            Node::File(id) => self.inodes.get(id),
            Node::Directory => None,
        });
        files.map(|inode| inode.current.len()).sum()
    }

    /// How many of `wanted` more bytes there is room for.
    pub(super) fn room(&self, wanted: usize) -> usize {
        match self.faults.capacity {
            Some(capacity) => wanted.min(capacity.saturating_sub(self.used())),
            None => wanted,
        }
    }
}
