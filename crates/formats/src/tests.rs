//! Every format gives back what it was given, for random columns and rows.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef};
use proptest::prelude::*;
use types::{Column, Decimal, Field, Format, SerdeSpec, SqlType, Value, columns};

use crate::{MemorySchemaStore, Part, SchemaStore, decoder, encoder, supports};

fn scalar_type() -> impl Strategy<Value = SqlType> {
    prop_oneof![
        Just(SqlType::Boolean),
        Just(SqlType::Integer),
        Just(SqlType::Bigint),
        Just(SqlType::Double),
        (1_u8..=76).prop_flat_map(|precision| {
            (0..=precision).prop_map(move |scale| SqlType::Decimal { precision, scale })
        }),
        Just(SqlType::String),
        Just(SqlType::Bytes),
        Just(SqlType::Time),
        Just(SqlType::Date),
        Just(SqlType::Timestamp),
    ]
}

fn any_type() -> impl Strategy<Value = SqlType> {
    scalar_type().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(SqlType::array),
            inner.clone().prop_map(|value| SqlType::map(SqlType::String, value)),
            prop::collection::vec(inner, 1..4).prop_map(|types| {
                let field = |(index, ty)| Field::new(format!("F{index}"), ty);
                SqlType::Struct(types.into_iter().enumerate().map(field).collect())
            }),
        ]
    })
}

fn value_of(ty: &SqlType) -> BoxedStrategy<Value> {
    let present: BoxedStrategy<Value> = match ty {
        SqlType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        SqlType::Integer => any::<i32>().prop_map(Value::Integer).boxed(),
        SqlType::Bigint => any::<i64>().prop_map(Value::Bigint).boxed(),
        SqlType::Double => any::<f64>().prop_map(Value::Double).boxed(),
        SqlType::Decimal { precision, scale } => decimal(*precision, *scale),
        SqlType::String => ".{0,8}".prop_map(Value::String).boxed(),
        SqlType::Bytes => prop::collection::vec(any::<u8>(), 0..8).prop_map(Value::Bytes).boxed(),
        SqlType::Time => (0..86_400_000).prop_map(Value::Time).boxed(),
        SqlType::Date => any::<i32>().prop_map(Value::Date).boxed(),
        SqlType::Timestamp => any::<i64>().prop_map(Value::Timestamp).boxed(),
        SqlType::Array(element) => {
            prop::collection::vec(value_of(element), 0..4).prop_map(Value::Array).boxed()
        }
        SqlType::Map(_, value) => {
            prop::collection::btree_map("[a-z\"]{0,3}", value_of(value), 0..4)
                .prop_map(|entries| {
                    Value::Map(entries.into_iter().map(|(k, v)| (Value::String(k), v)).collect())
                })
                .boxed()
        }
        SqlType::Struct(fields) => fields
            .iter()
            .map(|field| value_of(&field.ty))
            .collect::<Vec<_>>()
            .prop_map(Value::Struct)
            .boxed(),
    };
    prop_oneof![4 => present, 1 => Just(Value::Null)].boxed()
}

fn decimal(precision: u8, scale: u8) -> BoxedStrategy<Value> {
    let digits = prop::collection::vec(b'0'..=b'9', usize::from(precision));
    (digits, any::<bool>())
        .prop_map(move |(digits, negative)| {
            let digits = String::from_utf8(digits).expect("digits");
            let sign = if negative { "-" } else { "" };
            let whole: Decimal = format!("{sign}{digits}").parse().expect("76 digits fit");
            Value::Decimal(Decimal::new(whole.unscaled, scale))
        })
        .boxed()
}

fn table(ty: BoxedStrategy<SqlType>) -> impl Strategy<Value = (Vec<Column>, Vec<Vec<Value>>)> {
    prop::collection::vec(ty, 1..5).prop_flat_map(|types| {
        let row: Vec<_> = types.iter().map(value_of).collect();
        let column = |(index, ty): (usize, &SqlType)| Column::new(format!("C{index}"), ty.clone());
        let columns: Vec<Column> = types.iter().enumerate().map(column).collect();
        (Just(columns), prop::collection::vec(row, 1..6))
    })
}

