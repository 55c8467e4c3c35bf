//! Looks at CREATE whether the server is as the connector needs it, so that the user learns it then
//! and not from a dead connector.

use futures_util::StreamExt;
use mysql_async::prelude::Queryable;
use mysql_async::{BinlogStreamRequest, Conn, Error as Driver};

use super::catalog;
use super::connection::lost;
use super::position::Position;
use super::source::Config;
use crate::error::{Error, Result};

/// Tables whose SELECT privilege is tried; more would take long and tell the same.
const TABLES_TRIED_MAX: usize = 50;

/// Everything, in the order in which a user would mend it.
pub async fn check(config: &Config) -> Result<()> {
    let mut conn = config.server.connect().await?;
    binlog(&mut conn).await?;
    statements(config, &mut conn).await?;
    databases(config, &mut conn).await?;
    privileges(config, &mut conn).await
}

fn database(what: String, remedy: &str) -> Error {
    Error::Database { what, remedy: remedy.to_owned(), retryable: false }
}

async fn variable(conn: &mut Conn, name: &str) -> Result<Option<String>> {
    let statement = format!("SHOW GLOBAL VARIABLES LIKE '{name}'");
    let row: Option<(String, String)> =
        conn.query_first(statement).await.map_err(|error| lost("reading variables", &error))?;
    Ok(row.map(|(_, value)| value.to_ascii_uppercase()))
}

async fn binlog(conn: &mut Conn) -> Result<()> {
    if variable(conn, "log_bin").await?.as_deref() != Some("ON") {
        return Err(database(
            "the server's binary log is off".to_owned(),
            "Start the server with log_bin=mysql-bin, server_id=1 and binlog_format=ROW",
        ));
    }
    let wanted = [
        ("binlog_format", "ROW", "Set binlog_format=ROW"),
        ("binlog_row_image", "FULL", "Set binlog_row_image=FULL"),
        ("binlog_row_value_options", "", "Set binlog_row_value_options to the empty string"),
    ];
    for (name, value, remedy) in wanted {
        if let Some(found) = variable(conn, name).await?
            && found != value
        {
            return Err(database(format!("the server's {name} is {found}, not {value}"), remedy));
        }
    }
    Ok(())
}

/// MariaDB sends statements only to replicas that ask for them in a way the driver does not have.
async fn statements(config: &Config, conn: &mut Conn) -> Result<()> {
    if config.style.has_query && catalog::is_mariadb(conn).await? {
        let message = "is not supported with MariaDB yet; 'false' is expected";
        return Err(Error::property("include.query", message));
    }
    Ok(())
}

async fn databases(config: &Config, conn: &mut Conn) -> Result<()> {
    let all: Vec<String> = conn
        .query("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA")
        .await
        .map_err(|error| lost("listing databases", &error))?;
    if config.filter.is_selective() && !all.iter().any(|name| config.filter.database(name)) {
        let visible = all.join(", ");
        return Err(database(
            format!("no database on the server matches the include lists; visible are: {visible}"),
            "Check database.include.list, and that the user may see the database",
        ));
    }
    Ok(())
}

/// What the user may not do, gathered so that one attempt tells it all.
#[derive(Debug, Default)]
struct Missing {
    tables: Vec<String>,
    privileges: Vec<&'static str>,
    reasons: Vec<String>,
}

impl Missing {
    fn add(&mut self, privilege: &'static str, message: &str) {
        self.privileges.push(privilege);
        self.reasons.push(format!("{privilege}: {message}"));
    }

    /// Notes a refusal for want of `privilege`; every other error stays one.
    fn note(&mut self, error: &Driver, privilege: &'static str, doing: &'static str) -> Result<()> {
        match error {
            Driver::Server(server) if matches!(server.code, 1044 | 1142 | 1227) => {
                self.add(privilege, &server.message);
                Ok(())
            }
            other => Err(lost(doing, other)),
        }
    }

    fn into_result(self) -> Result<()> {
        let mut remedies = Vec::new();
        let mut lacks = Vec::new();
        if !self.tables.is_empty() {
            lacks.push(format!("may not read {}", self.tables.join(", ")));
            remedies.push("Grant the user SELECT on these tables".to_owned());
        }
        if !self.privileges.is_empty() {
            lacks.push(format!("lacks privileges: {}", self.reasons.join("; ")));
            remedies.push(format!("GRANT {} ON *.* TO the user", self.privileges.join(", ")));
        }
        match lacks.is_empty() {
            true => Ok(()),
            false => {
                Err(database(format!("the user {}", lacks.join(", and ")), &remedies.join("; ")))
            }
        }
    }
}

async fn privileges(config: &Config, conn: &mut Conn) -> Result<()> {
    let mut missing = Missing::default();
    tables(config, conn, &mut missing).await?;
    let is_mysql = !catalog::is_mariadb(conn).await?;
    let takes_lock = is_mysql && config.locks && config.mode.reads_rows();
    if takes_lock && let Err(error) = conn.query_drop("FLUSH LOCAL TABLES `mysql`.`user`").await {
        missing.note(&error, "RELOAD", "flushing tables")?;
    }
    replication(config, conn, &mut missing).await?;
    missing.into_result()
}

async fn tables(config: &Config, conn: &mut Conn, missing: &mut Missing) -> Result<()> {
    let tables = catalog::read(conn, &config.filter).await?;
    for table in tables.iter().take(TABLES_TRIED_MAX) {
        let columns: Vec<String> =
            table.columns.iter().map(|column| catalog::quoted(&column.name)).collect();
        let name = catalog::quoted_table(table);
        let statement = format!("SELECT {} FROM {name} LIMIT 0", columns.join(", "));
        if let Err(Driver::Server(error)) = conn.query_drop(statement).await {
            missing.tables.push(format!("{name} ({})", error.message));
        }
    }
    Ok(())
}

/// Asks for the present end of the binary log; a user who may not know it asks for the first log.
async fn replication(config: &Config, conn: &mut Conn, missing: &mut Missing) -> Result<()> {
    let position = match catalog::current_position(conn).await {
        Ok(position) => position,
        Err(error) => {
            missing.note(&error, "REPLICATION CLIENT", "reading the binlog's position")?;
            Position { pos: 4, ..Position::default() }
        }
    };
    let dumper = config.server.connect().await?;
    let file = position.file.into_bytes();
    let request = BinlogStreamRequest::new(config.server_id)
        .with_non_blocking()
        .with_filename(&file)
        .with_pos(position.pos);
    let mut stream = match dumper.get_binlog_stream(request).await {
        Ok(stream) => stream,
        // MariaDB refuses to register a replica as if its password were wrong.
        Err(Driver::Server(error)) if error.code == 1045 => {
            missing.add("REPLICATION SLAVE", &error.message);
            return Ok(());
        }
        Err(error) => return missing.note(&error, "REPLICATION SLAVE", "asking for the binlog"),
    };
    match stream.next().await {
        Some(Err(error)) => missing.note(&error, "REPLICATION SLAVE", "reading the binlog"),
        _ => Ok(()),
    }
}
