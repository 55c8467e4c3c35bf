//! A private MariaDB or MySQL for tests: an own directory and port on loopback, ended with its last user.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use tempfile::TempDir;

const START_MAX: Duration = Duration::from_secs(60);
static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());

/// A running server.
pub struct Server {
    directory: TempDir,
    port: u16,
    child: Mutex<Child>,
    arguments: Vec<String>,
}

impl Server {
    /// The server that all tests share; none, loudly, where MariaDB is not installed.
    pub fn shared() -> Option<Arc<Self>> {
        let mut shared = SHARED.lock().unwrap();
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        let server = Arc::new(Self::start(&[])?);
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    /// A server of its own with further arguments.
    pub fn start(extra: &[&str]) -> Option<Self> {
        let Some(server) = program() else {
            eprintln!("SKIPPED: mariadbd and mariadb-install-db are not installed");
            return None;
        };
        let directory = tempfile::Builder::new().prefix("tidemill-connect-").tempdir().unwrap();
        let data = directory.path().join("data");
        initialise(&server, directory.path(), &data);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut arguments: Vec<String> = [
            "--no-defaults",
            "--user=root",
            "--bind-address=127.0.0.1",
            "--server-id=1",
            "--log-bin=bin",
            "--innodb-flush-log-at-trx-commit=0",
            "--sync-binlog=0",
            "--character-set-server=utf8mb4",
            "--max-allowed-packet=64M",
        ]
        .map(str::to_owned)
        .to_vec();
        let flavour: &[&str] = match mysql() {
            Some(_) => &[
                "--mysqlx=0",
                "--secure-file-priv=NULL",
                "--gtid-mode=ON",
                "--enforce-gtid-consistency=ON",
            ],
            None => &["--binlog-format=ROW", "--gtid-strict-mode=1"],
        };
        arguments.extend(flavour.iter().map(|argument| (*argument).to_owned()));
        arguments.extend([
            format!("--datadir={}", data.display()),
            format!("--socket={}", directory.path().join("s").display()),
            format!("--pid-file={}", directory.path().join("p").display()),
            format!("--port={port}"),
            format!("--tmpdir={}", directory.path().display()),
        ]);
        arguments.extend(extra.iter().map(|argument| (*argument).to_owned()));
        let child = Mutex::new(spawn(&server, &arguments));
        let server = Self { directory, port, child, arguments };
        server.wait_until_up();
        Some(server)
    }

    /// The port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills the server and starts it again.
    pub fn restart(&self) {
        let mut child = self.child.lock().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        *child = spawn(&program().unwrap(), &self.arguments);
        drop(child);
        self.wait_until_up();
    }

    /// Runs statements as root, on a runtime of its own.
    pub fn run(&self, statements: &[&str]) {
        block_on(async {
            let mut conn = self.connect().await.unwrap();
            for statement in statements {
                conn.query_drop(*statement).await.unwrap_or_else(|e| panic!("{statement}: {e}"));
            }
            conn.disconnect().await.unwrap();
        });
    }

    /// A connection as root.
    pub async fn connect(&self) -> mysql_async::Result<Conn> {
        let opts = OptsBuilder::default()
            .ip_or_hostname("127.0.0.1")
            .tcp_port(self.port)
            .user(Some("root"))
            .prefer_socket(false);
        Conn::new(opts).await
    }

    fn wait_until_up(&self) {
        let started = std::time::Duration::ZERO;
        let mut waited = started;
        while block_on(self.connect()).is_err() {
            assert!(waited < START_MAX, "the server in {:?} does not start", self.directory);
            std::thread::sleep(Duration::from_millis(50));
            waited += Duration::from_millis(50);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut child = self.child.lock().unwrap();
        let _already_gone = child.kill();
        let _reaped = child.wait();
    }
}

/// Runs a future to its end.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn spawn(server: &Path, arguments: &[String]) -> Child {
    Command::new(server)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The MySQL to use instead of MariaDB.
pub fn mysql() -> Option<PathBuf> {
    std::env::var_os("TIDEMILL_MYSQLD").map(PathBuf::from)
}

fn program() -> Option<PathBuf> {
    mysql().or_else(|| binary("mariadb-install-db").and_then(|_| binary("mariadbd")))
}

fn initialise(server: &Path, directory: &Path, data: &Path) {
    let mut command = match mysql() {
        Some(_) => {
            let mut command = Command::new(server);
            command.args(["--no-defaults", "--user=root", "--initialize-insecure"]);
            command
        }
        None => {
            let mut command = Command::new(binary("mariadb-install-db").unwrap());
            command.args(["--no-defaults", "--user=root", "--skip-test-db"]);
            command.arg("--auth-root-authentication-method=normal");
            command
        }
    };
    // Servers that start side by side would share the names of temporary tables.
    command.arg(format!("--tmpdir={}", directory.display()));
    let done = command.arg(format!("--datadir={}", data.display())).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// A query for the numbers from 0 to 99,999 as column `seq`.
pub fn numbers() -> String {
    let digits = (0..10).map(|digit| format!("SELECT {digit} AS d")).collect::<Vec<_>>();
    let digits = digits.join(" UNION ALL ");
    let places = ["a", "b", "c", "d", "e"].map(|name| format!("({digits}) {name}")).join(", ");
    format!("(SELECT a.d + 10*b.d + 100*c.d + 1000*d.d + 10000*e.d AS seq FROM {places}) numbers")
}

fn binary(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = std::env::split_paths(&path).collect::<Vec<_>>();
    let all = own.into_iter().chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    all.map(|directory| directory.join(name)).find(|path| path.is_file())
}
