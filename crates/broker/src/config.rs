//! What the broker is told about itself: the part of Kafka's broker configuration that it acts on.

use std::collections::BTreeMap;

/// Where clients of one listener are told to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advertised {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
}

/// Settings of a broker. The defaults are Kafka's.
#[derive(Clone, Debug)]
pub struct Config {
    /// `node.id`, the id of the only broker.
    pub node_id: i32,
    /// `advertised.listeners`, by the listener's name.
    pub advertised: BTreeMap<String, Advertised>,
    /// `auto.create.topics.enable`.
    pub creates_topics: bool,
    /// `num.partitions` of topics that are created without a number.
    pub partitions_default: i32,
    /// `socket.request.max.bytes`.
    pub request_bytes_max: usize,
    /// `queued.max.request.bytes`: bytes of requests held in memory at once, over all connections.
    pub requests_bytes_max: usize,
    /// Every broker property as it was configured, without the prefix `kafka.`.
    pub properties: BTreeMap<String, String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            node_id: 1,
            advertised: BTreeMap::new(),
            creates_topics: true,
            partitions_default: 1,
            request_bytes_max: 100 << 20,
            requests_bytes_max: 256 << 20,
            properties: BTreeMap::new(),
        }
    }
}
