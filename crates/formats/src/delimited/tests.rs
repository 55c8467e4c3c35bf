//! DELIMITED: quoting, column counts, NULLs, round trips.

use arrow_array::Array;
use types::{Column, Delimiter, SqlType, Value, columns};

use super::{DelimitedDecoder, DelimitedEncoder};
use crate::{Decoded, Decoder, Encoder};

fn strings(names: &[&str]) -> Vec<Column> {
    names.iter().map(|name| Column::new(*name, SqlType::String)).collect()
}

fn decode(columns: &[Column], delimiter: char, line: &str) -> Decoded {
    DelimitedDecoder::new(columns, Delimiter(delimiter)).decode(&[Some(line.as_bytes())])
}

fn row(decoded: &Decoded) -> Vec<Value> {
    decoded.columns.iter().map(|column| columns::value_at(column, 0)).collect()
}

fn encode(columns: &[Column], delimiter: char, values: &[Value]) -> String {
    let arrays: Vec<_> =
        columns.iter().zip(values).map(|(c, value)| columns::array_of(&c.ty, [value])).collect();
    let mut encoder = DelimitedEncoder::new(Delimiter(delimiter));
    let payloads = encoder.encode(&arrays, None).expect("encoded");
    assert_eq!(payloads.len(), 1);
    String::from_utf8(payloads.value(0).to_vec()).expect("UTF-8")
}

#[test]
fn fields_are_split_and_unquoted() {
    let text = |texts: &[&str]| -> Vec<Value> { texts.iter().map(|t| Value::string(*t)).collect() };
    let table = [
        (',', "a,b", text(&["a", "b"])),
        ('|', "a|b", text(&["a", "b"])),
        (',', "\"a,\"\"x\"\"\",b\r\nnext,line", text(&["a,\"x\"", "b"])),
        (',', "\"two\nlines\",b", text(&["two\nlines", "b"])),
        (',', ",\"\"", vec![Value::Null, Value::string("")]),
        (',', "\n a , b", text(&[" a ", " b"])),
        ('é', "xéy", text(&["x", "y"])),
    ];
    for (delimiter, line, expected) in table {
        let decoded = decode(&strings(&["A", "B"]), delimiter, line);
        assert_eq!(decoded.failures, [], "{line:?}");
        assert_eq!(row(&decoded), expected, "{line:?}");
    }
}

#[test]
fn bad_lines_fail_alone() {
    for line in ["a", "a,b,c", "", "\"a,b", "\"a\"x,b"] {
        let decoded = decode(&strings(&["A", "B"]), ',', line);
        assert_eq!(decoded.failures.len(), 1, "{line:?}");
        assert_eq!(row(&decoded), [Value::Null, Value::Null], "{line:?}");
    }
    let decoded = decode(&[Column::new("N", SqlType::Integer)], ',', "x");
    let message = &decoded.failures[0].message;
    assert_eq!(message, "Can't convert type. sourceType: STRING, requiredType: INTEGER, path: $.N");
}

#[test]
fn scalars_survive_the_round_trip() {
    let table = [
        (SqlType::Boolean, Value::Boolean(true), "true"),
        (SqlType::Integer, Value::Integer(33), "33"),
        (SqlType::Date, Value::Date(-10), "\"-10\""),
        (SqlType::Double, Value::Double(654.321), "654.321"),
        (SqlType::Bytes, Value::Bytes(b"variations".to_vec()), "dmFyaWF0aW9ucw=="),
        (
            SqlType::Decimal { precision: 6, scale: 4 },
            Value::Decimal("12.0000".parse().expect("decimal")),
            "12.0000",
        ),
        (SqlType::Timestamp, Value::Timestamp(10), "10"),
        (SqlType::String, Value::string("plain text"), "plain text"),
    ];
    for (ty, value, line) in table {
        let columns = [Column::new("V", ty)];
        assert_eq!(encode(&columns, ',', std::slice::from_ref(&value)), line);
        assert_eq!(row(&decode(&columns, ',', line)), [value]);
    }
}

#[test]
fn fields_are_quoted_only_when_needed() {
    let table = [
        (["a", "b c"], "a,b c"),
        (["-a", "-b"], "\"-a\",-b"),
        (["a,b", "x\"y"], "\"a,b\",\"x\"\"y\""),
        (["", ""], "\"\","),
        (["a ", "#b"], "\"a \",\"#b\""),
    ];
    for (values, line) in table {
        let values = values.map(Value::string);
        assert_eq!(encode(&strings(&["A", "B"]), ',', &values), line);
    }
    let nulls = [Value::Null, Value::Null];
    assert_eq!(encode(&strings(&["A", "B"]), ';', &nulls), ";");
}
