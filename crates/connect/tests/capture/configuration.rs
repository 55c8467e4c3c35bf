//! What CREATE refuses, and in which words.

use testkit::database::{Flavour, Server};
use testkit::on_each_database;

use crate::node::{Node, config, json_config};

on_each_database!(
    every_refusal_says_what_to_do,
    a_server_without_row_binlog_is_refused,
    a_failing_connector_disturbs_nothing_else
);

fn refusal(node: &Node, config: std::collections::BTreeMap<String, String>) -> String {
    node.runtime().create("refused", config).unwrap_err().to_string()
}

fn every_refusal_says_what_to_do(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&[
        "CREATE DATABASE refusals",
        "CREATE TABLE refusals.t (a int primary key)",
        "CREATE USER poor IDENTIFIED BY 'x'",
        "GRANT SELECT ON refusals.* TO poor",
    ]);
    let node = Node::new();
    let with = |further: &[(&str, &str)]| {
        let mut all = vec![("database.include.list", "refusals")];
        all.extend(further);
        config(&server, &all)
    };
    let text = refusal(&node, with(&[("databse.user", "x"), ("snapshot.mode", "often")]));
    assert!(text.contains("2 errors") && text.contains("did you mean 'database.user'"), "{text}");
    assert!(text.contains("expected is one of initial"), "{text}");
    let text = refusal(&node, with(&[("database.port", "1")]));
    assert!(text.contains("cannot reach") && text.contains("127.0.0.1:1"), "{text}");
    let text = refusal(&node, with(&[("database.user", "poor"), ("database.password", "y")]));
    assert!(text.contains("'poor' was refused") && text.contains("database.password"), "{text}");
    let text = refusal(&node, with(&[("database.include.list", "nowhere")]));
    assert!(text.contains("no database") && text.contains("refusals"), "{text}");
    let text = refusal(&node, with(&[("database.user", "poor"), ("database.password", "x")]));
    let lock = if flavour == Flavour::MySql { "RELOAD, " } else { "" };
    let grant = format!("GRANT {lock}REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO");
    assert!(text.contains(&grant) && !text.contains(".."), "{text}");
    server.run(&["GRANT REPLICATION CLIENT, RELOAD ON *.* TO poor"]);
    let text = refusal(&node, with(&[("database.user", "poor"), ("database.password", "x")]));
    assert!(text.contains("GRANT REPLICATION SLAVE ON *.* TO"), "{text}");
    let text = refusal(&node, with(&[("connector.class", "com.example.Nothing")]));
    assert!(text.contains("available are: io.debezium.connector.mysql.MySqlConnector"), "{text}");
    assert!(node.runtime().list().is_empty());
    server.run(&["DROP DATABASE refusals", "DROP USER poor"]);
}

fn a_server_without_row_binlog_is_refused(flavour: Flavour) {
    let Some(server) = Server::start(flavour, &["--skip-log-bin"]) else { return };
    let node = Node::new();
    let text = refusal(&node, config(&server, &[]));
    assert!(text.contains("binary log is off") && text.contains("log_bin"), "{text}");
}

fn a_failing_connector_disturbs_nothing_else(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&["CREATE DATABASE calm", "CREATE TABLE calm.t (a int primary key)"]);
    let node = Node::new();
    let good = json_config(&server, &[("database.include.list", "calm")]);
    node.runtime().create("good", good.clone()).unwrap();
    assert!(matches!(node.runtime().create("good", good).unwrap_err(), connect::Error::Exists(_)));
    let bad = json_config(
        &server,
        &[
            ("database.include.list", "calm"),
            ("database.user", "gone"),
            ("topic.prefix", "q"),
            ("database.password", "x"),
        ],
    );
    server.run(&["CREATE USER gone IDENTIFIED BY 'x'", "GRANT ALL ON *.* TO gone"]);
    node.runtime().create("bad", bad).unwrap();
    node.wait_until("the bad one's stream", || {
        node.runtime().describe("bad").unwrap().progress.phase == "streaming"
    });
    server.run(&["DROP USER gone"]);
    node.runtime().restart("bad").unwrap();
    node.wait_until("its failure", || {
        node.runtime().describe("bad").unwrap().info.status.state == connect::State::Failed
    });
    let trace = node.runtime().describe("bad").unwrap().info.status.trace.unwrap();
    assert!(trace.contains("'gone' was refused"), "{trace}");
    server.run(&["INSERT INTO calm.t VALUES (1)"]);
    node.wait_for("p.calm.t", 1);
    node.runtime().pause("good").unwrap();
    node.wait_until("the pause", || {
        node.runtime().describe("good").unwrap().info.status.state == connect::State::Paused
    });
    server.run(&["INSERT INTO calm.t VALUES (2)"]);
    node.runtime().resume("good").unwrap();
    node.wait_for("p.calm.t", 2);
    assert_eq!(node.count("p.calm.t"), 2);
    server.run(&["DROP DATABASE calm"]);
}
