//! AVRO: round trips, schema differences, and what another implementation reads and writes.

use std::sync::Arc;

use apache_avro::types::Value as Datum;
use arrow_array::{Array, ArrayRef};
use types::{Column, Field, Format, SchemaId, SerdeSpec, SqlType, Value, columns};

use crate::{
    Decoded, MemorySchemaStore, Part, RegisteredSchema, SchemaStore, SchemaType, decoder, encoder,
    infer, schema_text,
};

fn avro() -> SerdeSpec {
    SerdeSpec::new(Format::Avro)
}

fn registered(text: &str) -> (Arc<dyn SchemaStore>, SchemaId) {
    let store = MemorySchemaStore::new();
    let id = store.register("t-value", SchemaType::Avro, text).expect("registered");
    (Arc::new(store), id)
}

/// What another implementation writes for `datum` by the schema `text`, framed with id 1.
fn written(text: &str, datum: Datum) -> Vec<u8> {
    let schema = apache_avro::Schema::parse_str(text).expect("a schema");
    let body = apache_avro::to_avro_datum(&schema, datum).expect("encoded");
    [vec![0, 0, 0, 0, 1], body].concat()
}

fn decode(spec: &SerdeSpec, columns: &[Column], text: &str, payloads: &[&[u8]]) -> Decoded {
    let (store, _) = registered(text);
    let payloads: Vec<Option<&[u8]>> = payloads.iter().map(|p| Some(*p)).collect();
    decoder(spec, columns, Part::Value, "t", &store).expect("a decoder").decode(&payloads)
}

fn row(decoded: &Decoded, row: usize) -> Vec<Value> {
    assert_eq!(decoded.failures, []);
    decoded.columns.iter().map(|column| columns::value_at(column, row)).collect()
}

fn record(fields: Vec<(&str, Datum)>) -> Datum {
    Datum::Record(fields.into_iter().map(|(name, datum)| (name.to_owned(), datum)).collect())
}

const ALL_TYPES: &str = r#"{"type":"record","name":"R","fields":[
    {"name":"b","type":"boolean"},
    {"name":"i","type":"int"},
    {"name":"skipped","type":{"type":"map","values":["null",{"type":"array","items":"double"}]}},
    {"name":"l","type":["null","long"]},
    {"name":"f","type":"float"},
    {"name":"d","type":"double"},
    {"name":"s","type":"string"},
    {"name":"y","type":"bytes"},
    {"name":"x","type":{"type":"fixed","name":"F","size":2}},
    {"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}},
    {"name":"a","type":{"type":"array","items":["null","int"]}},
    {"name":"m","type":{"type":"map","values":"long"}},
    {"name":"r","type":{"type":"record","name":"Inner","fields":[{"name":"n","type":"int"}]}}]}"#;

fn all_types_datum() -> Datum {
    let doubles = Datum::Union(1, Box::new(Datum::Array(vec![Datum::Double(1.0)])));
    record(vec![
        ("b", Datum::Boolean(true)),
        ("i", Datum::Int(-5)),
        ("skipped", Datum::Map([("k".to_owned(), doubles)].into())),
        ("l", Datum::Union(1, Box::new(Datum::Long(1 << 40)))),
        ("f", Datum::Float(1.5)),
        ("d", Datum::Double(-2.25)),
        ("s", Datum::String("é".to_owned())),
        ("y", Datum::Bytes(vec![1, 2])),
        ("x", Datum::Fixed(2, vec![3, 4])),
        ("e", Datum::Enum(1, "B".to_owned())),
        (
            "a",
            Datum::Array(vec![
                Datum::Union(1, Box::new(Datum::Int(7))),
                Datum::Union(0, Box::new(Datum::Null)),
            ]),
        ),
        ("m", Datum::Map([("k".to_owned(), Datum::Long(9))].into())),
        ("r", record(vec![("n", Datum::Int(3))])),
    ])
}

