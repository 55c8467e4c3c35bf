//! A whole engine over a log and state in memory, with a case's topics and schemas in it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use commitlog::{Append, Commit, Log, MemoryLog, TopicConfig, Visibility};
use engine::Engine;
use engine::catalog::Metastore;
use formats::SchemaStore;
use plan::physical::Operator;
use records::{Builder, Compression};
use types::TopicPartition;
use types::seams::Clock;
use types::seams::system::{SystemClock, SystemRandom};

use super::super::serde;
use super::super::statements::Workbench;
use super::super::stub::StubRecord;

/// Longest wait for the queries to read everything.
const SETTLE_MS_MAX: i64 = 10_000;
/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(2);
/// Bytes per read; test topics are small.
const READ_BYTES_MAX: usize = 1 << 20;

/// A running engine.
pub struct Node {
    /// The engine.
    pub engine: Arc<Engine>,
    /// The schemas.
    pub schemas: Arc<dyn SchemaStore>,
    log: Arc<MemoryLog>,
    clock: Arc<SystemClock>,
    connect: Arc<connect::Runtime>,
    /// Connectors would run on it.
    _tokio: tokio::runtime::Runtime,
}

impl Node {
    /// An engine over what `bench` prepared, as ksqlDB's REST tests set their server up.
    ///
    /// # Errors
    /// When a part can't start.
    pub fn start(bench: &Workbench) -> Result<Self, String> {
        let clock = Arc::new(SystemClock::new());
        let log = Arc::new(MemoryLog::new(Arc::clone(&clock) as Arc<dyn Clock>));
        for (name, partitions) in bench.broker.topics() {
            let config = TopicConfig { partitions, ..TopicConfig::default() };
            log.create_topic(name, &config).map_err(|error| error.to_string())?;
        }
        let schemas: Arc<dyn SchemaStore> = bench.schemas.clone();
        let tokio =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let tokio = tokio.map_err(|error| error.to_string())?;
        let connect = connect::Runtime::start(connect::Services {
            log: log.clone(),
            schemas: Arc::clone(&schemas),
            clock: clock.clone(),
            handle: tokio.handle().clone(),
            defaults: BTreeMap::new(),
        });
        let connect = Arc::new(connect.map_err(|error| error.to_string())?);
        let services = engine::Services {
            log: log.clone(),
            clock: clock.clone(),
            random: Arc::new(SystemRandom::new()),
            schemas: Arc::clone(&schemas),
            functions: Arc::new(functions::Registry::builtin()),
            state: Arc::new(state::MemoryBackend::new()),
            connect: Arc::clone(&connect),
        };
        let config =
            engine::Config { properties: server_properties(), ..engine::Config::default() };
        let engine = Engine::start(services, config).map_err(|error| error.to_string())?;
        Ok(Self { engine, schemas, log, clock, connect, _tokio: tokio })
    }

    /// Appends a record where its key belongs; keyless ones go to the first partition.
    ///
    /// # Errors
    /// When the topic is missing or refuses.
    pub fn append(&self, topic: &str, record: &StubRecord) -> Result<(), String> {
        let known = self.log.topic(topic).ok_or_else(|| format!("no topic {topic}"))?;
        let partition = record
            .key
            .as_ref()
            .map_or(0, |key| records::partition_for_key(key, known.config.partitions));
        let headers: Vec<records::Header<'_>> = record
            .headers
            .iter()
            .map(|(key, value)| records::Header { key, value: value.as_deref() })
            .collect();
        let mut batch = Builder::new(Compression::None);
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        batch.append(record.timestamp_ms, key, value, &headers);
        let partition = TopicPartition::new(topic, partition);
        let append = Append { partition, batch: batch.build() };
        let commit = Commit { appends: vec![append], ..Commit::default() };
        self.log.commit(commit).map(drop).map_err(|error| error.to_string())
    }

    /// The records of each partition of a topic; no partitions when there is no such topic.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn records(&self, topic: &str) -> Result<Vec<Vec<StubRecord>>, String> {
        let partitions = self.log.topic(topic).map_or(0, |topic| topic.config.partitions);
        (0..partitions).map(|partition| self.partition(topic, partition)).collect()
    }

    fn partition(&self, topic: &str, partition: i32) -> Result<Vec<StubRecord>, String> {
        let at = TopicPartition::new(topic, partition);
        let offsets = self.log.offsets(&at).map_err(|error| error.to_string())?;
        if offsets.start == offsets.end {
            return Ok(Vec::new());
        }
        let read = self.log.read(&at, offsets.start, READ_BYTES_MAX, Visibility::Committed);
        let mut stored = Vec::new();
        for bytes in read.map_err(|error| error.to_string())?.batches {
            stored.extend(serde::records_of(&bytes)?);
        }
        Ok(stored)
    }

    /// Waits until the persistent queries have read all there is.
    ///
    /// # Errors
    /// When they do not come to it.
    pub fn settle(&self) -> Result<(), String> {
        let started = self.clock.now_ms();
        let definitions = self.engine.definitions();
        // What a query wrote between two looks is seen by the second.
        let mut quiet = 0;
        while quiet < 2 {
            quiet = if self.is_settled(&definitions) { quiet + 1 } else { 0 };
            if self.clock.now_ms() - started > SETTLE_MS_MAX {
                return Err("the queries did not read all their records".to_owned());
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    fn is_settled(&self, definitions: &Metastore) -> bool {
        definitions.queries().all(|query| {
            let nodes = query.plan.sub_topologies.iter().flat_map(|part| &part.nodes);
            nodes.clone().all(|node| match &node.operator {
                Operator::Read(read) => self.has_read(&query.plan.application_id, &read.topic),
                _ => true,
            })
        })
    }

    fn has_read(&self, group: &str, topic: &str) -> bool {
        let partitions = self.log.topic(topic).map_or(0, |topic| topic.config.partitions);
        (0..partitions).all(|partition| {
            let at = TopicPartition::new(topic, partition);
            let end = self.log.offsets(&at).map_or(0, |offsets| offsets.end.0);
            end == 0 || self.log.position(group, &at).is_some_and(|position| position.0 >= end)
        })
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.engine.shut_down();
        self.connect.shutdown();
    }
}

fn server_properties() -> BTreeMap<String, String> {
    let properties = [
        ("auto.offset.reset", "earliest"),
        ("cache.max.bytes.buffering", "0"),
        ("ksql.query.pull.table.scan.enabled", "true"),
        ("ksql.query.push.v2.enabled", "true"),
        ("ksql.query.push.v2.registry.installed", "true"),
        ("ksql.headers.columns.enabled", "true"),
        ("ksql.schema.registry.url", "http://localhost:0"),
    ];
    properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
