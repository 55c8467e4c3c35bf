//! A consumer group as the records that Kafka's coordinator keeps of it.
//!
//! Each key is its version (int16), the group (string) and, where the record is about a member, the
//! member's id (string). Each value is its version (int16, 0) and, in Kafka's flexible form:
//!
//! | key | record | value |
//! |---:|---|---|
//! | 3 | group | epoch (int32) |
//! | 5 | member | instance id, rack id (nullable strings), client id and host (strings), topics (strings), pattern (nullable string), rebalance timeout (int32, ms), assignor (nullable string) |
//! | 6 | target | epoch (int32) |
//! | 7 | member's target | partitions |
//! | 8 | member's assignment | epoch, previous epoch (int32), state (int8), assigned, revoking (partitions) |
//!
//! Partitions are an array of topic id (uuid) and numbers (int32). A member that speaks the classic
//! protocol has tagged field 0, a nullable structure: session timeout (int32, ms) and protocols, an array
//! of name (string) and metadata (bytes).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::Image;
use crate::fields::{Reader, Writer};
use crate::groups::classic::Protocol;
use crate::groups::consumer::{ClassicMember, MemberSnapshot, MemberState, Partitions, Snapshot};

/// Versions of the keys of all records.
pub(super) const KEYS: [i16; 5] = [GROUP, MEMBER, TARGET, MEMBER_TARGET, MEMBER_ASSIGNMENT];
const GROUP: i16 = 3;
const MEMBER: i16 = 5;
const TARGET: i16 = 6;
const MEMBER_TARGET: i16 = 7;
const MEMBER_ASSIGNMENT: i16 = 8;
/// Version of all values.
const VALUE: i16 = 0;
/// The tagged field of a member that speaks the classic protocol.
const CLASSIC_MEMBER: usize = 0;
/// Stands before a structure that could be null.
const IS_THERE: i8 = 1;

/// The records of `group`.
pub(super) fn records(name: &str, group: &Snapshot) -> Image {
    let mut image = Image::new();
    image.insert(key(GROUP, name, None), epoch(group.epoch));
    image.insert(key(TARGET, name, None), epoch(group.target_epoch));
    for (id, member) in &group.members {
        image.insert(key(MEMBER, name, Some(id)), metadata(member));
        image.insert(key(MEMBER_TARGET, name, Some(id)), target(member));
        image.insert(key(MEMBER_ASSIGNMENT, name, Some(id)), assignment(member));
    }
    image
}

fn key(version: i16, group: &str, member: Option<&str>) -> Bytes {
    let mut key = Writer::new(version);
    key.string(group);
    if let Some(member) = member {
        key.string(member);
    }
    key.finish()
}

fn epoch(epoch: i32) -> Bytes {
    let mut value = Writer::new(VALUE);
    value.i32(epoch);
    value.no_tags();
    value.finish()
}

fn metadata(member: &MemberSnapshot) -> Bytes {
    let mut value = Writer::new(VALUE);
    value.compact_nullable_string(member.instance_id.as_deref());
    value.compact_nullable_string(member.rack_id.as_deref());
    value.compact_string(&member.client_id);
    value.compact_string(&member.client_host);
    value.compact_length(member.topics.len());
    for topic in &member.topics {
        value.compact_string(topic);
    }
    value.compact_nullable_string(member.pattern.as_deref());
    value.i32(i32::try_from(member.rebalance_timeout.as_millis()).unwrap_or(i32::MAX));
    value.compact_nullable_string(member.assignor.as_deref());
    let classic = member.classic.iter().map(|classic| (CLASSIC_MEMBER, write_classic(classic)));
    value.tags(&classic.collect::<Vec<_>>());
    value.finish()
}

fn write_classic(classic: &ClassicMember) -> Vec<u8> {
    let mut value = Writer::default();
    value.i8(IS_THERE);
    value.i32(i32::try_from(classic.session_timeout.as_millis()).unwrap_or(i32::MAX));
    value.compact_length(classic.protocols.len());
    for protocol in &classic.protocols {
        value.compact_string(&protocol.name);
        value.compact_bytes(&protocol.metadata);
        value.no_tags();
    }
    value.no_tags();
    value.finish().into()
}

fn target(member: &MemberSnapshot) -> Bytes {
    let mut value = Writer::new(VALUE);
    write_partitions(&mut value, &member.target);
    value.no_tags();
    value.finish()
}

