//! A private MariaDB: own directory and port on loopback, binlog on, ended when dropped.

use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tempfile::TempDir;

/// How long a server may take to start.
const START_MAX: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

/// A running server. Its methods panic on failure: it exists for tests only.
pub struct Server {
    directory: TempDir,
    port: u16,
    child: Mutex<Child>,
    arguments: Vec<String>,
}

impl Server {
    /// Starts a server with further arguments; `None`, loudly, where MariaDB is not installed.
    pub fn start(extra: &[&str]) -> Option<Self> {
        let (Some(server), Some(install)) = (program("mariadbd"), program("mariadb-install-db"))
        else {
            eprintln!("==== SKIPPED: mariadbd and mariadb-install-db are not installed ====");
            return None;
        };
        let directory = tempfile::Builder::new().prefix("tidemill-mariadb-").tempdir();
        let directory = directory.expect("a temporary directory can be made");
        install_into(&install, directory.path());
        let port = free_port();
        let mut arguments = arguments(directory.path(), port);
        arguments.extend(extra.iter().map(|argument| (*argument).to_owned()));
        let child = Mutex::new(spawn(&server, &arguments));
        let server = Self { directory, port, child, arguments };
        server.wait_until_up();
        Some(server)
    }

    /// The port on loopback; the user is root, without a password.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills the server and starts it again on the same data.
    pub fn restart(&self) {
        let mut child = self.child();
        child.kill().expect("the server can be killed");
        child.wait().expect("the server ends");
        *child = spawn(&program("mariadbd").expect("it ran before"), &self.arguments);
        drop(child);
        self.wait_until_up();
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs statements.
    pub fn run_script(&self, script: &str) {
        self.client(&["-e", script]);
    }

    /// Runs a dump in a database.
    pub fn run_script_in(&self, database: &str, script: &str) {
        let file = tempfile::NamedTempFile::new_in(self.directory.path());
        let file = file.expect("a temporary file can be made");
        std::io::Write::write_all(&mut file.as_file(), script.as_bytes())
            .expect("it can be written");
        let source = format!("source {}", file.path().display());
        self.client(&[database, "-e", &source]);
    }

    /// Rows of a query, as text.
    pub fn rows(&self, query: &str) -> Vec<Vec<String>> {
        let printed = self.client(&["--batch", "--skip-column-names", "--raw", "-e", query]);
        let row = |line: &str| line.split('\t').map(str::to_owned).collect();
        printed.lines().map(row).collect()
    }

    fn client(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("the client can be started");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).expect("the client prints UTF-8")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("mariadb").expect("the client is installed"));
        command
            .args(["--no-defaults", "--host=127.0.0.1", "--user=root"])
            .args(["--default-character-set=utf8mb4", &format!("--port={}", self.port)])
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    fn wait_until_up(&self) {
        let mut waited = Duration::ZERO;
        let is_up = || {
            let status =
                self.command(&["-e", "SELECT 1"]).stdout(Stdio::null()).stderr(Stdio::null());
            let status = status.status();
            status.is_ok_and(|status| status.success())
        };
        while !is_up() {
            assert!(waited < START_MAX, "the server in {:?} does not start", self.directory);
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

fn install_into(install: &Path, directory: &Path) {
    let output = Command::new(install)
        .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
        .args(own_user())
        // Servers that start side by side would share the names of temporary tables.
        .arg(format!("--tmpdir={}", directory.display()))
        .arg(format!("--datadir={}", directory.join("data").display()))
        .output()
        .expect("mariadb-install-db can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// MariaDB wants to be told that running as root is meant.
fn own_user() -> Option<&'static str> {
    let owner = std::fs::metadata("/proc/self").map(|process| process.uid());
    owner.is_ok_and(|uid| uid == 0).then_some("--user=root")
}

fn arguments(directory: &Path, port: u16) -> Vec<String> {
    let path = |name: &str| directory.join(name).display().to_string();
    let fixed = [
        "--no-defaults",
        "--bind-address=127.0.0.1",
        "--server-id=1",
        "--log-bin=bin",
        "--binlog-format=ROW",
        "--gtid-strict-mode=1",
        "--innodb-flush-log-at-trx-commit=0",
        "--sync-binlog=0",
        "--character-set-server=utf8mb4",
        "--max-allowed-packet=64M",
    ];
    let own = [
        format!("--datadir={}", path("data")),
        format!("--socket={}", path("socket")),
        format!("--pid-file={}", path("pid")),
        format!("--tmpdir={}", directory.display()),
        format!("--port={port}"),
    ];
    let fixed = fixed.into_iter().chain(own_user()).map(str::to_owned);
    fixed.chain(own).collect()
}

fn spawn(server: &Path, arguments: &[String]) -> Child {
    Command::new(server)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("mariadbd can be started")
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    listener.local_addr().expect("a bound listener has an address").port()
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut directories: Vec<PathBuf> = std::env::split_paths(&path).collect();
    directories.extend(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    directories.into_iter().map(|directory| directory.join(name)).find(|path| path.is_file())
}
