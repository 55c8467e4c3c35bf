//! One ACL: who may or may not do what to which resources, from where.

use serde::{Deserialize, Serialize};

use super::words::{Operation, PatternType, Permission, ResourceType};

/// Any resource name, any host.
pub(crate) const WILDCARD: &str = "*";
/// Any user.
pub(crate) const ANY_USER: &str = "User:*";
/// The name that the cluster has as a resource.
pub(crate) const CLUSTER_NAME: &str = "kafka-cluster";

/// An ACL. Its JSON is the key of its record in the security topic, so fields keep their order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Acl {
    pub(crate) resource_type: ResourceType,
    pub(crate) resource_name: String,
    pub(crate) pattern_type: PatternType,
    /// With its type, `User:alice`.
    pub(crate) principal: String,
    /// An address or `*`.
    pub(crate) host: String,
    pub(crate) operation: Operation,
    pub(crate) permission: Permission,
}
