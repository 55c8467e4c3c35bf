//! Every layout is held against the decoder and the encoder of each version.

use bytes::{BufMut as _, Bytes, BytesMut};
use kafka_protocol::messages::*;
use kafka_protocol::protocol::{Encodable as _, Request, StrBytes};
use testkit::random::SeededRandom;

use super::composer::compose;
use super::*;
use crate::wire::{SUPPORTED, Supported};

/// Requests made up for each version.
const SAMPLES: usize = 40;

/// Requests of a version that their layout allows.
fn made_up(known: &Supported, version: i16) -> Vec<Bytes> {
    let random = SeededRandom::new(version as u64 + 1);
    (0..SAMPLES).map(|_| compose(&random, known.key, version)).collect()
}

/// Holds the layout of `Q` against what the decoder reads and the encoder writes.
fn hold<Q: Request>() {
    let known = SUPPORTED.iter().find(|known| known.key as i16 == Q::KEY).expect("supported");
    for version in known.version_min..=known.version_max {
        for bytes in made_up(known, version) {
            let context = format!("{} {version}: {bytes:?}", known.name);
            check_body(known.key, version, &bytes).unwrap_or_else(|e| panic!("{context}: {e}"));
            let mut rest = bytes.clone();
            let request =
                Q::decode(&mut rest, version).unwrap_or_else(|e| panic!("{context}: {e}"));
            assert!(rest.is_empty(), "{context}: {} bytes left", rest.len());
            let mut again = BytesMut::new();
            request.encode(&mut again, version).unwrap_or_else(|e| panic!("{context}: {e}"));
            check_body(known.key, version, &again).unwrap_or_else(|e| panic!("{context}: {e}"));
            for end in 0..bytes.len() {
                assert!(check_body(known.key, version, &bytes[..end]).is_err(), "{context}: {end}");
            }
        }
    }
}

macro_rules! hold_all {
    ($($request:ident)*) => {{
        $(hold::<$request>();)*
        [$($request::KEY),*]
    }};
}

#[test]
fn layouts_are_those_of_decoder_and_encoder() {
    let held = hold_all!(
        ProduceRequest FetchRequest ListOffsetsRequest MetadataRequest OffsetCommitRequest OffsetFetchRequest FindCoordinatorRequest JoinGroupRequest HeartbeatRequest LeaveGroupRequest SyncGroupRequest DescribeGroupsRequest ListGroupsRequest SaslHandshakeRequest ApiVersionsRequest CreateTopicsRequest DeleteTopicsRequest DeleteRecordsRequest InitProducerIdRequest OffsetForLeaderEpochRequest AddPartitionsToTxnRequest AddOffsetsToTxnRequest EndTxnRequest TxnOffsetCommitRequest DescribeAclsRequest CreateAclsRequest DeleteAclsRequest DescribeConfigsRequest AlterConfigsRequest AlterReplicaLogDirsRequest DescribeLogDirsRequest SaslAuthenticateRequest CreatePartitionsRequest DeleteGroupsRequest ElectLeadersRequest IncrementalAlterConfigsRequest AlterPartitionReassignmentsRequest ListPartitionReassignmentsRequest OffsetDeleteRequest DescribeClientQuotasRequest AlterClientQuotasRequest DescribeUserScramCredentialsRequest AlterUserScramCredentialsRequest DescribeQuorumRequest UpdateFeaturesRequest DescribeClusterRequest DescribeProducersRequest DescribeTransactionsRequest ListTransactionsRequest ConsumerGroupHeartbeatRequest ConsumerGroupDescribeRequest ListConfigResourcesRequest DescribeTopicPartitionsRequest WriteTxnMarkersRequest
    );
    for known in &SUPPORTED {
        assert!(held.contains(&(known.key as i16)), "{} is not held", known.name);
    }
}

