//! A classic group as Kafka's group metadata record.
//!
//! Key: version (int16, 2), group (string). Value, version 3: protocol type (string), generation
//! (int32), protocol and leader (nullable strings), time of the last change of state (int64), members
//! (array). A member: id (string), instance id (nullable string), client id and host (strings),
//! rebalance and session timeout (int32, ms), subscription and assignment (bytes).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::fields::{Reader, Writer};
use crate::groups::classic::{MemberSnapshot, Protocol, Snapshot};

/// Version of the record's key.
pub(super) const KEY: i16 = 2;
const VALUE: i16 = 3;
/// The first versions of the value that know rebalance timeouts, times and instance ids.
const REBALANCE_TIMEOUTS: i16 = 1;
const TIMES: i16 = 2;
const INSTANCE_IDS: i16 = 3;

/// The record's key.
pub(super) fn key(group: &str) -> Bytes {
    let mut key = Writer::new(KEY);
    key.string(group);
    key.finish()
}

/// The record's value.
pub(super) fn encode(group: &Snapshot) -> Bytes {
    let mut value = Writer::new(VALUE);
    value.string(&group.protocol_type);
    value.i32(group.generation);
    value.nullable_string(group.protocol.as_deref());
    value.nullable_string(group.leader.as_deref());
    value.i64(group.since_ms);
    value.length(group.members.len());
    for member in &group.members {
        value.string(&member.id);
        value.nullable_string(member.instance_id.as_deref());
        value.string(&member.client_id);
        value.string(&member.client_host);
        value.i32(ms(member.rebalance_timeout));
        value.i32(ms(member.session_timeout));
        value.bytes(&metadata(member, group.protocol.as_ref()));
        value.bytes(&member.assignment);
    }
    value.finish()
}

/// What `member` said about the group's protocol.
fn metadata(member: &MemberSnapshot, protocol: Option<&Arc<str>>) -> Bytes {
    let said = member.protocols.iter().find(|said| Some(&said.name) == protocol);
    said.map(|said| said.metadata.clone()).unwrap_or_default()
}

/// The group that `value` describes, in any version up to 3; `None` when it describes none.
pub(super) fn decode(value: &[u8]) -> Option<Snapshot> {
    let mut value = Reader::new(value);
    let version = value.i16().filter(|version| (0..=VALUE).contains(version))?;
    let mut group = Snapshot {
        protocol_type: value.string()?,
        generation: value.i32()?,
        protocol: value.nullable_string()?,
        leader: value.nullable_string()?,
        since_ms: if version >= TIMES { value.i64()? } else { -1 },
        members: Vec::new(),
    };
    for _ in 0..value.length()? {
        let member = decode_member(&mut value, version, group.protocol.as_ref())?;
        group.members.push(member);
    }
    Some(group)
}

fn decode_member(
    value: &mut Reader<'_>,
    version: i16,
    protocol: Option<&Arc<str>>,
) -> Option<MemberSnapshot> {
    let id: Arc<str> = value.string()?;
    let instance_id = if version >= INSTANCE_IDS { value.nullable_string()? } else { None };
    let (client_id, client_host) = (value.string()?, value.string()?);
    let rebalance_ms = if version >= REBALANCE_TIMEOUTS { Some(value.i32()?) } else { None };
    let session_ms = value.i32()?;
    let metadata = value.bytes()?;
    let said = |name: &Arc<str>| Protocol { name: Arc::clone(name), metadata };
    Some(MemberSnapshot {
        id,
        instance_id,
        client_id,
        client_host,
        rebalance_timeout: duration(rebalance_ms.unwrap_or(session_ms)),
        session_timeout: duration(session_ms),
        protocols: protocol.map(said).into_iter().collect(),
        assignment: value.bytes()?,
    })
}

fn ms(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}

fn duration(ms: i32) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}
