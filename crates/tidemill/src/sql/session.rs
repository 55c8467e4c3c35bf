//! What the command line remembers between statements: overrides, variables, and how it shows things.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::options::Style;

/// Settings of one session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Properties by SET.
    pub properties: BTreeMap<String, String>,
    /// Variables by upper-case name.
    variables: BTreeMap<String, String>,
    /// How answers are shown.
    pub style: Style,
    /// Whether long cells go on in further lines, rather than being cut.
    pub wraps: bool,
    /// Width of a column of rows; 0 shares the terminal's width among them.
    pub column_width: usize,
    /// Rows after which a streaming query is ended.
    pub query_rows_max: Option<u64>,
    /// Time after which a streaming query is ended.
    pub query_time_max: Option<Duration>,
}

impl Session {
    /// A session without overrides.
    pub fn new(style: Style) -> Self {
        Self {
            properties: BTreeMap::new(),
            variables: BTreeMap::new(),
            style,
            wraps: true,
            column_width: 0,
            query_rows_max: None,
            query_time_max: None,
        }
    }

    /// DEFINE.
    pub fn define(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_uppercase(), value.to_owned());
    }

    /// UNDEFINE; tells whether there was such a variable.
    pub fn undefine(&mut self, name: &str) -> bool {
        self.variables.remove(&name.to_uppercase()).is_some()
    }

    /// The value of a variable.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(&name.to_uppercase()).cloned()
    }

    /// The variables by name.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// The body of a request. Variables were replaced before, so that errors point into the text that
    /// is sent.
    pub fn request(&self, text: &str) -> Value {
        json!({ "ksql": text, "streamsProperties": self.properties })
    }
}
