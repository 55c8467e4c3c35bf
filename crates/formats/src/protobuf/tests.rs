//! PROTOBUF: .proto texts, message indexes, NULL representations, round trips.

use std::sync::Arc;

use arrow_array::ArrayRef;
use types::{
    Column, Field, Format, NullableRepresentation, SchemaId, SerdeSpec, SqlType, Value, columns,
};

use super::model::{File, Named};
use crate::{
    Decoded, MemorySchemaStore, Part, RegisteredSchema, SchemaStore, SchemaType, decoder, encoder,
    infer, schema_text, supports,
};

fn spec(format: Format) -> SerdeSpec {
    SerdeSpec::new(format)
}

fn encode(
    spec: &SerdeSpec,
    columns: &[Column],
    values: &[Value],
    store: &Arc<dyn SchemaStore>,
) -> Vec<u8> {
    let arrays: Vec<ArrayRef> =
        columns.iter().zip(values).map(|(c, value)| columns::array_of(&c.ty, [value])).collect();
    let mut encoder = encoder(spec, columns, Part::Value, "t", store).expect("an encoder");
    encoder.encode(&arrays, None).expect("encoded").value(0).to_vec()
}

fn decode(
    spec: &SerdeSpec,
    columns: &[Column],
    payload: &[u8],
    store: &Arc<dyn SchemaStore>,
) -> Decoded {
    decoder(spec, columns, Part::Value, "t", store).expect("a decoder").decode(&[Some(payload)])
}

fn row(decoded: &Decoded) -> Vec<Value> {
    assert_eq!(decoded.failures, []);
    decoded.columns.iter().map(|column| columns::value_at(column, 0)).collect()
}

fn store() -> Arc<dyn SchemaStore> {
    Arc::new(MemorySchemaStore::new())
}

fn every_type() -> (Vec<Column>, Vec<Value>) {
    let point = SqlType::Struct(vec![
        Field::new("X", SqlType::Integer),
        Field::new("YS", SqlType::array(SqlType::String)),
    ]);
    let at = |x| Value::Struct(vec![Value::Integer(x), Value::Array(vec![Value::string("y")])]);
    let columns = vec![
        Column::new("B", SqlType::Boolean),
        Column::new("I", SqlType::Integer),
        Column::new("L", SqlType::Bigint),
        Column::new("D", SqlType::Double),
        Column::new("N", SqlType::Decimal { precision: 40, scale: 2 }),
        Column::new("S", SqlType::String),
        Column::new("Y", SqlType::Bytes),
        Column::new("T", SqlType::Time),
        Column::new("DT", SqlType::Date),
        Column::new("TS", SqlType::Timestamp),
        Column::new("A", SqlType::array(SqlType::Bigint)),
        Column::new("P", point.clone()),
        Column::new("PS", SqlType::array(point.clone())),
        Column::new("M", SqlType::map(SqlType::String, SqlType::Double)),
        Column::new("MP", SqlType::map(SqlType::String, point)),
    ];
    let values = vec![
        Value::Boolean(true),
        Value::Integer(-1),
        Value::Bigint(i64::MIN),
        Value::Double(0.5),
        Value::Decimal("-1.28".parse().expect("decimal")),
        Value::string("é"),
        Value::Bytes(vec![0, 255]),
        Value::Time(86_399_999),
        Value::Date(-719_000),
        Value::Timestamp(-1),
        Value::Array(vec![Value::Bigint(0), Value::Bigint(-5)]),
        at(3),
        Value::Array(vec![at(0), at(1)]),
        Value::Map(vec![(Value::string("k"), Value::Double(0.0))]),
        Value::Map(vec![(Value::string("k"), at(7))]),
    ];
    (columns, values)
}

#[test]
fn every_type_survives_the_round_trip() {
    let (columns, values) = every_type();
    for format in [Format::Protobuf, Format::ProtobufNosr] {
        let (spec, store) = (spec(format), store());
        let payload = encode(&spec, &columns, &values, &store);
        assert_eq!(row(&decode(&spec, &columns, &payload, &store)), values, "{format}");
    }
}

#[test]
fn every_type_is_inferred_from_its_own_text() {
    let (columns, _) = every_type();
    let (schema_type, text) = schema_text(&spec(Format::Protobuf), &columns, Part::Value)
        .expect("possible")
        .expect("uses the registry");
    let schema = RegisteredSchema { id: SchemaId(1), schema_type, text: text.into() };
    let inferred = infer(&schema, Part::Value, None).expect("inferred");
    assert_eq!(inferred.columns, columns);
}

