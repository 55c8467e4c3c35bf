//! `tidemill server`: runs a node until it is told to stop.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use server::{Config, Server};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// What is logged when RUST_LOG says nothing.
const LOG_DEFAULT: &str = "info";
/// Exit status of a server that was stopped the hard way.
const FORCED: i32 = 130;

/// Arguments of `tidemill server`.
#[derive(Debug, Args)]
pub struct Options {
    /// Where everything is kept.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Properties file, as ksqlDB's; variables such as KSQL_LISTENERS win over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Serves until SIGTERM or Ctrl-C.
pub fn run(options: &Options) -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOG_DEFAULT));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match serve(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn serve(options: &Options) -> Result<(), String> {
    let file = options.config.as_deref().map(read).transpose()?;
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let config = Config::assemble(options.data.clone(), file.as_deref(), variables)
        .map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("server")
        .build()
        .map_err(|error| format!("cannot start threads: {error}"))?;
    runtime.block_on(start_and_run(config)).map_err(|error| error.to_string())
}

fn read(path: &Path) -> Result<String, String> {
    #[allow(clippy::disallowed_methods, reason = "the user's file, outside the data directory")]
    std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))
}

async fn start_and_run(config: Config) -> server::Result<()> {
    let mut stops = StopSignals::new()
        .map_err(|error| server::Error::Internal(format!("cannot watch signals: {error}")))?;
    let data = config.data.clone();
    let server = tokio::select! {
        server = Server::start(config) => server?,
        () = stops.next() => return Ok(()),
    };
    let http = server.addresses().iter();
    let http = http.map(|(door, address)| format!("{} http://{address}", door.name()));
    let kafka = server.kafka_addresses().iter().map(|address| format!("kafka {address}"));
    let doors: Vec<String> = http.chain(kafka).collect();
    println!("Tidemill is ready: {}; data in {}", doors.join(", "), data.display());
    let stopped = async {
        stops.next().await;
        // Whoever asks twice does not want to wait for what is still open.
        tokio::spawn(async move {
            stops.next().await;
            tracing::warn!("stopping at once");
            std::process::exit(FORCED);
        });
    };
    server.run(stopped).await
}

/// SIGTERM and SIGINT.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    fn new() -> std::io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
