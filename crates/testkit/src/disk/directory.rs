//! The fake disk: the seam itself, and what a test can do to it.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use types::seams::{Directory, Entry, File, OpenMode, Space};

use super::Crash;
use super::file::FakeFile;
use super::inode::Inode;
use super::names::{Names, Node, parent};
use super::state::{Fate, State, stopped};
use crate::random::SeededRandom;

/// What a disk without a limit says that it holds.
const UNLIMITED_BYTES: usize = 1 << 40;

/// A disk in memory. Cloning shares it.
#[derive(Clone, Default)]
pub struct FakeDirectory {
    state: Arc<Mutex<State>>,
}

impl FakeDirectory {
    /// An empty disk without faults.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The disk as the machine finds it after a crash now; this one is dead from here on.
    pub fn restart(&self, crash: Crash) -> Self {
        let mut state = self.state();
        state.faults.crashed = true;
        let random = match crash {
            Crash::TearUnsynced { seed } => SeededRandom::new(seed),
            Crash::Process | Crash::LoseUnsynced => SeededRandom::new(0),
        };
        let tree = match crash {
            Crash::Process => state.names.current.clone(),
            Crash::LoseUnsynced => state.names.survivor(0),
            Crash::TearUnsynced { .. } => {
                let kept = random.below(state.names.pending() as u64 + 1) as usize;
                state.names.survivor(kept)
            }
        };
        let survives = |inode: &Inode| match crash {
            Crash::Process => inode.clone(),
            Crash::LoseUnsynced => inode.survivor(),
            Crash::TearUnsynced { .. } => inode.torn(&random),
        };
        let inodes: BTreeMap<u64, Inode> =
            state.inodes.iter().map(|(id, inode)| (*id, survives(inode))).collect();
        let names = match crash {
            Crash::Process => state.names.clone(),
            Crash::LoseUnsynced | Crash::TearUnsynced { .. } => Names::from_stable(tree),
        };
        let next_inode = state.next_inode;
        let state = State { inodes, names, next_inode, ..State::default() };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// Operations that change the disk (writes, syncs, lengths, names) so far.
    pub fn operations(&self) -> u64 {
        self.state().faults.operations
    }

    /// Syncs of files so far.
    pub fn syncs(&self) -> u64 {
        self.state().faults.syncs
    }

    /// Stops the machine in the middle of the `operation`-th changing operation (from 1).
    pub fn crash_at(&self, operation: u64) {
        self.state().faults.crash_at = Some(operation);
    }

    /// Whether the machine has stopped.
    pub fn has_crashed(&self) -> bool {
        self.state().faults.crashed
    }

    /// Lets the next `count` syncs of files fail; their bytes are never written.
    pub fn fail_syncs(&self, count: u64) {
        self.state().faults.failing_syncs = count;
    }

    /// Lets one sync of a file fail after the next `count` have worked.
    pub fn fail_sync_after(&self, count: u64) {
        let mut state = self.state();
        (state.faults.working_syncs, state.faults.failing_syncs) = (count, 1);
    }

    /// Lets every read fail, or work again.
    pub fn fail_reads(&self, fail: bool) {
        self.state().faults.reads_fail = fail;
    }

    /// Limits the bytes of all files together; `None` lifts the limit.
    pub fn set_capacity(&self, bytes: Option<usize>) {
        self.state().faults.capacity = bytes;
    }

    /// Bytes of all files together.
    pub fn used(&self) -> usize {
        self.state().used()
    }

    /// Number of files open now.
    pub fn open_files(&self) -> usize {
        self.state().open_files
    }

    /// Paths of all files, sorted.
    pub fn files(&self) -> Vec<String> {
        let state = self.state();
        let files = state.names.current.iter().filter(|(_, node)| **node != Node::Directory);
        files.map(|(path, _)| path.clone()).collect()
    }

    /// The contents of `path`, if there is such a file.
    pub fn contents(&self, path: &str) -> Option<Vec<u8>> {
        let mut state = self.state();
        let inode = state.file(path).ok()?;
        Some(state.inode(inode).current.clone())
    }

    /// Replaces the stable contents of an existing file behind the back of whoever uses it.
    pub fn set_contents(&self, path: &str, contents: Vec<u8>) -> io::Result<()> {
        let mut state = self.state();
        let inode = state.file(path)?;
        *state.inode(inode) = Inode::stable(contents);
        Ok(())
    }

    /// Flips bit `bit` of an existing file.
    pub fn flip_bit(&self, path: &str, bit: usize) -> io::Result<()> {
        let mut state = self.state();
        let inode = state.file(path)?;
        state.inode(inode).flip_bit(bit);
        Ok(())
    }

    /// Whether nothing written to `path` would be lost with the power.
    pub fn is_synced(&self, path: &str) -> bool {
        let mut state = self.state();
        state.file(path).is_ok_and(|inode| state.inode(inode).is_synced())
    }

    /// A changing operation on names: counted, and stopped by a crash before it has any effect.
    fn change(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        match state.faults.begin()? {
            Fate::Works => Ok(state),
            Fate::Crashes => Err(stopped()),
        }
    }

    fn create(&self, path: &str, mode: OpenMode) -> io::Result<Box<dyn File>> {
        let mut state = self.change()?;
        if !state.is_directory(parent(path)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let inode = state.next_inode;
        state.next_inode += 1;
        state.inodes.insert(inode, Inode::default());
        state.names.link(path, Node::File(inode));
        Ok(Box::new(FakeFile::new(self.state.clone(), &mut state, inode, mode)))
    }
}

impl Directory for FakeDirectory {
    fn open(&self, path: &str, mode: OpenMode) -> io::Result<Box<dyn File>> {
        {
            let mut state = self.state();
            state.faults.check_alive()?;
            match state.file(path) {
                Ok(inode) => {
                    let file = FakeFile::new(self.state.clone(), &mut state, inode, mode);
                    return Ok(Box::new(file));
                }
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Err(error) if mode != OpenMode::Create => return Err(error),
                Err(_) => {}
            }
        }
        self.create(path, mode)
    }

    fn list(&self, path: &str) -> io::Result<Vec<Entry>> {
        let state = self.state();
        state.faults.check_alive()?;
        if !state.is_directory(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let inside = state.names.current.iter().filter(|(name, _)| parent(name) == path);
        let mut entries: Vec<Entry> = inside
            .map(|(name, node)| Entry {
                name: name.rsplit('/').next().unwrap_or(name).to_owned(),
                is_directory: *node == Node::Directory,
            })
            .collect();
        entries.sort();
        Ok(entries)
    }

    fn create_directory(&self, path: &str) -> io::Result<()> {
        let mut state = self.change()?;
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for end in ends {
            let above = &path[..end];
            if state.file(above).is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            if !state.is_directory(above) {
                state.names.link(above, Node::Directory);
            }
        }
        Ok(())
    }

    fn remove_file(&self, path: &str) -> io::Result<()> {
        let mut state = self.change()?;
        state.file(path)?;
        state.names.unlink(path);
        Ok(())
    }

    fn remove_directory(&self, path: &str) -> io::Result<()> {
        let mut state = self.change()?;
        if path.is_empty() || !state.is_directory(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.names.unlink(path);
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.change()?;
        if !state.names.current.contains_key(from) || !state.is_directory(parent(to)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        if state.names.current.get(to) == Some(&Node::Directory) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state.names.rename(from, to);
        Ok(())
    }

    fn sync_directory(&self, path: &str) -> io::Result<()> {
        let mut state = self.change()?;
        if !state.is_directory(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.names.sync(path);
        Ok(())
    }

    fn space(&self) -> io::Result<Space> {
        let state = self.state();
        state.faults.check_alive()?;
        let total = state.faults.capacity.unwrap_or(UNLIMITED_BYTES);
        let usable = total.saturating_sub(state.used());
        Ok(Space { total_bytes: total as u64, usable_bytes: usable as u64 })
    }
}

impl fmt::Debug for FakeDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeDirectory").finish_non_exhaustive()
    }
}
