//! Offsets committed within transactions: the coordinator of transactions asks here whether the group
//! member it writes them for is still one.

use kafka_protocol::ResponseError;

use super::classic::Identity;
use super::coordinator::{Unknown, with_group};
use super::entry::Kind;
use super::settings;
use crate::Broker;

/// For whom a transaction commits offsets. Producers of old clients say only the group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TransactionalMember<'a> {
    pub(crate) group: &'a str,
    /// Empty: not said.
    pub(crate) member_id: &'a str,
    /// Generation or member epoch; -1: not said.
    pub(crate) generation: i32,
    pub(crate) instance_id: Option<&'a str>,
}

/// Runs `commit` if `member` may commit offsets now; the group does not go on without it until that is
/// done. `commit` may wait for the disk, so this belongs where that is allowed.
///
/// # Errors
/// What the client is to be told.
pub(crate) fn while_member<R>(
    broker: &Broker,
    member: TransactionalMember<'_>,
    commit: impl FnOnce() -> R,
) -> Result<R, ResponseError> {
    let TransactionalMember { group, member_id, generation, instance_id } = member;
    // A generation of a group that nobody knows any more is an old one.
    let unknown = if generation < 0 { Unknown::Create } else { Unknown::Refuse };
    let checked = with_group(broker, group, unknown, |entry, _now| {
        let who = Identity { member_id, instance_id };
        match &entry.kind {
            Kind::Classic(group) => group.check_transactional_commit(who, generation)?,
            Kind::Consumer(group) => group.check_transactional_commit(member_id, generation)?,
        }
        Ok(commit())
    });
    checked.map_err(|error| match error {
        ResponseError::GroupIdNotFound => ResponseError::IllegalGeneration,
        error => error,
    })?
}

/// How long the metadata of an offset may be (`offset.metadata.max.bytes`).
pub(crate) fn metadata_bytes_max(broker: &Broker) -> usize {
    settings::metadata_bytes_max(&broker.settings)
}
