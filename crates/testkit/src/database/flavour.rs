//! What differs between the databases: how a data directory is made, and the server's arguments.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use super::programs::Programs;

/// A kind of database server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// MariaDB, as Debian has it.
    MariaDb,
    /// MySQL 9, with GTIDs; users have `caching_sha2_password`.
    MySql,
}

impl Flavour {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::MariaDb, Self::MySql];

    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::MariaDb => "MariaDB",
            Self::MySql => "MySQL",
        }
    }

    /// Makes an empty data directory, whose root has no password, below `directory`.
    pub(super) fn initialise(self, programs: &Programs, directory: &Path) {
        let mut command = Command::new(&programs.initialise);
        command.arg("--no-defaults").args(own_user());
        match self {
            Self::MariaDb => {
                command.args(["--auth-root-authentication-method=normal", "--skip-test-db"])
            }
            Self::MySql => command.args(["--initialize-insecure", "--secure-file-priv="]),
        };
        let output = command
            // Servers that start side by side would share the names of temporary tables.
            .arg(format!("--tmpdir={}", directory.display()))
            .arg(format!("--datadir={}", directory.join("data").display()))
            .output()
            .expect("the program was found and can be started");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} makes no data directory: {errors}", self.name());
    }

    /// The server's arguments.
    pub(super) fn arguments(self, directory: &Path, port: u16) -> Vec<String> {
        let path = |name: &str| directory.join(name).display().to_string();
        let common = [
            "--no-defaults",
            "--bind-address=127.0.0.1",
            "--server-id=1",
            "--log-bin=bin",
            // A killed server keeps what it has committed; a power cut is not tested here.
            "--innodb-flush-log-at-trx-commit=2",
            "--sync-binlog=0",
            "--character-set-server=utf8mb4",
            "--max-allowed-packet=64M",
        ];
        let places = [
            format!("--datadir={}", path("data")),
            format!("--socket={}", path("socket")),
            format!("--pid-file={}", path("pid")),
            format!("--tmpdir={}", directory.display()),
            format!("--port={port}"),
        ];
        let fixed = common.iter().chain(self.own_arguments()).copied().chain(own_user());
        fixed.map(str::to_owned).chain(places).collect()
    }

    fn own_arguments(self) -> &'static [&'static str] {
        match self {
            Self::MariaDb => &["--binlog-format=ROW", "--gtid-strict-mode=1"],
            Self::MySql => &[
                "--mysqlx=0",
                "--gtid-mode=ON",
                "--enforce-gtid-consistency=ON",
                "--binlog-row-metadata=FULL",
                // The compiled-in folder exists only where the package is installed.
                "--secure-file-priv=",
            ],
        }
    }
}

/// Both want to be told that running as root is meant.
fn own_user() -> Option<&'static str> {
    let owner = std::fs::metadata("/proc/self").map(|process| process.uid());
    owner.is_ok_and(|uid| uid == 0).then_some("--user=root")
}
