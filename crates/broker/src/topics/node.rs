//! The node itself, as clients see it: where to reach it, and which cluster it is. There is exactly
//! one node; it is controller, leader, coordinator and replica of everything.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use commitlog::{EmbeddedLog, Log as _};
use kafka_protocol::messages::BrokerId;
use kafka_protocol::protocol::StrBytes;

use crate::context::Session;
use crate::{Advertised, Broker};

/// Where a client is sent that came through a listener nobody advertises: Kafka's own default.
const HOST_DEFAULT: &str = "localhost";
const PORT_DEFAULT: u16 = 9092;

/// What never changes about this node while it runs.
#[derive(Debug)]
pub(crate) struct Node {
    /// The cluster's id: 16 bytes in URL-safe base64, the same for the whole life of the log.
    pub(crate) cluster_id: StrBytes,
}

impl Node {
    /// The node over `log`.
    pub(crate) fn of(log: &EmbeddedLog) -> Self {
        // Every log has its own topic of offsets, and the upper half of a topic's id is the log's.
        let log_id = log.topics().first().map_or(0, |topic| (topic.id >> 64) as u64);
        Self { cluster_id: StrBytes::from_string(cluster_id(log_id)) }
    }
}

/// 16 bytes made of the log's 8: they must only be stable and differ between logs.
fn cluster_id(log_id: u64) -> String {
    const GOLDEN_RATIO: u64 = 0x9E37_79B9_7F4A_7C15;
    let other_half = log_id.wrapping_mul(GOLDEN_RATIO).rotate_left(31) ^ GOLDEN_RATIO;
    let whole = u128::from(log_id) << 64 | u128::from(other_half);
    BASE64_URL_SAFE_NO_PAD.encode(whole.to_be_bytes())
}

/// Where the client of `session` is to connect to, by the listener it came through.
pub(crate) fn endpoint(broker: &Broker, session: &Session) -> Advertised {
    let advertised = &broker.config.advertised;
    let found = advertised.get(&*session.listener).or_else(|| advertised.values().next());
    let unknown = || Advertised { host: HOST_DEFAULT.to_owned(), port: PORT_DEFAULT };
    found.cloned().unwrap_or_else(unknown)
}

/// This node's id in the form that messages carry.
pub(crate) fn node_id(broker: &Broker) -> BrokerId {
    BrokerId(broker.config.node_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_id_has_the_length_of_kafkas_and_tells_logs_apart() {
        assert_eq!(cluster_id(1).len(), 22);
        assert_ne!(cluster_id(1), cluster_id(2));
        assert_eq!(cluster_id(0x0123_4567_89AB_CDEF), cluster_id(0x0123_4567_89AB_CDEF));
    }
}
