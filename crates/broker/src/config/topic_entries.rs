//! A topic's entries and the log's [`TopicConfig`], both ways without loss.
//!
//! What the log acts on lies in typed fields; everything else in `TopicConfig::other`, as far as it is
//! not Kafka's default. So whoever has a topic's configuration knows what holds, and needs not ask what
//! is set for all brokers. That an entry has a value does not tell whether somebody set it or it follows
//! the broker's: the names of those that were set are kept in `other`, too. A topic without these names
//! was created within this process (by a query, a connector, the log itself): there a field that
//! differs from what it would follow counts as set, and so does what lies in `other`. Its cleanup policy
//! always does: whoever makes a topic within the process says what may be forgotten of it, and no entry of
//! the broker's may change that.

use std::collections::BTreeSet;

use commitlog::TopicConfig;

use super::definition::Definition;
use super::definitions::{self, TOPIC};
use super::layers::{Entries, Layers};
use super::value::Value;

/// The entry of `other` that names the entries that were set, with commas between them.
const SET_NAMES: &str = "tidemill.set";

/// The entry that says what may be forgotten of a topic.
const CLEANUP_POLICY: &str = "cleanup.policy";

/// The entries of the topic that somebody has set.
pub(crate) fn set_entries(config: &TopicConfig, layers: &Layers) -> Entries {
    let names = config.other.get(SET_NAMES);
    let names: Option<BTreeSet<&str>> = names.map(|names| names.split(',').collect());
    let is_set = |definition: &Definition, value: &Value| match &names {
        Some(names) => names.contains(definition.name),
        None if definition.name == CLEANUP_POLICY => true,
        None => inherited(definition, layers).as_ref() != Some(value),
    };
    let set = TOPIC.iter().filter_map(|definition| {
        let value = own(config, definition)?;
        is_set(definition, &value).then(|| (definition.name.to_owned(), value.to_string()))
    });
    set.collect()
}

/// What the log is told about a topic of `partitions` partitions with `entries` set; the rest follows
/// the broker's entries. What `old` holds that is no entry of a topic stays.
pub(crate) fn topic_config(
    partitions: i32,
    entries: &Entries,
    layers: &Layers,
    old: Option<&TopicConfig>,
) -> TopicConfig {
    let mut config = TopicConfig::with_partitions(partitions);
    let foreign = old.into_iter().flat_map(|old| &old.other);
    let foreign = foreign
        .filter(|(name, _)| name.as_str() != SET_NAMES && definitions::topic(name).is_none());
    config.other = foreign.map(|(name, text)| (name.clone(), text.clone())).collect();
    let mut set_names = Vec::new();
    for definition in TOPIC {
        let set = entries.get(definition.name).and_then(|text| definition.parse(text).ok());
        let is_set = set.is_some();
        if is_set {
            set_names.push(definition.name);
        }
        let Some(value) = set.or_else(|| inherited(definition, layers)) else { continue };
        match definition.field {
            Some(field) => {
                (field.set)(&mut config, &value);
                let kept = (field.value)(&config);
                if kept != value && kept.has_same_items(&value) {
                    config.other.insert(definition.name.to_owned(), value.to_string());
                }
            }
            None if is_set || definition.default_value().as_ref() != Some(&value) => {
                config.other.insert(definition.name.to_owned(), value.to_string());
            }
            None => {}
        }
    }
    config.other.insert(SET_NAMES.to_owned(), set_names.join(","));
    config
}

/// The value of a topic's entry.
pub(crate) fn value(config: &TopicConfig, definition: &Definition) -> Value {
    let value = own(config, definition).or_else(|| definition.default_value());
    value.expect("every entry of a topic has a default")
}

/// The value of an entry as the topic itself has it; `None` where Kafka's default holds.
fn own(config: &TopicConfig, definition: &Definition) -> Option<Value> {
    let kept = config.other.get(definition.name).and_then(|text| definition.parse(text).ok());
    let Some(field) = definition.field else { return kept };
    let value = (field.value)(config);
    // The text of a list keeps its order, of which a field knows nothing.
    Some(kept.filter(|kept| kept.has_same_items(&value)).unwrap_or(value))
}

/// What a topic's entry is when the topic does not set it.
pub(crate) fn inherited(definition: &Definition, layers: &Layers) -> Option<Value> {
    layers.inherited(definition.synonyms).or_else(|| definition.default_value())
}
