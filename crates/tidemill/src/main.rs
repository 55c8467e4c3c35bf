//! The `tidemill` binary: one file per subcommand.

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
        Command::Test { paths, json, filter } => test::run(&test::Options { paths, filter, json }),
    }
}
