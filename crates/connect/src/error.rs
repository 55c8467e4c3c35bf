//! What can go wrong in a connector, by what the user or the runtime can do about it.

use std::fmt;

/// Result of this crate's fallible calls.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed call or a failed connector.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The configuration is wrong; every problem is listed.
    #[error("{}", list(.0))]
    Config(Vec<Problem>),
    /// No connector class of that name is built in.
    #[error("connector class '{class}' is not available; available are: {available}")]
    UnknownClass {
        /// What was asked for.
        class: String,
        /// What there is, comma separated.
        available: String,
    },
    /// A connector of that name exists already.
    #[error("connector {0} already exists")]
    Exists(String),
    /// There is no connector of that name.
    #[error("connector {0} does not exist")]
    NotFound(String),
    /// The database refuses or lacks something that the user can mend.
    #[error("{}. {remedy}", sentence(.what))]
    Database {
        /// What is wrong.
        what: String,
        /// What to do about it.
        remedy: String,
        /// Whether trying again may help without anybody doing anything.
        retryable: bool,
    },
    /// The server no longer has the changes from which the connector must go on.
    #[error(
        "the server no longer has the binary log from which this connector must go on: {}. \
         Changes were lost to the connector: create it anew under another name, or with \
         snapshot.mode=when_needed, to take a new snapshot; and raise binlog_expire_logs_seconds on \
         the server so that its logs outlast every stop",
        sentence(.0)
    )]
    Purged(String),
    /// The connection to the database was lost or answered nonsense.
    #[error("lost the connection while {doing}: {reason}")]
    Connection {
        /// What was attempted.
        doing: &'static str,
        /// The driver's words.
        reason: String,
    },
    /// The server's change stream is not what its format says.
    #[error("malformed change event: {0}")]
    Malformed(String),
    /// Rows changed by a statement that stands in the binary log instead of them.
    #[error(
        "the rows of {tables} that a statement changed at {place} are not in the binary log: it was \
         written in STATEMENT format; set binlog_format=ROW for every session that writes captured \
         tables and take a new snapshot of it"
    )]
    StatementFormat {
        /// The tables, or what is known of them.
        tables: String,
        /// The place in the binary log.
        place: String,
    },
    /// Something that can't be captured yet.
    #[error("{0} is not supported yet")]
    Unsupported(String),
    /// The log refused.
    #[error("cannot write to the log: {0}")]
    Log(#[from] commitlog::Error),
    /// A record in one of the connectors' own topics can't be read.
    #[error("corrupt record in topic {topic}: {reason}")]
    CorruptState {
        /// The topic.
        topic: String,
        /// What is wrong.
        reason: String,
    },
    /// The schema registry refused.
    #[error("cannot register the schema of {subject}: {source}")]
    Schema {
        /// The subject.
        subject: String,
        /// Why.
        source: formats::Error,
    },
    /// The connector was told to stop; not a failure.
    #[error("the connector was stopped")]
    Stopped,
    /// The connector's own code failed; the connector is stopped, nothing else is.
    #[error("the connector stopped on an internal failure: {0}")]
    Internal(String),
}

/// One thing wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The property.
    pub property: String,
    /// What is wrong with it and what is expected.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}': {}", self.property, self.message)
    }
}

/// `text` without the full stop that a server's message brings along.
fn sentence(text: &str) -> &str {
    text.trim_end().trim_end_matches('.')
}

fn list(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(|problem| format!("\n  {problem}")).collect();
    let noun = if problems.len() == 1 { "error" } else { "errors" };
    format!("connector configuration contains {} {noun}:{}", problems.len(), lines.concat())
}

impl Error {
    /// Whether the same attempt may succeed later without anybody doing anything.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Connection { .. } => true,
            Self::Database { retryable, .. } => *retryable,
            Self::Log(error) => error.is_retryable(),
            Self::Schema { source, .. } => source.is_retryable(),
            _ => false,
        }
    }

    /// One problem with one property.
    pub fn property(property: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Config(vec![Problem { property: property.into(), message: message.into() }])
    }
}