#[test]
fn impossible_lengths_are_found_before_room_is_made() {
    let cases: [(ApiKey, i16, &[u8], &str); 4] = [
        (ApiKey::Metadata, 1, &[0x7f, 0xff, 0xff, 0xff], "topics: length 2147483647"),
        (ApiKey::Metadata, 9, &[0xff, 0xff, 0xff, 0xff, 0x0f], "topics: length 4294967294"),
        (ApiKey::Metadata, 1, &[0xff, 0xff, 0xff, 0xfe], "topics: length -2"),
        (ApiKey::FindCoordinator, 0, &[0, 9, 1], "key: length 9 with 1 bytes"),
    ];
    for (key, version, body, reason) in cases {
        let error = check_body(key, version, body).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn what_takes_little_on_the_wire_may_not_take_much_in_memory() {
    let names = |count: usize| {
        let mut body = BytesMut::new();
        body.put_i32(count as i32);
        body.put_bytes(0, 2 * count);
        body
    };
    check_body(ApiKey::Metadata, 1, &names(walker::ELEMENTS_MAX)).unwrap();
    let error = check_body(ApiKey::Metadata, 1, &names(walker::ELEMENTS_MAX + 1)).unwrap_err();
    assert!(error.to_string().contains("elements"), "{error}");
    // An id of the client, then tagged fields of no length without end.
    let mut header = BytesMut::from(&[0xff, 0xff, 0xff, 0xff, 0x7f][..]);
    header.put_bytes(0, 10 << 20);
    assert!(check_header(2, &header).is_err());
}

#[test]
fn tagged_fields_are_as_long_as_they_say() {
    // Fetch 12 with a cluster id (tag 0) that claims two bytes but takes three.
    let mut body = BytesMut::new();
    body.put_bytes(0, 4 + 4 + 4 + 4 + 1 + 4 + 4);
    body.put_slice(&[1, 1, 1]);
    let mut longer = body.clone();
    body.put_slice(&[1, 0, 3, 3, b'i', b'd']);
    check_body(ApiKey::Fetch, 12, &body).unwrap();
    longer.put_slice(&[1, 0, 2, 3, b'i', b'd']);
    let error = check_body(ApiKey::Fetch, 12, &longer).unwrap_err();
    assert!(error.to_string().contains("tagged field 0"), "{error}");
}

#[test]
fn what_a_replica_says_of_its_high_watermark_is_as_long_as_the_decoder_takes_it_for() {
    let partition = fetch_request::FetchPartition::default().with_high_watermark(7);
    let topic = fetch_request::FetchTopic::default().with_partitions(vec![partition]);
    let request = FetchRequest::default().with_topics(vec![topic]);
    let mut body = BytesMut::new();
    request.encode(&mut body, 18).unwrap();
    check_body(ApiKey::Fetch, 18, &body).unwrap();
    // One tagged field, which is number 1 and has eight bytes, the last of them 7.
    let tagged = [1, 1, 8, 0, 0, 0, 0, 0, 0, 0, 7];
    let at = body.windows(tagged.len()).position(|window| window == tagged).expect("there");
    for length in [0, 7, 9] {
        let mut wrong = body.clone();
        wrong[at + 2] = length;
        assert!(check_body(ApiKey::Fetch, 18, &wrong).is_err(), "{length}");
    }
}

#[test]
fn subscriptions_of_consumers_are_looked_at_too() {
    let topics = vec![StrBytes::from_static_str("a"), StrBytes::from_static_str("b")];
    let owned = consumer_protocol_subscription::TopicPartition::default()
        .with_topic(StrBytes::from_static_str("a").into())
        .with_partitions(vec![1, 2]);
    for version in 0..=3 {
        let mut said = ConsumerProtocolSubscription::default().with_topics(topics.clone());
        if version >= 1 {
            said = said.with_owned_partitions(vec![owned.clone()]);
        }
        let mut bytes = BytesMut::new();
        said.encode(&mut bytes, version).unwrap();
        check_subscription(version, &bytes).unwrap();
        for end in 0..bytes.len() {
            check_subscription(version, &bytes[..end]).unwrap_err();
        }
    }
    check_subscription(0, &[0x7f, 0xff, 0xff, 0xff]).unwrap_err();
}

#[test]
fn assignments_of_consumers_are_looked_at_too() {
    let topic = consumer_protocol_assignment::TopicPartition::default()
        .with_topic(StrBytes::from_static_str("a").into())
        .with_partitions(vec![1, 2]);
    let given = ConsumerProtocolAssignment::default().with_assigned_partitions(vec![topic]);
    for version in 0..=3 {
        let mut bytes = BytesMut::new();
        given.encode(&mut bytes, version).unwrap();
        check_assignment(&bytes).unwrap();
        for end in 0..bytes.len() {
            check_assignment(&bytes[..end]).unwrap_err();
        }
    }
    check_assignment(&[0x7f, 0xff, 0xff, 0xff]).unwrap_err();
}
