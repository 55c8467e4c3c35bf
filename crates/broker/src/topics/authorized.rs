//! Which operations a client may do to something, as the bits in which Metadata, DescribeCluster and
//! DescribeGroups tell it (KIP-430).

use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Operation, Resource};

/// What stands for "was not asked for".
pub(crate) const NOT_ASKED: i32 = i32::MIN;

/// Operations that mean something for a topic.
const OF_TOPIC: &[Operation] = &[
    Operation::Read,
    Operation::Write,
    Operation::Create,
    Operation::Delete,
    Operation::Alter,
    Operation::Describe,
    Operation::DescribeConfigs,
    Operation::AlterConfigs,
];

/// Operations that mean something for the cluster.
const OF_CLUSTER: &[Operation] = &[
    Operation::Create,
    Operation::Alter,
    Operation::Describe,
    Operation::ClusterAction,
    Operation::DescribeConfigs,
    Operation::AlterConfigs,
    Operation::IdempotentWrite,
];

/// Operations that mean something for a group.
const OF_GROUP: &[Operation] = &[
    Operation::Read,
    Operation::Delete,
    Operation::Describe,
    Operation::DescribeConfigs,
    Operation::AlterConfigs,
];

/// The operations on `resource` that the client of `context` may do.
pub(crate) fn authorized_operations(
    broker: &Broker,
    context: &RequestContext,
    resource: Resource<'_>,
) -> i32 {
    let operations = match resource {
        Resource::Topic(_) => OF_TOPIC,
        Resource::Cluster => OF_CLUSTER,
        Resource::Group(_) => OF_GROUP,
        _ => &[],
    };
    let allowed = |operation: &&Operation| broker.security.allows(context, **operation, resource);
    operations.iter().filter(allowed).fold(0, |bits, operation| bits | 1 << *operation as i32)
}
