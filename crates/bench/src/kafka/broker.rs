//! The two brokers under measurement, each on an own directory and port.
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock and the system")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::cost::{resident_bytes, wait_until};
use crate::outcome::Result;
use crate::process::Server;

const LOOK: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(60);
/// An ApiVersions request, version 0, without client id: what a client sends first.
const API_VERSIONS: [u8; 14] = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff];

/// A broker that runs.
pub enum Broker {
    /// Ours.
    Tidemill(Box<Server>),
    /// The yardstick.
    Apache(Apache),
}

impl Broker {
    /// Tidemill on an empty directory, and the seconds until it answered.
    pub fn tidemill() -> Result<(Self, f64)> {
        let mut server = Server::on_empty_directory()?;
        let started = start(&mut server)?;
        Ok((Self::Tidemill(Box::new(server)), started))
    }

    /// Apache Kafka on an empty directory, and the seconds until it answered.
    pub fn apache() -> Result<(Self, f64)> {
        let (apache, started) = Apache::start()?;
        Ok((Self::Apache(apache), started))
    }

    /// Where clients connect to.
    pub fn bootstrap(&self) -> String {
        let port = match self {
            Self::Tidemill(server) => server.kafka_port(),
            Self::Apache(apache) => apache.port,
        };
        format!("127.0.0.1:{port}")
    }

    /// Memory it has in use, in bytes.
    pub fn resident_bytes(&self) -> Result<f64> {
        resident_bytes(&self.id()?)
    }

    /// Files it has open.
    pub fn open_files(&self) -> Result<usize> {
        Ok(std::fs::read_dir(format!("/proc/{}/fd", self.id()?))?.count())
    }

    fn id(&self) -> Result<String> {
        match self {
            Self::Tidemill(server) => Ok(server.id()),
            Self::Apache(apache) => Ok(apache.id()?),
        }
    }

    /// Where its segments are.
    pub fn data(&self) -> PathBuf {
        match self {
            Self::Tidemill(server) => server.data(),
            Self::Apache(apache) => apache.directory.path().join("data"),
        }
    }
}

/// Starts `server`; seconds until it has answered a Kafka client's first request.
pub fn start(server: &mut Server) -> Result<f64> {
    let port = server.kafka_port();
    server.start_until("a Kafka client is answered", || is_answered(port))
}

/// Whether a client's first request is answered.
fn is_answered(port: u16) -> bool {
    let ask = || -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(&API_VERSIONS)?;
        stream.read_exact(&mut [0; 10])
    };
    ask().is_ok()
}

/// Apache Kafka as a process of its own.
pub struct Apache {
    directory: TempDir,
    port: u16,
}

impl Apache {
    fn start() -> Result<(Self, f64)> {
        let directory = tempfile::Builder::new().prefix("apache-kafka-bench-").tempdir()?;
        // Its controller listens on the next port.
        let port = loop {
            let first = TcpListener::bind("127.0.0.1:0")?;
            let port = first.local_addr()?.port();
            if port < u16::MAX && TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
                break port;
            }
        };
        let apache = Self { directory, port };
        // Formatting belongs to the first start only, so it is done by one that does not count.
        apache.script(&["start"])?;
        apache.script(&["stop"])?;
        let started = Instant::now();
        apache.script(&["start"])?;
        wait_until("Apache Kafka answers", LOOK, PATIENCE, || Ok(is_answered(port)))?;
        Ok((apache, started.elapsed().as_secs_f64()))
    }

    fn script(&self, action: &[&str]) -> Result<()> {
        let mut command = Command::new("scripts/kafka/apache-kafka.sh");
        command.args(action).arg(self.directory.path());
        if action == ["start"] {
            command.arg(self.port.to_string());
        }
        let status = command.status()?;
        if status.success() { Ok(()) } else { Err(format!("apache-kafka.sh: {status}").into()) }
    }

    fn id(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.directory.path().join("pid"))?.trim().to_owned())
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        if let Err(error) = self.script(&["stop"]) {
            eprintln!("cannot stop Apache Kafka: {error}");
        }
    }
}
