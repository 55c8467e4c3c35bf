//! The data directory: one process at a time has it. What is below it belongs to log and state.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// The file whose lock says that the directory is in use.
const LOCK_FILE: &str = "lock";

/// A directory that no other process has; it is free again when this is dropped or the process ends.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Takes the directory, creating it when needed.
    ///
    /// # Errors
    /// `NoDirectory` when a file is there, `DataInUse` when another process has it, `Data` when the
    /// system refuses.
    #[allow(clippy::disallowed_methods, reason = "the real disk is opened here, for all below")]
    pub fn take(path: &Path) -> Result<Self> {
        let failed = |source| Error::Data { path: path.to_owned(), source };
        if path.exists() && !path.is_dir() {
            return Err(Error::NoDirectory(path.to_owned()));
        }
        std::fs::create_dir_all(path).map_err(failed)?;
        let lock = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path.join(LOCK_FILE))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::DataInUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Where the log keeps its files.
    pub fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    /// Where tables keep their files.
    pub fn state(&self) -> PathBuf {
        self.path.join("state")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "a real file is what is tested")]
    fn a_file_is_no_directory() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("data");
        std::fs::write(&file, "").expect("written");
        let refused = DataDir::take(&file).expect_err("a file");
        assert!(refused.to_string().contains("is not a directory"), "{refused}");
    }

    #[test]
    fn a_directory_is_taken_once() {
        let directory = tempfile::tempdir().expect("a directory");
        let taken = DataDir::take(directory.path()).expect("free");
        let again = DataDir::take(directory.path()).expect_err("taken");
        assert!(matches!(again, Error::DataInUse(_)), "{again}");
        drop(taken);
        DataDir::take(directory.path()).expect("free again");
    }
}
