//! Golden transcripts: requests one after the other to one server, with what it answers.
//!
//! The first line of a block is `METHOD PATH`, with the door before it unless it is ksqlDB's
//! (`registry GET /subjects`) and headers behind it (`accept=...`, `content-type=...`). What follows is
//! the body; for `/ksql`, `/query` and `/query-stream` it is SQL, put into the request's JSON.

use std::path::PathBuf;

use hyper::Method;
use serde_json::{Value, json};

use super::node::{JSON, Peer, Wish, text};
use crate::Door;

fn check(file: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata").join(file);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("the system gives threads");
    let peer = runtime.block_on(Peer::start(false));
    testkit::golden::check(path, |input| runtime.block_on(answer(&peer, &wish(input))));
}

#[test]
fn ksql() {
    check("ksql.txt");
}

#[test]
fn errors() {
    check("errors.txt");
}

#[test]
fn schema_registry() {
    check("schema-registry.txt");
}

#[test]
fn kafka_connect() {
    check("kafka-connect.txt");
}

fn wish(input: &str) -> Wish {
    let (first, body) = input.split_once('\n').unwrap_or((input, ""));
    let mut words = first.split_whitespace().peekable();
    let door = match words.peek() {
        Some(&"registry") => Door::Registry,
        Some(&"connect") => Door::Connect,
        _ => Door::Ksql,
    };
    if door != Door::Ksql {
        words.next();
    }
    let method: Method = words.next().and_then(|word| word.parse().ok()).expect("a method");
    let path = words.next().expect("a path").to_owned();
    let (mut accept, mut content_type) = (None, JSON.to_owned());
    for (name, value) in words.filter_map(|word| word.split_once('=')) {
        match name {
            "accept" => accept = Some(value.to_owned()),
            "content-type" => value.clone_into(&mut content_type),
            other => panic!("no header {other}"),
        }
    }
    let body = match path.as_str() {
        "/ksql" | "/query" if door == Door::Ksql => {
            let properties = json!({ "auto.offset.reset": "earliest" });
            json!({ "ksql": body, "streamsProperties": properties }).to_string()
        }
        "/query-stream" => json!({ "sql": body }).to_string(),
        _ => body.to_owned(),
    };
    Wish { door, method, path, accept, content_type, body }
}

async fn answer(peer: &Peer, wish: &Wish) -> String {
    let response = peer.ask(wish).await;
    let status = response.status();
    let media = response.headers().get("content-type").cloned();
    let media = media.map_or_else(String::new, |m| format!(" {}", m.to_str().unwrap_or_default()));
    let body = text(response).await;
    format!("{status}{media}\n{}", stable(&body)).trim_end().to_owned()
}

/// The body, laid out for readers when it is one JSON value; ids that differ from run to run are
/// replaced.
fn stable(body: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(body) else { return stable_lines(body) };
    blank_ids(&mut value);
    if body.starts_with("[{\"header\"") {
        return stable_lines(body);
    }
    serde_json::to_string_pretty(&value).expect("JSON")
}

fn stable_lines(body: &str) -> String {
    let mut text = String::new();
    for line in body.lines() {
        let (mut rest, mut shown) = (line, String::new());
        while let Some((before, behind)) = rest.split_once("\"queryId\":\"") {
            shown.push_str(before);
            shown.push_str("\"queryId\":\"...\"");
            rest = behind.split_once('"').map_or("", |(_, behind)| behind);
        }
        shown.push_str(rest);
        text.push_str(&shown);
        text.push('\n');
    }
    text
}

fn blank_ids(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(blank_ids),
        Value::Object(members) => {
            for (name, member) in members {
                match name.as_str() {
                    "kafkaClusterId" | "kafka-cluster" | "kafka_cluster_id" => {
                        *member = "...".into();
                    }
                    _ => blank_ids(member),
                }
            }
        }
        _ => {}
    }
}
