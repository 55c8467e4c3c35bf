//! Properties that change what records hold.

use serde_json::{Value, json};
use testkit::database::{Flavour, Server};
use testkit::on_each_database;

use crate::node::{Node, json_config};

on_each_database!(
    texts_are_cut_and_hidden_and_keys_chosen,
    unchanged_rows_and_skipped_operations_are_left_out,
    heartbeats_say_that_the_connector_lives,
    the_source_block_names_the_statement,
    large_unsigned_numbers_wrap_or_stay,
    records_as_plain_text,
    an_emptied_table_is_told_of_when_wanted,
);

fn after(node: &Node, topic: &str) -> Vec<Value> {
    let values = node.json(topic).into_iter().filter_map(|(_, value)| value);
    values.map(|value| value["after"].clone()).collect()
}

fn texts_are_cut_and_hidden_and_keys_chosen(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&[
        "CREATE DATABASE veiled",
        "CREATE TABLE veiled.t (id int primary key, word varchar(20), pin text, n int)",
        "INSERT INTO veiled.t VALUES (1, 'a𝄞bc', NULL, 7)",
    ]);
    let node = Node::new();
    let further = [
        ("database.include.list", "veiled"),
        ("column.truncate.to.3.chars", r"veiled\.t\.word"),
        ("column.mask.with.4.chars", r"veiled\.t\.pin, veiled\.t\.n"),
        ("message.key.columns", r"veiled\.t:n,id"),
        ("topic.delimiter", "-"),
        ("column.exclude.list", r"veiled\.t\.none"),
    ];
    node.runtime().create("veiled", json_config(&server, &further)).unwrap();
    node.wait_for("p-veiled-t", 1);
    server.run(&["INSERT INTO veiled.t VALUES (2, 'xyzä', 'secret', 8)"]);
    node.wait_for("p-veiled-t", 2);
    let records = node.json("p-veiled-t");
    assert_eq!(records[0].0, Some(json!({"n": 7, "id": 1})));
    let expected = [
        json!({"id": 1, "word": "a𝄞", "pin": "****", "n": 7}),
        json!({"id": 2, "word": "xyz", "pin": "****", "n": 8}),
    ];
    assert_eq!(after(&node, "p-veiled-t"), expected);
    server.run(&["DROP DATABASE veiled"]);
}

fn unchanged_rows_and_skipped_operations_are_left_out(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&["CREATE DATABASE idle", "CREATE TABLE idle.t (id int primary key, a int, b int)"]);
    let node = Node::new();
    let further = [
        ("database.include.list", "idle"),
        ("skip.messages.without.change", "true"),
        ("column.exclude.list", r"idle\.t\.b"),
        ("skipped.operations", "d,t"),
        ("tombstones.on.delete", "false"),
    ];
    node.runtime().create("idle", json_config(&server, &further)).unwrap();
    node.wait_for_stream("idle");
    server.run(&[
        "INSERT INTO idle.t VALUES (1, 1, 1)",
        "UPDATE idle.t SET b = 2",
        "UPDATE idle.t SET a = 2",
        "DELETE FROM idle.t",
        "INSERT INTO idle.t VALUES (2, 2, 2)",
    ]);
    node.wait_for("p.idle.t", 3);
    let ids = [json!({"id": 1, "a": 1}), json!({"id": 1, "a": 2}), json!({"id": 2, "a": 2})];
    assert_eq!(after(&node, "p.idle.t"), ids);
    server.run(&["DROP DATABASE idle"]);
}

fn heartbeats_say_that_the_connector_lives(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&["CREATE DATABASE quiet", "CREATE TABLE quiet.t (id int primary key)"]);
    let node = Node::new();
    let further = [
        ("database.include.list", "quiet"),
        ("heartbeat.interval.ms", "50"),
        ("heartbeat.topics.prefix", "alive"),
    ];
    node.runtime().create("quiet", json_config(&server, &further)).unwrap();
    node.wait_for("alive.p", 3);
    let (key, value) = node.json("alive.p").remove(2);
    assert_eq!(key, Some(json!({"serverName": "p"})));
    assert!(value.unwrap()["ts_ms"].as_i64().unwrap() > 1_600_000_000_000);
    node.wait_until("the count", || {
        let metrics = node.runtime().metrics();
        let records = metrics.iter().find(|f| f.name == "tidemill_connect_records_total").unwrap();
        records.samples[0].0 == "quiet" && records.samples[0].1 >= 3
    });
    node.runtime().drop_connector("quiet").unwrap();
    server.run(&["DROP DATABASE quiet"]);
}

