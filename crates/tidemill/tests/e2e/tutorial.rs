//! The materialized-cache tutorial against real databases: its SQL as written.

use serde_json::json;
use testkit::database::{Flavour, Server};
use testkit::on_each_database;

use crate::node::Node;

/// The tutorial's stream and tables; the demo runs the same file.
const VIEWS: &str = include_str!("../../../../scripts/demo/views.sql");
/// The tutorial's user and ten calls.
const CALLS: &str = include_str!("../../../../scripts/demo/calls.sql");

/// The tutorial's connector, with the test's own port.
fn connector(port: u16) -> String {
    format!(
        "CREATE SOURCE CONNECTOR calls_reader WITH (
            'connector.class' = 'io.debezium.connector.mysql.MySqlConnector',
            'database.hostname' = '127.0.0.1',
            'database.port' = '{port}',
            'database.user' = 'example-user',
            'database.password' = 'example-pw',
            'database.allowPublicKeyRetrieval' = 'true',
            'database.server.id' = '184054',
            'database.server.name' = 'call-center-db',
            'database.whitelist' = 'call-center',
            'database.history.kafka.bootstrap.servers' = 'broker:9092',
            'database.history.kafka.topic' = 'call-center',
            'table.whitelist' = 'call-center.calls',
            'include.schema.changes' = 'false'
        );"
    )
}

on_each_database!(the_tutorial_gives_its_answers_and_survives_a_restart);

fn the_tutorial_gives_its_answers_and_survives_a_restart(flavour: Flavour) {
    let Some(database) = Server::start(flavour, &[]) else { return };
    database.run_script(CALLS);
    let mut node = Node::start();
    node.execute(&connector(database.port())).unwrap();
    node.wait_until("the stream can be declared", || node.execute(VIEWS).is_ok());

    let derek =
        "SELECT name, distinct_reasons, last_reason FROM support_view WHERE name = 'derek';";
    let michael =
        "SELECT name, total_calls, minutes_engaged FROM lifetime_view WHERE name = 'michael';";
    node.wait_for_rows(derek, &[json!(["derek", 3, "refund"])]);
    node.wait_for_rows(michael, &[json!(["michael", 3, 46])]);

    database.run_script(
        "INSERT INTO `call-center`.calls VALUES ('derek', 'praise', 60), ('michael', 'help', 600);",
    );
    node.wait_for_rows(derek, &[json!(["derek", 4, "praise"])]);
    node.wait_for_rows(michael, &[json!(["michael", 4, 56])]);

    assert!(node.terminate(), "SIGTERM ends the server in good order");
    database.run_script("INSERT INTO `call-center`.calls VALUES ('derek', 'help', 60);");
    node.start_again();
    node.wait_for_rows(derek, &[json!(["derek", 4, "help"])]);
    node.wait_for_rows(michael, &[json!(["michael", 4, 56])]);
}
