//! Kills at arbitrary moments: no row twice, none missing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mysql_async::prelude::Queryable;
use serde_json::{Value, json};
use testkit::database::{Flavour, Server, numbers};
use testkit::disk::Crash;
use testkit::on_each_database;

use crate::node::{Node, json_config};
use crate::replay::replay;
use crate::server::{block_on, connect};

on_each_database!(
    snapshot_and_stream_survive_kills_under_writes,
    large_tables_without_a_key_are_moved_whole
);

const ROWS: u64 = 60_000;

/// Writes to table `t` of `database` until told to stop: new rows, changed rows, changed keys, deleted rows.
async fn write(server: &Server, database: &str, stop: &AtomicBool) {
    let mut conn = connect(server).await.unwrap();
    conn.query_drop(format!("USE {database}")).await.unwrap();
    let mut round = 0u64;
    while !stop.load(Ordering::Relaxed) {
        round += 1;
        let place = round.wrapping_mul(7919) % ROWS;
        for statement in [
            "BEGIN".to_owned(),
            format!("UPDATE t SET n = n + 1 WHERE id BETWEEN {place} AND {place} + 20"),
            format!("DELETE FROM t WHERE id = {} ", (place * 31) % ROWS),
            format!("INSERT IGNORE INTO t VALUES (CHAR(65 + {round} % 26), {}, 0)", ROWS + round),
            format!("UPDATE IGNORE t SET word = 'É' WHERE id = {}", (place * 17) % ROWS),
            "COMMIT".to_owned(),
        ] {
            conn.query_drop(statement).await.unwrap();
        }
    }
}

/// The writing thread; it ends with this, also when a test fails, because it holds the server.
struct Writer {
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Writer {
    fn start(server: &Arc<Server>, database: &'static str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (server, told) = (Arc::clone(server), Arc::clone(&stop));
        let thread = std::thread::spawn(move || block_on(write(&server, database, &told)));
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            assert!(thread.join().is_ok() || std::thread::panicking(), "the writer failed");
        }
    }
}

fn truth(server: &Server, statement: &str) -> BTreeMap<String, Value> {
    let rows: Vec<(String, u64, u64)> =
        block_on(async { connect(server).await.unwrap().query(statement).await.unwrap() });
    let row = |(word, id, n): (String, u64, u64)| {
        (json!({"word": word, "id": id}).to_string(), json!({"word": word, "id": id, "n": n}))
    };
    rows.into_iter().map(row).collect()
}

fn snapshot_and_stream_survive_kills_under_writes(flavour: Flavour) {
    survive(flavour, "torn", Node::new(), |node, _| {
        node.kill();
        node.start();
    });
}

#[test]
fn power_failures_neither_lose_nor_repeat_rows() {
    survive(Flavour::MariaDb, "dark", Node::on_disk(), |node, moment| {
        node.lose_power(match moment % 3 {
            0 => Crash::Process,
            1 => Crash::LoseUnsynced,
            _ => Crash::TearUnsynced { seed: moment },
        });
    });
}

/// Captures a table that is written to all the time while `interrupt` ends and starts the node.
fn survive(
    flavour: Flavour,
    database: &'static str,
    mut node: Node,
    interrupt: impl Fn(&mut Node, u64),
) {
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&[
        &format!("CREATE DATABASE {database}"),
        // A key whose order only the server knows: case and accents do not count.
        &format!(
            "CREATE TABLE {database}.t (word varchar(10) COLLATE utf8mb4_general_ci,
             id int unsigned, n int, PRIMARY KEY (word, id), KEY (id))"
        ),
        &format!(
            "INSERT INTO {database}.t SELECT ELT(1 + seq % 5, 'a', 'B', 'é', 'z', 'E'), seq, 0
             FROM {}",
            numbers(ROWS)
        ),
    ]);
    let writer = Writer::start(&server, database);
    let config = json_config(&server, &[("database.include.list", database)]);
    node.runtime().create(database, config).unwrap();
    let phase = |node: &Node| node.runtime().describe(database).unwrap().progress.phase;
    for moment in 0..8_u64 {
        std::thread::sleep(Duration::from_millis(60 + moment * 53 % 190));
        interrupt(&mut node, moment);
    }
    node.wait_until("the stream", || phase(&node) == "streaming");
    for moment in 0..8_u64 {
        std::thread::sleep(Duration::from_millis(30 + moment * 71 % 210));
        interrupt(&mut node, moment + 8);
    }
    std::thread::sleep(Duration::from_millis(300));
    drop(writer);
    let truth = truth(&server, &format!("SELECT word, id, n FROM {database}.t"));
    server.run(&[&format!("INSERT INTO {database}.t VALUES ('~end', 0, 0)")]);
    let topic = format!("p.{database}.t");
    let ended = || {
        let raw = node.raw(&topic);
        raw.iter().rev().take(50).any(|(key, _)| {
            key.as_ref().is_some_and(|key| String::from_utf8_lossy(key).contains("~end"))
        })
    };
    node.wait_until("the last row", ended);
    let mut replayed = replay(&node.json(&topic));
    replayed.retain(|key, _| !key.contains("~end"));
    assert_eq!(replayed.len(), truth.len());
    assert!(replayed == truth, "the tables differ");
    server.run(&[&format!("DROP DATABASE {database}")]);
}

fn large_tables_without_a_key_are_moved_whole(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    server.run(&[
        "CREATE DATABASE loose",
        "CREATE TABLE loose.t (id int, filling varchar(600))",
        &format!("INSERT INTO loose.t SELECT seq, REPEAT('x', 600) FROM {}", numbers(40_000)),
    ]);
    let mut node = Node::new();
    node.runtime()
        .create("loose", json_config(&server, &[("database.include.list", "loose")]))
        .unwrap();
    for moment in 0..4_u64 {
        std::thread::sleep(Duration::from_millis(100 + moment * 130));
        node.kill();
        server.run(&[&format!("DELETE FROM loose.t WHERE id = {moment}")]);
        node.start();
    }
    node.wait_until("the snapshot", || {
        node.runtime().describe("loose").unwrap().progress.phase == "streaming"
    });
    server.run(&["INSERT INTO loose.t VALUES (-1, 'end')"]);
    let ids = || -> Vec<(i64, String)> {
        let event = |(_, value): (Option<Value>, Option<Value>)| {
            let value = value.unwrap();
            let row = if value["op"] == "d" { &value["before"] } else { &value["after"] };
            (row["id"].as_i64().unwrap(), value["op"].as_str().unwrap().to_owned())
        };
        node.json("p.loose.t").into_iter().map(event).collect()
    };
    node.wait_until("the last row", || ids().last().is_some_and(|(id, _)| *id == -1));
    let mut present: BTreeMap<i64, i32> = BTreeMap::new();
    for (id, operation) in ids() {
        *present.entry(id).or_default() += if operation == "d" { -1 } else { 1 };
    }
    present.retain(|_, count| *count != 0);
    assert_eq!(present.len(), 40_000 - 4 + 1);
    assert!(present.values().all(|count| *count == 1));
    assert!(node.log.topic("connect-staging-p.loose.t").is_none());
    server.run(&["DROP DATABASE loose"]);
}
