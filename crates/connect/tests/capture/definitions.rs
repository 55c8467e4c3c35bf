//! DDL in the middle of the stream.

use serde_json::{Value, json};
use testkit::database::{Flavour, Server};
use testkit::on_each_database;

use crate::node::{Node, json_config};

on_each_database!(columns_come_and_go_while_rows_change);

fn columns_come_and_go_while_rows_change(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&[
        "CREATE DATABASE ddl",
        "CREATE TABLE ddl.t (id int primary key, a int, b varchar(10))",
        "INSERT INTO ddl.t VALUES (1, 1, 'x')",
    ]);
    let node = Node::new();
    node.runtime()
        .create("ddl", json_config(&server, &[("database.include.list", "ddl")]))
        .unwrap();
    node.wait_for("p.ddl.t", 1);
    // All at once, so that the server is ahead of the stream when the stream asks.
    server.run(&[
        "ALTER TABLE ddl.t ADD COLUMN c date FIRST, DROP COLUMN b",
        "INSERT INTO ddl.t VALUES ('1970-01-02', 2, 2)",
        "ALTER TABLE ddl.t CHANGE a amount bigint unsigned, RENAME COLUMN c TO day",
        "UPDATE ddl.t SET amount = 20 WHERE id = 2",
        "ALTER TABLE ddl.t MODIFY amount varchar(5), DROP PRIMARY KEY, ADD PRIMARY KEY (id, amount)",
        "UPDATE ddl.t SET id = 3 WHERE id = 2",
        "CREATE TABLE ddl.u LIKE ddl.t",
        "INSERT INTO ddl.u VALUES (NULL, 7, 'q')",
        "RENAME TABLE ddl.u TO ddl.w",
        "INSERT INTO ddl.w VALUES (NULL, 8, 'q')",
        "TRUNCATE TABLE ddl.w",
        "DROP TABLE ddl.t",
        "CREATE TABLE ddl.t (k varchar(3) primary key)",
        "INSERT INTO ddl.t VALUES ('new')",
        "DELETE FROM ddl.t",
    ]);
    node.wait_for("p.ddl.t", 9);
    let events = node.json("p.ddl.t");
    let values: Vec<Value> = events.iter().map(|(_, v)| v.clone().unwrap_or_default()).collect();
    assert_eq!(values[1]["after"], json!({"c": 1, "id": 2, "a": 2}));
    assert_eq!(values[2]["before"], json!({"day": 1, "id": 2, "amount": 2}));
    assert_eq!(values[2]["after"]["amount"], 20, "{values:#?}");
    // A changed key: delete, tombstone, create.
    assert_eq!(values[3]["op"], "d");
    assert_eq!(events[3].0, Some(json!({"id": 2, "amount": "20"})));
    assert!(events[4].1.is_none());
    assert_eq!(values[5]["op"], "c");
    assert_eq!(events[5].0, Some(json!({"id": 3, "amount": "20"})));
    assert_eq!(values[6]["after"], json!({"k": "new"}));
    assert_eq!(values[7]["op"], "d");
    assert!(events[8].1.is_none());
    node.wait_for("p.ddl.w", 1);
    assert_eq!(node.count("p.ddl.u"), 1);
    assert_eq!(node.json("p.ddl.u")[0].1.as_ref().unwrap()["after"]["id"], 7);
    server.run(&["DROP DATABASE ddl"]);
}