#[test]
fn nulls_read_as_defaults_unless_they_are_told_apart() {
    let columns = [
        Column::new("I", SqlType::Integer),
        Column::new("S", SqlType::String),
        Column::new("A", SqlType::array(SqlType::Integer)),
        Column::new("TS", SqlType::Timestamp),
    ];
    let nulls = vec![Value::Null; 4];
    let zeros = vec![Value::Integer(0), Value::string(""), Value::Array(vec![]), Value::Null];
    let kept = vec![Value::Null, Value::Null, Value::Array(vec![]), Value::Null];
    let representations = [
        (None, &zeros),
        (Some(NullableRepresentation::Optional), &kept),
        (Some(NullableRepresentation::Wrapper), &kept),
    ];
    for (nullable_representation, read) in representations {
        for format in [Format::Protobuf, Format::ProtobufNosr] {
            let (spec, store) = (SerdeSpec { nullable_representation, ..spec(format) }, store());
            let payload = encode(&spec, &columns, &nulls, &store);
            assert_eq!(&row(&decode(&spec, &columns, &payload, &store)), read);
            let payload = encode(&spec, &columns, &zeros, &store);
            assert_eq!(row(&decode(&spec, &columns, &payload, &store)), zeros);
        }
    }
    let list = [Column::new("A", SqlType::array(SqlType::Integer))];
    let with_null = [Value::Array(vec![Value::Integer(1), Value::Null])];
    let (spec, store) = (spec(Format::Protobuf), store());
    let payload = encode(&spec, &list, &with_null, &store);
    let expected = [Value::Array(vec![Value::Integer(1), Value::Integer(0)])];
    assert_eq!(row(&decode(&spec, &list, &payload, &store)), expected);
}

#[test]
fn texts_are_connects() {
    let columns = [
        Column::new("I", SqlType::Integer),
        Column::new("L", SqlType::Bigint),
        Column::new("P", SqlType::Struct(vec![Field::new("X", SqlType::Double)])),
    ];
    let text = |spec: &SerdeSpec, columns: &[Column]| {
        schema_text(spec, columns, Part::Value).expect("possible").expect("uses the registry").1
    };
    assert_eq!(
        text(&spec(Format::Protobuf), &columns),
        "syntax = \"proto3\";\n\nmessage ConnectDefault1 {\n  int32 I = 1;\n  int64 L = 2;\n  \
         ConnectDefault2 P = 3;\n\n  message ConnectDefault2 {\n    double X = 1;\n  }\n}\n"
    );
    let wrapper = Some(NullableRepresentation::Wrapper);
    let spec = SerdeSpec { nullable_representation: wrapper, ..spec(Format::Protobuf) };
    assert_eq!(
        text(&spec, &columns[..1]),
        "syntax = \"proto3\";\n\nimport \"google/protobuf/wrappers.proto\";\n\n\
         message ConnectDefault1 {\n  google.protobuf.Int32Value I = 1;\n}\n"
    );
}

#[test]
fn payloads_have_protobufs_bytes() {
    let columns = [
        Column::new("A", SqlType::Integer),
        Column::new("S", SqlType::String),
        Column::new("R", SqlType::array(SqlType::Integer)),
    ];
    let store = store();
    let list = Value::Array(vec![Value::Integer(3), Value::Integer(270)]);
    let values = [Value::Integer(150), Value::string("hi"), list];
    let payload = encode(&spec(Format::Protobuf), &columns, &values, &store);
    let message = [0x08, 0x96, 0x01, 0x12, 2, b'h', b'i', 0x1a, 3, 3, 0x8e, 2];
    assert_eq!(payload, [&[0, 0, 0, 0, 1, 0][..], &message].concat());
    assert_eq!(encode(&spec(Format::ProtobufNosr), &columns, &values, &store), message);
}

/// A file of another's making: package, comments, nested names, oneof, reserved numbers, enum, map.
const OTHERS: &str = r#"
// A comment with "quotes".
syntax = "proto3"; package shop.v1;
import 'google/protobuf/wrappers.proto';
option java_package = "x";
message Ignored { uint32 k = 1; }
message Order {
  reserved 9, 11 to 15;
  enum State { OPEN = 0; CLOSED = 1 [deprecated = true]; }
  message Line { sint64 amount = 1; fixed32 code = 2; repeated Line more = 3; }
  uint32 id = 2 [json_name = "ID"]; /* twice
  */ repeated .shop.v1.Order.Line lines = 3;
  State state = 4;
  oneof payment { string card = 5; float cash = 6; }
  map<string, Line> by_name = 7;
  google.protobuf.BoolValue paid = 8;
}
service S { rpc Get (Order) returns (Order) { option x = 1; } }
"#;

