//! Everything that is configured, while the broker runs: the server's file, and over it what clients
//! have set, which is kept in the log (`own_topic`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use commitlog::{EmbeddedLog, Log as _, TopicConfig};
use types::TopicPartition;
use types::seams::Clock;

use super::definition::Definition;
use super::definitions::{self, TOPIC};
use super::layers::{Entries, Layers};
use super::own_topic::{self, Key};
use super::topic_entries;
use super::value::Value;
use crate::replay::{self, Replay};
use crate::{Config, Result};

/// What else than a topic has a configuration that clients can change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Resource {
    /// All brokers.
    Cluster,
    /// This broker.
    Node,
    /// A consumer group.
    Group(String),
    /// A subscription to clients' metrics.
    ClientMetrics(String),
}

/// Kind of the record that says which of the broker's entries topics were last made to follow.
const FOLLOWED: &str = "followed";

/// Everything that is configured.
#[derive(Debug)]
pub(crate) struct Settings {
    node_id: i32,
    state: RwLock<State>,
    /// Held while something is changed, so that changes are written in the order they take effect.
    changing: Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    layers: Arc<Layers>,
    /// Entries of groups and metrics subscriptions that have any.
    others: BTreeMap<Resource, Arc<Entries>>,
}

impl Settings {
    /// Takes up what `log` keeps, under what `config` says; topics that follow the broker's entries
    /// are made to follow them as they are now.
    ///
    /// # Errors
    /// `Log` when the log cannot be read or refuses.
    pub(crate) fn open(log: &EmbeddedLog, clock: &dyn Clock, config: &Config) -> Result<Self> {
        let mut file = config.properties.clone();
        file.insert("node.id".to_owned(), config.node_id.to_string());
        file.insert("broker.id".to_owned(), config.node_id.to_string());
        let mut layers = Layers { file, ..Layers::default() };
        let mut others = BTreeMap::new();
        let mut followed = Entries::new();
        let settings = |key: &Key| Resource::of(key, config.node_id);
        let replay = Replay { log, skips: config.flag(replay::SKIP) };
        for (key, entries) in own_topic::load(&replay)? {
            match settings(&key) {
                Some(Resource::Cluster) => layers.cluster = entries,
                Some(Resource::Node) => layers.node = entries,
                Some(other) => drop(others.insert(other, Arc::new(entries))),
                None if key.kind == FOLLOWED => followed = entries,
                None => {}
            }
        }
        let before = Layers { file: followed, ..Layers::default() };
        follow(log, clock, &before, &layers)?;
        pace_cleaner(log, &layers);
        let state = RwLock::new(State { layers: Arc::new(layers), others });
        Ok(Self { node_id: config.node_id, state, changing: Mutex::default() })
    }

