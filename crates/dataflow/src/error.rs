//! What can go wrong when plans run.

/// Result of this crate's fallible calls.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed call or a stopped query, by what can be done about it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The log refused.
    #[error("log: {0}")]
    Log(#[from] commitlog::Error),
    /// State could not be read or written.
    #[error(transparent)]
    State(#[from] state::Error),
    /// A record batch in the log is damaged.
    #[error("cannot read records of {partition}: {reason}")]
    Records {
        /// Where.
        partition: types::TopicPartition,
        /// What is wrong.
        reason: String,
    },
    /// A format refused the plan's columns or a result row (spec section 2.7: a query error).
    #[error("cannot {action}: {source}")]
    Format {
        /// What was attempted.
        action: String,
        /// Why not.
        source: formats::Error,
    },
    /// The plan can't run here; always a defect of planning or an unsupported feature.
    #[error("cannot run the plan: {0}")]
    Plan(String),
    /// A failure in the data that must stop the query (aggregate overflow, invalid timestamp with
    /// `ksql.timestamp.throw.on.invalid`).
    #[error("{0}")]
    Data(String),
    /// A panic inside a query, caught; a defect of this program.
    #[error("internal error: {0}")]
    Panic(String),
    /// There is no such query.
    #[error("query {0} does not exist")]
    UnknownQuery(types::QueryId),
    /// A query of that id exists already.
    #[error("query {0} exists already")]
    QueryExists(types::QueryId),
    /// The query has no materialised table, or not one that takes this request.
    #[error("{0}")]
    NotMaterialized(String),
    /// The query's state is being restored; its table can be read when that is done.
    #[error("the state of query {0} is being restored; try again in a moment")]
    Restoring(types::QueryId),
    /// The query was stopped while its state was being restored.
    #[error("query {0} was stopped before its state was restored")]
    Stopped(types::QueryId),
    /// The runtime is shutting down.
    #[error("the runtime is shut down")]
    ShutDown,
}

impl Error {
    /// Whether the query may succeed when it is restarted without anything else changing.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Log(error) => error.is_retryable(),
            Self::Format { source, .. } => source.is_retryable(),
            Self::State(error) => error.is_retryable(),
            Self::Restoring(_) => true,
            _ => false,
        }
    }
}