/// Encodes the rows, decodes them again and expects the same values.
fn round_trip(spec: &SerdeSpec, columns: &[Column], rows: &[Vec<Value>], part: Part) {
    let store: Arc<dyn SchemaStore> = Arc::new(MemorySchemaStore::new());
    supports(spec, columns, part).expect("supported");
    let array =
        |index: usize| columns::array_of(&columns[index].ty, rows.iter().map(|row| &row[index]));
    let arrays: Vec<ArrayRef> = (0..columns.len()).map(array).collect();
    let mut encoder = encoder(spec, columns, part, "t", &store).expect("an encoder");
    let payloads = encoder.encode(&arrays, None).expect("encoded");
    let payloads: Vec<Option<&[u8]>> = payloads.iter().collect();
    let mut decoder = decoder(spec, columns, part, "t", &store).expect("a decoder");
    let decoded = decoder.decode(&payloads);
    assert_eq!(decoded.failures, []);
    for (expected, found) in arrays.iter().zip(&decoded.columns) {
        assert_eq!(expected.data_type(), found.data_type());
        assert_eq!(columns::values(expected), columns::values(found));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn json_gives_back_what_it_was_given((columns, rows) in table(any_type().boxed())) {
        for format in [Format::Json, Format::JsonSr] {
            round_trip(&SerdeSpec::new(format), &columns, &rows, Part::Value);
        }
    }

    #[test]
    fn avro_gives_back_what_it_was_given((columns, rows) in table(any_type().boxed())) {
        round_trip(&SerdeSpec::new(Format::Avro), &columns, &rows, Part::Value);
    }

    #[test]
    fn bare_columns_come_back((columns, rows) in table(scalar_type().boxed())) {
        let rows: Vec<Vec<Value>> = rows.into_iter().map(|row| vec![row[0].clone()]).collect();
        for format in [Format::Json, Format::Avro] {
            round_trip(&SerdeSpec::new(format), &columns[..1], &rows, Part::Key);
        }
    }

    #[test]
    fn lines_come_back((mut columns, mut rows) in table(scalar_type().boxed())) {
        // An empty STRING reads back as NULL and a lone NULL is no line, as in ksqlDB.
        columns.push(Column::new("LAST", SqlType::Integer));
        for row in &mut rows {
            row.push(Value::Integer(1));
            for value in row.iter_mut().filter(|value| **value == Value::string("")) {
                *value = Value::Null;
            }
            if let Some(Value::Bytes(bytes)) = row.iter_mut().find(|v| **v == Value::Bytes(vec![])) {
                bytes.push(1);
            }
        }
        rows.retain(|row| !row.contains(&Value::Bytes(vec![])));
        if !rows.is_empty() {
            round_trip(&SerdeSpec::new(Format::Delimited), &columns, &rows, Part::Value);
        }
    }

    #[test]
    fn outside_bytes_never_panic(payload in prop::collection::vec(any::<u8>(), 0..64)) {
        let columns = [
            Column::new("A", SqlType::array(SqlType::map(SqlType::String, SqlType::Double))),
            Column::new("S", SqlType::String),
        ];
        let store: Arc<dyn SchemaStore> = Arc::new(MemorySchemaStore::new());
        drop(encoder(&SerdeSpec::new(Format::Avro), &columns, Part::Value, "t", &store));
        let framed = [vec![0, 0, 0, 0, 1], payload.clone()].concat();
        for format in [Format::Json, Format::Avro, Format::Delimited] {
            let columns = if format == Format::Delimited { &columns[1..] } else { &columns };
            let mut decoder = decoder(&SerdeSpec::new(format), columns, Part::Value, "t", &store)
                .expect("a decoder");
            let decoded = decoder.decode(&[Some(payload.as_slice()), Some(framed.as_slice())]);
            prop_assert!(decoded.columns.iter().all(|column| column.len() == 2));
        }
    }
}

#[test]
fn kafka_bytes_are_kafkas_own() {
    let table = [
        (SqlType::Integer, Value::Integer(1), vec![0, 0, 0, 1]),
        (SqlType::Bigint, Value::Bigint(-1), vec![255; 8]),
        (SqlType::Double, Value::Double(1.0), vec![0x3f, 0xf0, 0, 0, 0, 0, 0, 0]),
        (SqlType::String, Value::string("é"), vec![0xc3, 0xa9]),
        (SqlType::Bytes, Value::Bytes(vec![7]), vec![7]),
    ];
    let store: Arc<dyn SchemaStore> = Arc::new(MemorySchemaStore::new());
    let spec = SerdeSpec::new(Format::Kafka);
    for (ty, value, bytes) in table {
        let columns = [Column::new("K", ty.clone())];
        round_trip(&spec, &columns, &[vec![value.clone()], vec![Value::Null]], Part::Key);
        let array = columns::array_of(&ty, [&value]);
        let mut encoder = encoder(&spec, &columns, Part::Key, "t", &store).expect("an encoder");
        assert_eq!(encoder.encode(&[array], None).expect("encoded").value(0), bytes);
    }
    let columns = [Column::new("K", SqlType::Integer)];
    let mut decoder = decoder(&spec, &columns, Part::Key, "t", &store).expect("a decoder");
    let decoded = decoder.decode(&[Some(b"12"), Some(&[0, 0, 0, 9])]);
    assert_eq!(decoded.failures[0].message, "Size of data received for INTEGER is 2, not 4");
    assert_eq!(columns::values(&decoded.columns[0]), [Value::Null, Value::Integer(9)]);
}

#[test]
fn unsupported_columns_are_explained() {
    let map = SqlType::map(SqlType::Integer, SqlType::Double);
    let list = SqlType::array(SqlType::Double);
    let table = [
        (
            Format::Delimited,
            Part::Value,
            vec![list.clone()],
            "The 'DELIMITED' format does not support type 'ARRAY', column: `C0`",
        ),
        (
            Format::Kafka,
            Part::Key,
            vec![SqlType::Boolean],
            "The 'KAFKA' format does not support type 'BOOLEAN'",
        ),
        (
            Format::Kafka,
            Part::Value,
            vec![SqlType::Integer, SqlType::Integer],
            "only supports a single field",
        ),
        (
            Format::Json,
            Part::Value,
            vec![map.clone()],
            "JSON only supports MAP types with STRING keys",
        ),
        (Format::Avro, Part::Value, vec![map.clone()], "Avro only supports MAPs with STRING keys"),
        (
            Format::Json,
            Part::Key,
            vec![SqlType::array(map)],
            "Key column name: `C0`. Column type: ARRAY<MAP<INTEGER, DOUBLE>>.",
        ),
        (
            Format::None,
            Part::Key,
            vec![SqlType::String],
            "can only be used when no columns are defined. Got: [`C0` STRING KEY]",
        ),
    ];
    for (format, part, types, message) in table {
        let column = |(index, ty)| Column::new(format!("C{index}"), ty);
        let columns: Vec<Column> = types.into_iter().enumerate().map(column).collect();
        let error = supports(&SerdeSpec::new(format), &columns, part).expect_err(message);
        assert!(error.to_string().contains(message), "{error}");
    }
    let error = supports(&SerdeSpec::new(Format::Delimited), &[Column::new("K", list)], Part::Key);
    assert_eq!(
        error.expect_err("nested").to_string(),
        "Key format does not support schema.\nformat: DELIMITED\n\
         schema: Persistence{columns=[`K` ARRAY<DOUBLE> KEY], features=[]}\n\
         reason: The 'DELIMITED' format does not support type 'ARRAY', column: `K`"
    );
    let wrapped = SerdeSpec { wrap_single: Some(true), ..SerdeSpec::new(Format::Delimited) };
    let columns = [Column::new("V", SqlType::Integer)];
    let error = supports(&wrapped, &columns, Part::Value).expect_err("never wrapped").to_string();
    assert_eq!(error, "Format 'DELIMITED' does not support 'WRAP_SINGLE_VALUE' set to 'true'.");
}
