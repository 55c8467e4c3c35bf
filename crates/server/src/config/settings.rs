//! The server's configuration, assembled and checked.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::listener::{self, Listener};
use super::memory::{self, Memory};
use super::{environment, properties_file};
use crate::kafka::listeners::{self as kafka_listeners, Listeners};
use crate::{Error, Result};

/// Where data is kept when nothing else is said.
const DATA_DEFAULT: &str = "./tidemill-data";
/// Connections that all doors together serve at once.
const CONNECTIONS_MAX_DEFAULT: usize = 10_000;

/// The properties that are ours alone.
const WORKERS: &str = "tidemill.workers";
const MEMORY_LIMIT: &str = "tidemill.memory.limit";
const CONNECTIONS_MAX: &str = "tidemill.connections.max";
pub(crate) const KSQL_LISTENERS: &str = "listeners";
pub(crate) const REGISTRY_LISTENERS: &str = "schema.registry.listeners";
pub(crate) const CONNECT_LISTENERS: &str = "connect.rest.listeners";

/// Prefix of Kafka's broker properties: without it, some are called like ksqlDB's.
const KAFKA_NAMESPACE: &str = "kafka.";

/// Namespaces in which nobody else's tools look for properties: an unknown one there is a mistake.
const OWN_NAMESPACES: [&str; 3] = ["tidemill.", "schema.registry.", "connect.rest."];
const OWN_PROPERTIES: [&str; 5] =
    [WORKERS, MEMORY_LIMIT, CONNECTIONS_MAX, REGISTRY_LISTENERS, CONNECT_LISTENERS];

/// Properties that ksqlDB has and that change nothing here: the log, the registry and the connectors are
/// this process's own, and there are no extensions.
const WITHOUT_EFFECT: [&str; 5] = [
    "bootstrap.servers",
    "ksql.schema.registry.url",
    "ksql.connect.url",
    "ksql.extension.dir",
    "ksql.queries.file",
];

/// Connect's worker properties that every connector takes as defaults; the properties of an embedded
/// worker are written with `connect.` before them.
const CONNECTOR_DEFAULTS: [&str; 2] = ["connect.key.converter", "connect.value.converter"];

/// How a server runs.
#[derive(Clone)]
pub struct Config {
    /// The data directory.
    pub data: PathBuf,
    /// Where ksqlDB's REST API is served.
    pub ksql_listeners: Vec<Listener>,
    /// Where the schema registry's REST API is served; nowhere when empty.
    pub registry_listeners: Vec<Listener>,
    /// Where Kafka Connect's REST API is served; nowhere when empty.
    pub connect_listeners: Vec<Listener>,
    /// Where Kafka clients are served; nowhere when empty.
    pub kafka_listeners: Listeners,
    /// What the broker is told.
    pub kafka: broker::Config,
    /// Threads that run queries.
    pub workers: usize,
    /// Memory of the process, shared out over its parts.
    pub memory: Memory,
    /// Connections that all doors together serve at once.
    pub connections_max: usize,
    /// Properties of connectors that don't set them.
    pub connector_defaults: BTreeMap<String, String>,
    /// All properties, for the engine.
    pub properties: BTreeMap<String, String>,
}

impl fmt::Debug for Config {
    /// Leaves out properties and what is made of them: passwords are among them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("data", &self.data)
            .field("ksql_listeners", &self.ksql_listeners)
            .field("registry_listeners", &self.registry_listeners)
            .field("connect_listeners", &self.connect_listeners)
            .field("workers", &self.workers)
            .field("memory", &self.memory)
            .field("connections_max", &self.connections_max)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// Puts the configuration together: `data` from the command line, the text of a properties file,
    /// and environment variables, which win over the file.
    ///
    /// # Errors
    /// `Config` with everything that is wrong.
    pub fn assemble(
        data: Option<PathBuf>,
        file: Option<&str>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self> {
        let in_file = properties_file::parse(file.unwrap_or_default());
        let in_file = in_file.map_err(|error| Error::Config(vec![error]))?;
        let mut properties: BTreeMap<String, String> =
            in_file.into_iter().map(|(name, value)| (name, value.trim_end().to_owned())).collect();
        for (variable, value) in variables {
            if let Some(property) = environment::property_of(&variable) {
                properties.insert(property, value);
            }
        }
        Self::from_properties(data, properties)
    }

    fn from_properties(
        data: Option<PathBuf>,
        properties: BTreeMap<String, String>,
    ) -> Result<Self> {
        let mut reader = Reader { properties: &properties, problems: Vec::new() };
        reader.refuse_unknown();
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let config = Self {
            data: data.unwrap_or_else(|| PathBuf::from(DATA_DEFAULT)),
            ksql_listeners: reader.listeners(KSQL_LISTENERS, 8088),
            registry_listeners: reader.listeners(REGISTRY_LISTENERS, 8081),
            connect_listeners: reader.listeners(CONNECT_LISTENERS, 8083),
            kafka_listeners: kafka_listeners::read(&properties, &mut reader.problems),
            kafka: reader.kafka(),
            workers: reader.number(WORKERS, workers as u64) as usize,
            memory: reader.memory(),
            connections_max: reader.number(CONNECTIONS_MAX, CONNECTIONS_MAX_DEFAULT as u64)
                as usize,
            connector_defaults: connector_defaults(&properties),
            properties: BTreeMap::new(),
        };
        if !reader.problems.is_empty() {
            return Err(Error::Config(reader.problems));
        }
        Ok(Self { properties, ..config })
    }

    /// Properties that nothing here reads: written for another product, or misspelt, or about what this
    /// server has of its own.
    pub fn unused_properties(&self) -> Vec<&str> {
        let is_known = |name: &str| {
            name == KSQL_LISTENERS
                || name.starts_with(KAFKA_NAMESPACE)
                || OWN_PROPERTIES.contains(&name)
                || CONNECTOR_DEFAULTS.iter().any(|prefix| name.starts_with(prefix))
                || engine::properties::DEFINITIONS.iter().any(|known| known.name == streams(name))
                || engine::properties::is_settable(name)
        };
        let unused = self
            .properties
            .keys()
            .map(String::as_str)
            .filter(|name| WITHOUT_EFFECT.contains(name) || !is_known(name));
        unused.collect()
    }
}

/// The name without the prefix under which Kafka Streams' properties may be written.
fn streams(name: &str) -> &str {
    name.strip_prefix("ksql.streams.").unwrap_or(name)
}

fn connector_defaults(properties: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let is_default = |name: &str| CONNECTOR_DEFAULTS.iter().any(|prefix| name.starts_with(prefix));
    let defaults = properties.iter().filter(|(name, _)| is_default(name));
    let unprefixed = |name: &str| name.strip_prefix("connect.").unwrap_or(name).to_owned();
    defaults.map(|(name, value)| (unprefixed(name), value.clone())).collect()
}

/// Reads properties and collects what is wrong with them.
struct Reader<'a> {
    properties: &'a BTreeMap<String, String>,
    problems: Vec<String>,
}

