//! What a connector runs in: a log in memory, a registry in memory and a runtime that can be killed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use commitlog::{EmbeddedLog, Log, MemoryLog, Visibility};
use connect::{Runtime, Services};
use formats::{MemorySchemaStore, SchemaStore};
use records::Batches;
use serde_json::Value;
use testkit::database::Server;
use testkit::disk::{Crash, FakeDirectory};
use types::TopicPartition;
use types::seams::system::SystemClock;

const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";
const WAIT_MAX: Duration = Duration::from_secs(30);

/// A record's key and value.
pub type Pair = (Option<Value>, Option<Value>);

/// The same as bytes.
pub type RawPair = (Option<Vec<u8>>, Option<Vec<u8>>);

/// The log and what runs over it.
pub struct Node {
    pub log: Arc<dyn Log>,
    pub schemas: Arc<dyn SchemaStore>,
    disk: Option<FakeDirectory>,
    running: Option<(tokio::runtime::Runtime, Runtime)>,
}

impl Node {
    /// A node with an empty log and its runtime started.
    pub fn new() -> Self {
        let clock = Arc::new(SystemClock::new());
        let log: Arc<dyn Log> = Arc::new(MemoryLog::new(clock));
        let schemas: Arc<dyn SchemaStore> = Arc::new(MemorySchemaStore::new());
        let mut node = Self { log, schemas, disk: None, running: None };
        node.start();
        node
    }

    /// A node whose log is the real one, on a disk that forgets.
    pub fn on_disk() -> Self {
        let disk = FakeDirectory::new();
        let schemas: Arc<dyn SchemaStore> = Arc::new(MemorySchemaStore::new());
        let mut node = Self { log: open(&disk), schemas, disk: Some(disk), running: None };
        node.start();
        node
    }

    /// The power fails while everything runs: of what was not synced, `crash` says what is left.
    /// Then everything starts again.
    pub fn lose_power(&mut self, crash: Crash) {
        let disk = self.disk.take().expect("the log is on a disk").restart(crash);
        self.kill();
        self.log = open(&disk);
        self.disk = Some(disk);
        self.start();
    }

    /// Starts the runtime over the log as it is.
    pub fn start(&mut self) {
        let tokio = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let services = Services {
            log: Arc::clone(&self.log),
            schemas: Arc::clone(&self.schemas),
            clock: Arc::new(SystemClock::new()),
            handle: tokio.handle().clone(),
            defaults: BTreeMap::new(),
        };
        let runtime = Runtime::start(services).unwrap();
        self.running = Some((tokio, runtime));
    }

    /// Ends all tasks where they stand; only the log survives.
    pub fn kill(&mut self) {
        if let Some((tokio, runtime)) = self.running.take() {
            tokio.shutdown_timeout(Duration::from_secs(10));
            drop(runtime);
        }
    }

    /// The runtime.
    pub fn runtime(&self) -> &Runtime {
        &self.running.as_ref().unwrap().1
    }

    /// Records of a topic as JSON, over all its partitions.
    pub fn json(&self, topic: &str) -> Vec<Pair> {
        let parse = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap();
        let pair = |(key, value): RawPair| (key.map(|k| parse(&k)), value.map(|v| parse(&v)));
        self.raw(topic).into_iter().map(pair).collect()
    }

    /// Records of a topic as bytes.
    pub fn raw(&self, topic: &str) -> Vec<RawPair> {
        let partitions = self.log.topic(topic).map_or(0, |topic| topic.config.partitions);
        let mut records = Vec::new();
        for partition in 0..partitions {
            let at = TopicPartition::new(topic, partition);
            let offsets = self.log.offsets(&at).unwrap();
            let mut next = offsets.start;
            while next < offsets.end {
                let read = self.log.read(&at, next, 1 << 20, Visibility::Committed).unwrap();
                for chunk in &read.batches {
                    for batch in Batches::new(chunk) {
                        let batch = batch.unwrap();
                        for record in batch.records().unwrap().iter() {
                            let value = record.value.map(<[u8]>::to_vec);
                            records.push((record.key.map(<[u8]>::to_vec), value));
                        }
                    }
                }
                next = read.next;
            }
        }
        records
    }

    /// Number of records in a topic.
    pub fn count(&self, topic: &str) -> i64 {
        let partitions = self.log.topic(topic).map_or(0, |topic| topic.config.partitions);
        (0..partitions)
            .map(|partition| {
                self.log.offsets(&TopicPartition::new(topic, partition)).unwrap().end.0
            })
            .sum()
    }

    /// Waits until `topic` holds `count` records.
    pub fn wait_for(&self, topic: &str, count: i64) {
        self.wait_until(&format!("{count} records in {topic}"), || self.count(topic) >= count);
    }

    /// Waits until the snapshot of `connector` is over.
    pub fn wait_for_stream(&self, connector: &str) {
        self.wait_until("the stream", || {
            self.runtime().describe(connector).unwrap().progress.phase == "streaming"
        });
    }

    /// Waits until `condition` holds.
    pub fn wait_until(&self, what: &str, condition: impl Fn() -> bool) {
        let step = Duration::from_millis(10);
        let mut waited = Duration::ZERO;
        while !condition() {
            let shown = || {
                let names = self.runtime().list().into_iter().map(|info| info.name);
                names.map(|name| self.runtime().describe(&name)).collect::<Vec<_>>()
            };
            assert!(waited < WAIT_MAX, "waited in vain for {what}: {:?}", shown());
            std::thread::sleep(step);
            waited += step;
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

fn open(disk: &FakeDirectory) -> Arc<dyn Log> {
    let (disk, clock) = (Arc::new(disk.clone()), Arc::new(SystemClock::new()));
    Arc::new(EmbeddedLog::open(disk, clock, commitlog::Config::default()).unwrap())
}

/// A configuration for `server` with `further` properties.
pub fn config(server: &Server, further: &[(&str, &str)]) -> BTreeMap<String, String> {
    let port = server.port().to_string();
    let base = [
        ("connector.class", "io.debezium.connector.mysql.MySqlConnector"),
        ("database.hostname", "127.0.0.1"),
        ("database.port", port.as_str()),
        ("database.user", "root"),
        ("topic.prefix", "p"),
    ];
    let pairs = base.iter().chain(further);
    pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The same with plain JSON records.
pub fn json_config(server: &Server, further: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut config = config(server, further);
    for part in ["key", "value"] {
        config.insert(format!("{part}.converter"), JSON.to_owned());
        config.insert(format!("{part}.converter.schemas.enable"), "false".to_owned());
    }
    config
}
