//! Lost connections, a purged binary log, transforms.

use connect::State;
use serde_json::json;
use testkit::database::{Flavour, Server};
use testkit::on_each_database;

use crate::node::{Node, json_config};

on_each_database!(
    a_restarted_server_and_a_purged_binlog,
    replicas_with_one_id_are_told_apart,
    lists_that_match_nothing_are_noticed,
    what_is_described_survives_a_restart,
    rows_without_their_envelope_in_another_topic
);

fn a_restarted_server_and_a_purged_binlog(flavour: Flavour) {
    let Some(server) = Server::start(flavour, &[]) else { return };
    server.run(&["CREATE DATABASE d", "CREATE TABLE d.t (id int primary key)"]);
    let mut node = Node::new();
    node.runtime().create("c", json_config(&server, &[])).unwrap();
    server.run(&["INSERT INTO d.t VALUES (1)"]);
    node.wait_for("p.d.t", 1);
    server.restart();
    server.run(&["INSERT INTO d.t VALUES (2)"]);
    node.wait_for("p.d.t", 2);
    assert_eq!(node.count("p.d.t"), 2);
    node.kill();
    server.run(&[
        "INSERT INTO d.t VALUES (3)",
        "FLUSH BINARY LOGS",
        "FLUSH BINARY LOGS",
        "INSERT INTO d.t VALUES (4)",
        "FLUSH BINARY LOGS",
    ]);
    let reset =
        if flavour == Flavour::MySql { "RESET BINARY LOGS AND GTIDS" } else { "RESET MASTER" };
    server.run(&[reset, "INSERT INTO d.t VALUES (5)"]);
    node.start();
    node.wait_until("the failure", || {
        node.runtime().describe("c").unwrap().info.status.state == State::Failed
    });
    let trace = node.runtime().describe("c").unwrap().info.status.trace.unwrap();
    assert!(trace.contains("no longer has the binary log"), "{trace}");
    assert!(trace.contains("when_needed") && !trace.contains(".."), "{trace}");
}

fn rows_without_their_envelope_in_another_topic(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&[
        "CREATE DATABASE plain",
        "CREATE TABLE plain.t (id int primary key, a int)",
        "INSERT INTO plain.t VALUES (1, 1)",
    ]);
    let node = Node::new();
    let config = json_config(
        &server,
        &[
            ("database.include.list", "plain"),
            ("transforms", "unwrap,route"),
            ("transforms.unwrap.type", "io.debezium.transforms.ExtractNewRecordState"),
            ("transforms.unwrap.add.fields", "op,table"),
            ("transforms.route.type", "org.apache.kafka.connect.transforms.RegexRouter"),
            ("transforms.route.regex", r"p\.plain\.(.*)"),
            ("transforms.route.replacement", "plain_$1"),
        ],
    );
    node.runtime().create("plain", config).unwrap();
    node.wait_for("plain_t", 1);
    server.run(&["UPDATE plain.t SET a = 2", "DELETE FROM plain.t"]);
    node.wait_for("plain_t", 3);
    let key = Some(json!({"id": 1}));
    assert_eq!(
        node.json("plain_t"),
        [
            (key.clone(), Some(json!({"id": 1, "a": 1, "__op": "r", "__table": "t"}))),
            (key.clone(), Some(json!({"id": 1, "a": 2, "__op": "u", "__table": "t"}))),
            (key, None),
        ]
    );
    server.run(&["DROP DATABASE plain"]);
}

fn replicas_with_one_id_are_told_apart(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&["CREATE DATABASE twins", "CREATE TABLE twins.t (id int primary key)"]);
    let config =
        json_config(&server, &[("database.include.list", "twins"), ("database.server.id", "4711")]);
    let node = Node::new();
    node.runtime().create("first", config.clone()).unwrap();
    node.wait_for_stream("first");
    let text = node.runtime().create("second", config.clone()).unwrap_err().to_string();
    for word in ["database.server.id", "first", "second", "4711", "of its own"] {
        assert!(text.contains(word), "{text}");
    }
    // Another process can't be asked: the server displaces one of the two.
    let other = Node::new();
    other.runtime().create("second", config).unwrap();
    node.wait_until("the displacement", || {
        let status = node.runtime().describe("first").unwrap().info.status;
        let is_named = |trace: String| trace.contains("database.server.id");
        status.state == State::Restarting && status.trace.is_some_and(is_named)
    });
    other.runtime().drop_connector("second").unwrap();
    server.run(&["INSERT INTO twins.t VALUES (1)"]);
    node.wait_for("p.twins.t", 1);
    server.run(&["DROP DATABASE twins"]);
}

fn lists_that_match_nothing_are_noticed(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&["CREATE DATABASE lonely", "CREATE TABLE lonely.orders (id int primary key)"]);
    let node = Node::new();
    let lists = [("database.include.list", "lonely"), ("table.include.list", "lonely.orderz")];
    node.runtime().create("c", json_config(&server, &lists)).unwrap();
    let phase = || node.runtime().describe("c").unwrap().progress.phase;
    node.wait_until("the notice", || {
        phase().starts_with("streaming; no table matches")
            && phase().contains("table.include.list=lonely.orderz")
    });
    server.run(&["CREATE TABLE lonely.orderz (id int primary key)"]);
    node.wait_until("its end", || phase() == "streaming");
    server.run(&["DROP DATABASE lonely"]);
}

fn what_is_described_survives_a_restart(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&[
        "CREATE DATABASE kept",
        "CREATE TABLE kept.t (id int primary key)",
        "INSERT INTO kept.t VALUES (1), (2)",
    ]);
    let mut node = Node::new();
    node.runtime().create("c", json_config(&server, &[("database.include.list", "kept")])).unwrap();
    node.wait_for_stream("c");
    let before = node.runtime().describe("c").unwrap().progress;
    node.kill();
    node.start();
    node.wait_for_stream("c");
    let after = node.runtime().describe("c").unwrap().progress;
    assert_eq!(after.position.is_empty(), before.position.is_empty());
    assert!(after.position.contains(':'), "{after:?}");
    assert_eq!(after.topics, ["p.kept.t"]);
    let table = &after.tables[0];
    assert!(table.table == "kept.t" && table.rows == 2 && table.is_done, "{after:?}");
    server.run(&["DROP DATABASE kept"]);
}
