//! Connections to the server, and the server's errors in words that say what to do.

use std::fmt;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, DriverError, Error as Driver, IoError, Opts, OptsBuilder, SslOpts};

use crate::config::Settings;
use crate::error::{Error, Result};

/// What is needed to connect.
#[derive(Clone)]
pub struct Server {
    host: String,
    port: u16,
    user: String,
    password: String,
    ssl_mode: String,
    ssl_ca: Option<PathBuf>,
    timeout: Duration,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}:{}", self.user, self.host, self.port)
    }
}

impl Server {
    /// The server that `settings` name.
    pub fn new(settings: &Settings) -> Self {
        Self {
            host: settings.text("database.hostname").to_owned(),
            port: settings.integer("database.port") as u16,
            user: settings.text("database.user").to_owned(),
            password: settings.text("database.password").to_owned(),
            ssl_mode: settings.word("database.ssl.mode"),
            ssl_ca: settings.optional("database.ssl.ca").map(PathBuf::from),
            timeout: Duration::from_millis(settings.integer("connect.timeout.ms") as u64),
        }
    }

    /// Host and port.
    pub fn address(&self) -> String {
        format!("{}:{}", self.host.to_ascii_lowercase(), self.port)
    }

    /// Connects, in UTC and UTF-8 and without time limits.
    ///
    /// # Errors
    /// `Database` with a remedy when the server can't be reached or refuses.
    pub async fn connect(&self) -> Result<Conn> {
        let mut conn = match self.ssl_mode.as_str() {
            "disabled" => self.attempt(None).await?,
            "preferred" => match self.attempt(Some(self.ssl())).await {
                Err(error) if is_tls(&error) => self.attempt(None).await?,
                other => other?,
            },
            _ => self.attempt(Some(self.ssl())).await?,
        };
        for statement in [
            "SET NAMES utf8mb4",
            "SET SESSION time_zone = '+00:00'",
            "SET SESSION net_write_timeout = 3600, net_read_timeout = 3600",
            "SET SESSION wait_timeout = 2419200",
        ] {
            conn.query_drop(statement)
                .await
                .map_err(|error| lost("setting up the session", &error))?;
        }
        Ok(conn)
    }

    async fn attempt(&self, ssl: Option<SslOpts>) -> Result<Conn> {
        let opts = OptsBuilder::default()
            .ip_or_hostname(self.host.clone())
            .tcp_port(self.port)
            .user(Some(self.user.clone()))
            .pass(Some(self.password.clone()))
            .prefer_socket(false)
            .tcp_nodelay(true)
            .tcp_keepalive(Some(Duration::from_secs(30)))
            .ssl_opts(ssl);
        match tokio::time::timeout(self.timeout, Conn::new(Opts::from(opts))).await {
            Ok(Ok(conn)) => Ok(conn),
            Ok(Err(error)) => Err(self.refusal(&error)),
            Err(_) => Err(self.unreachable("no answer in time")),
        }
    }

    fn ssl(&self) -> SslOpts {
        let verifies = matches!(self.ssl_mode.as_str(), "verify_ca" | "verify_identity");
        let ssl = SslOpts::default()
            .with_danger_accept_invalid_certs(!verifies)
            .with_danger_skip_domain_validation(self.ssl_mode != "verify_identity");
        match &self.ssl_ca {
            Some(ca) => ssl.with_root_certs(vec![ca.clone().into()]),
            None => ssl,
        }
    }

    fn unreachable(&self, reason: &str) -> Error {
        Error::Database {
            what: format!(
                "cannot reach the database server at {}:{}: {reason}",
                self.host, self.port
            ),
            remedy: "Check database.hostname and database.port, and that the server runs and \
                     accepts connections from here"
                .to_owned(),
            retryable: true,
        }
    }

