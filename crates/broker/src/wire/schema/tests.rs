//! Every layout is held against the decoder and the encoder of each version.

use bytes::{BufMut as _, Bytes, BytesMut};
use kafka_protocol::messages::*;
use kafka_protocol::protocol::Request;
use testkit::random::SeededRandom;
use types::seams::Random as _;

use super::kind::{Field, Kind};
use super::*;
use crate::wire::{SUPPORTED, Supported};

/// Requests made up for each version.
const SAMPLES: usize = 40;

/// Makes up requests that a layout allows.
struct Composer {
    random: SeededRandom,
    version: i16,
    is_flexible: bool,
    out: BytesMut,
}

impl Composer {
    fn below(&self, end: u64) -> usize {
        (self.random.next_u64() % end) as usize
    }

    fn length(&mut self, length: usize, is_short: bool) {
        match (self.is_flexible, is_short) {
            // What is made up is shorter than 127.
            (true, _) => self.out.put_u8(length as u8 + 1),
            (false, true) => self.out.put_i16(length as i16),
            (false, false) => self.out.put_i32(length as i32),
        }
    }

    fn value(&mut self, kind: &Kind) {
        match kind {
            // Small positive numbers, which are also right for enumerations and booleans.
            Kind::Fixed(bytes) => {
                self.out.put_bytes(0, bytes - 1);
                self.out.put_u8(self.below(2) as u8);
            }
            Kind::String | Kind::Bytes => {
                let length = self.below(20);
                self.length(length, matches!(kind, Kind::String));
                self.out.put_bytes(b'x', length);
            }
            Kind::Array(element) => {
                let count = self.below(4);
                self.length(count, false);
                (0..count).for_each(|_| self.value(element));
            }
            Kind::Structure(fields) => self.structure(fields),
            Kind::Optional(kind) => match self.below(2) {
                0 => self.out.put_i8(-1),
                _ => {
                    self.out.put_i8(1);
                    self.value(kind);
                }
            },
        }
    }

    fn structure(&mut self, fields: &[Field]) {
        let version = self.version;
        for field in fields.iter().filter(|f| f.tag.is_none() && f.is_in(version)) {
            self.value(&field.kind);
        }
        if self.is_flexible {
            self.tags(fields);
        }
    }

    fn tags(&mut self, fields: &[Field]) {
        let mut tagged = Vec::new();
        let version = self.version;
        for field in fields.iter().filter(|f| f.tag.is_some() && f.is_in(version)) {
            let before = self.out.split();
            self.value(&field.kind);
            let value = std::mem::replace(&mut self.out, before);
            tagged.push((field.tag.unwrap() as u8, value));
        }
        if self.below(3) == 0 {
            tagged.push((100, BytesMut::from(&b"unknown"[..])));
        }
        self.out.put_u8(tagged.len() as u8);
        for (tag, value) in tagged {
            self.out.put_u8(tag);
            self.out.put_u8(value.len() as u8);
            self.out.put_slice(&value);
        }
    }
}

/// Requests of a version that their layout allows.
fn made_up(known: &Supported, version: i16) -> Vec<Bytes> {
    let requests = FAMILIES.iter().copied().flatten();
    let request = requests.clone().find(|request| request.key as i16 == known.key as i16);
    let request = request.unwrap_or_else(|| panic!("{} has no layout", known.name));
    let is_flexible = version >= request.flexible_since;
    let random = SeededRandom::new(version as u64 + 1);
    let mut composer = Composer { random, version, is_flexible, out: BytesMut::new() };
    let one = |_| {
        composer.value(&request.body);
        composer.out.split().freeze()
    };
    (0..SAMPLES).map(one).collect()
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
        ProduceRequest FetchRequest ListOffsetsRequest MetadataRequest OffsetCommitRequest OffsetFetchRequest FindCoordinatorRequest JoinGroupRequest HeartbeatRequest LeaveGroupRequest SyncGroupRequest DescribeGroupsRequest ListGroupsRequest SaslHandshakeRequest ApiVersionsRequest CreateTopicsRequest DeleteTopicsRequest DeleteRecordsRequest InitProducerIdRequest OffsetForLeaderEpochRequest AddPartitionsToTxnRequest AddOffsetsToTxnRequest EndTxnRequest TxnOffsetCommitRequest DescribeAclsRequest CreateAclsRequest DeleteAclsRequest DescribeConfigsRequest AlterConfigsRequest DescribeLogDirsRequest SaslAuthenticateRequest CreatePartitionsRequest DeleteGroupsRequest ElectLeadersRequest IncrementalAlterConfigsRequest AlterPartitionReassignmentsRequest ListPartitionReassignmentsRequest OffsetDeleteRequest DescribeClientQuotasRequest AlterClientQuotasRequest DescribeUserScramCredentialsRequest AlterUserScramCredentialsRequest DescribeQuorumRequest UpdateFeaturesRequest DescribeClusterRequest DescribeProducersRequest DescribeTransactionsRequest ListTransactionsRequest ConsumerGroupHeartbeatRequest ConsumerGroupDescribeRequest ListConfigResourcesRequest DescribeTopicPartitionsRequest WriteTxnMarkersRequest
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
