//! Records there and back, and bytes that no coordinator wrote.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::*;
use crate::groups::{classic, consumer};

fn protocol(name: &str, metadata: &'static [u8]) -> classic::Protocol {
    classic::Protocol { name: name.into(), metadata: Bytes::from_static(metadata) }
}

fn classic_group() -> classic::Snapshot {
    let member = classic::MemberSnapshot {
        id: "m".into(),
        instance_id: Some("i".into()),
        client_id: "c".into(),
        client_host: "/h".into(),
        rebalance_timeout: Duration::from_millis(0x0102),
        session_timeout: Duration::from_millis(0x0304),
        protocols: vec![protocol("range", b"md")],
        assignment: Bytes::from_static(b"as"),
    };
    classic::Snapshot {
        protocol_type: "consumer".into(),
        generation: 5,
        protocol: Some("range".into()),
        leader: Some("m".into()),
        since_ms: 6,
        members: vec![member],
    }
}

fn consumer_group() -> consumer::Snapshot {
    let member = consumer::MemberSnapshot {
        instance_id: Some("i".into()),
        rack_id: None,
        client_id: "c".into(),
        client_host: "/h".into(),
        topics: vec!["t".into(), "u".into()],
        pattern: Some("t.*".into()),
        rebalance_timeout: Duration::from_millis(300_000),
        assignor: Some("range".into()),
        epoch: 3,
        previous_epoch: 2,
        state: consumer::MemberState::Unrevoked,
        assigned: [(7, 0), (7, 1)].into_iter().collect(),
        revoking: [(8, 300)].into_iter().collect(),
        target: [(7, 0)].into_iter().collect(),
        classic: None,
    };
    let members = [("m".into(), member), ("n".into(), consumer::MemberSnapshot::default())];
    consumer::Snapshot { epoch: 4, target_epoch: 3, members: members.into() }
}

#[test]
fn a_classic_group_is_written_as_kafka_writes_it() {
    let image = image_of_classic("g", &classic_group());
    let (key, value) = image.first_key_value().unwrap();
    assert_eq!(key[..], [0, 2, 0, 1, b'g']);
    let mut expected = vec![0, 3, 0, 8];
    expected.extend(b"consumer\0\0\0\x05\0\x05range\0\x01m\0\0\0\0\0\0\0\x06\0\0\0\x01");
    expected.extend(b"\0\x01m\0\x01i\0\x01c\0\x02/h\0\0\x01\x02\0\0\x03\x04");
    expected.extend(b"\0\0\0\x02md\0\0\0\x02as");
    assert_eq!(value[..], expected);
    let Some(Kept::Classic(read)) = interpret(&image) else { panic!("not a classic group") };
    assert_eq!(read, classic_group());
}

#[test]
fn older_values_of_classic_groups_are_read() {
    // Version 0 knows neither times nor rebalance timeouts nor instance ids.
    let mut value = vec![0, 0, 0, 8];
    value.extend(b"consumer\0\0\0\x05\0\x05range\0\x01m\0\0\0\x01");
    value.extend(b"\0\x01m\0\x01c\0\x02/h\0\0\x03\x04\0\0\0\x02md\0\0\0\x02as");
    let key = Bytes::from_static(&[0, 2, 0, 1, b'g']);
    let image = Image::from([(key, Bytes::from(value))]);
    let Some(Kept::Classic(read)) = interpret(&image) else { panic!("not a classic group") };
    assert_eq!(read.members[0].rebalance_timeout, Duration::from_millis(0x0304));
    assert_eq!(read.members[0].instance_id, None);
}

#[test]
fn a_consumer_group_is_read_as_it_was_written() {
    let image = image_of_consumer("g", &consumer_group());
    assert_eq!(image.len(), 8);
    let epoch = image.get(&Bytes::from_static(&[0, 3, 0, 1, b'g'])).unwrap();
    assert_eq!(epoch[..], [0, 0, 0, 0, 0, 4, 0]);
    let Some(Kept::Consumer(read)) = interpret(&image) else { panic!("not a consumer group") };
    assert_eq!(read, consumer_group());
}

#[test]
fn a_classic_member_of_a_consumer_group_is_written_as_kafka_writes_it() {
    let classic = consumer::ClassicMember {
        session_timeout: Duration::from_millis(0x0304),
        protocols: vec![protocol("range", b"md"), protocol("sticky", b"")],
    };
    let member =
        consumer::MemberSnapshot { classic: Some(classic), ..consumer::MemberSnapshot::default() };
    let members = [("m".into(), member)].into();
    let group = consumer::Snapshot { epoch: 1, target_epoch: 1, members };
    let image = image_of_consumer("g", &group);
    let value = image.get(&Bytes::from_static(&[0, 5, 0, 1, b'g', 0, 1, b'm'])).unwrap();
    let mut expected = vec![0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0];
    // One tagged field, number 0, of 26 bytes: it is there, session timeout, two protocols.
    expected.extend([1, 0, 26, 1, 0, 0, 3, 4, 3]);
    expected.extend(b"\x06range\x03md\0\x07sticky\x01\0\0");
    assert_eq!(value[..], expected);
    let Some(Kept::Consumer(read)) = interpret(&image) else { panic!("not a consumer group") };
    assert_eq!(read, group);
}

#[test]
fn only_differences_are_written() {
    let held = image_of_consumer("g", &consumer_group());
    assert_eq!(changes(&held, &held, 0), None);
    let mut group = consumer_group();
    group.epoch += 1;
    let gone: Arc<str> = "n".into();
    group.members.remove(&gone);
    let batch = changes(&held, &image_of_consumer("g", &group), 0).unwrap();
    let batch = records::Batch::parse(&batch).unwrap();
    // The member's three records are taken back, and the epoch is new.
    let records = batch.records().unwrap();
    let written: Vec<(bool, i8)> = records
        .iter()
        .map(|record| (record.value.is_some(), record.key.unwrap()[1] as i8))
        .collect();
    assert_eq!(written, [(false, 5), (false, 7), (false, 8), (true, 3)]);
}

#[test]
fn damaged_records_are_noticed() {
    for image in
        [image_of_classic("g", &classic_group()), image_of_consumer("g", &consumer_group())]
    {
        for (key, value) in &image {
            for length in 0..value.len() - 1 {
                let mut damaged = image.clone();
                damaged.insert(key.clone(), value.slice(..length));
                assert!(interpret(&damaged).is_none() || length >= value.len() - 1);
            }
        }
    }
    assert!(interpret(&Image::new()).is_none());
}
