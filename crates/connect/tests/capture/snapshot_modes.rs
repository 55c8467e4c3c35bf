//! `snapshot.mode`: whether rows are read and where the stream begins.

use testkit::database::{Flavour, Server};
use testkit::on_each_database;

use crate::node::{Node, json_config};

on_each_database!(each_mode_begins_where_it_says, a_purged_binlog_is_read_around_when_needed);

fn ids(node: &Node, topic: &str) -> Vec<(String, i64)> {
    let values = node.json(topic).into_iter().filter_map(|(_, value)| value);
    let id = |value: serde_json::Value| {
        let operation = value["op"].as_str().unwrap().to_owned();
        (operation, value["after"]["id"].as_i64().unwrap())
    };
    values.map(id).collect()
}

fn own(pairs: &[(&str, i64)]) -> Vec<(String, i64)> {
    pairs.iter().map(|(operation, id)| ((*operation).to_owned(), *id)).collect()
}

fn each_mode_begins_where_it_says(flavour: Flavour) {
    let Some(server) = Server::start(flavour, &[]) else { return };
    server.run(&[
        "CREATE DATABASE d",
        "CREATE TABLE d.t (id int primary key)",
        "INSERT INTO d.t VALUES (1)",
    ]);
    let node = Node::new();
    for mode in ["initial", "initial_only", "never", "no_data", "when_needed"] {
        let mut config =
            json_config(&server, &[("snapshot.mode", mode), ("database.include.list", "d")]);
        config.insert("topic.prefix".to_owned(), mode.to_owned());
        node.runtime().create(mode, config).unwrap();
        let wanted = if mode == "initial_only" { "done" } else { "streaming" };
        node.wait_until(mode, || node.runtime().describe(mode).unwrap().progress.phase == wanted);
    }
    server.run(&["INSERT INTO d.t VALUES (2)"]);
    for (mode, expected) in [
        ("initial", [("r", 1), ("c", 2)].as_slice()),
        ("when_needed", &[("r", 1), ("c", 2)]),
        ("never", &[("c", 1), ("c", 2)]),
        ("no_data", &[("c", 2)]),
        ("initial_only", &[("r", 1)]),
    ] {
        let topic = format!("{mode}.d.t");
        node.wait_for(&topic, expected.len() as i64);
        assert_eq!(ids(&node, &topic), own(expected), "{mode}");
    }
}

fn a_purged_binlog_is_read_around_when_needed(flavour: Flavour) {
    let Some(server) = Server::start(flavour, &[]) else { return };
    server.run(&[
        "CREATE DATABASE d",
        "CREATE TABLE d.t (id int primary key)",
        "INSERT INTO d.t VALUES (1)",
    ]);
    let mut node = Node::new();
    let config = json_config(&server, &[("snapshot.mode", "when_needed")]);
    node.runtime().create("c", config).unwrap();
    node.wait_until("the stream", || {
        node.runtime().describe("c").unwrap().progress.phase == "streaming"
    });
    node.kill();
    let reset =
        if flavour == Flavour::MySql { "RESET BINARY LOGS AND GTIDS" } else { "RESET MASTER" };
    server.run(&["INSERT INTO d.t VALUES (2)", "FLUSH BINARY LOGS", "FLUSH BINARY LOGS", reset]);
    server.run(&["INSERT INTO d.t VALUES (3)"]);
    node.start();
    node.wait_for("p.d.t", 4);
    server.run(&["INSERT INTO d.t VALUES (4)"]);
    node.wait_for("p.d.t", 5);
    assert_eq!(ids(&node, "p.d.t"), own(&[("r", 1), ("r", 1), ("r", 2), ("r", 3), ("c", 4)]));
}