#[test]
fn files_of_others_are_understood() {
    let names = MemorySchemaStore::new();
    let id = names.register("t-value", SchemaType::Protobuf, OTHERS).expect("registered");
    let line = SqlType::Struct(vec![
        Field::new("AMOUNT", SqlType::Bigint),
        Field::new("CODE", SqlType::Bigint),
    ]);
    let columns = [
        Column::new("ID", SqlType::Bigint),
        Column::new("LINES", SqlType::array(line.clone())),
        Column::new("STATE", SqlType::String),
        Column::new("CARD", SqlType::String),
        Column::new("CASH", SqlType::Double),
        Column::new("BY_NAME", SqlType::map(SqlType::String, line)),
        Column::new("PAID", SqlType::Boolean),
        Column::new("MISSING", SqlType::Integer),
    ];
    // Order is the second message: one index, 1. Unknown field 20; two lines; state 1.
    let payload = [
        0, 0, 0, 0, 1, 2, 2, // header and indexes
        0xa0, 1, 5, // unknown field 20
        0x10, 7, // id = 7
        0x1a, 2, 8, 3, // lines: amount -2
        0x1a, 5, 0x15, 1, 0, 0, 0, // lines: code 1
        0x20, 1, // state = CLOSED
        0x35, 0, 0, 0xc0, 0x3f, // cash = 1.5
        0x3a, 3, 10, 1, b'k', // by_name: key k, no value
        0x42, 0, // paid: present, false
    ];
    let store: Arc<dyn SchemaStore> = Arc::new(names);
    let decoded = decode(&spec(Format::Protobuf), &columns, &payload, &store);
    let at = |amount, code| Value::Struct(vec![Value::Bigint(amount), Value::Bigint(code)]);
    let expected = [
        Value::Bigint(7),
        Value::Array(vec![at(-2, 0), at(0, 1)]),
        Value::string("CLOSED"),
        Value::Null,
        Value::Double(1.5),
        Value::Map(vec![(Value::string("k"), Value::Null)]),
        Value::Boolean(false),
        Value::Null,
    ];
    assert_eq!(row(&decoded), expected);
    let spec = SerdeSpec {
        schema_id: Some(id),
        full_schema_name: Some("shop.v1.Ignored".to_owned()),
        ..spec(Format::Protobuf)
    };
    let payload = encode(&spec, &[Column::new("K", SqlType::Bigint)], &[Value::Bigint(1)], &store);
    assert_eq!(payload, [0, 0, 0, 0, 1, 0, 8, 1]);
}

#[test]
fn broken_files_and_payloads_are_refused() {
    for text in [
        "",
        "message {",
        "message A { int32 x; }",
        "message A { int32 x = y; }",
        "/*",
        "message A { \"x\" }",
        "}",
    ] {
        assert!(super::model::File::parse(text).is_err(), "{text:?}");
    }
    let (columns, values) = every_type();
    let (spec, store) = (spec(Format::Protobuf), store());
    let good = encode(&spec, &columns, &values, &store);
    let mut decoder = decoder(&spec, &columns, Part::Value, "t", &store).expect("a decoder");
    for end in 0..good.len() {
        // Cuts between fields are whole messages; no cut may panic or spoil the next row.
        let decoded = decoder.decode(&[Some(&good[..end]), Some(&good)]);
        assert!(decoded.failures.iter().all(|failure| failure.row == 0), "{end}");
        assert_eq!(columns::value_at(&decoded.columns[1], 1), Value::Integer(-1));
    }
}

#[test]
fn lists_of_lists_are_refused() {
    let columns = [Column::new("A", SqlType::array(SqlType::array(SqlType::Integer)))];
    let error = supports(&spec(Format::Protobuf), &columns, Part::Value).expect_err("nested");
    assert!(error.to_string().contains("PROTOBUF can't hold ARRAYs"), "{error}");
}

#[test]
fn imported_texts_define_names_in_packages_of_their_own() {
    let main =
        "syntax = \"proto3\"; package a; import \"b.proto\"; message M {b.N n = 1; P p = 2;}";
    let imported = ["package b; message N {int32 x = 1;}", "message P {string y = 1;}"];
    let file = File::parse(&File::joined(main, imported)).expect("a file");
    let names: Vec<&str> = file.messages.iter().map(|message| message.name.as_str()).collect();
    assert_eq!(names, ["a.M", "b.N", "P"]);
    assert!(matches!(file.find("a.M", "b.N"), Some(Named::Message(_))));
    assert!(matches!(file.find("a.M", "P"), Some(Named::Message(_))));
}
