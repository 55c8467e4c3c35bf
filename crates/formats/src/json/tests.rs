//! JSON: coercions, field lookup, bad records, round trips.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef};
use arrow_buffer::NullBuffer;
use types::{Column, Field, SqlType, Value, columns};

use super::{JsonDecoder, JsonEncoder};
use crate::{Decoded, Decoder, Encoder};

fn decode_rows(columns: &[Column], unwrapped: bool, payloads: &[Option<&str>]) -> Decoded {
    let payloads: Vec<Option<&[u8]>> = payloads.iter().map(|p| p.map(str::as_bytes)).collect();
    JsonDecoder::new(columns, unwrapped, false).decode(&payloads)
}

/// The value that `json` becomes as the bare column of type `ty`, or the failure's message.
fn coerce(ty: SqlType, json: &str) -> Result<Value, String> {
    let mut decoded = decode_rows(&[Column::new("V", ty)], true, &[Some(json)]);
    match decoded.failures.pop() {
        Some(failure) => Err(failure.message),
        None => Ok(columns::value_at(&decoded.columns[0], 0)),
    }
}

fn encode_rows(columns: &[Column], unwrapped: bool, arrays: &[ArrayRef]) -> Vec<Option<String>> {
    let payloads =
        JsonEncoder::new(columns, unwrapped, None).encode(arrays, None).expect("encoded");
    let text = |p: Option<&[u8]>| p.map(|p| String::from_utf8(p.to_vec()).expect("UTF-8"));
    payloads.iter().map(text).collect()
}

fn decimal(precision: u8, scale: u8) -> SqlType {
    SqlType::Decimal { precision, scale }
}

