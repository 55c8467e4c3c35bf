//! The properties in the server's file: what is wrong with them, all at once.

use std::collections::BTreeMap;

use super::definitions;

/// What to do who wants replicas.
pub(crate) const REPLICATION_REMEDY: &str =
    "there is one broker here; for replication let Tidemill run over an external Kafka cluster";

/// Beginnings of properties whose names hold a listener's or a mechanism's.
const OPEN_PREFIXES: [&str; 2] = ["listener.name.", "sasl.mechanism."];

/// Everything that is wrong with `properties`, one sentence each. What nobody knows is no error, as
/// in Kafka, but is logged.
pub(super) fn problems(properties: &BTreeMap<String, String>) -> Vec<String> {
    let mut problems: Vec<String> =
        properties.iter().filter_map(|(name, text)| problem(name, text)).collect();
    let id = |name| properties.get(name).map(|text| text.trim());
    if let (Some(node), Some(broker)) = (id("node.id"), id("broker.id"))
        && node != broker
    {
        problems.push(format!("node.id is {node}, but broker.id is {broker}; they are the same."));
    }
    let factor = properties.get("default.replication.factor").map(|text| text.trim());
    if factor.is_some_and(|factor| factor.parse::<i64>().is_ok_and(|factor| factor > 1)) {
        problems.push(format!("default.replication.factor must be 1: {REPLICATION_REMEDY}."));
    }
    problems
}

fn problem(name: &str, text: &str) -> Option<String> {
    let Some(definition) = definitions::broker(name) else {
        if !OPEN_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            tracing::warn!(property = name, "a Kafka property that is not known has no effect");
        }
        return None;
    };
    definition.parse(text).err()
}

/// The node's id; `broker.id` is its older name. -1 asks for one to be made up.
pub(super) fn node_id(properties: &BTreeMap<String, String>) -> Option<i32> {
    let id = |name| properties.get(name)?.trim().parse().ok().filter(|id| *id >= 0);
    id("node.id").or_else(|| id("broker.id"))
}
