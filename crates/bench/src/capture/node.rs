//! Connectors in this process, over the embedded log on disk.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use commitlog::{Config, EmbeddedLog, Log};
use connect::{Runtime, Services};
use formats::MemorySchemaStore;
use tempfile::TempDir;
use types::TopicPartition;
use types::seams::system::{SystemClock, SystemDirectory};

use crate::cost::{Cost, measured, wait_until};
use crate::outcome::Result;

const LOOK: Duration = Duration::from_millis(2);
const PATIENCE: Duration = Duration::from_secs(180);
/// The connector of the stream.
const CHANGES: &str = "changes";
/// Its topic.
pub const CHANGES_TOPIC: &str = "changes.shop.changes";

/// The log and the connectors.
pub struct Node {
    runtime: Runtime,
    tokio: tokio::runtime::Runtime,
    /// The log.
    pub log: Arc<EmbeddedLog>,
    database_port: u16,
    /// Changes captured so far.
    captured: AtomicI64,
    _directory: TempDir,
}

impl Node {
    /// An empty log and no connector.
    pub fn start(database_port: u16) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("tidemill-bench-").tempdir()?;
        let disk = Arc::new(SystemDirectory::new(directory.path().join("log"))?);
        let clock = Arc::new(SystemClock::new());
        let log = Arc::new(EmbeddedLog::open(disk, clock.clone(), Config::default())?);
        let tokio =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let runtime = Runtime::start(Services {
            log: log.clone(),
            schemas: Arc::new(MemorySchemaStore::new()),
            clock,
            handle: tokio.handle().clone(),
            defaults: BTreeMap::new(),
        })?;
        let captured = AtomicI64::new(0);
        Ok(Self { runtime, tokio, log, database_port, captured, _directory: directory })
    }

    /// Captures `shop.orders` with a new connector until `rows` records are on stable storage, and
    /// drops it.
    pub fn snapshot(&self, name: &str, rows: i64) -> Result<Cost> {
        let topic = format!("{name}.shop.orders");
        let ((), cost) = measured(|| {
            self.runtime.create(name, self.config(name, "shop.orders"))?;
            self.wait_for(&topic, rows)
        })?;
        self.runtime.drop_connector(name)?;
        self.log.delete_topic(&topic)?;
        Ok(cost)
    }

    /// Starts capturing `shop.changes`; returns when its first row is there.
    pub fn capture_changes(&self) -> Result<()> {
        self.runtime.create(CHANGES, self.config(CHANGES, "shop.changes"))?;
        self.captured.store(1, Ordering::Relaxed);
        self.wait_for(CHANGES_TOPIC, 1)?;
        wait_until("the connector streams", LOOK, PATIENCE, || {
            Ok(self.runtime.describe(CHANGES)?.progress.phase == "streaming")
        })
    }

    /// Lets the stream rest.
    pub fn pause(&self) -> Result<()> {
        Ok(self.runtime.pause(CHANGES)?)
    }

    /// Lets the stream go on, connecting again, until `rows` more changes are on stable storage.
    pub fn catch_up(&self, rows: i64) -> Result<Cost> {
        let wanted = self.captured.load(Ordering::Relaxed) + rows;
        let ((), cost) = measured(|| {
            self.runtime.resume(CHANGES)?;
            self.wait_for(CHANGES_TOPIC, wanted)
        })?;
        self.captured.store(wanted, Ordering::Relaxed);
        Ok(cost)
    }

    /// Records of the only partition of `topic` that are on stable storage.
    pub fn durable(&self, topic: &str) -> i64 {
        let offsets = self.log.offsets(&TopicPartition::new(topic, 0));
        offsets.map_or(0, |offsets| offsets.durable_end.0)
    }

    fn wait_for(&self, topic: &str, records: i64) -> Result<()> {
        let waited = wait_until(&format!("{topic} holds {records}"), LOOK, PATIENCE, || {
            Ok(self.durable(topic) >= records)
        });
        waited.map_err(|error| format!("{error}: {:?}", self.runtime.list()).into())
    }

    fn config(&self, prefix: &str, table: &str) -> BTreeMap<String, String> {
        let port = self.database_port.to_string();
        let pairs = [
            ("connector.class", "io.debezium.connector.mysql.MySqlConnector"),
            ("database.hostname", "127.0.0.1"),
            ("database.port", port.as_str()),
            ("database.user", "root"),
            ("topic.prefix", prefix),
            ("table.include.list", table),
            ("include.schema.changes", "false"),
        ];
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// Ends the connectors.
    pub fn stop(self) {
        self.runtime.shutdown();
        self.tokio.shutdown_timeout(Duration::from_secs(5));
    }
}
