//! Topics, their configurations, and the node itself: metadata and administration.

mod authorized;
mod automatic;
mod configs;
mod create;
mod creation;
mod delete;
mod describe_cluster;
mod dispatch;
mod entries;
mod ids;
mod metadata;
mod names;
mod node;
mod refusal;
#[cfg(test)]
mod tests;

pub(crate) use authorized::{NOT_ASKED, authorized_operations};
pub(crate) use dispatch::dispatch;
pub(crate) use ids::{from_uuid, to_uuid};
pub(crate) use names::is_internal;
pub(crate) use node::{Node, endpoint, node_id};
