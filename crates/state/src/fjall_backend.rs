//! The backend on disk: one fjall keyspace for all stores of the node.
//!
//! Checkpoints are synced; between them nothing is written, so fjall's own journal never holds what
//! the log could still lose. Readers of other tasks are not disturbed: fjall is thread-safe, and checks
//! the sum of every block it reads.
//!
//! A second keyspace, `format`, holds one entry that marks the directory: key `state`, value `TMSD`,
//! the version of what this crate writes (1 byte), and the CRC-32C of both (4 bytes, big endian).

use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;

use fjall::{Database, Keyspace, KeyspaceCreateOptions, LsmError, PersistMode};

use crate::backend::{Backend, Visit, Write, prefix_end};
use crate::{Error, Result};

/// Name of the one keyspace.
const KEYSPACE: &str = "state";
/// Name of the keyspace that marks the directory, and of its one entry.
const FORMAT_KEYSPACE: &str = "format";
const FORMAT_KEY: &str = "state";
const MAGIC: &[u8; 4] = b"TMSD";
const VERSION: u8 = 1;
/// Entries removed in one batch when a prefix is deleted.
const DELETE_BATCH_ENTRIES: usize = 10_000;

/// State on disk.
pub struct FjallBackend {
    database: Database,
    entries: Keyspace,
}

impl fmt::Debug for FjallBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FjallBackend").finish_non_exhaustive()
    }
}

fn failed(action: &'static str) -> impl FnOnce(fjall::Error) -> Error {
    move |error| {
        let reason = error.to_string();
        match error {
            // The disk or the directory's owner; what is there may be whole.
            fjall::Error::Io(_) | fjall::Error::Storage(LsmError::Io(_)) => {
                Error::Backend { action, reason }
            }
            fjall::Error::Locked | fjall::Error::Poisoned | fjall::Error::KeyspaceDeleted => {
                Error::Backend { action, reason }
            }
            _ => Error::Damaged { action, reason },
        }
    }
}

impl FjallBackend {
    /// Opens the state in directory `path`, creating it when needed, with a block cache of
    /// `cache_bytes`. Fails when the directory is locked by another process, can't be read, or was not
    /// written by this release or an older one.
    pub fn open(path: &Path, cache_bytes: u64) -> Result<Self> {
        let database =
            Database::builder(path).cache_size(cache_bytes).open().map_err(failed("open"))?;
        let entries = database
            .keyspace(KEYSPACE, KeyspaceCreateOptions::default)
            .map_err(failed("open the keyspace"))?;
        let backend = Self { database, entries };
        backend.check_format(path)?;
        Ok(backend)
    }

    /// Marks a new directory; refuses one of another release.
    fn check_format(&self, path: &Path) -> Result<()> {
        let marks = self
            .database
            .keyspace(FORMAT_KEYSPACE, KeyspaceCreateOptions::default)
            .map_err(failed("open the keyspace"))?;
        let refused = |reason: &str| Error::Directory {
            path: path.display().to_string(),
            reason: reason.to_owned(),
        };
        match marks.get(FORMAT_KEY).map_err(failed("read"))? {
            Some(found) if *found == *format_mark(VERSION) => Ok(()),
            Some(found) => match found.get(MAGIC.len()) {
                Some(version) if *found == *format_mark(*version) => {
                    Err(refused(&format!("its version {version} is unknown to this release")))
                }
                _ => Err(refused("its format entry is damaged")),
            },
            None if self.entries.is_empty().map_err(failed("read"))? => {
                let mut batch = self.database.batch().durability(Some(PersistMode::SyncAll));
                batch.insert(&marks, FORMAT_KEY, format_mark(VERSION));
                batch.commit().map_err(failed("mark the directory"))
            }
            None => Err(refused("it holds state without a format entry")),
        }
    }
}

fn format_mark(version: u8) -> Vec<u8> {
    let mut mark = MAGIC.to_vec();
    mark.push(version);
    let checksum = crc32c::crc32c(&mark);
    mark.extend(checksum.to_be_bytes());
    mark
}

