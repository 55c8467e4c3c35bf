//! Subjects, versions, settings, and their replay after a restart.

use std::sync::Arc;

use commitlog::{Log, MemoryLog};
use formats::{SchemaStore, SchemaType};
use types::seams::system::SystemClock;
use types::{Offset, SchemaId, TopicPartition};

use crate::{CompatibilityLevel, Error, Mode, NewSchema, Reference, Registry, TOPIC, VersionSpec};

pub(crate) fn log() -> Arc<dyn Log> {
    Arc::new(MemoryLog::new(Arc::new(SystemClock::new())))
}

pub(crate) fn open(log: &Arc<dyn Log>) -> Registry {
    Registry::open(log.clone(), Arc::new(SystemClock::new())).expect("opens")
}

fn avro(text: &str) -> NewSchema {
    NewSchema::new(SchemaType::Avro, text)
}

/// A record schema with int fields of these names, each with a default when it ends in `?`.
fn fields(names: &[&str]) -> NewSchema {
    let field = |name: &&str| match name.strip_suffix('?') {
        Some(name) => format!(r#"{{"name":"{name}","type":"int","default":0}}"#),
        None => format!(r#"{{"name":"{name}","type":"int"}}"#),
    };
    let fields: Vec<String> = names.iter().map(field).collect();
    avro(&format!(r#"{{"type":"record","name":"R","fields":[{}]}}"#, fields.join(",")))
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> u32 {
    result.expect_err("refused").code()
}

#[test]
fn equal_schemas_share_an_id_and_versions_count_per_subject() {
    let registry = open(&log());
    let register = |subject, schema: &NewSchema| registry.register(subject, schema).expect("fine");
    assert_eq!(register("a", &avro(r#"{"type": "int"}"#)), SchemaId(1));
    assert_eq!(register("a", &avro("\"int\"")), SchemaId(1));
    assert_eq!(register("a", &avro("\"long\"")), SchemaId(2));
    assert_eq!(register("b", &avro("\"int\"")), SchemaId(1));
    assert_eq!(registry.subjects("", false), ["a", "b"]);
    assert_eq!(registry.versions("a", false).expect("versions"), [1, 2]);
    let latest = registry.version("a", VersionSpec::Latest, false).expect("latest");
    assert_eq!((latest.version, latest.id, &*latest.schema.text), (2, SchemaId(2), "\"long\""));
    let found = registry.lookup("a", &avro(r#" {"type":"int"} "#), false).expect("found");
    assert_eq!(found.version, 1);
    assert_eq!(registry.versions_of_schema(SchemaId(1), false).expect("versions").len(), 2);
}

#[test]
fn missing_things_have_confluents_codes() {
    let registry = open(&log());
    registry.register("a", &avro("\"int\"")).expect("fine");
    assert_eq!(code(registry.versions("x", false)), 40401);
    assert_eq!(code(registry.version("a", VersionSpec::Number(9), false)), 40402);
    assert_eq!(code(registry.schema(SchemaId(9))), 40403);
    assert_eq!(code(registry.lookup("a", &avro("\"long\""), false)), 40403);
    assert_eq!(code(registry.register("a", &avro("\"strin\""))), 42201);
    assert_eq!(code("zero".parse::<VersionSpec>()), 42202);
    assert_eq!(code("0".parse::<VersionSpec>()), 42202);
    assert_eq!(code("backwards".parse::<CompatibilityLevel>()), 42203);
    assert_eq!(code("rw".parse::<Mode>()), 42204);
    assert_eq!(code(registry.subject_level("a")), 40408);
    assert_eq!(code(registry.subject_mode("a")), 40409);
    assert_eq!("-1".parse::<VersionSpec>().expect("latest"), VersionSpec::Latest);
}

#[test]
fn levels_decide_which_versions_count_and_in_which_direction() {
    use CompatibilityLevel::{
        Backward, BackwardTransitive, Forward, ForwardTransitive, Full, FullTransitive, None,
    };
    // History: [a], then [a, b?] (b has a default). What may come next?
    let candidates = [
        ("drop b", fields(&["a"])),
        ("add a field without default", fields(&["a", "b?", "c"])),
        ("add a field with default", fields(&["a", "b?", "c?"])),
        ("b loses its default", fields(&["a", "b"])),
        ("drop a", fields(&["b?"])),
        ("another type", avro("\"string\"")),
    ];
    let table = [
        (None, [true, true, true, true, true, true]),
        (Backward, [true, false, true, true, true, false]),
        (BackwardTransitive, [true, false, true, false, true, false]),
        (Forward, [true, true, true, true, false, false]),
        (ForwardTransitive, [true, true, true, true, false, false]),
        (Full, [true, false, true, true, false, false]),
        (FullTransitive, [true, false, true, false, false, false]),
    ];
    for (level, allowed) in table {
        for ((what, schema), allowed) in candidates.iter().zip(allowed) {
            let registry = open(&log());
            registry.register("s", &fields(&["a"])).expect("the first");
            registry.register("s", &fields(&["a", "b?"])).expect("the second");
            registry.set_level(Some("s"), level).expect("set");
            let findings =
                registry.check_compatibility("s", Option::None, schema).expect("checked");
            assert_eq!(findings.is_empty(), allowed, "{level}: {what}: {findings:?}");
            let registered = registry.register("s", schema);
            match allowed {
                true => assert!(registered.is_ok(), "{level}: {what}"),
                false => assert_eq!(code(registered), 409, "{level}: {what}"),
            }
        }
    }
}

#[test]
fn deletion_is_soft_first() {
    let registry = open(&log());
    registry.set_level(None, CompatibilityLevel::None).expect("set");
    for text in ["\"int\"", "\"string\"", "\"boolean\""] {
        registry.register("s", &avro(text)).expect("fine");
    }
    assert_eq!(code(registry.delete_version("s", VersionSpec::Number(2), true)), 40407);
    assert_eq!(registry.delete_version("s", VersionSpec::Number(2), false).expect("deleted"), 2);
    assert_eq!(code(registry.delete_version("s", VersionSpec::Number(2), false)), 40406);
    assert_eq!(registry.versions("s", false).expect("versions"), [1, 3]);
    assert_eq!(registry.versions("s", true).expect("versions"), [1, 2, 3]);
    assert!(registry.schema(SchemaId(2)).is_ok());
    registry.delete_version("s", VersionSpec::Number(2), true).expect("gone");
    assert_eq!(code(registry.schema(SchemaId(2))), 40403);

    assert_eq!(code(registry.delete_subject("s", true)), 40405);
    assert_eq!(registry.delete_subject("s", false).expect("deleted"), [1, 3]);
    assert_eq!(code(registry.delete_subject("s", false)), 40404);
    assert_eq!(code(registry.versions("s", false)), 40401);
    // The same schema comes back as a new version with its old id.
    assert_eq!(registry.register("s", &avro("\"int\"")).expect("again"), SchemaId(1));
    assert_eq!(registry.versions("s", false).expect("versions"), [4]);
    registry.delete_subject("s", false).expect("deleted");
    assert_eq!(registry.delete_subject("s", true).expect("gone"), [1, 3, 4]);
    assert!(registry.subjects("", true).is_empty());
    assert_eq!(registry.register("s", &avro("\"int\"")).expect("anew"), SchemaId(4));
}

#[test]
fn modes_forbid_changes() {
    let registry = open(&log());
    registry.register("s", &avro("\"int\"")).expect("fine");
    registry.set_mode(Some("s"), Mode::ReadOnly, false).expect("set");
    assert_eq!(code(registry.register("s", &avro("\"long\""))), 42205);
    assert_eq!(code(registry.delete_subject("s", false)), 42205);
    registry.register("other", &avro("\"long\"")).expect("another subject");
    assert_eq!(code(registry.set_mode(None, Mode::Import, false)), 42205);
    registry.set_mode(Some("i"), Mode::Import, false).expect("an empty subject");
    let import = |id| NewSchema { id: Some(SchemaId(id)), version: Some(7), ..avro("\"float\"") };
    assert_eq!(registry.register("i", &import(42)).expect("imported"), SchemaId(42));
    assert_eq!(registry.versions("i", false).expect("versions"), [7]);
    assert_eq!(
        code(registry.register("i", &NewSchema { id: Some(SchemaId(1)), ..avro("\"bytes\"") })),
        42205
    );
    assert_eq!(registry.delete_mode("s").expect("deleted"), Mode::ReadOnly);
    registry.set_mode(None, Mode::ReadOnlyOverride, false).expect("set");
    assert_eq!(registry.effective_mode("i"), Mode::ReadOnlyOverride);
}

#[test]
fn references_lend_names_and_keep_what_they_use() {
    let registry = open(&log());
    let inner = avro(r#"{"type":"record","name":"x.Inner","fields":[]}"#);
    let inner_id = registry.register("inner", &inner).expect("fine");
    let reference = Reference { name: "x.Inner".into(), subject: "inner".into(), version: 1 };
    let outer = NewSchema {
        references: vec![reference],
        ..avro(r#"{"type":"record","name":"Outer","fields":[{"name":"i","type":"x.Inner"}]}"#)
    };
    assert_eq!(
        code(registry.register("outer", &NewSchema { references: vec![], ..outer.clone() })),
        42201
    );
    let id = registry.register("outer", &outer).expect("resolved");
    assert_ne!(id, inner_id);
    assert_eq!(registry.referenced_by("inner", VersionSpec::Latest).expect("ids"), [id]);
    assert_eq!(code(registry.delete_subject("inner", false)), 42206);
    registry.delete_subject("outer", false).expect("deleted");
    registry.delete_subject("inner", false).expect("no longer used");
}

#[test]
fn changes_of_json_schemas_need_level_none() {
    let registry = open(&log());
    let json = |text: &str| NewSchema::new(SchemaType::Json, text);
    registry.register("j", &json(r#"{"type": "object"}"#)).expect("the first");
    assert_eq!(
        registry.register("j", &json(r#"{"type":"object"}"#)).expect("the same"),
        SchemaId(1)
    );
    assert_eq!(code(registry.register("j", &json(r#"{"type":"string"}"#))), 409);
    registry.set_level(Some("j"), CompatibilityLevel::None).expect("set");
    registry.register("j", &json(r#"{"type":"string"}"#)).expect("anything goes");
    assert_eq!(code(registry.register("j", &json("{"))), 42201);
}

#[test]
fn protobuf_schemas_evolve() {
    let registry = open(&log());
    let proto = |text: &str| NewSchema::new(SchemaType::Protobuf, text);
    registry.register("p", &proto("message M { int32 a = 1; }")).expect("the first");
    registry
        .register("p", &proto("message M { int32 a = 1; string b = 2; }"))
        .expect("a field more");
    assert_eq!(code(registry.register("p", &proto("message M { string a = 1; }"))), 409);
    assert_eq!(code(registry.register("p", &avro("\"int\""))), 409);
    assert_eq!(code(registry.register("p", &proto("message M {"))), 42201);
}

#[test]
fn everything_is_found_again_after_a_restart() {
    let log = log();
    let registry = open(&log);
    registry.set_level(None, CompatibilityLevel::Full).expect("set");
    registry.set_level(Some("s"), CompatibilityLevel::None).expect("set");
    for text in ["\"int\"", "\"string\"", "\"boolean\""] {
        registry.register("s", &avro(text)).expect("fine");
    }
    registry.register("t", &fields(&["a"])).expect("fine");
    registry.delete_version("s", VersionSpec::Number(1), false).expect("deleted");
    registry.delete_subject("t", false).expect("deleted");
    registry.set_mode(Some("u"), Mode::ReadOnly, false).expect("set");
    drop(registry);

    let registry = open(&log);
    assert_eq!(registry.subjects("", false), ["s"]);
    assert_eq!(registry.subjects("", true), ["s", "t"]);
    assert_eq!(registry.versions("s", false).expect("versions"), [2, 3]);
    assert_eq!(registry.global_level(), CompatibilityLevel::Full);
    assert_eq!(registry.effective_level("s"), CompatibilityLevel::None);
    assert_eq!(registry.subject_mode("u").expect("set"), Mode::ReadOnly);
    assert_eq!(registry.register("s", &avro("\"bytes\"")).expect("fine"), SchemaId(5));
}

#[test]
fn records_have_confluents_format() {
    let log = log();
    let registry = open(&log);
    registry.register("s", &avro("\"int\"")).expect("fine");
    registry.set_level(None, CompatibilityLevel::FullTransitive).expect("set");
    registry.delete_subject("s", false).expect("deleted");
    let at = TopicPartition::new(TOPIC, 0);
    let mut texts = Vec::new();
    let read = log.read(&at, Offset::ZERO, 1 << 20, commitlog::Visibility::Durable).expect("read");
    for bytes in &read.batches {
        for batch in records::Batches::new(bytes) {
            for record in batch.expect("a batch").records().expect("records").iter() {
                let text = |bytes: Option<&[u8]>| {
                    String::from_utf8_lossy(bytes.expect("some")).into_owned()
                };
                texts.push((text(record.key), text(record.value)));
            }
        }
    }
    let expected = [
        (
            r#"{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}"#,
            r#"{"subject":"s","version":1,"id":1,"schema":"\"int\"","deleted":false}"#,
        ),
        (
            r#"{"keytype":"CONFIG","subject":null,"magic":0}"#,
            r#"{"compatibilityLevel":"FULL_TRANSITIVE"}"#,
        ),
        (
            r#"{"keytype":"DELETE_SUBJECT","subject":"s","magic":0}"#,
            r#"{"subject":"s","version":1}"#,
        ),
    ];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(texts, expected);
}

#[test]
fn formats_see_it_as_a_schema_store() {
    let registry = open(&log());
    let store: &dyn SchemaStore = &registry;
    let id = store.register("t-value", SchemaType::Avro, "\"int\"").expect("registered");
    assert_eq!(&*store.schema(id).expect("known").text, "\"int\"");
    assert_eq!(store.latest("t-value").expect("readable").expect("some").id, id);
    assert!(store.latest("x").expect("readable").is_none());
    let refused = store.register("t-value", SchemaType::Avro, "\"string\"");
    assert!(matches!(refused, Err(formats::Error::IncompatibleSchema { .. })));
    assert!(matches!(store.schema(SchemaId(9)), Err(formats::Error::UnknownSchema(SchemaId(9)))));
    store.delete_subject("t-value").expect("deleted");
    store.delete_subject("t-value").expect("nothing to delete");
    assert!(store.latest("t-value").expect("readable").is_none());
}
