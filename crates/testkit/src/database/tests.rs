//! Each server starts, talks, keeps what was committed over a kill, and is shared.

use std::sync::Arc;

use super::{Flavour, Server, numbers};
use crate::on_each_database;

on_each_database!(runs_scripts_and_survives_a_kill, is_shared_while_used);

fn runs_scripts_and_survives_a_kill(flavour: Flavour) {
    let Some(server) = Server::start(flavour, &["--max-connections=17"]) else { return };
    server.run(&["CREATE DATABASE d", "USE d", "CREATE TABLE t (id int primary key, word text)"]);
    server.run_dump_in("d", "DROP TABLE missing; INSERT INTO t VALUES (1, 'größe'), (2, NULL);");
    assert_eq!(server.rows("SELECT @@max_connections, @@log_bin"), [["17", "1"]]);
    server.restart();
    assert_eq!(server.rows("SELECT * FROM d.t ORDER BY id"), [["1", "größe"], ["2", "NULL"]]);
    let port = server.port();
    drop(server);
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "it ends when dropped");
}

fn is_shared_while_used(flavour: Flavour) {
    let Some(first) = Server::shared(flavour) else { return };
    let second = Server::shared(flavour).expect("it runs");
    assert!(Arc::ptr_eq(&first, &second));
    assert_eq!(first.flavour(), flavour);
    let count = format!("SELECT COUNT(*), MAX(seq) FROM {}", numbers(12_345));
    assert_eq!(first.rows(&count), [["12345", "12344"]]);
    let version = first.rows("SELECT @@version").remove(0).remove(0);
    assert_eq!(version.contains("MariaDB"), flavour == Flavour::MariaDb, "{version}");
}
