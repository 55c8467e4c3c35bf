//! The backend on disk: one fjall keyspace for all stores of the node.
//!
//! Checkpoints are synced; between them nothing is written, so fjall's own journal never holds what
//! the log could still lose. Readers of other tasks are not disturbed: fjall is thread-safe.

use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};

use crate::backend::{Backend, Visit, Write, prefix_end};
use crate::{Error, Result};

/// Name of the one keyspace.
const KEYSPACE: &str = "state";
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
    move |error| Error::Backend { action, reason: error.to_string() }
}

impl FjallBackend {
    /// Opens the state in directory `path`, creating it when needed, with a block cache of
    /// `cache_bytes`. Fails when the directory is locked by another process or can't be read.
    pub fn open(path: &Path, cache_bytes: u64) -> Result<Self> {
        let database =
            Database::builder(path).cache_size(cache_bytes).open().map_err(failed("open"))?;
        let entries = database
            .keyspace(KEYSPACE, KeyspaceCreateOptions::default)
            .map_err(failed("open the keyspace"))?;
        Ok(Self { database, entries })
    }
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
        loop {
            let mut writes = Vec::new();
            self.scan(prefix, &end, &mut |key, _| {
                writes.push(Write { key: key.to_vec(), value: None });
                if writes.len() < DELETE_BATCH_ENTRIES {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })?;
            if writes.is_empty() {
                return Ok(());
            }
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
}
