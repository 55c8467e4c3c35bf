//! Batches there and back, broken in every way, and byte for byte as other clients write them.

mod java;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;

const ALL: [Compression; 5] = [
    Compression::None,
    Compression::Gzip,
    Compression::Snappy,
    Compression::Lz4,
    Compression::Zstd,
];

fn sample(compression: Compression) -> Bytes {
    let mut builder = Builder::new(compression).producer(77, 3, 41).transactional();
    builder.append(1_000, Some(b"k1"), Some(b"first"), &[]);
    let headers =
        [Header { key: "trace", value: Some(b"abc") }, Header { key: "empty", value: None }];
    builder.append(1_005, None, Some(b""), &headers);
    builder.append(990, Some(b"k1"), None, &[]);
    builder.build()
}

#[test]
fn every_compression_there_and_back() {
    for compression in ALL {
        let bytes = sample(compression);
        let batches: Vec<Batch> = Batches::new(&bytes).collect::<Result<_>>().expect("valid");
        let [batch] = &batches[..] else { panic!("one batch") };
        assert_eq!(batch.compression(), compression);
        assert_eq!((batch.base_offset(), batch.last_offset(), batch.record_count()), (0, 2, 3));
        assert_eq!((batch.base_timestamp_ms(), batch.max_timestamp_ms()), (1_000, 1_005));
        let producer = (batch.producer_id(), batch.producer_epoch(), batch.base_sequence());
        assert_eq!(producer, (77, 3, 41));
        assert!(batch.is_transactional() && !batch.is_control() && !batch.is_append_time());
        let records = batch.records().expect("readable");
        let rows: Vec<_> =
            records.iter().map(|r| (r.offset, r.timestamp_ms, r.key, r.value)).collect();
        assert_eq!(
            rows,
            [
                (0, 1_000, Some(&b"k1"[..]), Some(&b"first"[..])),
                (1, 1_005, None, Some(&b""[..])),
                (2, 990, Some(&b"k1"[..]), None),
            ]
        );
        let headers: Vec<_> = records.iter().nth(1).expect("second").headers().collect();
        assert_eq!(headers[0], Header { key: "trace", value: Some(b"abc") });
        assert_eq!(headers[1], Header { key: "empty", value: None });
    }
}

#[test]
fn records_tell_what_they_have_in_common() {
    let records = |rows: &[(i64, Option<&[u8]>)]| {
        let mut builder = Builder::new(Compression::None);
        rows.iter().for_each(|(timestamp_ms, key)| builder.append(*timestamp_ms, *key, None, &[]));
        Batch::parse(&builder.build()).expect("sound").records().expect("readable")
    };
    let mixed = records(&[(7, Some(b"k")), (NO_TIMESTAMP_MS, None), (5, Some(b"k"))]);
    assert_eq!((mixed.are_keyed(), mixed.timestamps_ms()), (false, Some(5..=7)));
    assert_eq!(mixed.max_timestamp_ms(), 7);
    let timeless = records(&[(NO_TIMESTAMP_MS, Some(b"k"))]);
    assert!(timeless.are_keyed() && timeless.timestamps_ms().is_none());
    assert_eq!(timeless.max_timestamp_ms(), NO_TIMESTAMP_MS);
}

/// A batch put together by hand from the protocol's description.
#[test]
fn bytes_are_the_protocols() {
    let mut builder = Builder::new(Compression::None);
    builder.append(5, Some(b"a"), Some(b"bc"), &[]);
    let bytes = builder.build();
    let records = [18, 0, 0, 0, 2, b'a', 4, b'b', b'c', 0];
    assert_eq!(&bytes[61..], records);
    assert_eq!(&bytes[8..12], (49_u32 + 10).to_be_bytes());
    assert_eq!(bytes[16], 2);
    assert_eq!(&bytes[17..21], crc32c::crc32c(&bytes[21..]).to_be_bytes());
    assert_eq!(&bytes[43..57], [0xff; 14]);
}

#[test]
fn every_flipped_bit_is_noticed_or_outside_the_checksum() {
    for compression in ALL {
        let bytes = sample(compression);
        for bit in 0..bytes.len() * 8 {
            let mut broken = bytes.to_vec();
            broken[bit / 8] ^= 1 << (bit % 8);
            let outside = (0..8).contains(&(bit / 8)) || (12..16).contains(&(bit / 8));
            let parsed = Batches::new(&broken.into()).collect::<Result<Vec<_>>>();
            assert_eq!(parsed.is_ok(), outside && bit != 7, "bit {bit}");
        }
    }
}

#[test]
fn every_cut_is_noticed() {
    let bytes = sample(Compression::None);
    for length in 1..bytes.len() {
        let cut = Batches::new(&bytes.slice(..length)).next().expect("an item");
        assert!(matches!(cut, Err(Error::Truncated { .. })), "{length}");
    }
}

/// Renews the checksum of bytes broken on purpose, so that the checks behind it are reached.
fn with_checksum(mut bytes: Vec<u8>) -> Bytes {
    let checksum = crc32c::crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&checksum.to_be_bytes());
    bytes.into()
}

