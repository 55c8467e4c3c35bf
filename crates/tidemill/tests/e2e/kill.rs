//! `kill -9` at arbitrary moments, under a database that keeps writing and queries that keep running:
//! afterwards the tables equal a recomputation from the database, nothing lost and nothing twice.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use testkit::database::{Flavour, Server, numbers};
use testkit::on_each_database;
use types::seams::Random as _;
use types::seams::system::SystemRandom;

use crate::node::Node;

/// Cycles when `CYCLES` does not say otherwise.
const CYCLES_DEFAULT: u32 = 50;
/// Longest life of the server between two kills.
const LIFE_MS_MAX: u64 = 600;

on_each_database!(tables_equal_the_database_after_many_kills);

fn tables_equal_the_database_after_many_kills(flavour: Flavour) {
    let Some(database) = Server::start(flavour, &[]) else { return };
    database.run(&[
        "CREATE DATABASE bank",
        "CREATE TABLE bank.transfers (id BIGINT PRIMARY KEY AUTO_INCREMENT, \
         account INT NOT NULL, amount INT NOT NULL)",
        &transfers(20_000),
    ]);
    let mut node = Node::start();
    define(&node, database.port());
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| write(&database, &stop));
        survive(&mut node, cycles());
        stop.store(true, Ordering::Release);
    });
    compare(&database, &node);
}

/// Inserts `count` rows.
fn transfers(count: u64) -> String {
    format!(
        "INSERT INTO bank.transfers (account, amount) SELECT seq % 20, seq % 7 FROM {}",
        numbers(count)
    )
}

fn cycles() -> u32 {
    std::env::var("CYCLES").ok().and_then(|text| text.parse().ok()).unwrap_or(CYCLES_DEFAULT)
}

/// A stream, a table over it, and a second table behind a copied stream, so that kills also hit a
/// chain of queries.
fn define(node: &Node, port: u16) {
    node.execute(&format!(
        "CREATE SOURCE CONNECTOR bank WITH (
            'connector.class' = 'io.debezium.connector.mysql.MySqlConnector',
            'database.hostname' = '127.0.0.1', 'database.port' = '{port}', 'database.user' = 'root',
            'database.server.id' = '184057', 'topic.prefix' = 'b',
            'table.include.list' = 'bank.transfers');"
    ))
    .unwrap();
    let definition = "CREATE STREAM transfers WITH (kafka_topic = 'b.bank.transfers', \
            value_format = 'avro');
        CREATE TABLE balances AS SELECT after->account AS account, count(*) AS transfers, \
            sum(after->amount) AS balance FROM transfers GROUP BY after->account;
        CREATE STREAM large WITH (value_format = 'json') AS SELECT after->account AS account, \
            after->amount AS amount FROM transfers WHERE after->amount > 3;
        CREATE TABLE large_balances AS SELECT account, count(*) AS transfers, \
            sum(amount) AS balance FROM large GROUP BY account;";
    node.wait_until("the stream can be declared", || node.execute(definition).is_ok());
}

/// Writes small transactions until told to stop.
fn write(database: &Server, stop: &AtomicBool) {
    let transfers = transfers(25);
    while !stop.load(Ordering::Acquire) {
        database.run(&[&transfers]);
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn survive(node: &mut Node, cycles: u32) {
    let random = SystemRandom::new();
    for _ in 0..cycles {
        std::thread::sleep(Duration::from_millis(random.next_u64() % LIFE_MS_MAX));
        node.kill();
        node.start_again();
    }
}

fn compare(database: &Server, node: &Node) {
    let expected = |condition: &str| -> Vec<Value> {
        let query = format!(
            "SELECT account, COUNT(*), SUM(amount) FROM bank.transfers {condition} GROUP BY account"
        );
        let number = |text: &String| text.parse::<i64>().unwrap();
        let rows = database.rows(&query);
        rows.iter().map(|row| json!(row.iter().map(number).collect::<Vec<_>>())).collect()
    };
    let all = "SELECT account, transfers, balance FROM balances;";
    node.wait_for_rows(all, &expected(""));
    let large = "SELECT account, transfers, balance FROM large_balances;";
    node.wait_for_rows(large, &expected("WHERE amount > 3"));
}