#[test]
fn scalars_are_coerced() {
    use SqlType::{Bigint, Boolean, Bytes, Date, Double, Integer, String, Time, Timestamp};
    let table = [
        (Boolean, "true", Value::Boolean(true)),
        (Integer, "7", Value::Integer(7)),
        (Integer, "\"-7\"", Value::Integer(-7)),
        (Integer, "1.9", Value::Integer(1)),
        (Integer, "4294967297", Value::Integer(1)),
        (Bigint, "10827272222", Value::Bigint(10_827_272_222)),
        (Bigint, "9007199254740993.5", Value::Bigint(9_007_199_254_740_993)),
        (Bigint, "18446744073709551617", Value::Bigint(1)),
        (Double, "1", Value::Double(1.0)),
        (Double, "1.5e3", Value::Double(1500.0)),
        (Double, "\"2.5\"", Value::Double(2.5)),
        (Double, "\"-Infinity\"", Value::Double(f64::NEG_INFINITY)),
        (decimal(6, 4), "12.365", Value::Decimal("12.3650".parse().expect("decimal"))),
        (decimal(6, 4), "\"1\"", Value::Decimal("1.0000".parse().expect("decimal"))),
        (String, "\"a\\n\\u00e9\"", Value::string("a\né")),
        (String, "10", Value::string("10")),
        (String, "1.50", Value::string("1.50")),
        (String, "1e5", Value::string("1E+5")),
        (String, "false", Value::string("false")),
        (
            String,
            r#"{ "a" : [1, 2.50], "b":"x\"y" }"#,
            Value::string(r#"{"a":[1,2.50],"b":"x\"y"}"#),
        ),
        (String, r#"["a", 1, {"b": null}, null]"#, Value::string(r#"[a, 1, {"b":null}, null]"#)),
        (Bytes, "\"aGk=\"", Value::Bytes(b"hi".to_vec())),
        (Time, "10", Value::Time(10)),
        (Date, "-10", Value::Date(-10)),
        (Timestamp, "\"99\"", Value::Timestamp(99)),
    ];
    for (ty, json, value) in table {
        assert_eq!(coerce(ty.clone(), json), Ok(value), "{json} as {ty}");
    }
    let Ok(Value::Double(nan)) = coerce(Double, "\"NaN\"") else { panic!("NaN is a double") };
    assert!(nan.is_nan());
}

#[test]
fn what_can_not_be_coerced_fails() {
    use SqlType::{Bigint, Boolean, Bytes, Double, Integer, Time};
    let table = [
        (Boolean, "1"),
        (Boolean, "\"true\""),
        (Integer, "\"1.5\""),
        (Integer, "\"4294967297\""),
        (Integer, "true"),
        (Bigint, "[]"),
        (Double, "\"x\""),
        (Double, "{}"),
        (decimal(3, 1), "1.25"),
        (decimal(2, 0), "123"),
        (decimal(2, 0), "true"),
        (Bytes, "\"!\""),
        (Bytes, "12"),
        (Time, "86400000"),
        (Time, "-1"),
        (SqlType::array(Integer), "{}"),
        (SqlType::map(SqlType::String, Integer), "[]"),
        (SqlType::Struct(vec![Field::new("A", Integer)]), "5"),
        (Integer, "nonsense"),
        (Integer, ""),
        (SqlType::array(Integer), "[1"),
    ];
    for (ty, json) in table {
        assert!(coerce(ty.clone(), json).is_err(), "{json} as {ty}");
    }
}

#[test]
fn messages_name_the_path() {
    let point = SqlType::Struct(vec![Field::new("XS", SqlType::array(SqlType::Integer))]);
    let message = coerce(point, r#"{"xs": [1, true]}"#).expect_err("true is no INTEGER");
    assert_eq!(
        message,
        "Can't convert type. sourceType: BOOLEAN, requiredType: INTEGER, path: $.XS[1]"
    );
}

#[test]
fn fields_are_found_by_exact_name_then_upper_case_and_the_last_wins() {
    let columns = [Column::new("A", SqlType::Integer), Column::new("b", SqlType::Integer)];
    let table = [
        (r#"{"A": 1, "b": 2}"#, (Value::Integer(1), Value::Integer(2))),
        (r#"{"a": 1, "B": 2}"#, (Value::Integer(1), Value::Null)),
        (r#"{"A": 1, "a": 3}"#, (Value::Integer(1), Value::Null)),
        (r#"{"a": 1, "A": 3}"#, (Value::Integer(3), Value::Null)),
        (r#"{"a": 1, "a": 3, "x": {"y": [0]}}"#, (Value::Integer(3), Value::Null)),
        (r#"{}"#, (Value::Null, Value::Null)),
    ];
    let payloads: Vec<Option<&str>> = table.iter().map(|(json, _)| Some(*json)).collect();
    let decoded = decode_rows(&columns, false, &payloads);
    assert_eq!(decoded.failures, []);
    for (row, (json, (a, b))) in table.iter().enumerate() {
        assert_eq!(&columns::value_at(&decoded.columns[0], row), a, "{json}");
        assert_eq!(&columns::value_at(&decoded.columns[1], row), b, "{json}");
    }
}

#[test]
fn one_field_may_feed_two_columns() {
    let columns = [Column::new("A", SqlType::Integer), Column::new("a", SqlType::Integer)];
    let decoded = decode_rows(&columns, false, &[Some(r#"{"a": 1, "z": 0}"#)]);
    assert_eq!(columns::value_at(&decoded.columns[0], 0), Value::Integer(1));
    assert_eq!(columns::value_at(&decoded.columns[1], 0), Value::Integer(1));
}

#[test]
fn repeated_map_keys_keep_the_last_value() {
    let ty = SqlType::map(SqlType::String, SqlType::Integer);
    let expected =
        vec![(Value::string("b"), Value::Integer(2)), (Value::string("a"), Value::Integer(3))];
    assert_eq!(coerce(ty, r#"{"a": 1, "b": 2, "a": 3}"#), Ok(Value::Map(expected)));
}

#[test]
fn bad_rows_leave_no_trace() {
    let columns = [
        Column::new("L", SqlType::array(SqlType::String)),
        Column::new("M", SqlType::map(SqlType::String, SqlType::Bigint)),
        Column::new("S", SqlType::Struct(vec![Field::new("X", SqlType::Boolean)])),
        Column::new("D", SqlType::Double),
    ];
    let good = r#"{"L":["a",null],"M":{"k":1},"S":{"X":true},"D":1.5}"#;
    let payloads = [
        Some(good),
        Some(r#"{"L":["a","b"],"M":{"k":1,"l":"x"},"S":{}}"#),
        Some(r#"{"L":["a","b"],"M":{"k":1},"S":{"X":true},"D":"#),
        None,
        Some("null"),
        Some("[1]"),
        Some(good),
    ];
    let decoded = decode_rows(&columns, false, &payloads);
    let rows: Vec<usize> = decoded.failures.iter().map(|failure| failure.row).collect();
    assert_eq!((rows, decoded.absent), (vec![1, 2, 5], vec![4]));
    for column in &decoded.columns {
        let values = columns::values(column);
        assert_eq!(values[0], values[6]);
        assert!(values[1..6].iter().all(Value::is_null), "{values:?}");
    }
    let texts = encode_rows(&columns, false, &decoded.columns);
    assert_eq!(texts[0].as_deref(), Some(good));
    assert_eq!(texts[3].as_deref(), Some(r#"{"L":null,"M":null,"S":null,"D":null}"#));
}

#[test]
fn values_are_written_as_ksqldb_writes_them() {
    let table = [
        (SqlType::Double, Value::Double(1.0), "1.0"),
        (SqlType::Double, Value::Double(1e10), "1.0E10"),
        (SqlType::Double, Value::Double(f64::NAN), "\"NaN\""),
        (SqlType::Double, Value::Double(f64::INFINITY), "\"Infinity\""),
        (decimal(6, 4), Value::Decimal("10.0000".parse().expect("decimal")), "10.0000"),
        (decimal(50, 2), Value::Decimal("-0.05".parse().expect("decimal")), "-0.05"),
        (SqlType::Bytes, Value::Bytes(b"hi".to_vec()), "\"aGk=\""),
        (SqlType::String, Value::string("\"\\/\u{1f}é\u{8}"), "\"\\\"\\\\/\\u001Fé\\b\""),
        (SqlType::Date, Value::Date(-10), "-10"),
        (SqlType::Time, Value::Time(5), "5"),
        (SqlType::Timestamp, Value::Timestamp(i64::MIN), "-9223372036854775808"),
    ];
    for (ty, value, text) in table {
        let array = columns::array_of(&ty, [&value]);
        let payloads = encode_rows(&[Column::new("V", ty)], true, &[array]);
        assert_eq!(payloads, [Some(text.to_owned())]);
    }
}

#[test]
fn an_unwrapped_null_and_an_absent_row_have_no_payload() {
    let columns = [Column::new("V", SqlType::Integer)];
    let array: ArrayRef = Arc::new(arrow_array::Int32Array::from(vec![Some(1), None]));
    assert_eq!(
        encode_rows(&columns, true, std::slice::from_ref(&array)),
        [Some("1".to_owned()), None]
    );
    let present = NullBuffer::from(vec![false, true]);
    let mut encoder = JsonEncoder::new(&columns, false, None);
    let payloads = encoder.encode(&[array], Some(&present)).expect("encoded");
    assert!(payloads.is_null(0));
    assert_eq!(payloads.value(1), br#"{"V":null}"#);
}

#[test]
fn the_decoder_starts_each_batch_anew() {
    let columns = [Column::new("A", SqlType::String)];
    let mut decoder = JsonDecoder::new(&columns, false, false);
    for text in ["x", "y"] {
        let payload = format!(r#"{{"A":"{text}"}}"#);
        let decoded = decoder.decode(&[Some(payload.as_bytes())]);
        assert_eq!(columns::values(&decoded.columns[0]), [Value::string(text)]);
    }
}