fn the_source_block_names_the_statement(flavour: Flavour) {
    let setting = match flavour {
        Flavour::MariaDb => "--binlog-annotate-row-events=1",
        Flavour::MySql => "--binlog-rows-query-log-events=1",
    };
    let Some(server) = Server::start(flavour, &[setting]) else { return };
    if flavour == Flavour::MariaDb {
        let refused = json_config(&server, &[("include.query", "true")]);
        let text = Node::new().runtime().create("told", refused).unwrap_err().to_string();
        assert!(text.contains("include.query") && text.contains("MariaDB"), "{text}");
        return;
    }
    server.run(&["CREATE DATABASE told", "CREATE TABLE told.t (id int primary key)"]);
    let node = Node::new();
    let further = [("database.include.list", "told"), ("include.query", "true")];
    node.runtime().create("told", json_config(&server, &further)).unwrap();
    node.wait_for_stream("told");
    server.run(&["INSERT INTO told.t VALUES (1) /* by hand */", "INSERT INTO told.t VALUES (2)"]);
    node.wait_for("p.told.t", 2);
    let query = |at: usize| node.json("p.told.t")[at].1.clone().unwrap()["source"]["query"].clone();
    assert!(query(0).as_str().unwrap().starts_with("INSERT INTO told.t VALUES (1)"));
    assert_eq!(query(1), "INSERT INTO told.t VALUES (2)");
}

fn large_unsigned_numbers_wrap_or_stay(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&[
        "CREATE DATABASE vast",
        "CREATE TABLE vast.t (n bigint unsigned primary key)",
        "INSERT INTO vast.t VALUES (18446744073709551615)",
    ]);
    let node = Node::new();
    for (prefix, mode) in [("l", "long"), ("e", "precise")] {
        let mut config = json_config(
            &server,
            &[("database.include.list", "vast"), ("bigint.unsigned.handling.mode", mode)],
        );
        config.insert("topic.prefix".to_owned(), prefix.to_owned());
        config.insert("value.converter.decimal.format".to_owned(), "NUMERIC".to_owned());
        node.runtime().create(prefix, config).unwrap();
        node.wait_for(&format!("{prefix}.vast.t"), 1);
    }
    server.run(&["INSERT INTO vast.t VALUES (9223372036854775808)"]);
    node.wait_for("l.vast.t", 2);
    node.wait_for("e.vast.t", 2);
    let numbers = |topic: &str| -> Vec<Value> {
        after(&node, topic).into_iter().map(|row| row["n"].clone()).collect()
    };
    assert_eq!(numbers("l.vast.t"), [json!(-1), json!(i64::MIN)]);
    assert_eq!(numbers("e.vast.t"), [json!(u64::MAX), json!(1_u64 << 63)]);
    server.run(&["DROP DATABASE vast"]);
}

fn an_emptied_table_is_told_of_when_wanted(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&["CREATE DATABASE bare", "CREATE TABLE bare.t (id int primary key)"]);
    let node = Node::new();
    let further = [("database.include.list", "bare"), ("skipped.operations", "none")];
    node.runtime().create("bare", json_config(&server, &further)).unwrap();
    node.wait_for_stream("bare");
    server.run(&["INSERT INTO bare.t VALUES (1)", "TRUNCATE TABLE bare.t"]);
    node.wait_for("p.bare.t", 2);
    let (key, value) = node.json("p.bare.t").remove(1);
    let value = value.unwrap();
    assert_eq!((key, &value["op"]), (None, &json!("t")));
    assert!(value["before"].is_null() && value["after"].is_null());
    assert_eq!(value["source"]["table"], "t");
    server.run(&["DROP DATABASE bare"]);
}

fn records_as_plain_text(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&[
        "CREATE DATABASE words",
        "CREATE TABLE words.t (id int primary key, word varchar(9), n double, b bit(1))",
        "INSERT INTO words.t VALUES (1, 'ä', 1.5, b'1'), (2, NULL, 2, NULL)",
    ]);
    let node = Node::new();
    let mut config = json_config(
        &server,
        &[
            ("database.include.list", "words"),
            ("transforms", "unwrap"),
            ("transforms.unwrap.type", "io.debezium.transforms.ExtractNewRecordState"),
        ],
    );
    for part in ["key", "value"] {
        config.remove(&format!("{part}.converter.schemas.enable"));
        let class = "org.apache.kafka.connect.storage.StringConverter".to_owned();
        config.insert(format!("{part}.converter"), class);
    }
    node.runtime().create("words", config).unwrap();
    node.wait_for("p.words.t", 2);
    let text = |bytes: Option<Vec<u8>>| String::from_utf8(bytes.unwrap()).unwrap();
    let records: Vec<(String, String)> =
        node.raw("p.words.t").into_iter().map(|(key, value)| (text(key), text(value))).collect();
    assert_eq!(records[0].0, "Struct{id=1}");
    assert_eq!(records[0].1, "Struct{id=1,word=ä,n=1.5,b=true}");
    assert_eq!(records[1].1, "Struct{id=2,n=2.0}");
    server.run(&["DROP DATABASE words"]);
}
