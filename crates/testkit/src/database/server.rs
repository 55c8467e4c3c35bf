//! A running server: started, shared, restarted, ended.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tempfile::TempDir;

use super::Flavour;
use super::programs::{Programs, find};
use crate::skip;

/// How long a server may take to start.
const START_MAX: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

/// The server of each flavour that tests share.
static SHARED: [Mutex<Weak<Server>>; 2] = [Mutex::new(Weak::new()), Mutex::new(Weak::new())];

/// A running server. Its methods panic on failure: it exists for tests only.
pub struct Server {
    flavour: Flavour,
    programs: Programs,
    directory: TempDir,
    port: u16,
    arguments: Vec<String>,
    child: Mutex<Child>,
}

impl Server {
    /// Starts a server with further arguments; `None`, loudly, where there is none of this flavour.
    pub fn start(flavour: Flavour, extra: &[&str]) -> Option<Self> {
        let programs = find(flavour).map_err(|reason| skip(&reason)).ok()?;
        let directory = tempfile::Builder::new().prefix("tidemill-database-").tempdir();
        let directory = directory.expect("a temporary directory can be made");
        flavour.initialise(&programs, directory.path());
        let port = free_port();
        let mut arguments = flavour.arguments(directory.path(), port);
        arguments.extend(extra.iter().map(|argument| (*argument).to_owned()));
        let child = Mutex::new(spawn(&programs, &arguments, directory.path()));
        let server = Self { flavour, programs, directory, port, arguments, child };
        server.wait_until_up();
        Some(server)
    }

    /// The server of this flavour that tests of one process share; each uses databases of its own in it.
    pub fn shared(flavour: Flavour) -> Option<Arc<Self>> {
        let shared = &SHARED[flavour as usize];
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        let server = Arc::new(Self::start(flavour, &[])?);
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    /// What it is.
    pub fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// The port on loopback; the user is root, without a password.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its data are.
    pub fn data_directory(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Kills the server and starts it again on the same data.
    pub fn restart(&self) {
        let mut child = self.child();
        child.kill().expect("the server can be killed");
        child.wait().expect("the server ends");
        *child = spawn(&self.programs, &self.arguments, self.directory.path());
        drop(child);
        self.wait_until_up();
    }

    pub(super) fn programs(&self) -> &Programs {
        &self.programs
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_until_up(&self) {
        let mut waited = Duration::ZERO;
        while !self.answers() {
            let ended = self.child().try_wait().expect("the server's state can be asked for");
            let is_late = waited >= START_MAX;
            assert!(
                ended.is_none() && !is_late,
                "{} does not start ({ended:?}):\n{}",
                self.flavour.name(),
                read(&self.directory.path().join("log"))
            );
            std::thread::sleep(PAUSE);
            waited += PAUSE;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut child = self.child();
        let _already_gone = child.kill();
        let _reaped = child.wait();
    }
}

fn spawn(programs: &Programs, arguments: &[String], directory: &Path) -> Child {
    let log = append(&directory.join("log"));
    let errors = log.try_clone().expect("a file handle can be doubled");
    Command::new(&programs.server)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .spawn()
        .expect("the server was found and can be started")
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    listener.local_addr().expect("a bound listener has an address").port()
}

#[allow(clippy::disallowed_methods, reason = "a real server writes a real file")]
fn append(path: &Path) -> std::fs::File {
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    file.expect("a file can be made in an own directory")
}

#[allow(clippy::disallowed_methods, reason = "a real server writes a real file")]
fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}
