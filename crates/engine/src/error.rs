//! What can go wrong when a client asks something, with ksqlDB's error codes (spec section 8.8).

use sql::ast::SourceText;

use crate::Answer;

/// Result of the engine's calls.
pub type Result<T> = std::result::Result<T, Error>;

/// A refused or failed request, by what the client can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The statement is wrong; the user must write another.
    #[error("{0}")]
    Statement(#[from] sql::Error),
    /// The request can't be carried out as asked: unknown names, things in use, wrong endpoint.
    #[error("{message}")]
    Refused {
        /// The code the REST API answers with.
        code: ErrorCode,
        /// What is wrong and what to do.
        message: String,
    },
    /// A connector was refused or is unknown.
    #[error("{0}")]
    Connect(#[from] connect::Error),
    /// The log refused.
    #[error("{0}")]
    Log(#[from] commitlog::Error),
    /// The schema registry refused.
    #[error("{0}")]
    Registry(#[from] registry::Error),
    /// A format refused.
    #[error("{0}")]
    Format(#[from] formats::Error),
    /// The runtime refused.
    #[error("{0}")]
    Dataflow(#[from] dataflow::Error),
    /// Something that must not happen.
    #[error("internal error: {0}")]
    Internal(String),
}

/// ksqlDB's error codes; the first three digits are the HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ErrorCode {
    BadRequest = 40000,
    BadStatement = 40001,
    QueryEndpoint = 40002,
    MaxPushQueries = 40003,
    NotFound = 40400,
    AssertionFailed = 41700,
    TooManyRequests = 42900,
    ServerError = 50000,
    NotReady = 50302,
    ShuttingDown = 50303,
}

/// A statement of a request failed: what was wrong with which one, and what had been done before.
#[derive(Debug)]
pub struct Failure {
    /// Why.
    pub error: Box<Error>,
    /// The statement, when the text could be cut into statements.
    pub statement: Option<String>,
    /// The text to which the error's places refer.
    pub text: String,
    /// Answers of the statements before it, which stay done.
    pub done: Vec<Answer>,
}

impl Failure {
    /// The code the REST API answers with.
    pub fn code(&self) -> ErrorCode {
        self.error.code()
    }

    /// What is wrong, as ksqlDB's REST API words it: with line and column where the text can be
    /// pointed at.
    pub fn message(&self) -> String {
        match &*self.error {
            Error::Statement(error) => error.rest_message(SourceText::whole(&self.text)),
            error => error.to_string(),
        }
    }
}

impl Error {
    /// A refusal with ksqlDB's code for bad statements.
    pub fn bad_statement(message: impl Into<String>) -> Self {
        Self::Refused { code: ErrorCode::BadStatement, message: message.into() }
    }

    /// Whether the same request may succeed later without anything else changing.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Log(error) => error.is_retryable(),
            Self::Connect(error) => error.is_retryable(),
            Self::Dataflow(error) => error.is_retryable(),
            _ => false,
        }
    }

    /// The code the REST API answers with.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Refused { code, .. } => *code,
            Self::Statement(error) if error.is_user() => ErrorCode::BadStatement,
            Self::Connect(_) | Self::Format(_) | Self::Registry(_) => ErrorCode::BadStatement,
            Self::Statement(_) | Self::Log(_) | Self::Dataflow(_) | Self::Internal(_) => {
                ErrorCode::ServerError
            }
        }
    }
}