impl Backend for FjallBackend {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let found = self.entries.get(key).map_err(failed("read"))?;
        Ok(found.map(|value| value.to_vec()))
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: Visit<'_>) -> Result<()> {
        if from >= to {
            return Ok(());
        }
        for entry in self.entries.range(from..to) {
            let (key, value) = entry.into_inner().map_err(failed("scan"))?;
            if let ControlFlow::Break(()) = visit(&key, &value) {
                break;
            }
        }
        Ok(())
    }

    fn apply(&self, writes: Vec<Write>) -> Result<()> {
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncAll));
        for Write { key, value } in writes {
            match value {
                Some(value) => batch.insert(&self.entries, key, value),
                None => batch.remove(&self.entries, key),
            }
        }
        batch.commit().map_err(failed("write a checkpoint"))
    }

    fn delete_prefix(&self, prefix: &[u8]) -> Result<()> {
        let end = prefix_end(prefix);
        // Each round goes on where the last one ended: a scan from the front would pass all that was
        // removed before it, which the store still holds as tombstones.
        let mut from = prefix.to_vec();
        loop {
            let mut writes = Vec::new();
            self.scan(&from, &end, &mut |key, _| {
                writes.push(Write { key: key.to_vec(), value: None });
                if writes.len() < DELETE_BATCH_ENTRIES {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })?;
            let Some(last) = writes.last() else { return Ok(()) };
            from.clone_from(&last.key);
            self.apply(writes)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_applied_is_there_after_reopening() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let write = |key: &[u8], value: Option<&[u8]>| Write {
            key: key.to_vec(),
            value: value.map(<[u8]>::to_vec),
        };
        {
            let backend = FjallBackend::open(directory.path(), 1 << 20).expect("opens");
            backend
                .apply(vec![write(b"a1", Some(b"x")), write(b"a2", Some(b"y"))])
                .expect("writes");
            backend.apply(vec![write(b"a1", None), write(b"b", Some(b"z"))]).expect("writes");
        }
        let backend = FjallBackend::open(directory.path(), 1 << 20).expect("opens");
        assert_eq!(backend.get(b"a1").expect("reads"), None);
        assert_eq!(backend.get(b"a2").expect("reads"), Some(b"y".to_vec()));
        backend.delete_prefix(b"a").expect("deletes");
        let mut keys = Vec::new();
        backend
            .scan(b"", b"\xff", &mut |key, _| {
                keys.push(key.to_vec());
                ControlFlow::Continue(())
            })
            .expect("scans");
        assert_eq!(keys, [b"b".to_vec()]);
    }

    #[test]
    fn damage_is_told_from_trouble_with_the_disk() {
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        assert!(failed("read")(fjall::Error::Io(full)).is_retryable());
        let damaged = failed("read")(fjall::Error::Storage(LsmError::InvalidTrailer));
        assert!(!damaged.is_retryable());
        assert!(damaged.to_string().contains("delete its state directory"), "{damaged}");
    }

    #[test]
    fn a_directory_of_another_release_is_refused() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mark = |value: &[u8]| {
            let database = Database::builder(directory.path()).open().expect("opens");
            let marks = database.keyspace(FORMAT_KEYSPACE, KeyspaceCreateOptions::default);
            let marks = marks.expect("opens");
            marks.insert(FORMAT_KEY, value).expect("writes");
            database.persist(PersistMode::SyncAll).expect("syncs");
        };
        let refusal =
            || FjallBackend::open(directory.path(), 1 << 20).expect_err("refused").to_string();
        drop(FjallBackend::open(directory.path(), 1 << 20).expect("a new directory"));
        mark(&format_mark(2));
        assert!(refusal().contains("version 2 is unknown"), "{}", refusal());
        mark(b"TMSD\x01\0\0\0\0");
        assert!(refusal().contains("damaged; delete it"), "{}", refusal());
        mark(b"TMSD\x01\x12\x34\x56\x78");
        assert!(refusal().contains("damaged"), "{}", refusal());
        mark(&format_mark(VERSION));
        drop(FjallBackend::open(directory.path(), 1 << 20).expect("its own"));
    }
}
