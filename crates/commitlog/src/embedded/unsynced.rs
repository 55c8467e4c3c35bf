//! What was written to segments and still has to be brought to stable storage. File systems serve
//! several syncs at once much sooner than one after the other, so they are given to several threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, scope};

use types::seams::{Directory, File};

use super::files;
use crate::{Error, Result};

/// How many syncs are under way at once.
const THREADS: usize = 8;

/// A file with new bytes, or a directory with new names.
#[derive(Debug)]
pub(super) enum Unsynced {
    File {
        file: Box<dyn File>,
        path: String,
    },
    Directory {
        path: String,
    },
    /// A directory with changed names, which may be gone since.
    Changed {
        path: String,
    },
}

impl Unsynced {
    fn sync(&self, directory: &dyn Directory) -> Result<()> {
        match self {
            Self::File { file, path } => files::sync(&**file, path),
            Self::Directory { path } => files::sync_directory(directory, path),
            Self::Changed { path } => match files::sync_directory(directory, path) {
                Err(Error::Io { kind: std::io::ErrorKind::NotFound, .. }) => Ok(()),
                synced => synced,
            },
        }
    }
}

/// Syncs all of `unsynced`, in order unless `in_parallel`. Fails when one of them fails.
pub(super) fn sync_all(
    directory: &dyn Directory,
    unsynced: &[Unsynced],
    in_parallel: bool,
) -> Result<()> {
    if !in_parallel || unsynced.len() < 2 {
        return unsynced.iter().try_for_each(|one| one.sync(directory));
    }
    let next = AtomicUsize::new(0);
    let failed: Mutex<Option<Error>> = Mutex::default();
    let work = || {
        while let Some(one) = unsynced.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(error) = one.sync(directory) {
                failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                return;
            }
        }
    };
    scope(|scope| {
        for _ in 1..THREADS.min(unsynced.len()) {
            let thread = Builder::new().name("log-segments".to_owned());
            // Without more threads this one does it all.
            if let Err(error) = thread.spawn_scoped(scope, work) {
                tracing::warn!(%error, "cannot start a thread to sync segments");
            }
        }
        work();
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}