#[test]
fn contradictions_behind_a_right_checksum_are_errors() {
    let bytes = sample(Compression::None);
    let set = |at: usize, field: &[u8]| {
        let mut broken = bytes.to_vec();
        broken[at..at + field.len()].copy_from_slice(field);
        let batch = Batch::parse(&with_checksum(broken));
        batch.and_then(|batch| batch.records().map(|_| ())).expect_err("must be refused")
    };
    assert!(matches!(set(16, &[1]), Error::UnsupportedMagic(1)));
    assert!(matches!(set(22, &[7]), Error::UnknownCompression(7)));
    assert!(matches!(set(57, &(-1_i32).to_be_bytes()), Error::Malformed(_)));
    assert!(matches!(set(57, &4_i32.to_be_bytes()), Error::Malformed(_)));
    assert!(matches!(set(57, &2_i32.to_be_bytes()), Error::Malformed(_)));
    assert!(matches!(set(23, &1_i32.to_be_bytes()), Error::Malformed(_)));
    assert!(matches!(set(0, &i64::MAX.to_be_bytes()), Error::Malformed(_)));
    assert!(matches!(set(8, &(-5_i32).to_be_bytes()), Error::Malformed(_)));
    assert!(matches!(set(61, &[0x80]), Error::Malformed(_)));
}

#[test]
fn unpacking_is_limited() {
    for compression in &ALL[1..] {
        let mut builder = Builder::new(*compression);
        builder.append(0, None, Some(&vec![7; 1 << 20]), &[]);
        let bytes = builder.build();
        assert!(bytes.len() < 1 << 17, "{compression} packs");
        let batch = Batch::parse(&bytes).expect("valid");
        let refused = batch.records_limited(1 << 16).expect_err("too large");
        assert_eq!(refused, Error::UnpackedTooLarge { bytes_max: 1 << 16 });
        assert_eq!(batch.records().expect("within the default limit").len(), 1);
    }
}

#[test]
fn snappy_is_read_framed_and_raw() {
    let framed = sample(Compression::Snappy);
    assert_eq!(&framed[61..69], b"\x82SNAPPY\0");
    let plain = sample(Compression::None);
    let raw = snap::raw::Encoder::new().compress_vec(&plain[61..]).expect("packs");
    let mut bytes = framed[..61].to_vec();
    bytes.extend_from_slice(&raw);
    let length = (bytes.len() - 12) as u32;
    bytes[8..12].copy_from_slice(&length.to_be_bytes());
    let batch = Batch::parse(&with_checksum(bytes)).expect("valid");
    assert_eq!(batch.records().expect("raw snappy").len(), 3);
}

#[test]
fn offsets_and_append_time_are_assigned_in_place() {
    let mut bytes = sample(Compression::Lz4).to_vec();
    assign_offset(&mut bytes, 500, 9);
    stamp_append_time(&mut bytes, 123_456);
    let batch = Batch::parse(&bytes.into()).expect("still valid");
    assert_eq!((batch.base_offset(), batch.last_offset(), batch.leader_epoch()), (500, 502, 9));
    let records = batch.records().expect("readable");
    assert!(records.iter().all(|record| record.timestamp_ms == 123_456));
}

#[test]
fn holes_and_horizons_of_compaction() {
    let mut builder = Builder::new(Compression::None).base_offset(10).delete_horizon_ms(9_000);
    builder.append_at(3, 8_000, Some(b"k"), None, std::iter::empty());
    let bytes = builder.last_offset_delta(7).build();
    let batch = Batch::parse(&bytes).expect("valid");
    assert_eq!((batch.base_offset(), batch.last_offset(), batch.record_count()), (10, 17, 1));
    assert_eq!(batch.delete_horizon_ms(), Some(9_000));
    let records = batch.records().expect("readable");
    let record = records.iter().next().expect("one");
    assert_eq!((record.offset, record.timestamp_ms), (13, 8_000));
}

#[test]
fn control_records() {
    let mut builder = Builder::new(Compression::None).producer(5, 0, -1).transactional().control();
    builder.append(1, Some(&ControlKind::Commit.key()), Some(&ControlKind::value(2)), &[]);
    let batch = Batch::parse(&builder.build()).expect("valid");
    assert!(batch.is_control());
    let records = batch.records().expect("readable");
    assert_eq!(ControlKind::of(&records.iter().next().expect("one")), Some(ControlKind::Commit));
}

proptest! {
    #[test]
    fn whatever_is_built_is_read(
        rows in prop::collection::vec(
            (any::<i64>(), prop::option::of(prop::collection::vec(any::<u8>(), 0..40)),
             prop::option::of(prop::collection::vec(any::<u8>(), 0..200))),
            1..40,
        ),
        which in 0..5_usize,
    ) {
        let mut builder = Builder::new(ALL[which]);
        for (timestamp_ms, key, value) in &rows {
            builder.append(*timestamp_ms, key.as_deref(), value.as_deref(), &[]);
        }
        let batch = Batch::parse(&builder.build()).expect("valid");
        let records = batch.records().expect("readable");
        let read: Vec<_> = records
            .iter()
            .map(|r| (r.timestamp_ms, r.key.map(<[u8]>::to_vec), r.value.map(<[u8]>::to_vec)))
            .collect();
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn arbitrary_records_never_panic(
        records in prop::collection::vec(any::<u8>(), 0..300),
        count in 0..20_i32,
        attributes in 0..5_u8,
    ) {
        let mut bytes = sample(Compression::None)[..61].to_vec();
        bytes.extend_from_slice(&records);
        let length = (bytes.len() - 12) as u32;
        bytes[8..12].copy_from_slice(&length.to_be_bytes());
        bytes[22] = attributes;
        bytes[23..27].copy_from_slice(&(count - 1).to_be_bytes());
        bytes[57..61].copy_from_slice(&count.to_be_bytes());
        let batch = Batch::parse(&with_checksum(bytes)).expect("the header is sound");
        if let Ok(records) = batch.records() {
            let whole = records.iter().filter(|r| r.headers().len() == r.headers().count());
            prop_assert_eq!(whole.count(), count as usize);
        }
    }
}
