//! The materialized-cache tutorial's connector, with its configuration as written.

use std::collections::BTreeMap;

use testkit::database::{Flavour, Server};
use testkit::on_each_database;

use crate::node::{Node, config};

on_each_database!(captures_the_calls_as_avro);

const TOPIC: &str = "call-center-db.call-center.calls";

fn tutorial_config(server: &Server) -> BTreeMap<String, String> {
    let mut config = config(
        server,
        &[
            ("database.allowPublicKeyRetrieval", "true"),
            ("database.server.id", "184054"),
            ("database.server.name", "call-center-db"),
            ("database.whitelist", "call-center"),
            ("database.history.kafka.bootstrap.servers", "broker:9092"),
            ("database.history.kafka.topic", "call-center"),
            ("table.whitelist", "call-center.calls"),
            ("include.schema.changes", "false"),
        ],
    );
    config.remove("topic.prefix");
    config
}

fn decode(node: &Node, bytes: &[u8]) -> serde_json::Value {
    assert_eq!(bytes[0], 0);
    let id = i32::from_be_bytes(bytes[1..5].try_into().unwrap());
    let schema = node.schemas.schema(types::SchemaId(id)).unwrap();
    let schema = apache_avro::Schema::parse_str(&schema.text).unwrap();
    let value = apache_avro::from_avro_datum(&schema, &mut &bytes[5..], None).unwrap();
    value.try_into().unwrap()
}

fn captures_the_calls_as_avro(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&[
        "CREATE DATABASE `call-center`",
        "CREATE TABLE `call-center`.calls (name TEXT, reason TEXT, duration_seconds INT)",
        "INSERT INTO `call-center`.calls VALUES ('michael', 'purchase', 540), ('derek', 'help', 600)",
    ]);
    let node = Node::new();
    node.runtime().create("calls_reader", tutorial_config(&server)).unwrap();
    // What CREATE STREAM asks for right after CREATE SOURCE CONNECTOR.
    assert!(node.schemas.latest(&format!("{TOPIC}-value")).unwrap().is_some());
    assert!(node.log.topic(TOPIC).is_some());
    node.wait_for(TOPIC, 2);
    server.run(&["INSERT INTO `call-center`.calls VALUES (NULL, 'refund', 325)"]);
    node.wait_for(TOPIC, 3);
    let records = node.raw(TOPIC);
    assert_eq!(records.len(), 3);
    assert!(records.iter().all(|(key, _)| key.is_none()));
    let events: Vec<_> = records.iter().map(|(_, v)| decode(&node, v.as_ref().unwrap())).collect();
    assert_eq!(events[0]["after"]["name"], "michael");
    assert_eq!(events[0]["op"], "r");
    assert_eq!(events[0]["source"]["snapshot"], "first");
    assert_eq!(events[1]["source"]["snapshot"], "last");
    assert_eq!(events[1]["after"]["duration_seconds"], 600);
    assert_eq!(events[2]["op"], "c");
    assert!(events[2]["after"]["name"].is_null() && events[2]["before"].is_null());
    assert_eq!(events[2]["source"]["db"], "call-center");
    assert_eq!(events[2]["source"]["connector"], "mysql");
    let schema = node.schemas.latest(&format!("{TOPIC}-value")).unwrap().unwrap().text;
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    assert_eq!(schema["namespace"], "call_center_db.call_center.calls");
    assert_eq!(schema["name"], "Envelope");
    assert_eq!(schema["connect.name"], "call_center_db.call_center.calls.Envelope");
    assert_eq!(schema["fields"][1]["type"], serde_json::json!(["null", "Value"]));
    let description = node.runtime().describe("calls_reader").unwrap();
    assert_eq!(description.progress.topics, [TOPIC]);
    assert_eq!(description.progress.tables[0].rows, 2);
    assert!(description.progress.tables[0].is_done);
    node.runtime().drop_connector("calls_reader").unwrap();
    assert!(node.runtime().list().is_empty());
    server.run(&["DROP DATABASE `call-center`"]);
}
