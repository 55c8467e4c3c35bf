//! Changes that do not fit into one commit, and a key that changes under a running snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use testkit::database::{Flavour, Server, numbers};
use testkit::on_each_database;

use crate::node::{Node, json_config};

on_each_database!(
    a_large_transaction_is_committed_in_parts_and_resumed,
    a_key_altered_during_the_snapshot_begins_the_table_anew
);

fn a_large_transaction_is_committed_in_parts_and_resumed(flavour: Flavour) {
    const ROWS: u64 = 90_000;
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&["CREATE DATABASE bulk", "CREATE TABLE bulk.t (id int primary key, n int)"]);
    let mut node = Node::new();
    let config = json_config(&server, &[("database.include.list", "bulk")]);
    node.runtime().create("bulk", config).unwrap();
    node.wait_until("the stream", || {
        node.runtime().describe("bulk").unwrap().progress.phase == "streaming"
    });
    server.run(&[&format!("INSERT INTO bulk.t SELECT seq, 0 FROM {}", numbers(ROWS))]);
    // Killed as soon as a part is there, hence in the middle, again and again.
    let mut seen_in_parts = false;
    for part in 1..4 {
        node.wait_until("a part", || node.count("p.bulk.t") >= part * 20_000);
        node.kill();
        seen_in_parts |= node.count("p.bulk.t") < ROWS.cast_signed();
        node.start();
    }
    assert!(seen_in_parts, "the transaction came whole");
    server.run(&["UPDATE bulk.t SET n = 1 WHERE id = 5"]);
    node.wait_for("p.bulk.t", ROWS.cast_signed() + 1);
    let events = node.json("p.bulk.t");
    assert_eq!(events.len() as u64, ROWS + 1);
    let created: BTreeSet<i64> = events
        .iter()
        .filter_map(|(_, value)| value.as_ref())
        .filter(|value| value["op"] == "c")
        .map(|value| value["after"]["id"].as_i64().unwrap())
        .collect();
    assert_eq!(created.len() as u64, ROWS);
    server.run(&["DROP DATABASE bulk"]);
}

fn a_key_altered_during_the_snapshot_begins_the_table_anew(flavour: Flavour) {
    const ROWS: u64 = 100_000;
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&[
        "CREATE DATABASE rekeyed",
        "CREATE TABLE rekeyed.t (id int not null, code int not null, primary key (id))",
        &format!("INSERT INTO rekeyed.t SELECT seq, {ROWS} - seq FROM {}", numbers(ROWS)),
    ]);
    let mut node = Node::new();
    let config = json_config(&server, &[("database.include.list", "rekeyed")]);
    node.runtime().create("rekeyed", config).unwrap();
    node.wait_until("a part", || node.count("p.rekeyed.t") > 0);
    node.kill();
    let before = node.count("p.rekeyed.t");
    server.run(&[
        "ALTER TABLE rekeyed.t DROP PRIMARY KEY, ADD PRIMARY KEY (code)",
        "DELETE FROM rekeyed.t WHERE code = 7",
    ]);
    node.start();
    node.wait_until("the stream", || {
        node.runtime().describe("rekeyed").unwrap().progress.phase == "streaming"
    });
    server.run(&["INSERT INTO rekeyed.t VALUES (-1, -1)"]);
    node.wait_until("the last row", || {
        node.raw("p.rekeyed.t")
            .last()
            .is_some_and(|(key, _)| key.as_deref() == Some(br#"{"code":-1}"#.as_slice()))
    });
    std::thread::sleep(Duration::from_millis(50));
    let mut read: BTreeMap<i64, u32> = BTreeMap::new();
    for (key, value) in node.json("p.rekeyed.t").into_iter().skip(before as usize) {
        let value = value.unwrap();
        if value["op"] == "r" {
            *read.entry(key.unwrap()["code"].as_i64().unwrap()).or_default() += 1;
        }
    }
    assert!(before < ROWS.cast_signed(), "the snapshot was over already");
    assert_eq!(read.len() as u64, ROWS - 1);
    assert!(read.values().all(|times| *times == 1) && !read.contains_key(&7));
    server.run(&["DROP DATABASE rekeyed"]);
}
