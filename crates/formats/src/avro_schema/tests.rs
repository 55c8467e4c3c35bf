//! Avro schemas: parsing, canonical text, defaults, limits.

use super::*;

fn canonical(text: &str) -> String {
    Document::parse(text).expect("a schema").to_string()
}

#[test]
fn texts_become_canonical() {
    let table = [
        (r#" {"type": "string"} "#, r#""string""#),
        (r#"{"logicalType":"date","type":"int"}"#, r#"{"type":"int","logicalType":"date"}"#),
        (
            r#"{"name":"R","namespace":"a.b","type":"record","x":1,"fields":[
                {"type":["null","R"],"name":"next","default":null},
                {"name":"e","type":{"type":"enum","name":"E","symbols":["A"]},"aliases":["f"]}]}"#,
            concat!(
                r#"{"type":"record","name":"R","namespace":"a.b","fields":["#,
                r#"{"name":"next","type":["null","R"],"default":null},"#,
                r#"{"name":"e","type":{"type":"enum","name":"E","symbols":["A"]},"aliases":["f"]}],"x":1}"#
            ),
        ),
    ];
    for (text, expected) in table {
        assert_eq!(canonical(text), expected);
        assert_eq!(canonical(expected), expected);
        apache_avro::Schema::parse_str(expected).expect("another implementation reads it");
    }
}

#[test]
fn broken_schemas_are_refused() {
    let table = [
        ("{", "no JSON"),
        (r#""strin""#, "Undefined name"),
        (r#"{"type":"record","name":"R"}"#, "no fields"),
        (r#"{"type":"record","name":"1R","fields":[]}"#, "Illegal initial character: 1R"),
        (
            r#"{"type":"record","name":"R","fields":[{"name":"a-b","type":"int"}]}"#,
            "Illegal character",
        ),
        (r#"["int","int"]"#, "Duplicate in union"),
        (r#"["int",["long"]]"#, "Nested union"),
        (r#"{"type":"enum","name":"E","symbols":["A","A"]}"#, "Duplicate enum symbol"),
        (r#"{"type":"fixed","name":"F"}"#, "size"),
        (r#"{"type":"array"}"#, "items"),
    ];
    for (text, part) in table {
        let error = Document::parse(text).expect_err(text).to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

#[test]
fn defaults_are_checked_against_the_first_branch() {
    let schema = |default: &str| {
        let text = format!(
            r#"{{"type":"record","name":"R","fields":[{{"name":"a","type":["null","int"],"default":{default}}}]}}"#
        );
        Document::parse(&text).expect("a schema").check_defaults()
    };
    assert!(schema("null").is_ok());
    let error = schema("7").expect_err("the first branch is null").to_string();
    assert!(error.contains("field a"), "{error}");
}

#[test]
fn referenced_documents_lend_their_names() {
    let inner =
        Document::parse(r#"{"type":"record","name":"x.Inner","fields":[]}"#).expect("inner");
    let text = r#"{"type":"record","name":"Outer","fields":[{"name":"i","type":"x.Inner"}]}"#;
    assert!(Document::parse(text).is_err());
    let outer = Document::parse_with(text, &[inner]).expect("resolved");
    assert_eq!(outer.to_string(), text);
}

#[test]
fn a_default_that_holds_itself_is_refused() {
    let text = r#"{"type":"record","name":"R","fields":[{"name":"r","type":"R","default":{}}]}"#;
    assert!(Document::parse(text).expect("a schema").check_defaults().is_err());
}
