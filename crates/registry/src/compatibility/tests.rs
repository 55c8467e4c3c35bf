//! Which schema changes each compatibility level allows.

use formats::avro_schema::Document;

use super::avro::incompatibilities;

/// What keeps the first schema from reading data of the second, as error words with paths.
fn findings(reader: &str, writer: &str) -> Vec<String> {
    let parse = |text: &str| Document::parse(text).expect(text);
    let found = incompatibilities(&parse(reader), &parse(writer));
    let text = |finding: &super::avro::Finding| {
        let text = finding.describe("new", "old");
        let word = text.split('\'').nth(1).expect("a word").to_owned();
        let path = text.split('\'').find(|part| part.starts_with('/')).expect("a path").to_owned();
        format!("{word} {path}")
    };
    found.iter().map(text).collect()
}

fn record(fields: &str) -> String {
    format!(r#"{{"type":"record","name":"R","fields":[{fields}]}}"#)
}

#[test]
fn primitives_are_promoted_one_way() {
    let order = ["int", "long", "float", "double"];
    for (r, reader) in order.iter().enumerate() {
        for (w, writer) in order.iter().enumerate() {
            let found = findings(&format!("\"{reader}\""), &format!("\"{writer}\""));
            assert_eq!(found.is_empty(), r >= w, "{reader} reads {writer}");
        }
    }
    assert!(findings("\"string\"", "\"bytes\"").is_empty());
    assert!(findings("\"bytes\"", "\"string\"").is_empty());
    assert_eq!(findings("\"string\"", "\"int\""), ["TYPE_MISMATCH /"]);
    assert_eq!(findings("\"boolean\"", "\"null\""), ["TYPE_MISMATCH /"]);
}

#[test]
fn fields_need_defaults_or_aliases() {
    let a = r#"{"name":"a","type":"int"}"#;
    let b = r#"{"name":"b","type":"string"}"#;
    let b_default = r#"{"name":"b","type":"string","default":""}"#;
    let b_alias = r#"{"name":"b","type":"long","aliases":["a"]}"#;
    let none: [&str; 0] = [];
    assert_eq!(findings(&record(a), &record(&format!("{a},{b}"))), none);
    assert_eq!(findings(&record(&format!("{a},{b_default}")), &record(a)), none);
    assert_eq!(findings(&record(b_alias), &record(a)), none);
    assert_eq!(
        findings(&record(&format!("{a},{b}")), &record(a)),
        ["READER_FIELD_MISSING_DEFAULT_VALUE /fields/1"]
    );
    assert_eq!(
        findings(&record(a), &record(r#"{"name":"a","type":"long"}"#)),
        ["TYPE_MISMATCH /fields/0/type"]
    );
}

#[test]
fn named_types_go_by_simple_name_or_alias() {
    let named =
        |name: &str, rest: &str| format!(r#"{{"type":"fixed","name":"{name}","size":4{rest}}}"#);
    assert!(findings(&named("x.F", ""), &named("y.F", "")).is_empty());
    assert!(findings(&named("G", r#","aliases":["y.F"]"#), &named("y.F", "")).is_empty());
    assert_eq!(findings(&named("G", ""), &named("F", "")), ["NAME_MISMATCH /name"]);
    let five = r#"{"type":"fixed","name":"F","size":5}"#;
    assert_eq!(findings(five, &named("F", "")), ["FIXED_SIZE_MISMATCH /size"]);
}

#[test]
fn enums_must_know_every_symbol_or_have_a_default() {
    let symbols = |list: &str, rest: &str| {
        format!(r#"{{"type":"enum","name":"E","symbols":[{list}]{rest}}}"#)
    };
    let (few, many) = (symbols("\"A\"", ""), symbols("\"A\",\"B\"", ""));
    assert!(findings(&many, &few).is_empty());
    assert_eq!(findings(&few, &many), ["MISSING_ENUM_SYMBOLS /symbols"]);
    assert!(findings(&symbols("\"A\"", r#","default":"A""#), &many).is_empty());
}

#[test]
fn unions_are_read_branch_by_branch() {
    assert!(findings(r#"["null","long"]"#, r#"["null","int"]"#).is_empty());
    assert!(findings(r#"["null","string"]"#, "\"string\"").is_empty());
    assert_eq!(findings(r#"["null","string"]"#, "\"int\""), ["MISSING_UNION_BRANCH /"]);
    assert_eq!(findings("\"string\"", r#"["null","string"]"#), ["TYPE_MISMATCH /"]);
    assert!(findings("\"double\"", r#"["int","float"]"#).is_empty());
    assert_eq!(
        findings(r#"["null","int"]"#, r#"["null","int","string"]"#),
        ["MISSING_UNION_BRANCH /2"]
    );
}

#[test]
fn nested_and_recursive_types_are_followed() {
    let array =
        |items: &str| format!(r#"{{"type":"array","items":{{"type":"map","values":{items}}}}}"#);
    assert_eq!(findings(&array("\"int\""), &array("\"long\"")), ["TYPE_MISMATCH /items/values"]);
    let list = |value: &str| {
        record(&format!(
            r#"{{"name":"value","type":"{value}"}},{{"name":"next","type":["null","R"]}}"#
        ))
    };
    assert!(findings(&list("long"), &list("int")).is_empty());
    let found = findings(&list("int"), &list("long"));
    assert_eq!(found, ["TYPE_MISMATCH /fields/0/type"]);
}

/// What keeps the first .proto text from reading data of the second, as error words.
fn protobuf_findings(reader: &str, writer: &str) -> Vec<String> {
    let parse = |text: &str| formats::protobuf_schema::File::parse(text).expect(text);
    let found = super::protobuf::incompatibilities(&parse(reader), &parse(writer));
    found.iter().map(|text| text.split('\'').nth(1).expect("a word").to_owned()).collect()
}

#[test]
fn protobuf_bears_what_its_wire_format_bears() {
    let message = |fields: &str| format!("message M {{ {fields} }}");
    let one = message("int32 a = 1;");
    let table = [
        (message("int32 a = 1; string b = 2;"), vec![]),
        (message("string b = 2;"), vec![]),
        (message("uint64 renamed = 1;"), vec![]),
        (message("optional bool a = 1;"), vec![]),
        (message("sint32 a = 1;"), vec!["FIELD_KIND_CHANGED"]),
        (message("string a = 1;"), vec!["FIELD_KIND_CHANGED"]),
        (message("repeated int32 a = 1;"), vec!["FIELD_NUMERIC_LABEL_CHANGED"]),
        ("message N { int32 a = 1; }".to_owned(), vec!["MESSAGE_REMOVED"]),
        (format!("message N {{}} {one}"), vec![]),
    ];
    for (reader, expected) in table {
        assert_eq!(protobuf_findings(&reader, &one), expected, "{reader}");
    }
    let nested = |ty: &str| format!("message M {{ I a = 1; message I {{ {ty} x = 1; }} }}");
    assert_eq!(protobuf_findings(&nested("double"), &nested("float")), ["FIELD_KIND_CHANGED"]);
    assert!(protobuf_findings(&nested("bytes"), &nested("string")).is_empty());
}