impl Reader<'_> {
    fn refuse_unknown(&mut self) {
        let is_ours = |name: &str| OWN_NAMESPACES.iter().any(|space| name.starts_with(space));
        for name in self.properties.keys() {
            if is_ours(name) && !OWN_PROPERTIES.contains(&name.as_str()) {
                let known = OWN_PROPERTIES.join(", ");
                self.problems.push(format!("'{name}' is not a property; there are {known}"));
            }
        }
    }

    fn listeners(&mut self, name: &str, port_default: u16) -> Vec<Listener> {
        let Some(value) = self.properties.get(name) else {
            return vec![Listener::loopback(port_default)];
        };
        listener::parse_list(value).unwrap_or_else(|problem| {
            self.problems.push(format!("{name}: {problem}"));
            Vec::new()
        })
    }

    fn kafka(&mut self) -> broker::Config {
        let of_broker = |(name, value): (&String, &String)| {
            Some((name.strip_prefix(KAFKA_NAMESPACE)?.to_owned(), value.clone()))
        };
        let properties = self.properties.iter().filter_map(of_broker).collect();
        broker::Config::from_properties(&properties).unwrap_or_else(|problems| {
            let named =
                problems.into_iter().map(|problem| format!("{KAFKA_NAMESPACE}*: {problem}"));
            self.problems.extend(named);
            broker::Config::default()
        })
    }

    /// A whole number of at least one.
    fn memory(&mut self) -> Memory {
        let limit_bytes = self.number(MEMORY_LIMIT, memory::LIMIT_BYTES_DEFAULT);
        if limit_bytes < memory::LIMIT_BYTES_MIN {
            self.problems.push(format!(
                "{MEMORY_LIMIT}: {limit_bytes} bytes are too few; at least {} are needed",
                memory::LIMIT_BYTES_MIN
            ));
        }
        Memory::new(limit_bytes)
    }

    fn number(&mut self, name: &str, default: u64) -> u64 {
        let Some(value) = self.properties.get(name) else { return default };
        match value.trim().parse() {
            Ok(number) if number > 0 => number,
            _ => {
                self.problems.push(format!("{name}: '{value}' is not a whole number above zero"));
                default
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assembled(file: &str, variables: &[(&str, &str)]) -> Result<Config> {
        let variables = variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        Config::assemble(None, Some(file), variables)
    }

    #[test]
    fn nothing_listens_beyond_loopback_by_default() {
        let config = assembled("", &[]).expect("defaults are right");
        assert_eq!(config.data, PathBuf::from("./tidemill-data"));
        assert_eq!(config.ksql_listeners, [Listener::loopback(8088)]);
        assert_eq!(config.registry_listeners, [Listener::loopback(8081)]);
        assert_eq!(config.connect_listeners, [Listener::loopback(8083)]);
        assert_eq!(config.kafka_listeners[0].address, Listener::loopback(9092));
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let file = "ksql.service.id=a_\nlisteners=http://127.0.0.1:1\nschema.registry.listeners=\n";
        let variables = [("KSQL_KSQL_SERVICE_ID", "b_"), ("KSQL_CONNECT_VALUE_CONVERTER", "c")];
        let config = assembled(file, &variables).expect("right");
        assert_eq!(config.properties["ksql.service.id"], "b_");
        assert_eq!(config.connector_defaults["value.converter"], "c");
        assert_eq!(config.ksql_listeners[0].port, 1);
        assert_eq!(config.registry_listeners, []);
    }

    #[test]
    fn every_mistake_is_listed() {
        let file = "tidemill.worker=1\nlisteners=nowhere\ntidemill.connections.max=0\n";
        let error = assembled(file, &[]).expect_err("wrong").to_string();
        for word in ["'tidemill.worker'", "listeners: 'nowhere'", "connections.max: '0'"] {
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn properties_of_others_are_told_and_kept() {
        let config = assembled(
            "ssl.keystore.location=x\nbootstrap.servers=b:1\nksql.streams.commit.interval.ms=5\n",
            &[],
        );
        assert_eq!(
            config.expect("right").unused_properties(),
            ["bootstrap.servers", "ssl.keystore.location"]
        );
    }
}
