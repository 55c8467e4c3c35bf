//! The disk as the log and the stores see it: one root directory, relative paths.

use std::fmt;
use std::io;

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// The file must exist; writes are refused.
    Read,
    /// The file must exist; reads and writes.
    Write,
    /// The file is created empty when it does not exist; reads and writes.
    Create,
}

/// A name found by [`Directory::list`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The name within its directory.
    pub name: String,
    /// Whether it is a directory.
    pub is_directory: bool,
}

/// Room on the disk that a [`Directory`] is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes of the whole disk.
    pub total_bytes: u64,
    /// Bytes that may still be written.
    pub usable_bytes: u64,
}

/// A directory tree. Paths are relative to its root, separated by `/`, without `.` or `..`.
///
/// Durability is the platform's: bytes are on stable storage only after [`File::sync`] returned
/// `Ok`, a created, renamed or removed name only after [`Directory::sync_directory`] of its parent
/// did. After a failed sync the state of the unsynced bytes is unknown.
pub trait Directory: Send + Sync + fmt::Debug {
    /// Opens `path`; fails with `NotFound` unless `mode` creates it.
    fn open(&self, path: &str, mode: OpenMode) -> io::Result<Box<dyn File>>;

    /// The names in directory `path` (`""` is the root), sorted; `NotFound` when it does not exist.
    fn list(&self, path: &str) -> io::Result<Vec<Entry>>;

    /// Creates `path` and its parents; succeeds when it already is a directory.
    fn create_directory(&self, path: &str) -> io::Result<()>;

    /// Removes a file.
    fn remove_file(&self, path: &str) -> io::Result<()>;

    /// Removes a directory and all below it.
    fn remove_directory(&self, path: &str) -> io::Result<()>;

    /// Renames a file or directory, atomically replacing a file at `to`.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Makes the names in directory `path` durable.
    fn sync_directory(&self, path: &str) -> io::Result<()>;

    /// How much room there is.
    fn space(&self) -> io::Result<Space>;
}

/// An open file. All calls take positions, so that readers and the writer can share it.
pub trait File: Send + Sync + fmt::Debug {
    /// Reads up to `buffer.len()` bytes at `position`; fewer only at the end of the file.
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize>;

    /// Says that `length` bytes at `position` are going to be read, so that the disk can begin. The
    /// read is not any other for it, whether this succeeds or not.
    fn announce_read(&self, position: u64, length: u64) -> io::Result<()>;

    /// Writes all of `bytes` at `position`, extending the file when needed.
    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<()>;

    /// Makes all written bytes and the length durable (`fdatasync`).
    fn sync(&self) -> io::Result<()>;

    /// The file's length in bytes.
    fn length(&self) -> io::Result<u64>;

    /// Cuts or extends (with zeros) the file to `length` bytes.
    fn set_length(&self, length: u64) -> io::Result<()>;
}
