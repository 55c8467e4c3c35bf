//! A topic's entries and the log's [`TopicConfig`], both ways without loss.
//!
//! What the log acts on lies in typed fields, everything else in `TopicConfig::other`. A field always
//! has a value, so it does not tell whether somebody set it or it follows the broker's entries: the
//! names of those that were set are kept in `other`, too. A topic without these names was created
//! within this process (by a query, a connector, the log itself): there a field that differs from
//! what it would follow counts as set.

use std::collections::BTreeSet;

use commitlog::TopicConfig;

use super::definition::Definition;
use super::definitions::{self, TOPIC};
use super::layers::{Entries, Layers};
use super::value::Value;

/// The entry of `other` that names the fields that were set, with commas between them.
const SET_FIELDS: &str = "tidemill.set";

/// The entries of the topic that somebody has set.
pub(crate) fn set_entries(config: &TopicConfig, layers: &Layers) -> Entries {
    let names = config.other.get(SET_FIELDS);
    let names: Option<BTreeSet<&str>> = names.map(|names| names.split(',').collect());
    let mut entries = Entries::new();
    for definition in TOPIC {
        let text = match definition.field {
            None => config.other.get(definition.name).cloned(),
            Some(field) => {
                let value = (field.value)(config);
                let is_set = match &names {
                    Some(names) => names.contains(definition.name),
                    None => inherited(definition, layers).as_ref() != Some(&value),
                };
                is_set.then(|| value.to_string())
            }
        };
        entries.extend(text.map(|text| (definition.name.to_owned(), text)));
    }
    entries
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
        .filter(|(name, _)| name.as_str() != SET_FIELDS && definitions::topic(name).is_none());
    config.other = foreign.map(|(name, text)| (name.clone(), text.clone())).collect();
    let mut set_fields = Vec::new();
    for definition in TOPIC {
        let set = entries.get(definition.name).and_then(|text| definition.parse(text).ok());
        match (definition.field, set) {
            (Some(field), Some(value)) => {
                (field.set)(&mut config, &value);
                set_fields.push(definition.name);
            }
            (Some(field), None) => {
                let value = inherited(definition, layers);
                value.iter().for_each(|value| (field.set)(&mut config, value));
            }
            (None, Some(value)) => {
                config.other.insert(definition.name.to_owned(), value.to_string());
            }
            (None, None) => {}
        }
    }
    config.other.insert(SET_FIELDS.to_owned(), set_fields.join(","));
    config
}

/// The value of a topic's entry.
pub(crate) fn value(config: &TopicConfig, definition: &Definition, layers: &Layers) -> Value {
    let set = match definition.field {
        Some(field) => return (field.value)(config),
        None => config.other.get(definition.name),
    };
    let set = set.and_then(|text| definition.parse(text).ok());
    let value = set.or_else(|| inherited(definition, layers));
    value.unwrap_or_else(|| Value::Text(String::new()))
}

/// What a topic's entry is when the topic does not set it.
pub(crate) fn inherited(definition: &Definition, layers: &Layers) -> Option<Value> {
    layers.inherited(definition.synonyms).or_else(|| definition.default_value())
}
