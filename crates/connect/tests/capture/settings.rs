//! The settings of a server that change what its binlog holds: ids of transactions, names of columns,
//! compression.

use serde_json::Value;
use testkit::database::{Flavour, Server};
use testkit::on_each_database;

use crate::node::{Node, json_config};

on_each_database!(names_of_columns_are_not_needed, ids_of_transactions_are_kept);

/// What a newly installed MySQL does: no names of columns, no ids of transactions.
const MYSQL_AS_INSTALLED: [&str; 3] =
    ["--binlog-row-metadata=MINIMAL", "--gtid-mode=OFF", "--enforce-gtid-consistency=OFF"];

fn names_of_columns_are_not_needed(flavour: Flavour) {
    let settings: &[&[&str]] = match flavour {
        Flavour::MariaDb => &[
            &["--binlog-row-metadata=FULL"],
            &["--log-bin-compress=1", "--log-bin-compress-min-len=10"],
        ],
        Flavour::MySql => &[&MYSQL_AS_INSTALLED, &["--binlog-transaction-compression=1"]],
    };
    for extra in settings {
        let Some(server) = Server::start(flavour, extra) else {
            return;
        };
        follow(&server);
    }
}

/// Rows of many columns before, between and after definitions and kills.
fn follow(server: &Server) {
    server.run(&[
        "CREATE DATABASE d",
        "CREATE TABLE d.t (id int primary key, small tinyint unsigned, word varchar(200))",
        "INSERT INTO d.t VALUES (0, 200, 'snapshot')",
    ]);
    let mut node = Node::new();
    let config = json_config(server, &[("database.include.list", "d")]);
    node.runtime().create("c", config).unwrap();
    node.wait_for("p.d.t", 1);
    server.run(&[
        "INSERT INTO d.t VALUES (1, 255, REPEAT('long ', 40)), (2, NULL, 'ü')",
        "ALTER TABLE d.t ADD COLUMN flag bit(1) NOT NULL DEFAULT b'1' AFTER id",
        "UPDATE d.t SET small = 1, word = REPEAT('ä', 190) WHERE id = 2",
    ]);
    node.wait_for("p.d.t", 4);
    node.kill();
    server.run(&["ALTER TABLE d.t DROP COLUMN word", "DELETE FROM d.t WHERE id = 1"]);
    node.start();
    node.wait_for("p.d.t", 6);
    let values: Vec<Option<Value>> = node.json("p.d.t").into_iter().map(|(_, v)| v).collect();
    let field = |at: usize, path: &str| values[at].as_ref().unwrap().pointer(path).cloned();
    assert_eq!(field(0, "/after/small"), Some(200.into()));
    assert_eq!(field(1, "/after/small"), Some(255.into()));
    assert_eq!(field(1, "/after/word"), Some("long ".repeat(40).into()));
    assert_eq!(field(2, "/after/word"), Some("ü".into()));
    assert_eq!(field(3, "/before/flag"), Some(true.into()));
    assert_eq!(field(3, "/after/word"), Some("ä".repeat(190).into()));
    assert_eq!(field(4, "/op"), Some("d".into()));
    assert_eq!(field(4, "/before/small"), Some(255.into()));
    assert_eq!(field(4, "/before/word"), None);
    assert!(values[5].is_none() && values.len() == 6, "{values:#?}");
}

fn ids_of_transactions_are_kept(flavour: Flavour) {
    let Some(server) = Server::start(flavour, &[]) else { return };
    server.run(&["CREATE DATABASE d", "CREATE TABLE d.t (id int primary key)"]);
    let mut node = Node::new();
    node.runtime().create("c", json_config(&server, &[("database.include.list", "d")])).unwrap();
    server.run(&["INSERT INTO d.t VALUES (1)"]);
    node.wait_for("p.d.t", 1);
    node.kill();
    let (chosen, expected) = match flavour {
        Flavour::MariaDb => ("SET gtid_domain_id = 7, server_id = 9", "7-9-1".to_owned()),
        Flavour::MySql => {
            let source = server.rows("SELECT @@server_uuid").remove(0).remove(0);
            ("SET gtid_next = 'AUTOMATIC:shop'", format!("{source}:shop:1"))
        }
    };
    let usual = match flavour {
        Flavour::MariaDb => "SET gtid_domain_id = 0, server_id = 1",
        Flavour::MySql => "SET gtid_next = 'AUTOMATIC'",
    };
    server.run(&[
        "INSERT INTO d.t VALUES (2)",
        chosen,
        "INSERT INTO d.t VALUES (3)",
        usual,
        "INSERT INTO d.t VALUES (4)",
    ]);
    node.start();
    node.wait_for("p.d.t", 4);
    for id in 5..8 {
        node.kill();
        server.run(&["FLUSH BINARY LOGS", &format!("INSERT INTO d.t VALUES ({id})")]);
        node.start();
        node.wait_for("p.d.t", id);
    }
    let events: Vec<Value> = node.json("p.d.t").into_iter().map(|(_, v)| v.unwrap()).collect();
    let ids: Vec<i64> = events.iter().map(|e| e["after"]["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7]);
    let gtid = |at: usize| events[at]["source"]["gtid"].as_str().unwrap().to_owned();
    assert_eq!(gtid(2), expected);
    assert_ne!(gtid(3), gtid(4));
}
