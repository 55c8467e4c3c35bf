//! What the server tells the broker when it starts.

use std::collections::BTreeMap;
use std::fmt;

use super::layers::Layers;
use super::value::Value;
use super::{definitions, properties};

/// Where clients of one listener are told to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advertised {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
}

/// Settings of a broker. The defaults are Kafka's.
#[derive(Clone)]
pub struct Config {
    /// `node.id`, the id of the only broker.
    pub node_id: i32,
    /// `advertised.listeners`, by the listener's name.
    pub advertised: BTreeMap<String, Advertised>,
    /// Where the log is kept, as DescribeLogDirs tells it.
    pub log_directory: String,
    /// `socket.request.max.bytes`.
    pub request_bytes_max: usize,
    /// `queued.max.request.bytes`: bytes of requests held in memory at once, over all connections.
    pub requests_bytes_max: usize,
    /// Every broker property as it was configured, without the prefix `kafka.`.
    pub properties: BTreeMap<String, String>,
}

/// Bytes of requests in memory where `queued.max.request.bytes` sets no limit.
const REQUESTS_BYTES_MAX: usize = 256 << 20;

impl Default for Config {
    fn default() -> Self {
        Self {
            node_id: 1,
            advertised: BTreeMap::new(),
            log_directory: String::new(),
            request_bytes_max: 100 << 20,
            requests_bytes_max: REQUESTS_BYTES_MAX,
            properties: BTreeMap::new(),
        }
    }
}

impl fmt::Debug for Config {
    /// Leaves out the properties: passwords are among them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("node_id", &self.node_id)
            .field("advertised", &self.advertised)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// The configuration that `properties` say: Kafka's broker properties, without any prefix.
    /// Listeners are left to the server.
    ///
    /// # Errors
    /// Everything that is wrong with them, one sentence each.
    pub fn from_properties(properties: &BTreeMap<String, String>) -> Result<Self, Vec<String>> {
        let problems = properties::problems(properties);
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut config = Self { properties: properties.clone(), ..Self::default() };
        let size = |number: i64| usize::try_from(number).unwrap_or(REQUESTS_BYTES_MAX);
        if let Some(id) = properties::node_id(properties) {
            config.node_id = id;
        }
        config.request_bytes_max = size(config.number("socket.request.max.bytes"));
        config.requests_bytes_max = size(config.number("queued.max.request.bytes"));
        Ok(config)
    }

    /// The number that the property `name`, a number of Kafka's broker, has by the server's file or by
    /// default; 0 when there is no such property.
    pub fn number(&self, name: &str) -> i64 {
        self.value(name).map_or(0, |value| value.number())
    }

    /// Whether the property `name` is true by the server's file or by default.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| value.is_true())
    }

    fn value(&self, name: &str) -> Option<Value> {
        let layers = Layers { file: self.properties.clone(), ..Layers::default() };
        definitions::broker(name).and_then(|definition| layers.broker(definition))
    }
}
