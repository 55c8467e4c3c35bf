//! The captured database and its stock clients.

use std::process::{Command, Stdio};

use testkit::database::{Flavour, Server};

use crate::cost::{Cost, measured};
use crate::outcome::Result;

/// A private MariaDB with database `shop`.
pub struct Database {
    server: Server,
}

/// A place in the binary log.
pub struct BinlogPosition {
    file: String,
    position: String,
}

impl Database {
    /// Starts it; `None` where MariaDB is not installed.
    pub fn start() -> Option<Self> {
        let server = Server::start(Flavour::MariaDb, &["--innodb-buffer-pool-size=512M"])?;
        server.run_script("CREATE DATABASE shop");
        Some(Self { server })
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Makes `shop.orders` with that many rows, and `shop.changes` with one.
    pub fn fill(&self, rows: u32) {
        self.server.run_script(&format!(
            "CREATE TABLE shop.orders (id BIGINT PRIMARY KEY, customer INT NOT NULL,
               name VARCHAR(60), amount DECIMAL(10,2), city VARCHAR(30), created DATETIME);
             INSERT INTO shop.orders SELECT seq, seq % 100000, CONCAT('customer number ', seq),
               (seq % 100000) / 100, ELT(1 + seq % 3, 'Berlin', 'Lisbon', 'São Paulo'),
               '2024-01-01' + INTERVAL seq SECOND FROM shop.seq_1_to_{rows};
             CREATE TABLE shop.changes (id BIGINT PRIMARY KEY AUTO_INCREMENT, customer INT NOT NULL,
               amount DECIMAL(10,2), city VARCHAR(30));
             INSERT INTO shop.changes VALUES (1, 1, 1, 'Oslo');"
        ));
    }

    /// Reads `shop.orders` to nowhere with the `mariadb` client.
    pub fn read_with_client(&self) -> Result<Cost> {
        self.time("mariadb", &["--quick", "--batch", "-e", "SELECT * FROM shop.orders"])
    }

    /// Inserts rows into `shop.changes`, so many in each commit.
    pub fn burst(&self, rows: u32, rows_per_commit: u32) -> Result<()> {
        let values = vec!["(7, 12.5, 'Oslo')"; rows_per_commit as usize].join(",");
        let statement =
            format!("INSERT INTO shop.changes (customer, amount, city) VALUES {values};\n");
        let script = statement.repeat((rows / rows_per_commit) as usize);
        self.server.run_script_in("shop", &script);
        Ok(())
    }

    /// Where the binary log ends now.
    pub fn binlog_position(&self) -> Result<BinlogPosition> {
        let mut rows = self.server.rows("SHOW MASTER STATUS").into_iter();
        let mut fields = rows.next().ok_or("the binary log is off")?.into_iter();
        let (file, position) = (fields.next(), fields.next());
        Ok(BinlogPosition {
            file: file.ok_or("no file")?,
            position: position.ok_or("no position")?,
        })
    }

    /// Reads the binary log from `from` to its end, to nowhere, with the `mariadb-binlog` client.
    pub fn read_binlog_with_client(&self, from: &BinlogPosition) -> Result<Cost> {
        let start = format!("--start-position={}", from.position);
        self.time(
            "mariadb-binlog",
            &["--read-from-remote-server", &start, "--to-last-log", &from.file],
        )
    }

    fn time(&self, program: &str, arguments: &[&str]) -> Result<Cost> {
        let mut command = Command::new(program);
        command.args(["--no-defaults", "--host=127.0.0.1", "--user=root"]);
        command.arg(format!("--port={}", self.port())).args(arguments);
        let run = || Ok(command.stdin(Stdio::null()).stdout(Stdio::null()).status()?);
        let (status, cost) = measured(run)?;
        if status.success() { Ok(cost) } else { Err(format!("{program} failed").into()) }
    }
}
