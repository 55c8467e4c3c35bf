//! Topics written into a server's data directory before it starts, and the tables made of them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use commitlog::{Append, Commit, Config, EmbeddedLog, Log, TopicConfig};
use records::{Builder, Compression};
use types::TopicPartition;
use types::seams::Clock as _;
use types::seams::system::{SystemClock, SystemDirectory};

use super::connection::Connection;
use super::server::has_row;
use crate::cost::wait_until;
use crate::outcome::Result;
use crate::queries::input::{Encoding, Input};

/// Megabytes of the wide table when the environment does not say otherwise: 1 GB.
pub const WIDE_MB: i64 = 1_000;
/// Rows of a kilobyte each.
const WIDE_ROWS_PER_MB: i64 = 1_000;
const WIDE_TEXT_CHARACTERS: usize = 1_000;
const WIDE_BATCH_ROWS: i64 = 500;
/// A key that no record but a topic's last one has.
const LAST_KEY: i64 = -1;
/// Asks for the row made of the wide topic's last record.
pub const WIDE_LAST: &str = "SELECT * FROM wide WHERE id = -1;";
const ORDERS_LAST: &str = "SELECT * FROM totals WHERE customer = -1;";
const LOOK: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(300);

/// Writes the orders of 100,000 customers.
pub fn orders(data: &Path) -> Result<()> {
    let log = open(data)?;
    let input = Input::new(Encoding::Json)?;
    let last = batch([(LAST_KEY, r#"{"id":0,"amount":1.5}"#.to_owned())]);
    fill(&log, "orders", input.batches().into_iter().chain([last]))
}

/// Makes a table by customer of them, and waits until it is whole.
pub fn materialise_orders(connection: &mut Connection) -> Result<()> {
    connection.statement(
        "CREATE STREAM orders (customer BIGINT KEY, id BIGINT, name STRING, amount DOUBLE, \
         city STRING) WITH (kafka_topic='orders', value_format='JSON');
         CREATE TABLE totals AS SELECT customer, COUNT(*) AS n, SUM(amount) AS total \
         FROM orders GROUP BY customer;",
    )?;
    wait_for(connection, ORDERS_LAST)
}

/// Megabytes of the wide table: `STATE_MB` of the environment, so that a quick run can have less.
pub fn wide_mb() -> Result<i64> {
    match std::env::var("STATE_MB") {
        Ok(text) => Ok(text.parse().map_err(|error| format!("STATE_MB={text}: {error}"))?),
        Err(_) => Ok(WIDE_MB),
    }
}

/// Writes as many keys as rows, with a kilobyte of text each that does not compress well.
pub fn wide(data: &Path, megabytes: i64) -> Result<()> {
    let log = open(data)?;
    let batches = (0..megabytes * WIDE_ROWS_PER_MB / WIDE_BATCH_ROWS).map(|number| {
        let from = number * WIDE_BATCH_ROWS;
        batch((from..from + WIDE_BATCH_ROWS).map(|id| (id, wide_value(id))))
    });
    fill(&log, "wide_input", batches.chain([batch([(LAST_KEY, wide_value(LAST_KEY))])]))
}

/// Makes a table of them, and waits until it is whole.
pub fn materialise_wide(connection: &mut Connection) -> Result<()> {
    connection.statement(
        "CREATE STREAM wide_input (id BIGINT KEY, text STRING) \
         WITH (kafka_topic='wide_input', value_format='JSON');
         CREATE TABLE wide AS SELECT id, LATEST_BY_OFFSET(text) AS text FROM wide_input \
         GROUP BY id;",
    )?;
    wait_for(connection, WIDE_LAST)
}

fn wait_for(connection: &mut Connection, statement: &str) -> Result<()> {
    wait_until(&format!("'{statement}' finds its row"), LOOK, PATIENCE, || {
        Ok(has_row(connection.pull(statement)?))
    })
}

fn open(data: &Path) -> Result<EmbeddedLog> {
    let disk = Arc::new(SystemDirectory::new(data.join("log"))?);
    Ok(EmbeddedLog::open(disk, Arc::new(SystemClock::new()), Config::default())?)
}

fn fill(log: &EmbeddedLog, topic: &str, batches: impl Iterator<Item = Bytes>) -> Result<()> {
    log.create_topic(topic, &TopicConfig::default())?;
    for batch in batches {
        let append = Append { partition: TopicPartition::new(topic, 0), batch };
        log.commit(Commit { appends: vec![append], ..Commit::default() })?;
    }
    Ok(log.close()?)
}

fn batch(records: impl IntoIterator<Item = (i64, String)>) -> Bytes {
    let now_ms = SystemClock::new().now_ms();
    let mut builder = Builder::new(Compression::None);
    for (key, value) in records {
        builder.append(now_ms, Some(&key.to_be_bytes()), Some(value.as_bytes()), &[]);
    }
    builder.build()
}

fn wide_value(id: i64) -> String {
    let mut state = id as u64;
    let mut text = String::with_capacity(WIDE_TEXT_CHARACTERS + 16);
    while text.len() < WIDE_TEXT_CHARACTERS {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push(char::from(b'a' + ((state >> 40) % 26) as u8));
    }
    format!(r#"{{"text":"{text}"}}"#)
}
