//! A transaction that sees the database as it was at an exactly known place of the binary log.
//!
//! MariaDB tells the place itself (`binlog_snapshot_file`, `binlog_snapshot_position`), without any
//! lock. MySQL needs the global read lock for the moment between the start of the transaction and
//! the question for the place; with `snapshot.locking.mode=none` a transaction that commits in that
//! moment can be missed or captured twice.

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use super::catalog;
use super::connection::lost;
use super::position::Position;
use super::source::Config;
use super::table::Table;
use crate::error::{Error, Result};

/// Attempts at reading tables' columns that nobody alters meanwhile.
const ATTEMPTS_MAX: usize = 5;

/// The open transaction, what it sees and where.
#[derive(Debug)]
pub struct Session {
    /// The connection in the transaction.
    pub conn: Conn,
    /// The place of the binary log.
    pub position: Position,
    /// The captured tables.
    pub tables: Vec<Table>,
}

impl Session {
    /// Opens one.
    ///
    /// # Errors
    /// When the server is lost or refuses the lock.
    pub async fn open(config: &Config) -> Result<Self> {
        for _ in 0..ATTEMPTS_MAX {
            let mut conn = config.server.connect().await?;
            let before = catalog::read(&mut conn, &config.filter).await?;
            let position = begin(config, &mut conn).await?;
            let tables = catalog::read(&mut conn, &config.filter).await?;
            if tables == before {
                return Ok(Self { conn, position, tables });
            }
        }
        Err(Error::Connection {
            doing: "reading the tables' columns",
            reason: "they keep being altered".to_owned(),
        })
    }
}

async fn begin(config: &Config, conn: &mut Conn) -> Result<Position> {
    let is_mariadb = catalog::is_mariadb(conn).await?;
    run(conn, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ").await?;
    // A snapshot takes as long as it takes.
    let limit = if is_mariadb { "max_statement_time" } else { "max_execution_time" };
    run(conn, &format!("SET SESSION {limit} = 0")).await?;
    if is_mariadb {
        run(conn, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY").await?;
        return mariadb_position(conn).await;
    }
    if config.locks {
        run(conn, "FLUSH TABLES WITH READ LOCK").await?;
    }
    run(conn, "START TRANSACTION WITH CONSISTENT SNAPSHOT").await?;
    let position = catalog::current_position(conn).await;
    if config.locks {
        run(conn, "UNLOCK TABLES").await?;
    }
    position.map_err(|error| lost("reading the binlog's position", &error))
}

async fn run(conn: &mut Conn, statement: &str) -> Result<()> {
    conn.query_drop(statement).await.map_err(|error| lost("beginning the snapshot", &error))
}

async fn mariadb_position(conn: &mut Conn) -> Result<Position> {
    let rows: Vec<(String, String)> = conn
        .query("SHOW STATUS LIKE 'binlog_snapshot_%'")
        .await
        .map_err(|error| lost("reading the snapshot's position", &error))?;
    let value = |name: &str| {
        let found = rows.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let file = value("binlog_snapshot_file");
    let pos = value("binlog_snapshot_position").parse().unwrap_or(0);
    if file.is_empty() || pos == 0 {
        return Err(Error::Database {
            what: "the server does not tell the snapshot's place in its binary log".to_owned(),
            remedy: "Use MariaDB 10.5 or newer with log_bin on".to_owned(),
            retryable: false,
        });
    }
    let gtids = catalog::mariadb_gtids(conn, &file, pos).await?;
    Ok(Position { file, pos, gtids, ..Position::default() })
}
