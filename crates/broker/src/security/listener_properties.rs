//! A broker's properties as one of its listeners sees them: those written for it alone, beginning with
//! `listener.name.` and its name in small letters, come before those for all.

use std::collections::BTreeMap;

use crate::Error;

/// The properties of one listener.
#[derive(Debug)]
pub struct ListenerProperties<'a> {
    properties: &'a BTreeMap<String, String>,
    /// Before the names of its own properties.
    prefix: String,
}

/// A property that is set. Its value may be a secret.
pub struct Property<'a> {
    /// Its whole name, without the prefix `kafka.`.
    pub name: String,
    /// Its value.
    pub value: &'a str,
}

impl<'a> ListenerProperties<'a> {
    /// What `properties`, a broker's without the prefix `kafka.`, say for the listener called `name`.
    pub fn new(properties: &'a BTreeMap<String, String>, name: &str) -> Self {
        Self { properties, prefix: format!("listener.name.{}.", name.to_lowercase()) }
    }

    /// The property `name`: the listener's own, or that for all.
    pub fn find(&self, name: &str) -> Option<Property<'a>> {
        self.find_own(name).or_else(|| self.look_up(name.to_owned()))
    }

    /// The listener's own property `name`.
    pub fn find_own(&self, name: &str) -> Option<Property<'a>> {
        self.look_up(format!("{}{name}", self.prefix))
    }

    fn look_up(&self, name: String) -> Option<Property<'a>> {
        let value = self.properties.get(&name)?.as_str();
        Some(Property { name, value })
    }
}

impl Property<'_> {
    /// What to say when its value is wrong. `reason` must not hold the value if that is a secret.
    pub fn wrong(&self, reason: &str) -> Error {
        Error::Configuration(format!("kafka.{}: {reason}", self.name))
    }
}

impl std::fmt::Debug for Property<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Property").field("name", &self.name).finish_non_exhaustive()
    }
}
