//! Why something about a topic or a configuration was not done: what the protocol carries as an
//! error code and a message. And the rule that nothing may be named twice in a request.

use std::collections::HashMap;
use std::hash::Hash;

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

    /// Code and message of an answer: no error, or why it was not done.
    pub(crate) fn parts(done: Result<(), Self>) -> (i16, Option<StrBytes>) {
        match done {
            Ok(()) => (0, None),
            Err(refusal) => (refusal.code(), refusal.message),
        }
    }

    /// The protocol's number of the error.
    pub(crate) fn code(&self) -> i16 {
        self.error.code()
    }
}

/// Each of `items` once, in their order; with a refusal where several have the same key.
pub(crate) fn once_each<T, K: Eq + Hash>(
    items: &[T],
    key: impl Fn(&T) -> K,
) -> Vec<(&T, Result<(), Refusal>)> {
    let mut times: HashMap<K, usize> = HashMap::new();
    for item in items {
        *times.entry(key(item)).or_default() += 1;
    }
    let mut once = Vec::with_capacity(times.len());
    for item in items {
        match times.remove(&key(item)) {
            None => {}
            Some(1) => once.push((item, Ok(()))),
            Some(_) => {
                let message = "Each may be named only once in a request: this one is a duplicate.";
                once.push((item, Err(Refusal::new(ResponseError::InvalidRequest, message))));
            }
        }
    }
    once
}

impl From<crate::Error> for Refusal {
    fn from(error: crate::Error) -> Self {
        match error {
            crate::Error::Log(error) => error.into(),
            other => Self::new(ResponseError::UnknownServerError, other.to_string()),
        }
    }
}

impl From<commitlog::Error> for Refusal {
    fn from(error: commitlog::Error) -> Self {
        Self::new(crate::error::code(&error), error.to_string())
    }
}
