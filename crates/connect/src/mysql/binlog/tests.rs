//! Tests of the event decoders on bytes written out by hand.

use std::borrow::Cow;

use super::column::{decimal_text, decode};
use super::json;
use super::reader::Reader;
use super::rows::{ChangeKind, RowsEvent};
use super::table_map::TableMap;
use crate::mysql::cell::{Cell, CivilDate, time_micros};

fn one(code: u8, metadata: [u8; 2], is_unsigned: bool, bytes: &[u8]) -> Cell<'_> {
    let mut reader = Reader(bytes);
    let cell = decode(code, metadata, is_unsigned, &mut reader).unwrap();
    assert!(reader.is_empty(), "bytes left over");
    cell
}

#[test]
fn integers_keep_their_sign() {
    assert_eq!(one(1, [0; 2], false, &[0xff]), Cell::Int(-1));
    assert_eq!(one(1, [0; 2], true, &[0xff]), Cell::UInt(255));
    assert_eq!(one(9, [0; 2], false, &[0xff, 0xff, 0xff]), Cell::Int(-1));
    assert_eq!(one(8, [0; 2], true, &[0xff; 8]), Cell::UInt(u64::MAX));
}

#[test]
fn times_as_stored() {
    assert_eq!(one(17, [0; 2], false, &[0, 0, 0, 1]), Cell::Instant(1_000_000));
    assert_eq!(one(17, [3, 0], false, &[0, 0, 0, 1, 0x04, 0xce]), Cell::Instant(1_123_000));
    // 2024-02-29 13:14:15
    let packed: i64 = (((2024 * 13 + 2) << 22) | (29 << 17)) + ((13 << 12) | (14 << 6) | 15);
    let bytes = (packed + 0x80_0000_0000).to_be_bytes();
    let date = CivilDate { year: 2024, month: 2, day: 29 };
    let time = time_micros(13, 14, 15, 0);
    assert_eq!(one(18, [0; 2], false, &bytes[3..]), Cell::DateTime(date, time));
    assert_eq!(one(19, [0; 2], false, &[0x80, 0x10, 0x83]), Cell::Time(time_micros(1, 2, 3, 0)));
    assert_eq!(one(19, [0; 2], false, &[0x7f, 0xef, 0x7d]), Cell::Time(-time_micros(1, 2, 3, 0)));
    // -00:00:00.5 with two digits: the next lower second, and half of it.
    assert_eq!(one(19, [2, 0], false, &[0x7f, 0xff, 0xff, 0xce]), Cell::Time(-500_000));
    let negative = (0x8000_0000_0000_i64 - ((1 << 24) | 1)).to_be_bytes();
    assert_eq!(one(19, [6, 0], false, &negative[2..]), Cell::Time(-1_000_001));
    assert_eq!(one(13, [0; 2], false, &[124]), Cell::Int(2024));
}

#[test]
fn decimals_of_any_shape() {
    let decimal = |precision, scale, bytes: &[u8]| {
        decimal_text(precision, scale, &mut Reader(bytes)).unwrap()
    };
    // 1234567890.1234 of the server's documentation, and its negative.
    let positive = [0x81, 0x0d, 0xfb, 0x38, 0xd2, 0x04, 0xd2];
    assert_eq!(decimal(14, 4, &positive), "1234567890.1234");
    let negative: Vec<u8> = positive.iter().map(|byte| !byte).collect();
    assert_eq!(decimal(14, 4, &negative), "-1234567890.1234");
    assert_eq!(decimal(3, 3, &[0x80, 0x05]), "0.005");
}

#[test]
fn strings_enums_and_sets_share_a_code() {
    assert_eq!(one(254, [254, 10], false, b"\x02ab"), Cell::Raw(Cow::Borrowed(b"ab")));
    // CHAR(255) in four bytes per character: 1020 bytes, two bits in the type's byte.
    let kind = 0xfe & !0x30 | (((1020 >> 4) & 0x30) ^ 0x30) as u8;
    assert_eq!(one(254, [kind, 0xfc], false, b"\x02\0ab"), Cell::Raw(Cow::Borrowed(b"ab")));
    assert_eq!(one(254, [247, 1], false, &[2]), Cell::Int(2));
    assert_eq!(one(254, [248, 2], false, &[3, 1]), Cell::UInt(0x103));
}

#[test]
fn binary_json() {
    // {"a": 1, "bc": [true, "x"]}, written out by the documented layout.
    let array = [2, 0, 12, 0, 4, 1, 0, 12, 10, 0, 1, b'x'];
    let mut object = vec![0, 2, 0, 33, 0];
    object.extend([18, 0, 1, 0, 19, 0, 2, 0]);
    object.extend([5, 1, 0, 2, 21, 0]);
    object.extend(*b"abc");
    object.extend(array);
    assert_eq!(json::text(&object).unwrap(), r#"{"a": 1, "bc": [true, "x"]}"#);
    assert_eq!(json::text(&[12, 3, b'"', b'\n', b'y']).unwrap(), r#""\"\ny""#);
    assert_eq!(json::text(&[4, 0]).unwrap(), "null");
    for cut in 1..object.len() {
        let _ = json::text(&object[..cut]);
    }
}

fn table_map() -> Vec<u8> {
    let mut data = vec![7, 0, 0, 0, 0, 0, 1, 0];
    data.extend(b"\x02db\0\x01t\0");
    data.extend([2, 3, 15, 2, 20, 0, 2]);
    // An unknown optional field, then the names.
    data.extend([1, 1, 0]);
    data.extend(b"\x04\x08\x02id\x04name");
    data
}

#[test]
fn table_maps_tell_types_and_names() {
    let map = TableMap::parse(&table_map()).unwrap();
    assert_eq!((map.table_id, map.database.as_str(), map.table.as_str()), (7, "db", "t"));
    assert_eq!(map.types, [(3, [0, 0]), (15, [20, 0])]);
    assert_eq!(map.names.unwrap(), ["id", "name"]);
}

#[test]
fn updates_have_two_images_each() {
    let map = TableMap::parse(&table_map()).unwrap();
    let mut data = vec![7, 0, 0, 0, 0, 0, 1, 0, 2, 0, 2, 3, 3];
    data.extend(b"\0\x01\0\0\0\x01a");
    data.extend(b"\x02\x01\0\0\0");
    let event = RowsEvent::parse(&data, ChangeKind::Update, true, false).unwrap();
    let mut seen = 0;
    event
        .for_each(&map, &[false, false], |change| {
            seen += 1;
            let raw = Cell::Raw(Cow::Borrowed(b"a".as_slice()));
            assert_eq!(change.before, Some(vec![Cell::Int(1), raw]));
            assert_eq!(change.after, Some(vec![Cell::Int(1), Cell::Null]));
            Ok(())
        })
        .unwrap();
    assert_eq!(seen, 1);
}

#[test]
fn cut_events_are_errors() {
    let whole = table_map();
    for cut in 0..20 {
        assert!(TableMap::parse(&whole[..cut]).is_err());
    }
}

#[test]
fn the_statement_of_a_load_is_found_behind_its_longer_header() {
    let mut event = vec![7, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 2, 0];
    event.extend([0; 13]);
    event.extend([9, 9]);
    event.extend(b"d\0LOAD DATA INFILE 'x' INTO TABLE `t`");
    let (database, text) = super::load_parts(&event).expect("the event is whole");
    assert_eq!((database.as_str(), text.as_str()), ("d", "LOAD DATA INFILE 'x' INTO TABLE `t`"));
    assert!(super::load_parts(&event[..20]).is_err());
}
