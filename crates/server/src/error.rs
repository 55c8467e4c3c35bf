//! What keeps a server from starting.

use std::path::PathBuf;

/// Result of this crate's fallible calls.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the server can't start or go on, by what the operator can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration is wrong; every problem is listed.
    #[error("the configuration is wrong:{}", list(.0))]
    Config(Vec<String>),
    /// Another process has the data directory.
    #[error(
        "the data directory {} is in use by another process; stop it, or choose another directory \
         with --data", .0.display()
    )]
    DataInUse(PathBuf),
    /// Something else stands where the data directory should be.
    #[error("{} is not a directory; choose another data directory with --data", .0.display())]
    NoDirectory(PathBuf),
    /// The data directory can't be used.
    #[error("cannot open the data directory {}: {source}", path.display())]
    Data {
        /// The directory.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// A port can't be listened on.
    #[error("cannot listen on {address} ({property}): {source}{remedy}")]
    Listen {
        /// Host and port.
        address: String,
        /// The property that names it.
        property: &'static str,
        /// The system's words.
        source: std::io::Error,
        /// What to do about it.
        remedy: String,
    },
    /// The log can't be opened.
    #[error("cannot open the log: {0}")]
    Log(#[from] commitlog::Error),
    /// The state store can't be opened.
    #[error("cannot open the state store: {0}")]
    State(#[from] state::Error),
    /// The schema registry can't be opened.
    #[error("cannot open the schema registry: {0}")]
    Registry(#[from] registry::Error),
    /// The connectors can't be started.
    #[error("cannot start the connectors: {0}")]
    Connect(#[from] connect::Error),
    /// The engine can't be started.
    #[error("cannot start the engine: {0}")]
    Engine(#[from] engine::Error),
    /// The broker can't be started.
    #[error("cannot start the broker: {0}")]
    Broker(#[from] broker::Error),
    /// A part of the node panicked.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Error {
    /// Whether the same start may succeed later without anybody changing anything.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::DataInUse(_) | Self::Listen { .. })
    }
}

fn list(problems: &[String]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}
