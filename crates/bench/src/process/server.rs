//! The release binary on a data directory of its own.
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock and writes files")]

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::connection::Connection;
use crate::cost::wait_until;
use crate::outcome::Result;

const LOOK: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(60);

/// A server, running or not.
pub struct Server {
    directory: TempDir,
    port: u16,
    kafka_port: u16,
    child: Option<Child>,
}

impl Server {
    /// A server that has never run.
    pub fn on_empty_directory() -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("tidemill-bench-").tempdir()?;
        let listeners: Vec<TcpListener> =
            (0..4).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<std::io::Result<_>>()?;
        let ports: Vec<u16> = listeners
            .iter()
            .map(|listener| Ok(listener.local_addr()?.port()))
            .collect::<Result<_>>()?;
        let properties = format!(
            "listeners=http://127.0.0.1:{}\nschema.registry.listeners=http://127.0.0.1:{}\n\
             connect.rest.listeners=http://127.0.0.1:{}\n\
             kafka.listeners=PLAINTEXT://127.0.0.1:{}\n",
            ports[0], ports[1], ports[2], ports[3]
        );
        std::fs::write(directory.path().join("server.properties"), properties)?;
        Ok(Self { directory, port: ports[0], kafka_port: ports[3], child: None })
    }

    /// Its data directory.
    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Its process id; empty when it does not run.
    pub fn id(&self) -> String {
        self.child.as_ref().map(|child| child.id().to_string()).unwrap_or_default()
    }

    /// Its port for Kafka clients.
    pub fn kafka_port(&self) -> u16 {
        self.kafka_port
    }

    /// Starts the process; seconds until `first` was answered.
    pub fn start(&mut self, first: &str) -> Result<f64> {
        let port = self.port;
        self.start_until(&format!("'{first}' is answered"), || asks(port, first))
    }

    /// Starts the process; seconds until `is_ready`, which `what` describes.
    pub fn start_until(&mut self, what: &str, is_ready: impl Fn() -> bool) -> Result<f64> {
        let program = std::env::current_exe()?.with_file_name("tidemill");
        let output = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.directory.path().join("server.log"))?;
        let started = Instant::now();
        let child = Command::new(&program)
            .arg("server")
            .arg("--data")
            .arg(self.data())
            .arg("--config")
            .arg(self.directory.path().join("server.properties"))
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        self.child = Some(child);
        let answered = wait_until(what, LOOK, PATIENCE, || Ok(is_ready()));
        let taken = started.elapsed().as_secs_f64();
        answered.map_err(|error| format!("{error}\n{}", self.log()))?;
        Ok(taken)
    }

    /// A connection to its ksqlDB REST port.
    pub fn connect(&self) -> Result<Connection> {
        Connection::open(self.port)
    }

    /// Asks it to end and waits for that.
    pub fn terminate(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
        let status = child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("{status}\n{}", self.log()).into()) }
    }

    fn log(&self) -> String {
        let text = std::fs::read_to_string(self.directory.path().join("server.log"));
        let text = text.unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _already_gone = child.kill();
            let _reaped = child.wait();
        }
    }
}

fn asks(port: u16, statement: &str) -> bool {
    let Ok(mut connection) = Connection::open(port) else { return false };
    match statement.starts_with("SELECT") {
        true => connection.pull(statement).is_ok_and(has_row),
        false => connection.statement(statement).is_ok(),
    }
}

/// Whether the answer to a pull query holds a row.
pub fn has_row(body: &[u8]) -> bool {
    body.windows(5).any(|word| word == b"\"row\"")
}
