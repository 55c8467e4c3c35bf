//! An open file of the fake disk.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use types::seams::{File, OpenMode};

use super::state::{Fate, State, stopped};

#[derive(Debug)]
pub(super) struct FakeFile {
    state: Arc<Mutex<State>>,
    inode: u64,
    mode: OpenMode,
}

impl FakeFile {
    /// Opens `inode`; `locked` is the disk that `state` guards.
    pub(super) fn new(
        state: Arc<Mutex<State>>,
        locked: &mut State,
        inode: u64,
        mode: OpenMode,
    ) -> Self {
        locked.open_files += 1;
        Self { state, inode, mode }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_writable(&self) -> io::Result<()> {
        match self.mode {
            OpenMode::Read => Err(io::ErrorKind::PermissionDenied.into()),
            OpenMode::Write | OpenMode::Create => Ok(()),
        }
    }
}

impl Drop for FakeFile {
    fn drop(&mut self) {
        self.state().open_files -= 1;
    }
}

fn index(position: u64) -> io::Result<usize> {
    usize::try_from(position).map_err(|_| io::ErrorKind::InvalidInput.into())
}

impl File for FakeFile {
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        let mut state = self.state();
        state.faults.check_alive()?;
        if state.faults.reads_fail {
            return Err(io::Error::other("a bad sector"));
        }
        let contents = &state.inode(self.inode).current;
        let from = index(position)?.min(contents.len());
        let count = buffer.len().min(contents.len() - from);
        buffer[..count].copy_from_slice(&contents[from..from + count]);
        Ok(count)
    }

    fn announce_read(&self, _position: u64, _length: u64) -> io::Result<()> {
        self.state().faults.check_alive()
    }

    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        self.check_writable()?;
        let mut state = self.state();
        let position = index(position)?;
        if state.faults.begin()? == Fate::Crashes {
            // The middle of the write is where a crash hurts most; tearing may keep less of it.
            let half = bytes.len() / 2;
            state.inode(self.inode).write(position, &bytes[..half]);
            return Err(stopped());
        }
        let length = state.inode(self.inode).current.len();
        let grown = (position + bytes.len()).saturating_sub(length);
        let missing = grown - state.room(grown);
        let written = bytes.len().saturating_sub(missing);
        if written > 0 {
            state.inode(self.inode).write(position, &bytes[..written]);
        }
        if missing > 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.state();
        if state.faults.begin()? == Fate::Crashes {
            return Err(stopped());
        }
        if state.faults.sync_fails() {
            state.inode(self.inode).fail_sync();
            return Err(io::Error::other("the device failed"));
        }
        state.inode(self.inode).sync();
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        let mut state = self.state();
        state.faults.check_alive()?;
        Ok(state.inode(self.inode).current.len() as u64)
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.check_writable()?;
        let mut state = self.state();
        if state.faults.begin()? == Fate::Crashes {
            return Err(stopped());
        }
        let length = index(length)?;
        let grown = length.saturating_sub(state.inode(self.inode).current.len());
        if state.room(grown) < grown {
            return Err(io::ErrorKind::StorageFull.into());
        }
        state.inode(self.inode).set_length(length);
        Ok(())
    }
}
