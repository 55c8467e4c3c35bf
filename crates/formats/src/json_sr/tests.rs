//! JSON_SR: schemas, framing, round trips.

use types::{Column, Field, Format, SerdeSpec, SqlType};

use super::{infer, schema_text};
use crate::Part;

#[test]
fn schemas_are_connects() {
    let spec = SerdeSpec::new(Format::JsonSr);
    let int = [Column::new("FOO", SqlType::Integer)];
    assert_eq!(
        schema_text(&spec, &int, Part::Value),
        r#"{"type":"object","properties":{"FOO":{"connect.index":0,"oneOf":[{"type":"null"},{"type":"integer","connect.type":"int32"}]}}}"#
    );
    assert_eq!(
        schema_text(&spec, &int, Part::Key),
        r#"{"oneOf":[{"type":"null"},{"type":"integer","connect.type":"int32"}]}"#
    );
}

#[test]
fn every_type_is_inferred_from_its_own_schema() {
    let columns = vec![
        Column::new("B", SqlType::Boolean),
        Column::new("L", SqlType::Bigint),
        Column::new("D", SqlType::Double),
        Column::new("N", SqlType::Decimal { precision: 4, scale: 2 }),
        Column::new("S", SqlType::String),
        Column::new("Y", SqlType::Bytes),
        Column::new("T", SqlType::Time),
        Column::new("DT", SqlType::Date),
        Column::new("TS", SqlType::Timestamp),
        Column::new("A", SqlType::array(SqlType::map(SqlType::String, SqlType::Integer))),
        Column::new("P", SqlType::Struct(vec![Field::new("X", SqlType::Integer)])),
    ];
    let text = schema_text(&SerdeSpec::new(Format::JsonSr), &columns, Part::Value);
    let inferred = infer(&text, Part::Value).expect("inferred");
    assert_eq!(inferred.columns, columns);
    assert!(!inferred.unwrapped);
}

#[test]
fn schemas_of_others_are_understood() {
    let text = r##"{"type":"object","properties":{
        "b":{"type":["null","string"],"connect.index":1},
        "a":{"type":"integer","connect.index":0},
        "r":{"$ref":"#/definitions/point"},
        "u":{"oneOf":[{"type":"string"},{"type":"integer"}]}},
        "definitions":{"point":{"type":"object","properties":{"x":{"type":"number"}}}}}"##;
    let inferred = infer(text, Part::Value).expect("inferred");
    let expected = [
        Column::new("a", SqlType::Bigint),
        Column::new("b", SqlType::String),
        Column::new("r", SqlType::Struct(vec![Field::new("x", SqlType::Double)])),
    ];
    assert_eq!(inferred.columns, expected);

    let bare =
        infer(r#"{"oneOf":[{"type":"null"},{"type":"boolean"}]}"#, Part::Key).expect("inferred");
    assert!(bare.unwrapped);
    assert_eq!(bare.columns, [Column::new("ROWKEY", SqlType::Boolean)]);

    let list = r##"{"type":"object","properties":{"next":{"$ref":"#"}}}"##;
    assert!(infer(list, Part::Value).is_err());
}
