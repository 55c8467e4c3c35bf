//! Why something about a topic or a configuration was not done: what the protocol carries as an
//! error code and a message.

use kafka_protocol::ResponseError;
use kafka_protocol::protocol::StrBytes;

/// An error and what to say about it.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// Its kind.
    pub(crate) error: ResponseError,
    /// What to tell the user, beyond what the kind says.
    pub(crate) message: Option<StrBytes>,
}

impl Refusal {
    /// An error with a message.
    pub(crate) fn new(error: ResponseError, message: impl Into<String>) -> Self {
        Self { error, message: Some(StrBytes::from_string(message.into())) }
    }

    /// An error that says enough.
    pub(crate) fn of(error: ResponseError) -> Self {
        Self { error, message: None }
    }

    /// The protocol's number of the error.
    pub(crate) fn code(&self) -> i16 {
        self.error.code()
    }
}

impl From<commitlog::Error> for Refusal {
    fn from(error: commitlog::Error) -> Self {
        Self::new(crate::error::code(&error), error.to_string())
    }
}
