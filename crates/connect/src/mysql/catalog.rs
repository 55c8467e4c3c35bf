//! What the server says of itself and its tables: information_schema and status statements.

use std::collections::BTreeMap;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};

use super::connection::lost;
use super::ddl::parse_column_type;
use super::filter::Filter;
use super::position::Position;
use super::table::{Column, Table};
use crate::error::Result;

const COLUMNS: &str = "
    SELECT c.TABLE_SCHEMA, c.TABLE_NAME, c.COLUMN_NAME, c.COLUMN_TYPE, c.IS_NULLABLE,
           c.COLUMN_DEFAULT, c.EXTRA, c.CHARACTER_SET_NAME, c.COLLATION_NAME, t.TABLE_COLLATION
    FROM information_schema.COLUMNS c
    JOIN information_schema.TABLES t
      ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
    WHERE t.TABLE_TYPE = 'BASE TABLE' AND c.TABLE_SCHEMA = ?
    ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION";

const KEYS: &str = "
    SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE
    WHERE CONSTRAINT_NAME = 'PRIMARY' AND TABLE_SCHEMA = ?
    ORDER BY TABLE_NAME, ORDINAL_POSITION";

/// All tables that `filter` captures, by name.
///
/// # Errors
/// When the connection is lost or the server refuses.
pub async fn read(conn: &mut Conn, filter: &Filter) -> Result<Vec<Table>> {
    let failed = |error| lost("reading the tables' columns", &error);
    let databases: Vec<String> = conn
        .query("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME")
        .await
        .map_err(failed)?;
    let is_mariadb = is_mariadb(conn).await?;
    let mut tables = Vec::new();
    for database in databases.iter().filter(|database| filter.database(database)) {
        let rows: Vec<Row> = conn.exec(COLUMNS, (database,)).await.map_err(failed)?;
        let keys: Vec<(String, String)> = conn.exec(KEYS, (database,)).await.map_err(failed)?;
        let mut found: BTreeMap<String, Table> = BTreeMap::new();
        for row in &rows {
            add_column(&mut found, row, is_mariadb);
        }
        for (table, column) in keys {
            if let Some(table) = found.get_mut(&table) {
                table.primary_key.push(column);
            }
        }
        tables.extend(found.into_values().filter(|t| filter.table(&t.database, &t.name)));
    }
    Ok(tables)
}

fn add_column(found: &mut BTreeMap<String, Table>, row: &Row, is_mariadb: bool) {
    let text = |at: usize| -> Option<String> {
        row.get_opt::<Option<String>, _>(at).and_then(std::result::Result::ok).flatten()
    };
    let required = |at: usize| text(at).unwrap_or_default();
    let mut data_type = parse_column_type(&required(3));
    data_type.charset = text(7);
    data_type.collation = text(8);
    let is_expression = required(6).to_ascii_uppercase().contains("DEFAULT_GENERATED");
    let default = text(5).filter(|_| !is_expression);
    let column = Column {
        name: required(2),
        data_type,
        is_nullable: required(4) == "YES",
        default: if is_mariadb { default.and_then(|text| mariadb_literal(&text)) } else { default },
    };
    let name = required(1);
    let table = found.entry(name.clone()).or_insert_with(|| Table {
        database: required(0),
        name,
        columns: Vec::new(),
        primary_key: Vec::new(),
        charset: text(9).and_then(|collation| collation.split('_').next().map(str::to_owned)),
    });
    table.columns.push(column);
}

/// MariaDB shows defaults as expressions: literals quoted, numbers bare.
fn mariadb_literal(text: &str) -> Option<String> {
    if let Some(quoted) = text.strip_prefix('\'') {
        return Some(quoted.strip_suffix('\'').unwrap_or(quoted).replace("''", "'"));
    }
    text.parse::<f64>().is_ok().then(|| text.to_owned())
}

/// Estimated numbers of rows by `database.table`.
pub async fn row_estimates(conn: &mut Conn) -> Result<BTreeMap<String, u64>> {
    let rows: Vec<(String, String, Option<u64>)> = conn
        .query("SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_ROWS FROM information_schema.TABLES")
        .await
        .map_err(|error| lost("estimating tables", &error))?;
    let estimate = |(database, table, rows): (String, String, Option<u64>)| {
        (format!("{database}.{table}"), rows.unwrap_or(0))
    };
    Ok(rows.into_iter().map(estimate).collect())
}

/// Whether the server is a MariaDB.
pub async fn is_mariadb(conn: &mut Conn) -> Result<bool> {
    let version: Option<String> =
        conn.query_first("SELECT VERSION()").await.map_err(|e| lost("asking the version", &e))?;
    Ok(version.is_some_and(|version| version.to_ascii_lowercase().contains("mariadb")))
}

/// The end of the binary log. GTIDs are MySQL's; MariaDB's are asked for separately.
pub async fn current_position(
    conn: &mut Conn,
) -> std::result::Result<Position, mysql_async::Error> {
    // The older statement's name was removed in MySQL 8.4, the newer one is unknown to MariaDB.
    let row: Option<Row> = match conn.query_first("SHOW BINARY LOG STATUS").await {
        Err(mysql_async::Error::Server(error)) if error.code == 1064 => {
            conn.query_first("SHOW MASTER STATUS").await?
        }
        other => other?,
    };
    let Some(row) = row else { return Ok(Position::default()) };
    let gtids: Option<String> = row.get_opt(4).and_then(std::result::Result::ok).flatten();
    Ok(Position {
        file: row.get_opt(0).and_then(std::result::Result::ok).unwrap_or_default(),
        pos: row.get_opt(1).and_then(std::result::Result::ok).unwrap_or_default(),
        gtids: gtids.map(|gtids| gtids.replace('\n', "")).filter(|gtids| !gtids.is_empty()),
        ..Position::default()
    })
}

/// MariaDB's GTIDs at a place of its binary log.
pub async fn mariadb_gtids(conn: &mut Conn, file: &str, pos: u64) -> Result<Option<String>> {
    let gtids: Option<Option<String>> = conn
        .exec_first("SELECT BINLOG_GTID_POS(?, ?)", (file, pos))
        .await
        .map_err(|error| lost("asking for the GTID position", &error))?;
    Ok(gtids.flatten().filter(|gtids| !gtids.is_empty()))
}

/// A name in backticks.
pub fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A table's full name in backticks.
pub fn quoted_table(table: &Table) -> String {
    format!("{}.{}", quoted(&table.database), quoted(&table.name))
}