#[test]
fn records_of_others_are_read_by_field_name() {
    let columns = [
        Column::new("R", SqlType::Struct(vec![Field::new("N", SqlType::Bigint)])),
        Column::new("B", SqlType::Boolean),
        Column::new("I", SqlType::Integer),
        Column::new("L", SqlType::Bigint),
        Column::new("F", SqlType::Double),
        Column::new("D", SqlType::Double),
        Column::new("S", SqlType::String),
        Column::new("Y", SqlType::Bytes),
        Column::new("X", SqlType::Bytes),
        Column::new("E", SqlType::String),
        Column::new("A", SqlType::array(SqlType::Integer)),
        Column::new("M", SqlType::map(SqlType::String, SqlType::Bigint)),
        Column::new("MISSING", SqlType::Integer),
    ];
    let payload = written(ALL_TYPES, all_types_datum());
    let decoded = decode(&avro(), &columns, ALL_TYPES, &[&payload, &payload]);
    let expected = [
        Value::Struct(vec![Value::Bigint(3)]),
        Value::Boolean(true),
        Value::Integer(-5),
        Value::Bigint(1 << 40),
        Value::Double(1.5),
        Value::Double(-2.25),
        Value::string("é"),
        Value::Bytes(vec![1, 2]),
        Value::Bytes(vec![3, 4]),
        Value::string("B"),
        Value::Array(vec![Value::Integer(7), Value::Null]),
        Value::Map(vec![(Value::string("k"), Value::Bigint(9))]),
        Value::Null,
    ];
    assert_eq!(row(&decoded, 0), expected);
    assert_eq!(row(&decoded, 1), expected);
}

#[test]
fn any_scalar_reads_as_string() {
    let columns: Vec<Column> =
        ["B", "I", "L", "F", "D", "E"].map(|name| Column::new(name, SqlType::String)).into();
    let payload = written(ALL_TYPES, all_types_datum());
    let decoded = decode(&avro(), &columns, ALL_TYPES, &[&payload]);
    let texts = ["true", "-5", "1099511627776", "1.5", "-2.25", "B"].map(Value::string);
    assert_eq!(row(&decoded, 0), texts);
}

#[test]
fn truncated_and_alien_payloads_fail_alone() {
    let columns = [Column::new("I", SqlType::Integer), Column::new("R", SqlType::Struct(vec![]))];
    let good = written(ALL_TYPES, all_types_datum());
    let mut payloads: Vec<&[u8]> = (0..good.len()).map(|end| &good[..end]).collect();
    let unknown_id = [&[0, 0, 0, 0, 9], &good[5..]].concat();
    let no_magic = [&[1], &good[1..]].concat();
    payloads.extend([unknown_id.as_slice(), &no_magic, &good]);
    let decoded = decode(&avro(), &columns, ALL_TYPES, &payloads);
    assert_eq!(decoded.failures.len(), payloads.len() - 1);
    let last = columns::value_at(&decoded.columns[0], payloads.len() - 1);
    assert_eq!(last, Value::Integer(-5));
    assert_eq!(decoded.columns[0].null_count(), payloads.len() - 1);
}

#[test]
fn mismatched_types_fail_with_the_path() {
    let payload = written(ALL_TYPES, all_types_datum());
    let columns = [Column::new("R", SqlType::Struct(vec![Field::new("N", SqlType::Boolean)]))];
    let decoded = decode(&avro(), &columns, ALL_TYPES, &[&payload]);
    let message = &decoded.failures[0].message;
    assert_eq!(message, "Can't convert type. sourceType: int, requiredType: BOOLEAN, path: $.r.n");
}

/// The envelope as Debezium's MySQL connector writes it, cut down.
const ENVELOPE: &str = r#"{"type":"record","name":"Envelope","namespace":"db.customers","fields":[
    {"name":"before","type":["null",{"type":"record","name":"Value","fields":[
        {"name":"id","type":"int"},
        {"name":"at","type":{"type":"long","connect.version":1,"connect.name":"io.debezium.time.MicroTimestamp"}},
        {"name":"day","type":["null",{"type":"int","connect.version":1,"connect.name":"io.debezium.time.Date"}],"default":null},
        {"name":"price","type":{"type":"bytes","scale":2,"precision":10,"logicalType":"decimal"}}],
        "connect.name":"db.customers.Value"}],"default":null},
    {"name":"after","type":["null","Value"],"default":null},
    {"name":"op","type":{"type":"string","connect.parameters":{"allowed":"c,u,d"},"connect.name":"io.debezium.data.Enum"}}],
    "connect.name":"db.customers.Envelope"}"#;