fn assignment(member: &MemberSnapshot) -> Bytes {
    let mut value = Writer::new(VALUE);
    value.i32(member.epoch);
    value.i32(member.previous_epoch);
    value.i8(state_number(member.state));
    write_partitions(&mut value, &member.assigned);
    write_partitions(&mut value, &member.revoking);
    value.no_tags();
    value.finish()
}

fn state_number(state: MemberState) -> i8 {
    match state {
        MemberState::Stable => 0,
        MemberState::Unrevoked => 1,
        MemberState::Unreleased => 2,
    }
}

fn write_partitions(value: &mut Writer, partitions: &Partitions) {
    value.compact_length(partitions.by_topic().len());
    for (topic, numbers) in partitions.by_topic() {
        value.uuid(topic);
        value.compact_length(numbers.len());
        for number in numbers {
            value.i32(*number);
        }
        value.no_tags();
    }
}

/// The group that `image` tells of; `None` when a record cannot be read or is missing.
pub(super) fn decode(image: &Image) -> Option<Snapshot> {
    let mut group = Snapshot::default();
    for (key, value) in image {
        let (mut key, mut value) = (Reader::new(key), Reader::new(value));
        let (record, _group) = (key.i16()?, key.string()?);
        if value.i16()? != VALUE {
            return None;
        }
        match record {
            GROUP => group.epoch = value.i32()?,
            TARGET => group.target_epoch = value.i32()?,
            _ => decode_member(record, key.string()?, &mut value, &mut group)?,
        }
    }
    Some(group)
}

fn decode_member(
    record: i16,
    id: Arc<str>,
    value: &mut Reader<'_>,
    group: &mut Snapshot,
) -> Option<()> {
    let member = group.members.entry(id).or_default();
    match record {
        MEMBER => decode_metadata(value, member),
        MEMBER_TARGET => {
            member.target = read_partitions(value)?;
            Some(())
        }
        MEMBER_ASSIGNMENT => decode_assignment(value, member),
        _ => None,
    }
}

fn decode_metadata(value: &mut Reader<'_>, member: &mut MemberSnapshot) -> Option<()> {
    member.instance_id = value.compact_nullable_string()?;
    member.rack_id = value.compact_nullable_string()?;
    member.client_id = value.compact_string()?;
    member.client_host = value.compact_string()?;
    for _ in 0..value.compact_length()? {
        member.topics.push(value.compact_string()?);
    }
    member.pattern = value.compact_nullable_string()?;
    member.rebalance_timeout = Duration::from_millis(u64::try_from(value.i32()?).unwrap_or(0));
    member.assignor = value.compact_nullable_string()?;
    let mut classic = None;
    value.tags(|tag, bytes| {
        if tag == CLASSIC_MEMBER {
            classic = Some(bytes);
        }
    })?;
    member.classic = match classic {
        Some(bytes) => read_classic(&mut Reader::new(bytes))?,
        None => None,
    };
    Some(())
}

fn read_classic(value: &mut Reader<'_>) -> Option<Option<ClassicMember>> {
    if value.i8()? != IS_THERE {
        return Some(None);
    }
    let session_timeout = Duration::from_millis(u64::try_from(value.i32()?).unwrap_or(0));
    let mut protocols = Vec::new();
    for _ in 0..value.compact_length()? {
        protocols
            .push(Protocol { name: value.compact_string()?, metadata: value.compact_bytes()? });
        value.skip_tags()?;
    }
    value.skip_tags()?;
    Some(Some(ClassicMember { session_timeout, protocols }))
}

fn decode_assignment(value: &mut Reader<'_>, member: &mut MemberSnapshot) -> Option<()> {
    member.epoch = value.i32()?;
    member.previous_epoch = value.i32()?;
    member.state = match value.i8()? {
        0 => MemberState::Stable,
        1 => MemberState::Unrevoked,
        2 => MemberState::Unreleased,
        _ => return None,
    };
    member.assigned = read_partitions(value)?;
    member.revoking = read_partitions(value)?;
    Some(())
}

fn read_partitions(value: &mut Reader<'_>) -> Option<Partitions> {
    let mut partitions = Partitions::default();
    for _ in 0..value.compact_length()? {
        let topic = value.uuid()?;
        for _ in 0..value.compact_length()? {
            partitions.insert(topic, value.i32()?);
        }
        value.skip_tags()?;
    }
    Some(partitions)
}
