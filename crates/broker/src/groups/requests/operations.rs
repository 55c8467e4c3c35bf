//! What a client may do to a group, as describing requests tell when asked to.

use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Operation, Resource};

/// The operations that exist for groups, with Kafka's numbers.
const OPERATIONS: [(Operation, u32); 5] = [
    (Operation::Read, 3),
    (Operation::Delete, 6),
    (Operation::Describe, 8),
    (Operation::DescribeConfigs, 10),
    (Operation::AlterConfigs, 11),
];

/// Says that nobody asked.
const NOT_ASKED: i32 = i32::MIN;

/// One bit for each operation that is allowed on `group`, when `asked`.
pub(super) fn permitted_operations(
    broker: &Broker,
    context: &RequestContext,
    group: &str,
    asked: bool,
) -> i32 {
    if !asked {
        return NOT_ASKED;
    }
    let resource = Resource::Group(group);
    let allowed = OPERATIONS
        .iter()
        .filter(|(operation, _)| broker.security.allows(context, *operation, resource));
    allowed.fold(0, |bits, (_, number)| bits | (1 << number))
}
