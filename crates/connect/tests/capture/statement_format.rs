//! Rows changed by sessions that write statements, not rows, into the binary log.

use connect::State;
use testkit::database::{Flavour, Server};
use testkit::on_each_database;

use crate::node::{Node, json_config};

on_each_database!(statements_in_place_of_captured_rows_are_no_silent_loss);

fn statements_in_place_of_captured_rows_are_no_silent_loss(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&[
        "CREATE DATABASE stated",
        "CREATE TABLE stated.t (id int primary key)",
        "CREATE TABLE stated.other (id int primary key)",
    ]);
    let node = Node::new();
    let lists = [("database.include.list", "stated"), ("table.include.list", "stated.t")];
    node.runtime().create("strict", json_config(&server, &lists)).unwrap();
    let tolerant = [("topic.prefix", "q"), ("event.processing.failure.handling.mode", "skip")];
    let tolerant = json_config(&server, &[&lists[..], &tolerant].concat());
    node.runtime().create("tolerant", tolerant).unwrap();
    server.run(&[
        "INSERT INTO stated.t VALUES (1)",
        "SET SESSION binlog_format = 'STATEMENT'",
        "/* other */ INSERT INTO stated.other VALUES (1)",
        "SET SESSION binlog_format = 'ROW'",
        "INSERT INTO stated.t VALUES (2)",
    ]);
    node.wait_for("p.stated.t", 2);
    server.run(&[
        "SET SESSION binlog_format = 'STATEMENT'",
        "USE stated",
        "/* app */ INSERT INTO t VALUES (3)",
        "SET SESSION binlog_format = 'ROW'",
        "INSERT INTO t VALUES (4)",
    ]);
    node.wait_until("the failure", || {
        node.runtime().describe("strict").unwrap().info.status.state == State::Failed
    });
    let trace = node.runtime().describe("strict").unwrap().info.status.trace.unwrap();
    assert!(trace.contains("stated.t") && trace.contains("binlog_format=ROW"), "{trace}");
    assert!(trace.contains("new snapshot"), "{trace}");
    node.wait_for("q.stated.t", 3);
    assert_eq!(node.count("p.stated.t"), 2);
    node.runtime().drop_connector("strict").unwrap();
    node.runtime().drop_connector("tolerant").unwrap();
    server.run(&["DROP DATABASE stated"]);
}
