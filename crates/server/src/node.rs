//! The parts of a node, put together: log, state, registry, connectors, engine, broker.

use std::path::Path;
use std::sync::Arc;

use broker::Broker;
use commitlog::{EmbeddedLog, Log};
use engine::Engine;
use formats::SchemaStore;
use registry::Registry;
use state::{Backend, FjallBackend};
use tokio::runtime::Handle;
use types::seams::Clock;
use types::seams::system::{SystemClock, SystemDirectory, SystemRandom};

use crate::data_dir::DataDir;
use crate::{Config, Error, Result};

/// A running node without its doors.
#[derive(Debug)]
pub struct Node {
    /// Statements and queries.
    pub engine: Arc<Engine>,
    /// Schemas.
    pub registry: Arc<Registry>,
    /// Connectors.
    pub connect: Arc<connect::Runtime>,
    /// The log on disk; none when the log is in memory.
    pub disk_log: Option<Arc<EmbeddedLog>>,
    /// What Kafka clients talk to; none when the log is in memory.
    pub broker: Option<Arc<Broker>>,
    /// Held as long as the node lives.
    _data: Option<DataDir>,
}

impl Node {
    /// Opens the data directory and starts everything in it. Blocks; connectors run on `handle`.
    ///
    /// # Errors
    /// When the directory is in use or unreadable, or a part can't start.
    pub fn open(config: &Config, handle: Handle) -> Result<Self> {
        let data = DataDir::take(&config.data)?;
        let log = open_log(&data.log(), config)?;
        let backend = FjallBackend::open(&data.state(), config.memory.state_blocks_bytes())?;
        let services = broker::Services {
            log: Arc::clone(&log),
            clock: Arc::new(SystemClock::new()),
            random: Arc::new(SystemRandom::new()),
        };
        let kafka = broker::Config { log_directory: shown(&data.log()), ..config.kafka.clone() };
        let broker = Broker::open(services, kafka)?;
        let node = Self::assemble(log.clone(), Arc::new(backend), config, handle)?;
        Ok(Self { disk_log: Some(log), broker: Some(broker), _data: Some(data), ..node })
    }

    /// Starts everything over `log` and `state`.
    ///
    /// # Errors
    /// When a part can't start.
    pub fn assemble(
        log: Arc<dyn Log>,
        state: Arc<dyn Backend>,
        config: &Config,
        handle: Handle,
    ) -> Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let registry = Arc::new(Registry::open(Arc::clone(&log), Arc::clone(&clock))?);
        let schemas: Arc<dyn SchemaStore> = registry.clone();
        let connect = Arc::new(connect::Runtime::start(connect::Services {
            log: Arc::clone(&log),
            schemas: Arc::clone(&schemas),
            clock: Arc::clone(&clock),
            handle,
            defaults: config.connector_defaults.clone(),
        })?);
        let services = engine::Services {
            log,
            clock,
            random: Arc::new(SystemRandom::new()),
            schemas,
            functions: Arc::new(functions::Registry::builtin()),
            state,
            connect: Arc::clone(&connect),
        };
        let properties = config.properties.clone();
        let engine = Engine::start(
            services,
            engine::Config {
                properties,
                workers: config.workers,
                caches_bytes_max: config.memory.query_caches_bytes(),
            },
        )?;
        Ok(Self { engine, registry, connect, disk_log: None, broker: None, _data: None })
    }

    /// Stops connectors and queries and closes the log. Blocks.
    ///
    /// # Errors
    /// When the log can't be brought to disk.
    pub fn close(&self) -> Result<()> {
        self.connect.shutdown();
        self.engine.shut_down();
        match &self.disk_log {
            Some(log) => Ok(log.close()?),
            None => Ok(()),
        }
    }
}

/// The path as clients are told it.
fn shown(path: &Path) -> String {
    std::path::absolute(path).as_deref().unwrap_or(path).display().to_string()
}

fn open_log(path: &Path, config: &Config) -> Result<Arc<EmbeddedLog>> {
    let failed = |source| Error::Data { path: path.to_owned(), source };
    let directory = SystemDirectory::new(path).map_err(failed)?;
    let clock = Arc::new(SystemClock::new());
    let memory_bytes_max = config.memory.log_bytes();
    let defaults = commitlog::Config::default();
    let offsets_partitions = config.kafka.number("offsets.topic.num.partitions");
    let log_config = commitlog::Config {
        memory_bytes_max,
        memory_bytes_flush: memory_bytes_max / 3,
        offsets_partitions: i32::try_from(offsets_partitions)
            .unwrap_or(defaults.offsets_partitions),
        retention_check_interval_ms: config
            .kafka
            .number("log.retention.check.interval.ms")
            .unsigned_abs(),
        ..defaults
    };
    let log = EmbeddedLog::open(Arc::new(directory), clock, log_config)?;
    Ok(Arc::new(log))
}
