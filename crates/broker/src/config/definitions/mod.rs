//! Every configuration entry there is: names, types, defaults and limits are Apache Kafka 4.1's, but for
//! those that begin with `tidemill.`, which are our own.

mod broker;
mod broker_absent;
mod broker_groups;
mod broker_log;
mod broker_security;
mod broker_unused;
mod group;
mod topic;

pub(crate) use group::{CLIENT_METRICS, GROUP};
pub(crate) use topic::TOPIC;

use super::definition::Definition;

/// Entries of the broker, in tables by what they are about.
pub(crate) const BROKER: [&[Definition]; 6] = [
    broker::BROKER,
    broker_log::LOG,
    broker_groups::GROUPS,
    broker_security::SECURITY,
    broker_unused::UNUSED,
    broker_absent::ABSENT,
];

/// Every entry of the broker.
pub(crate) fn of_broker() -> impl Iterator<Item = &'static Definition> {
    BROKER.into_iter().flatten()
}

/// The broker's entry called `name`.
pub(crate) fn broker(name: &str) -> Option<&'static Definition> {
    of_broker().find(|definition| definition.name == name)
}

/// The topic's entry called `name`.
pub(crate) fn topic(name: &str) -> Option<&'static Definition> {
    TOPIC.iter().find(|definition| definition.name == name)
}

/// The group's entry called `name`.
pub(crate) fn group(name: &str) -> Option<&'static Definition> {
    GROUP.iter().find(|definition| definition.name == name)
}

/// The entry called `name` of a subscription to clients' metrics.
pub(crate) fn client_metrics(name: &str) -> Option<&'static Definition> {
    CLIENT_METRICS.iter().find(|definition| definition.name == name)
}