    /// The broker's entries as they are set now.
    pub(crate) fn layers(&self) -> Arc<Layers> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner).layers)
    }

    /// The entries that are set of `resource`.
    pub(crate) fn entries(&self, resource: &Resource) -> Entries {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        match resource {
            Resource::Cluster => state.layers.cluster.clone(),
            Resource::Node => state.layers.node.clone(),
            other => state.others.get(other).map(|entries| (**entries).clone()).unwrap_or_default(),
        }
    }

    /// Every group and metrics subscription that has entries.
    pub(crate) fn configured(&self) -> Vec<Resource> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.others.keys().cloned().collect()
    }

    /// The number that the broker's entry `name` has now.
    pub(crate) fn number(&self, name: &'static str) -> i64 {
        self.value(name).map_or(0, |value| value.number())
    }

    /// Whether the broker's entry `name` is true now.
    pub(crate) fn flag(&self, name: &'static str) -> bool {
        self.value(name).is_some_and(|value| value.is_true())
    }

    /// The value that the broker's entry `name` has now, if any.
    pub(crate) fn value(&self, name: &'static str) -> Option<Value> {
        let definition = definitions::broker(name).expect("names of entries are in the table");
        self.layers().broker(definition)
    }

    /// The value of entry `name` of a topic that is kept as `config` says. What is set for all brokers
    /// is in there already.
    pub(crate) fn topic_value(&self, config: &TopicConfig, name: &'static str) -> Value {
        let definition = definitions::topic(name).expect("names of entries are in the table");
        topic_entries::value(config, definition)
    }

    /// The number that entry `name` of `group` has now: its own, or what the broker has for all.
    pub(crate) fn group_number(&self, group: &str, name: &'static str) -> i64 {
        let definition = definitions::group(name).expect("names of entries are in the table");
        let entries = self.entries(&Resource::Group(group.to_owned()));
        let set = entries.get(name).and_then(|text| definition.parse(text).ok());
        let value = set.or_else(|| self.inherited(definition));
        value.map_or(0, |value| value.number())
    }

    /// What an entry of a topic or group is when it is not set there.
    pub(crate) fn inherited(&self, definition: &Definition) -> Option<Value> {
        topic_entries::inherited(definition, &self.layers())
    }

    /// How a topic is kept that somebody creates without saying how.
    pub(crate) fn topic_config_default(&self) -> TopicConfig {
        let partitions = i32::try_from(self.number("num.partitions")).unwrap_or(1);
        self.topic_config(partitions, &Entries::new(), None)
    }

    /// How a topic of `partitions` partitions is kept with `entries` set; what `old` holds besides
    /// entries stays.
    pub(crate) fn topic_config(
        &self,
        partitions: i32,
        entries: &Entries,
        old: Option<&TopicConfig>,
    ) -> TopicConfig {
        topic_entries::topic_config(partitions, entries, &self.layers(), old)
    }

    /// The entries that are set of a topic that is kept as `config` says.
    pub(crate) fn topic_entries(&self, config: &TopicConfig) -> Entries {
        topic_entries::set_entries(config, &self.layers())
    }

    /// Replaces what is set of `resource` by what `edit` makes of it, on stable storage and in effect
    /// when it returns; with `validate_only`, nothing happens. Waits for the disk.
    ///
    /// # Errors
    /// `edit`'s, or the log's.
    pub(crate) fn change<E>(
        &self,
        (log, clock): (&EmbeddedLog, &dyn Clock),
        resource: &Resource,
        edit: impl FnOnce(&mut Entries) -> std::result::Result<(), E>,
        validate_only: bool,
    ) -> std::result::Result<(), E>
    where
        E: From<crate::Error>,
    {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entries = self.entries(resource);
        edit(&mut entries)?;
        if !validate_only {
            let key = resource.key(self.node_id);
            own_topic::write(log, &key, &entries, clock.now_ms())?;
            let (before, after) = self.set(resource, entries);
            follow(log, clock, &before, &after)?;
            pace_cleaner(log, &after);
        }
        Ok(())
    }

    /// The same for the topic `name`.
    ///
    /// # Errors
    /// `edit`'s, or the log's.
    pub(crate) fn change_topic<E>(
        &self,
        log: &EmbeddedLog,
        name: &str,
        edit: impl FnOnce(&mut Entries) -> std::result::Result<(), E>,
        validate_only: bool,
    ) -> std::result::Result<(), E>
    where
        E: From<crate::Error>,
    {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let unknown = || commitlog::Error::UnknownPartition(TopicPartition::new(name, 0));
        let old = log.topic(name).ok_or_else(unknown).map_err(crate::Error::Log)?.config;
        let mut entries = self.topic_entries(&old);
        edit(&mut entries)?;
        let config = self.topic_config(old.partitions, &entries, Some(&old));
        if !validate_only && config != *old {
            log.alter_topic(name, &config).map_err(crate::Error::Log)?;
        }
        Ok(())
    }

    /// Puts `entries` into effect; returns the broker's entries before and after.
    fn set(&self, resource: &Resource, entries: Entries) -> (Arc<Layers>, Arc<Layers>) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let before = Arc::clone(&state.layers);
        match resource {
            Resource::Cluster => Arc::make_mut(&mut state.layers).cluster = entries,
            Resource::Node => Arc::make_mut(&mut state.layers).node = entries,
            other if entries.is_empty() => drop(state.others.remove(other)),
            other => drop(state.others.insert(other.clone(), Arc::new(entries))),
        }
        (before, Arc::clone(&state.layers))
    }
}

impl Resource {
    fn key(&self, node_id: i32) -> Key {
        let (kind, name) = match self {
            Self::Cluster => ("broker", String::new()),
            Self::Node => ("broker", node_id.to_string()),
            Self::Group(name) => ("group", name.clone()),
            Self::ClientMetrics(name) => ("client-metrics", name.clone()),
        };
        Key { kind: kind.to_owned(), name }
    }

    fn of(key: &Key, node_id: i32) -> Option<Self> {
        match key.kind.as_str() {
            "broker" if key.name.is_empty() => Some(Self::Cluster),
            "broker" if key.name == node_id.to_string() => Some(Self::Node),
            "group" => Some(Self::Group(key.name.clone())),
            "client-metrics" => Some(Self::ClientMetrics(key.name.clone())),
            _ => None,
        }
    }
}

/// Makes every topic follow the broker's entries from `before` to `after`, then remembers `after`.
/// Broken off at any point, it does the rest when it is done again.
fn follow(log: &EmbeddedLog, clock: &dyn Clock, before: &Layers, after: &Layers) -> Result<()> {
    let followed = followed(after);
    if followed == self::followed(before) {
        return Ok(());
    }
    for topic in log.topics() {
        let entries = topic_entries::set_entries(&topic.config, before);
        let partitions = topic.config.partitions;
        let config = topic_entries::topic_config(partitions, &entries, after, Some(&topic.config));
        if config != *topic.config {
            log.alter_topic(&topic.name, &config)?;
        }
    }
    let key = Key { kind: FOLLOWED.to_owned(), name: String::new() };
    own_topic::write(log, &key, &followed, clock.now_ms())?;
    Ok(())
}

/// Has `log` look for something to compact as often as is set.
fn pace_cleaner(log: &EmbeddedLog, layers: &Layers) {
    let definition = definitions::broker("log.cleaner.backoff.ms");
    let definition = definition.expect("names of entries are in the table");
    if let Some(backoff) = layers.broker(definition) {
        log.set_cleaner_backoff_ms(backoff.number().unsigned_abs());
    }
}

/// The broker's entries that topics follow, as far as they are set.
fn followed(layers: &Layers) -> Entries {
    let names: BTreeSet<&str> =
        TOPIC.iter().flat_map(|topic| topic.synonyms).map(|synonym| synonym.name).collect();
    let set = |name: &str| {
        let layers = [&layers.node, &layers.cluster, &layers.file];
        layers.into_iter().find_map(|entries| entries.get(name)).cloned()
    };
    names.into_iter().filter_map(|name| Some((name.to_owned(), set(name)?))).collect()
}