#[test]
fn change_events_are_read() {
    let after = record(vec![
        ("id", Datum::Int(1)),
        ("at", Datum::Long(1_500_999)),
        ("day", Datum::Union(1, Box::new(Datum::Int(19_000)))),
        ("price", Datum::Decimal(apache_avro::Decimal::from(vec![0xff, 0x38]))),
    ]);
    let event = record(vec![
        ("before", Datum::Union(0, Box::new(Datum::Null))),
        ("after", Datum::Union(1, Box::new(after))),
        ("op", Datum::String("c".to_owned())),
    ]);
    let state = SqlType::Struct(vec![
        Field::new("ID", SqlType::Bigint),
        Field::new("AT", SqlType::Timestamp),
        Field::new("DAY", SqlType::Date),
        Field::new("PRICE", SqlType::Decimal { precision: 12, scale: 3 }),
    ]);
    let columns = [
        Column::new("BEFORE", state.clone()),
        Column::new("AFTER", state),
        Column::new("OP", SqlType::String),
    ];
    let decoded = decode(&avro(), &columns, ENVELOPE, &[&written(ENVELOPE, event)]);
    let after = Value::Struct(vec![
        Value::Bigint(1),
        Value::Timestamp(1_500),
        Value::Date(19_000),
        Value::Decimal("-2.000".parse().expect("decimal")),
    ]);
    assert_eq!(row(&decoded, 0), [Value::Null, after, Value::string("c")]);
}

