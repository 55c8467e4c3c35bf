//! Properties and variables of one request; SET and DEFINE change them for the statements behind.

use std::collections::BTreeMap;

use crate::properties::Properties;
use crate::{Request, Result};

/// The settings of one request.
#[derive(Clone, Debug)]
pub struct Session {
    /// The server's properties with the session's over them.
    pub properties: Properties,
    /// Variables by upper-case name.
    variables: BTreeMap<String, String>,
}

impl Session {
    /// The settings a request comes with.
    ///
    /// # Errors
    /// When an override is unknown, not allowed, or has a value it can't have.
    pub fn open(server: &Properties, request: &Request) -> Result<Self> {
        let variables = request.variables.iter();
        Ok(Self {
            properties: server.with_session(&request.properties)?,
            variables: variables
                .map(|(name, value)| (name.to_uppercase(), value.clone()))
                .collect(),
        })
    }

    /// DEFINE.
    pub fn define(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_uppercase(), value.to_owned());
    }

    /// UNDEFINE.
    pub fn undefine(&mut self, name: &str) {
        self.variables.remove(&name.to_uppercase());
    }

    /// The variables.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// The value of a variable.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(&name.to_uppercase()).cloned()
    }
}
