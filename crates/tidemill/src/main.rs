//! The `tidemill` binary: one file per subcommand.

mod dump;
mod import_log;
mod server;
mod sql;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// From database changes to live tables, in one process.
#[derive(Debug, Parser)]
#[command(name = "tidemill", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a node: log, SQL engine, connectors and their REST APIs.
    Server(server::Options),
    /// Talk SQL to a server.
    Sql(sql::Options),
    /// Print the record batches and records of a segment file.
    Dump(dump::Options),
    /// Import topics whose files were copied from an Apache Kafka broker.
    ImportLog(import_log::Options),
    /// Run ksqlDB's JSON test files through the engine in virtual time.
    Test {
        /// Test files, and directories of them.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Print one JSON object per case.
        #[arg(long)]
        json: bool,
        /// Only cases whose file or name holds this text.
        #[arg(long, value_name = "TEXT")]
        filter: Option<String>,
    },
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Server(options) => server::run(&options),
        Command::Sql(options) => sql::run(options),
        Command::Dump(options) => dump::run(&options),
        Command::ImportLog(options) => import_log::run(&options),
        Command::Test { paths, json, filter } => test::run(&test::Options { paths, filter, json }),
    }
}