#[test]
fn inference_names_in_upper_case_and_drops_what_sql_lacks() {
    let schema = |text: &str| RegisteredSchema {
        id: SchemaId(1),
        schema_type: SchemaType::Avro,
        text: text.into(),
    };
    let inferred = infer(&schema(ENVELOPE), Part::Value, None).expect("inferred");
    let types: Vec<String> =
        inferred.columns.iter().map(|c| format!("{} {}", c.name, c.ty)).collect();
    let state = "STRUCT<`ID` INTEGER, `AT` BIGINT, `DAY` INTEGER, `PRICE` DECIMAL(10, 2)>";
    assert_eq!(
        types,
        [format!("BEFORE {state}"), format!("AFTER {state}"), "OP STRING".to_owned()]
    );

    let odd = r#"{"type":"record","name":"R","fields":[
        {"name":"n","type":"null"},{"name":"u","type":["int","string"]},
        {"name":"t","type":{"type":"int","logicalType":"time-millis"}},
        {"name":"d","type":{"type":"bytes","logicalType":"decimal","scale":2}}]}"#;
    let inferred = infer(&schema(odd), Part::Value, None).expect("inferred");
    let types: Vec<String> =
        inferred.columns.iter().map(|c| format!("{} {}", c.name, c.ty)).collect();
    assert_eq!(types, ["T TIME", "D DECIMAL(64, 2)"]);

    let bare = infer(&schema(r#"["null","int"]"#), Part::Key, None).expect("inferred");
    assert!(bare.unwrapped);
    assert_eq!(bare.columns, [Column::new("ROWKEY", SqlType::Integer)]);

    let list = r#"{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}"#;
    let error = infer(&schema(list), Part::Value, None).expect_err("recursive").to_string();
    assert!(error.contains("recursive"), "{error}");
}

fn every_type() -> Vec<Column> {
    let point = SqlType::Struct(vec![Field::new("X", SqlType::Integer)]);
    vec![
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
        Column::new("A", SqlType::array(point.clone())),
        Column::new("M", SqlType::map(SqlType::String, SqlType::array(SqlType::Double))),
        Column::new("P", point),
    ]
}

#[test]
fn the_generated_schema_is_ksqldbs() {
    let columns = [
        Column::new("A", SqlType::Integer),
        Column::new("P", SqlType::Struct(vec![Field::new("X", SqlType::String)])),
    ];
    let (ty, text) =
        schema_text(&avro(), &columns, Part::Value).expect("possible").expect("uses the registry");
    assert_eq!(ty, SchemaType::Avro);
    let expected = concat!(
        r#"{"type":"record","name":"KsqlDataSourceSchema","namespace":"io.confluent.ksql.avro_schemas","#,
        r#""fields":[{"name":"A","type":["null","int"],"default":null},"#,
        r#"{"name":"P","type":["null",{"type":"record","name":"KsqlDataSourceSchema_P","#,
        r#""namespace":"io.confluent.ksql.avro_schemas","fields":[{"name":"X","type":["null","string"],"#,
        r#""default":null}],"connect.name":"io.confluent.ksql.avro_schemas.KsqlDataSourceSchema_P"}],"#,
        r#""default":null}],"connect.name":"io.confluent.ksql.avro_schemas.KsqlDataSourceSchema"}"#
    );
    assert_eq!(text, expected);
    let bad = [Column::new("1X", SqlType::Integer)];
    let error = schema_text(&avro(), &bad, Part::Value).expect_err("no name").to_string();
    assert_eq!(error, "Schema is not compatible with Avro: Illegal initial character: 1X");
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

#[test]
fn another_implementation_reads_what_is_written() {
    let columns = every_type();
    let store: Arc<dyn SchemaStore> = Arc::new(MemorySchemaStore::new());
    let values = [
        Value::Boolean(true),
        Value::Integer(-1),
        Value::Bigint(i64::MIN),
        Value::Double(0.5),
        Value::Decimal("-1.28".parse().expect("decimal")),
        Value::Null,
        Value::Bytes(vec![0, 255]),
        Value::Time(1),
        Value::Date(-1),
        Value::Timestamp(5),
        Value::Array(vec![Value::Struct(vec![Value::Integer(2)]), Value::Null]),
        Value::Map(vec![(Value::string("k"), Value::Array(vec![]))]),
        Value::Struct(vec![Value::Null]),
    ];
    let payload = encode(&avro(), &columns, &values, &store);
    assert_eq!(payload[..5], [0, 0, 0, 0, 1]);
    let text = store.latest("t-value").expect("readable").expect("registered").text;
    let schema = apache_avro::Schema::parse_str(&text).expect("a schema");
    let datum = apache_avro::from_avro_datum(&schema, &mut &payload[5..], None).expect("read");
    let Datum::Record(fields) = datum else { panic!("a record") };
    let field = |name: &str| {
        let found = fields.iter().find(|(n, _)| n == name).expect("the field");
        let Datum::Union(_, inner) = &found.1 else { panic!("a union") };
        (**inner).clone()
    };
    assert_eq!(field("I"), Datum::Int(-1));
    assert_eq!(field("L"), Datum::Long(i64::MIN));
    assert_eq!(field("N"), Datum::Decimal(apache_avro::Decimal::from(vec![0x80])));
    assert_eq!(field("S"), Datum::Null);
    assert_eq!(field("T"), Datum::TimeMillis(1));
    assert_eq!(field("DT"), Datum::Date(-1));
    assert_eq!(field("TS"), Datum::TimestampMillis(5));
    let point = record(vec![("X", Datum::Union(1, Box::new(Datum::Int(2))))]);
    let items = vec![Datum::Union(1, Box::new(point)), Datum::Union(0, Box::new(Datum::Null))];
    assert_eq!(field("A"), Datum::Array(items));

    let decoded = decoder(&avro(), &columns, Part::Value, "t", &store)
        .expect("a decoder")
        .decode(&[Some(&payload)]);
    assert_eq!(row(&decoded, 0), values);
}

#[test]
fn a_fixed_schema_is_filled_with_its_defaults() {
    let text = r#"{"type":"record","name":"R","fields":[
        {"name":"amount","type":"int","default":7},
        {"name":"id","type":"string"},
        {"name":"opt","type":"string","default":"foo"},
        {"name":"n","type":["null","int"]}]}"#;
    let (store, id) = registered(text);
    let spec = SerdeSpec { schema_id: Some(id), ..avro() };
    let columns = [Column::new("id", SqlType::String), Column::new("amount", SqlType::Integer)];
    let payload = encode(&spec, &columns, &[Value::string("a"), Value::Null], &store);
    assert_eq!(payload[5..], [14, 2, b'a', 6, b'f', b'o', b'o', 0]);

    let arrays = [
        columns::array_of(&SqlType::String, [&Value::Null]),
        columns::array_of(&SqlType::Integer, [&Value::Null]),
    ];
    let mut encoder = encoder(&spec, &columns, Part::Value, "t", &store).expect("an encoder");
    let error = encoder.encode(&arrays, None).expect_err("id can't be NULL").to_string();
    assert!(error.contains("field id"), "{error}");

    let stranger = [Column::new("other", SqlType::String)];
    assert!(crate::encoder(&spec, &stranger, Part::Value, "t", &store).is_err());
}

#[test]
fn bare_keys_have_bare_schemas() {
    let columns = [Column::new("K", SqlType::Bigint)];
    let store: Arc<dyn SchemaStore> = Arc::new(MemorySchemaStore::new());
    let array = columns::array_of(&SqlType::Bigint, [&Value::Bigint(3), &Value::Null]);
    let mut encoder = encoder(&avro(), &columns, Part::Key, "t", &store).expect("an encoder");
    let payloads = encoder.encode(&[array], None).expect("encoded");
    assert_eq!(payloads.value(0), [0, 0, 0, 0, 1, 6]);
    assert!(payloads.is_null(1));
    let text = store.latest("t-key").expect("readable").expect("registered").text;
    assert_eq!(&*text, "\"long\"");
}
