//! The broker's entries as they are set: by clients for the node, by clients for all nodes, in the
//! server's file, or nowhere; and which of these wins.

use std::collections::BTreeMap;

use super::definition::{Definition, Synonym};
use super::definitions;
use super::value::Value;

/// Entries by name, as texts.
pub(crate) type Entries = BTreeMap<String, String>;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// The topic's own configuration.
    Topic,
    /// Set by a client for this node.
    Node,
    /// Set by a client for all nodes.
    Cluster,
    /// The server's file.
    File,
    /// Nobody has set it.
    Default,
    /// The own configuration of a subscription to clients' metrics.
    ClientMetrics,
    /// The group's own configuration.
    Group,
}

impl Source {
    /// The protocol's number.
    pub(crate) fn code(self) -> i8 {
        match self {
            Self::Topic => 1,
            Self::Node => 2,
            Self::Cluster => 3,
            Self::File => 4,
            Self::Default => 5,
            Self::ClientMetrics => 7,
            Self::Group => 8,
        }
    }
}

/// One place where an entry is set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Described {
    /// Under which name.
    pub(crate) name: &'static str,
    /// To what.
    pub(crate) value: Value,
    /// Where.
    pub(crate) source: Source,
}

/// The broker's entries by where they are set.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Layers {
    /// By clients, for this node.
    pub(crate) node: Entries,
    /// By clients, for all nodes.
    pub(crate) cluster: Entries,
    /// In the server's file.
    pub(crate) file: Entries,
}

impl Layers {
    /// The value of the broker's entry `definition`; `None` when neither set nor given a default.
    pub(crate) fn broker(&self, definition: &Definition) -> Option<Value> {
        self.set(definition).or_else(|| definition.default_value())
    }

    /// The value that topics and groups inherit from the broker's entries `synonyms`.
    pub(crate) fn inherited(&self, synonyms: &[Synonym]) -> Option<Value> {
        let known = || synonyms.iter().filter_map(|s| Some((s, definitions::broker(s.name)?)));
        let set = known()
            .find_map(|(synonym, definition)| Some(synonym.unit.convert(self.set(definition)?)));
        set.or_else(|| {
            known().find_map(|(synonym, definition)| {
                Some(synonym.unit.convert(definition.default_value()?))
            })
        })
    }

    /// Every place where one of `synonyms` is set, the one that wins first, and their defaults.
    pub(crate) fn places(&self, synonyms: &[Synonym]) -> Vec<Described> {
        let names: Vec<&str> = synonyms.iter().map(|synonym| synonym.name).collect();
        self.places_of(&names)
    }

    /// The same for the broker's entries called `names`.
    pub(crate) fn places_of(&self, names: &[&str]) -> Vec<Described> {
        let known = || names.iter().filter_map(|name| definitions::broker(name));
        let layers = [
            (&self.node, Source::Node),
            (&self.cluster, Source::Cluster),
            (&self.file, Source::File),
        ];
        let mut places = Vec::new();
        for (entries, source) in layers {
            places.extend(known().filter_map(|definition| {
                let value = definition.parse(entries.get(definition.name)?).ok()?;
                Some(Described { name: definition.name, value, source })
            }));
        }
        places.extend(known().filter_map(|definition| {
            let value = definition.default_value()?;
            Some(Described { name: definition.name, value, source: Source::Default })
        }));
        places
    }

    /// What somebody has set; what is no value counts as not set.
    fn set(&self, definition: &Definition) -> Option<Value> {
        let layers = [&self.node, &self.cluster, &self.file];
        layers.into_iter().find_map(|entries| definition.parse(entries.get(definition.name)?).ok())
    }
}