    fn refusal(&self, error: &Driver) -> Error {
        let Driver::Server(server) = error else {
            return match error {
                Driver::Io(IoError::Tls(tls)) => self.tls(&tls.to_string()),
                Driver::Driver(DriverError::NoClientSslFlagFromServer) => {
                    self.tls("the server does not offer TLS")
                }
                Driver::Driver(DriverError::UnknownAuthPlugin { name }) => self.plugin(name),
                Driver::Io(IoError::Io(io)) if io.kind() == ErrorKind::InvalidData => {
                    self.tls(&io.to_string())
                }
                other => self.unreachable(&reason(other)),
            };
        };
        let (user, message) = (&self.user, &server.message);
        let (what, remedy) = match server.code {
            1045 | 1698 => (
                format!("user '{user}' was refused by the database server: {message}"),
                "Check database.user and database.password",
            ),
            1130 => (
                format!("the database server does not accept connections from here: {message}"),
                "Create the user for this host, for instance as 'user'@'%'",
            ),
            1040 => (
                format!("the database server has too many connections: {message}"),
                "Raise max_connections or close other connections",
            ),
            _ => (format!("the database server refused: {message}"), "See the server's log"),
        };
        let retryable = server.code == 1040;
        Error::Database { what, remedy: remedy.to_owned(), retryable }
    }

    /// MySQL asks a user who does not exist for some plugin's password, lest it tell who exists.
    fn plugin(&self, name: &str) -> Error {
        Error::Database {
            what: format!(
                "user '{}' was refused by the database server: it asks for authentication by \
                 '{name}', which is not supported",
                self.user
            ),
            remedy:
                "Check database.user: MySQL answers so for users that do not exist, too; else give \
                     the user a password by caching_sha2_password"
                    .to_owned(),
            retryable: false,
        }
    }

    /// The driver wants the certificate to name the host in mode `verify_ca`, too: what it looks for in
    /// the TLS library's message is no longer there.
    fn tls(&self, reason: &str) -> Error {
        Error::Database {
            what: format!(
                "{TLS_FAILED} with the database server at {}:{}: {reason}",
                self.host, self.port
            ),
            remedy: "Check database.ssl.mode and database.ssl.ca, and with verify_ca or \
                     verify_identity that the server's certificate names database.hostname as a \
                     subject alternative name"
                .to_owned(),
            retryable: false,
        }
    }
}

const TLS_FAILED: &str = "cannot agree on TLS";

fn is_tls(error: &Error) -> bool {
    matches!(error, Error::Database { what, .. } if what.starts_with(TLS_FAILED))
}

/// The driver's reason without its wrapping.
fn reason(error: &Driver) -> String {
    match error {
        Driver::Io(IoError::Io(io)) => io.to_string(),
        other => other.to_string(),
    }
}

/// What a failed call on an open connection means.
pub fn lost(doing: &'static str, error: &Driver) -> Error {
    match error {
        Driver::Server(server) => of_server(doing, server.code, &server.message),
        other => Error::Connection { doing, reason: reason(other) },
    }
}

fn of_server(doing: &'static str, code: u16, message: &str) -> Error {
    let (remedy, retryable) = match code {
        1044 | 1142 | 1227 => (
            "Grant the user SELECT, RELOAD, REPLICATION SLAVE and REPLICATION CLIENT on *.*",
            false,
        ),
        1236 => return purged(message),
        // MariaDB's own number for a replica that another one with its id displaced.
        4052 => return conflict(message),
        // Shutdown, killed, deadlock, lock time-out, changed definition: a new attempt helps.
        1053 | 1105 | 1152..=1161 | 1205 | 1213 | 1317 | 1412 | 1927 | 3024 => {
            return Error::Connection { doing, reason: message.to_owned() };
        }
        _ => ("See the server's log", false),
    };
    Error::Database {
        what: format!("the database server failed while {doing}: {message} (error {code})"),
        remedy: remedy.to_owned(),
        retryable,
    }
}

/// Error 1236: the server can't send the binary log from the wanted place.
fn purged(message: &str) -> Error {
    let lowered = message.to_ascii_lowercase();
    let is_conflict = lowered.contains("same server_id") || lowered.contains("same server_uuid");
    if is_conflict { conflict(message) } else { Error::Purged(message.to_owned()) }
}

/// Two replicas with one id displace each other; the other one may go away.
fn conflict(message: &str) -> Error {
    Error::Database {
        what: format!("another replica of the server has the same database.server.id: {message}"),
        remedy:
            "Give this connector a database.server.id that no other connector or replica of the \
                 server has, or none"
                .to_owned(),
        retryable: true,
    }
}
