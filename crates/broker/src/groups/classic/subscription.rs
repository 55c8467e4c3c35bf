//! Which topics a group of consumers reads, as its members tell their assignor.

use std::collections::BTreeSet;

use bytes::{Buf as _, Bytes};
use kafka_protocol::messages::ConsumerProtocolSubscription;
use kafka_protocol::protocol::{Decodable as _, Message as _};

use super::{Group, State};
use crate::wire;

/// The protocol type of consumers, whose metadata has a known form.
const CONSUMERS: &str = "consumer";

impl Group {
    /// The topics its members subscribe to; `None` when that cannot be known: they are no consumers,
    /// or have not agreed on a protocol yet.
    pub(crate) fn subscription(&self) -> Option<BTreeSet<String>> {
        let protocol = self.protocol().filter(|_| self.protocol_type() == CONSUMERS)?;
        if !matches!(self.state(), State::Completing | State::Stable) {
            return None;
        }
        let mut topics = BTreeSet::new();
        for member in self.members() {
            topics.extend(subscribed(member.metadata(protocol))?);
        }
        Some(topics)
    }
}

/// The topics in a consumer's metadata: a version, and a subscription in that version.
fn subscribed(mut metadata: Bytes) -> Option<Vec<String>> {
    let versions = ConsumerProtocolSubscription::VERSIONS;
    let version = metadata.try_get_i16().ok().filter(|version| *version >= versions.min)?;
    // A later version only adds to what this one says.
    let version = version.min(versions.max);
    wire::check_subscription(version, &metadata).ok()?;
    let said = ConsumerProtocolSubscription::decode(&mut metadata, version).ok()?;
    Some(said.topics.iter().map(|topic| topic.to_string()).collect())
}
