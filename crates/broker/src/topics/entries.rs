//! The entries of something as they are told: with value, source and synonyms.

use commitlog::TopicConfig;
use kafka_protocol::protocol::StrBytes;

use crate::config::{
    Access, Definition, Described, Entries, Layers, Resource, Settings, Source, Value, definitions,
    inherited,
};

/// One entry as it is.
pub(super) struct Entry {
    pub(super) definition: &'static Definition,
    /// `None` is Kafka's `null`.
    pub(super) value: Option<Value>,
    pub(super) source: Source,
    /// Whether clients cannot change it.
    pub(super) is_read_only: bool,
    /// Every place where it is set, the one that wins first.
    pub(super) places: Vec<Described>,
}

impl Entry {
    /// The value's text; none for what must not be shown.
    pub(super) fn text(&self) -> Option<StrBytes> {
        shown(self.definition, self.value.as_ref())
    }
}

/// The text of a value of `definition`; none for what must not be shown.
pub(super) fn shown(definition: &Definition, value: Option<&Value>) -> Option<StrBytes> {
    let shown = value.filter(|_| !definition.is_sensitive())?;
    Some(StrBytes::from_string(shown.to_string()))
}

/// Every entry of a topic that is kept as `config` says.
pub(super) fn of_topic(settings: &Settings, config: &TopicConfig) -> Vec<Entry> {
    let set = settings.topic_entries(config);
    over_broker(definitions::TOPIC, &set, &settings.layers(), Source::Topic)
}

/// Every entry of a group.
pub(super) fn of_group(settings: &Settings, group: &str) -> Vec<Entry> {
    let set = settings.entries(&Resource::Group(group.to_owned()));
    over_broker(definitions::GROUP, &set, &settings.layers(), Source::Group)
}

/// Every entry of a subscription to clients' metrics.
pub(super) fn of_client_metrics(settings: &Settings, name: &str) -> Vec<Entry> {
    let set = settings.entries(&Resource::ClientMetrics(name.to_owned()));
    let source = Source::ClientMetrics;
    over_broker(definitions::CLIENT_METRICS, &set, &settings.layers(), source)
}

/// Every entry of this node.
pub(super) fn of_node(settings: &Settings) -> Vec<Entry> {
    let layers = settings.layers();
    definitions::of_broker().map(|definition| of_broker(definition, &layers)).collect()
}

/// Every entry that is set for all nodes.
pub(super) fn of_cluster(settings: &Settings) -> Vec<Entry> {
    let layers = settings.layers();
    let only = Layers { cluster: layers.cluster.clone(), ..Layers::default() };
    let set = definitions::of_broker().filter(|known| only.cluster.contains_key(known.name));
    let entries = set.map(|definition| {
        let mut entry = of_broker(definition, &only);
        entry.places.retain(|place| place.source == Source::Cluster);
        entry
    });
    entries.collect()
}

fn of_broker(definition: &'static Definition, layers: &Layers) -> Entry {
    let places = match definition.synonyms.is_empty() {
        true => layers.places_of(&[definition.name]),
        false => layers.places(definition.synonyms),
    };
    Entry {
        definition,
        value: layers.broker(definition),
        source: source(&places),
        is_read_only: definition.access == Access::ReadOnly,
        places,
    }
}

/// Entries of `table`, of which `set` are set with `source`, and the others follow the broker's.
fn over_broker(
    table: &'static [Definition],
    set: &Entries,
    layers: &Layers,
    source_of_set: Source,
) -> Vec<Entry> {
    let entry = |definition: &'static Definition| {
        let own = set.get(definition.name).and_then(|text| definition.parse(text).ok());
        let place = own.clone().map(|value| Described {
            name: definition.name,
            value,
            source: source_of_set,
        });
        let places: Vec<_> = place.into_iter().chain(layers.places(definition.synonyms)).collect();
        Entry {
            definition,
            value: own.or_else(|| inherited(definition, layers)),
            source: source(&places),
            is_read_only: false,
            places,
        }
    };
    table.iter().map(entry).collect()
}

/// Where the value comes from that wins.
fn source(places: &[Described]) -> Source {
    places.first().map_or(Source::Default, |place| place.source)
}
