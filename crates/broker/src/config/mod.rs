//! Configuration in Kafka's words: what there is to configure (`definitions`), what is configured and
//! where that comes from (`settings`), and how it becomes the log's [`commitlog::TopicConfig`].
//!
//! One table says everything about an entry. Validation, defaults, DescribeConfigs, what the log is
//! told and the tables of `docs/kafka-configuration.md` all follow it.

mod changes;
mod definition;
pub(crate) mod definitions;
#[cfg(test)]
mod documentation;
mod layers;
mod own_topic;
mod properties;
mod server;
mod settings;
#[cfg(test)]
mod tests;
mod topic_entries;
mod value;

pub(crate) use changes::{Change, Operation, change};
pub(crate) use definition::{Access, Definition, Effect};
pub(crate) use layers::{Described, Entries, Layers, Source};
pub(crate) use properties::REPLICATION_REMEDY;
pub use server::{Advertised, Config};
pub(crate) use settings::{Resource, Settings};
pub(crate) use topic_entries::inherited;
pub(crate) use value::Value;
