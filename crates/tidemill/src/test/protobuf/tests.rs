//! Protobuf records of query tests: JSON to message and back.

use serde_json::json;

use super::*;

#[test]
fn messages_survive_with_defaults_maps_and_well_known_types() {
    let schema = r#"syntax = "proto3"; import "google/type/date.proto";
        message Row { int32 ID = 1; optional string NAME = 2; repeated double XS = 3;
            map<string, int64> M = 4; google.type.Date DAY = 5; Inner IN = 6;
            confluent.type.Decimal N = 7 [(confluent.field_meta) = {params: [
                {value: "4", key: "precision"}, {value: "2", key: "scale"}]}];
            message Inner { bool B = 1; sint32 Z = 2; } }"#;
    let serde = ProtobufSerde::try_new(schema).expect("a schema");
    let json = json!({"xs": [1.5, null], "m": {"a": 1}, "DAY": 19_000, "in": {"z": -3}, "n": 1.5});
    let bytes = serde.encode(&json, None).expect("fits");
    let expected = Actual::Map(vec![
        ("ID".to_owned(), Actual::Int(0)),
        ("NAME".to_owned(), Actual::Null),
        ("XS".to_owned(), Actual::List(vec![Actual::Double(1.5), Actual::Double(0.0)])),
        ("M".to_owned(), Actual::Map(vec![("a".to_owned(), Actual::Long(1))])),
        ("DAY".to_owned(), Actual::Int(19_000)),
        (
            "IN".to_owned(),
            Actual::Map(vec![
                ("B".to_owned(), Actual::Boolean(false)),
                ("Z".to_owned(), Actual::Int(-3)),
            ]),
        ),
        ("N".to_owned(), Actual::Decimal("1.50".parse().expect("a decimal"))),
    ]);
    assert_eq!(serde.decode(&bytes), Ok(expected));
}

#[test]
fn the_second_message_is_found_by_its_index() {
    let serde = ProtobufSerde::try_new("message A {int32 X = 1;} message B {string Y = 1;}");
    let serde = serde.expect("a schema");
    let mut bytes = serde.indexes(Some("B")).expect("a message");
    bytes.extend(serde.encode(&json!({"Y": "y"}), Some("B")).expect("fits"));
    let expected = Actual::Map(vec![("Y".to_owned(), Actual::String("y".to_owned()))]);
    assert_eq!(serde.decode_indexed(&bytes), Ok(expected));
}
