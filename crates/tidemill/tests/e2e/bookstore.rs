//! A real dump: book titles in many scripts, two tables with primary keys, captured and compared with
//! the database row by row.

use std::path::Path;

use serde_json::{Value, json};
use testkit::database::{Flavour, Server};
use testkit::on_each_database;

use crate::node::Node;

/// Where the dump lies beside the checkout.
const DUMP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/bookstore/dump.sql");

on_each_database!(every_title_arrives_as_it_is);

fn every_title_arrives_as_it_is(flavour: Flavour) {
    let Some(dump) = read(Path::new(DUMP)) else {
        testkit::skip(&format!("the bookstore's dump is not at {DUMP}"));
        return;
    };
    let Some(database) = Server::start(flavour, &[]) else { return };
    database.run_script("CREATE DATABASE bookstore;");
    database.run_dump_in("bookstore", &dump);
    let tables = database.rows(
        "SELECT table_name FROM information_schema.tables \
         WHERE table_schema = 'bookstore' ORDER BY table_name",
    );
    assert_eq!(tables.len(), 2, "the dump has two tables");

    let node = Node::start();
    node.execute(&format!(
        "CREATE SOURCE CONNECTOR books WITH (
            'connector.class' = '{}',
            'database.hostname' = '127.0.0.1', 'database.port' = '{}', 'database.user' = 'root',
            'database.server.id' = '184056', 'topic.prefix' = 'shop',
            'database.include.list' = 'bookstore', 'decimal.handling.mode' = 'string');",
        connector_class(flavour),
        database.port()
    ))
    .unwrap();
    for table in tables {
        check_table(&database, &node, &table[0]);
    }
}

fn connector_class(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::MariaDb => "io.debezium.connector.mariadb.MariaDbConnector",
        Flavour::MySql => "io.debezium.connector.mysql.MySqlConnector",
    }
}

/// Makes a table of the topic and compares one text column of it with the database's.
fn check_table(database: &Server, node: &Node, table: &str) {
    let column = |condition: &str| {
        let query = format!(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'bookstore' \
             AND table_name = '{table}' AND {condition} ORDER BY ordinal_position LIMIT 1"
        );
        database.rows(&query).first().map(|row| row[0].clone())
    };
    let key = column("column_key = 'PRI'").expect("a primary key");
    let text = column("data_type IN ('varchar', 'text', 'char')").expect("a text column");
    let view = format!("VIEW_{}", table.to_uppercase());
    let definition = format!(
        "CREATE STREAM S_{view} WITH (kafka_topic = 'shop.bookstore.{table}', value_format = 'avro');
         CREATE TABLE {view} AS SELECT after->{key} AS id, latest_by_offset(after->{text}) AS text \
         FROM S_{view} GROUP BY after->{key};"
    );
    node.wait_until("the topic can be declared", || node.execute(&definition).is_ok());
    let rows = database.rows(&format!("SELECT `{key}`, `{text}` FROM bookstore.`{table}`"));
    let expected: Vec<Value> = rows.iter().map(|row| json!([typed(&row[0]), row[1]])).collect();
    node.wait_for_rows(&format!("SELECT id, text FROM {view};"), &expected);
}

/// Numbers as numbers: the client hands out text.
fn typed(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| json!(text), Value::from)
}

#[allow(clippy::disallowed_methods, reason = "a test reads real data")]
fn read(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}
