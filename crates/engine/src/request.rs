//! What a client asks: statements with the session's properties and variables.

use std::collections::BTreeMap;

/// Statements to run.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The text: one or more statements.
    pub text: String,
    /// Session overrides.
    pub properties: BTreeMap<String, String>,
    /// Session variables.
    pub variables: BTreeMap<String, String>,
}

impl Request {
    /// A request without overrides.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}
