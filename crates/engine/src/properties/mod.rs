//! Properties: what there are, what they are set to, and who may set them.

mod definitions;

use std::collections::BTreeMap;
use std::str::FromStr;

use types::Format;

pub use definitions::{DEFINITIONS, Definition, Kind};

use crate::entity::PropertyListing;
use crate::{Error, Result};

/// Prefix under which Kafka Streams' properties may also be written.
const STREAMS_PREFIX: &str = "ksql.streams.";

/// Families of properties whose members are not listed one by one.
const OPEN_FAMILIES: [&str; 6] = [
    "ksql.functions.",
    "ksql.streams.consumer.",
    "ksql.streams.producer.",
    "consumer.",
    "producer.",
    "use.exact.numeric.comparison",
];

/// Server properties with the overrides of one session.
#[derive(Clone, Debug, Default)]
pub struct Properties {
    server: BTreeMap<String, String>,
    session: BTreeMap<String, String>,
}

/// The name without the optional `ksql.streams.` before a Kafka Streams property.
fn canonical(name: &str) -> &str {
    match name.strip_prefix(STREAMS_PREFIX) {
        Some(rest) if definition(rest).is_some() => rest,
        _ => name,
    }
}

fn definition(name: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|definition| definition.name == name)
}

fn is_of_open_family(name: &str) -> bool {
    OPEN_FAMILIES.iter().any(|family| name.starts_with(family))
}

/// Whether a session may set `name`.
pub fn is_settable(name: &str) -> bool {
    let name = canonical(name);
    definition(name).map_or_else(|| is_of_open_family(name), |definition| definition.is_editable)
}

impl Properties {
    /// The server's properties, checked.
    ///
    /// # Errors
    /// When a known property has a value it can't have. Unknown ones are kept as they are: they
    /// belong to other parts of the server.
    pub fn for_server(given: BTreeMap<String, String>) -> Result<Self> {
        let mut server = BTreeMap::new();
        for (name, value) in given {
            let name = canonical(&name).to_owned();
            if let Some(definition) = definition(&name) {
                check(definition, &value)?;
            }
            server.insert(name, value);
        }
        Ok(Self { server, session: BTreeMap::new() })
    }

    /// The same server properties with a session's overrides.
    ///
    /// # Errors
    /// When an override is unknown, not allowed, or has a value it can't have.
    pub fn with_session(&self, overrides: &BTreeMap<String, String>) -> Result<Self> {
        let mut properties = Self { server: self.server.clone(), session: BTreeMap::new() };
        for (name, value) in overrides {
            properties.set(name, value)?;
        }
        Ok(properties)
    }

    /// SET.
    ///
    /// # Errors
    /// As [`Self::with_session`].
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let name = canonical(name);
        self.check_settable(name)?;
        if let Some(definition) = definition(name) {
            check(definition, value)?;
        }
        self.session.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    /// UNSET.
    pub fn unset(&mut self, name: &str) {
        self.session.remove(canonical(name));
    }

    fn check_settable(&self, name: &str) -> Result<()> {
        if !is_settable(name) {
            let reason = match definition(name) {
                Some(_) => "it can only be set in the server's configuration",
                None => "no such property; SHOW PROPERTIES lists those that exist",
            };
            return Err(Error::bad_statement(format!(
                "Not recognizable as ksql, streams, consumer, or producer property: '{name}': \
                 {reason}"
            )));
        }
        let denied = self.value("ksql.properties.overrides.denylist").unwrap_or_default();
        if denied.split(',').any(|denied| denied.trim() == name) {
            return Err(Error::bad_statement(format!(
                "A property override was set locally for a property that the server prohibits \
                 overrides for: '{name}'"
            )));
        }
        Ok(())
    }

    /// The value in effect: the session's, the server's, or the default.
    pub fn value(&self, name: &str) -> Option<&str> {
        let name = canonical(name);
        let set = self.session.get(name).or_else(|| self.server.get(name)).map(String::as_str);
        set.or_else(|| definition(name).and_then(|definition| definition.default))
    }

    /// Whether a switch is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// A whole number; the property must be one of those with a number as default.
    pub fn number(&self, name: &str) -> i64 {
        self.value(name).and_then(|value| value.parse().ok()).unwrap_or_default()
    }

    /// What the session overrides.
    pub fn overrides(&self) -> &BTreeMap<String, String> {
        &self.session
    }

    /// The properties as planning takes them: only what was set, and not defaults, since planning
    /// has its own reading of what was never set.
    pub fn for_planning(&self) -> sql::context::Properties {
        let mut properties = sql::context::Properties::new();
        for (name, value) in self.server.iter().chain(&self.session) {
            properties.set(name, value);
        }
        properties
    }

    /// SHOW PROPERTIES.
    pub fn list(&self) -> Vec<PropertyListing> {
        DEFINITIONS.iter().map(|definition| self.listing(definition)).collect()
    }

    fn listing(&self, definition: &Definition) -> PropertyListing {
        let name = definition.name;
        let scope = if name.starts_with("ksql.") { "KSQL" } else { "KAFKA STREAMS" };
        let is_overridden = self.session.contains_key(name);
        PropertyListing {
            name: name.to_owned(),
            scope: scope.to_owned(),
            value: self.value(name).map(str::to_owned),
            is_editable: definition.is_editable,
            is_overridden,
            is_default: !is_overridden && !self.server.contains_key(name),
        }
    }
}

fn check(definition: &Definition, value: &str) -> Result<()> {
    let name = definition.name;
    let expected = match definition.kind {
        Kind::Boolean if is_word(value, &["true", "false"]) => return Ok(()),
        Kind::Boolean => "true or false".to_owned(),
        Kind::Integer { min, max } if is_within(value, min, max) => return Ok(()),
        Kind::Integer { min, max } => format!("a whole number from {min} to {max}"),
        Kind::Text => return Ok(()),
        Kind::Word(words) if is_word(value, words) => return Ok(()),
        Kind::Word(words) => format!("one of {}", words.join(", ")),
        Kind::Format if value.is_empty() || Format::from_str(value).is_ok() => return Ok(()),
        Kind::Format => format!("one of {}", Format::ALL.map(Format::name).join(", ")),
    };
    Err(Error::bad_statement(format!(
        "Invalid value {value} for configuration {name}: it must be {expected}"
    )))
}

fn is_word(value: &str, words: &[&str]) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(value))
}

fn is_within(value: &str, min: i64, max: i64) -> bool {
    value.parse::<i64>().is_ok_and(|number| (min..=max).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_overrides_the_server_over_the_default() {
        let server = BTreeMap::from([("ksql.streams.commit.interval.ms".into(), "5".into())]);
        let mut properties = Properties::for_server(server).expect("valid");
        assert_eq!(properties.value("auto.offset.reset"), Some("latest"));
        assert_eq!(properties.number("commit.interval.ms"), 5);
        properties.set("ksql.streams.auto.offset.reset", "EARLIEST").expect("settable");
        assert_eq!(properties.value("auto.offset.reset"), Some("EARLIEST"));
        properties.unset("auto.offset.reset");
        assert_eq!(properties.value("auto.offset.reset"), Some("latest"));
    }

    #[test]
    fn wrong_names_and_values_are_refused() {
        let mut properties = Properties::default();
        assert!(properties.set("no.such.property", "1").is_err());
        assert!(properties.set("ksql.service.id", "x").is_err());
        assert!(properties.set("auto.offset.reset", "middle").is_err());
        assert!(properties.set("cache.max.bytes.buffering", "-1").is_err());
        assert!(properties.set("ksql.functions.my_udf.seed", "1").is_ok());
    }
}
