//! Replays change events into a table and insists that each one fits the state before it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::node::Pair;

/// The table that the events of a keyed table lead to.
///
/// # Panics
/// When a row appears twice, changes without having appeared, or changes from another state.
pub fn replay(events: &[Pair]) -> BTreeMap<String, Value> {
    let mut table: BTreeMap<String, Value> = BTreeMap::new();
    for (position, (key, value)) in events.iter().enumerate() {
        let key = key.as_ref().expect("a key").to_string();
        let Some(value) = value else { continue };
        let (before, after) = (&value["before"], &value["after"]);
        let state = table.get(&key);
        match value["op"].as_str().expect("an operation") {
            "r" | "c" => assert_eq!(state, None, "event {position} repeats a row: {value}"),
            "u" | "d" => assert_eq!(state, Some(before), "event {position} does not fit: {value}"),
            other => panic!("unknown operation {other}"),
        }
        match after {
            Value::Null => table.remove(&key),
            row => table.insert(key, row.clone()),
        };
    }
    table
}
