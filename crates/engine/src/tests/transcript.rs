//! Transcripts: statements and what they answer, as golden text.
//!
//! The input of a case is a request; SELECTs that end by themselves show their rows sorted.

use std::path::Path;

use super::node::{Disk, Node, all_rows};
use crate::{Answer, Entity, Request, SourceListing};

fn transcript(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/transcripts").join(file);
    let disk = Disk::new();
    let node = disk.start(&[
        ("ksql.logging.processing.stream.auto.create", "false"),
        // Every change leaves by itself, however records fall into batches.
        ("cache.max.bytes.buffering", "0"),
    ]);
    testkit::golden::check(path, |text| answer(&node, text));
    node.engine.shut_down();
}

fn answer(node: &Node, text: &str) -> String {
    node.settle();
    if text.trim_start().to_uppercase().starts_with("SELECT") {
        return select(node, text);
    }
    match node.engine.execute(&Request::new(text)) {
        Ok(answers) => answers.iter().map(entity).collect::<Vec<_>>().join("\n"),
        Err(failure) => {
            let done = failure.done.iter().map(entity);
            let failed = format!("error {}: {}", failure.code() as u32, failure.message());
            done.chain([failed]).collect::<Vec<_>>().join("\n")
        }
    }
}

fn select(node: &Node, text: &str) -> String {
    let mut answer = match node.engine.query(&Request::new(text)) {
        Ok(answer) => answer,
        Err(failure) => {
            return format!("error {}: {}", failure.code() as u32, failure.message());
        }
    };
    let columns = answer.head.columns.iter().zip(&answer.head.keys).map(|(column, is_key)| {
        format!("{} {}{}", column.name, column.ty, if *is_key { " KEY" } else { "" })
    });
    let head = columns.collect::<Vec<_>>().join(", ");
    let mut rows = all_rows(&mut answer);
    rows.sort();
    [vec![head], rows].concat().join("\n")
}

fn entity(answer: &Answer) -> String {
    let listing = |source: &SourceListing| {
        let SourceListing { name, topic, key_format, value_format, is_windowed, .. } = source;
        format!("{name} | {topic} | {key_format} | {value_format} | {is_windowed}")
    };
    match &answer.entity {
        Entity::Status(status) => {
            let query = status.query_id.as_ref().map(|id| format!(" [{id}]")).unwrap_or_default();
            format!("{}: {}{query}", status.command_id, status.message)
        }
        Entity::Warning(text) => format!("warning: {text}"),
        Entity::Streams(list) | Entity::Tables(list) => {
            list.iter().map(listing).collect::<Vec<_>>().join("\n")
        }
        Entity::Queries(list) => {
            let lines = list.iter().map(|q| format!("{} | {} | {:?}", q.id, q.state, q.sinks));
            lines.collect::<Vec<_>>().join("\n")
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn definitions() {
    transcript("definitions.txt");
}

#[test]
fn pull_queries() {
    transcript("pull.txt");
}

#[test]
fn rules_about_dropping() {
    transcript("dropping.txt");
}

#[test]
fn settings_and_lists() {
    transcript("settings.txt");
}

#[test]
fn windows() {
    transcript("windows.txt");
}

#[test]
fn avro_and_the_registry() {
    transcript("avro.txt");
}
