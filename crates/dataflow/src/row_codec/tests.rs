//! The bytes of rows as they lie in stores and changelogs. A failure here means that stored state can no
//! longer be read: do not mend the texts, take a new [`ROW_FORMAT`].

use std::fmt::Write as _;

use types::columns::{array_of, values};
use types::{Field, SqlType, Value};

use super::*;

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("texts take everything");
        text
    })
}

/// The bytes of a row, which must also come back from them.
fn encoded(row: &[(SqlType, Value)]) -> String {
    let columns: Vec<Column> = (0..).zip(row).map(|(n, (ty, _))| column(n, ty)).collect();
    let codec = RowCodec::try_new(&columns).expect("types that can be stored");
    let arrays: Vec<ArrayRef> = row.iter().map(|(ty, value)| array_of(ty, [value])).collect();
    let bytes = codec.encode(&arrays).expect("rows of the columns").row(0).to_vec();
    let decoded = codec.decode([bytes.as_slice()]).expect("what was written");
    for ((_, expected), column) in row.iter().zip(&decoded) {
        assert_eq!(&values(column)[0], expected);
    }
    hexadecimal(&bytes)
}

fn column(number: usize, ty: &SqlType) -> Column {
    Column::new(format!("C{number}"), ty.clone())
}

#[test]
fn stored_rows_keep_their_bytes() {
    assert_eq!(ROW_FORMAT, RowFormat(1), "the texts below are those of format 1");
    let text = |text: &str| (SqlType::String, Value::string(text));
    let person = SqlType::Struct(vec![
        Field::new("NAME", SqlType::String),
        Field::new("AGE", SqlType::Integer),
    ]);
    let rows: Vec<(&str, Vec<(SqlType, Value)>)> = vec![
        ("boolean", vec![(SqlType::Boolean, Value::Boolean(true))]),
        ("integer", vec![(SqlType::Integer, Value::Integer(-2))]),
        ("bigint", vec![(SqlType::Bigint, Value::Bigint(258))]),
        ("double", vec![(SqlType::Double, Value::Double(-1.5))]),
        ("null", vec![(SqlType::Bigint, Value::Null)]),
        ("empty text", vec![text("")]),
        ("short text", vec![text("ab")]),
        ("long text", vec![text("0123456789abcdefghijklmnopqrstuvwxyz")]),
        ("two columns", vec![text("k"), (SqlType::Bigint, Value::Bigint(-1))]),
        ("struct", vec![(person, Value::Null)]),
    ];
    let found: Vec<(&str, String)> = rows.iter().map(|(name, row)| (*name, encoded(row))).collect();
    let expected = [
        ("boolean", "0101"),
        ("integer", "017ffffffe"),
        ("bigint", "018000000000000102"),
        ("double", "014007ffffffffffff"),
        ("null", "000000000000000000"),
        ("empty text", "01"),
        ("short text", "02616200000000000002"),
        (
            "long text",
            "023031323334353637ff3839616263646566ff6768696a6b6c6d6eff6f70717273747576\
             ff7778797a0000000000000000000000000000000000000000000000000000000004",
        ),
        ("two columns", "026b0000000000000001017fffffffffffffff"),
        ("struct", "00000000000000"),
    ];
    assert_eq!(found, expected.map(|(name, bytes)| (name, bytes.to_owned())));
}
