//! Topics, their configurations, and the node itself: metadata and administration.

mod authorized;
mod automatic;
mod changes;
mod configs;
mod create;
mod create_partitions;
mod creation;
mod delete;
mod delete_records;
mod describe_cluster;
mod describe_partitions;
mod dispatch;
mod entries;
mod features;
mod ids;
mod log_dirs;
mod metadata;
mod names;
mod node;
mod own;
mod quorum;
mod refusal;
mod replicas;
#[cfg(test)]
mod tests;

pub(crate) use authorized::{NOT_ASKED, authorized_operations};
pub(crate) use dispatch::dispatch;
pub(crate) use features::{FEATURES, Feature};
pub(crate) use ids::{from_uuid, to_uuid};
pub(crate) use names::{is_internal, is_own};
pub(crate) use node::{Node, endpoint, node_id};
