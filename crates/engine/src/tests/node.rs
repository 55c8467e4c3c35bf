//! An engine over a log in memory, and how tests talk to it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use commitlog::{Log, MemoryLog};
use plan::physical::Operator;
use types::TopicPartition;
use types::seams::Clock;
use types::seams::system::{SystemClock, SystemRandom};

use crate::world::World;
use crate::{Answer, Config, Engine, Next, QueryAnswer, Request, Row, Services};

/// Longest time that a test waits for something that must happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// What outlives an engine: the log and the state.
pub struct Disk {
    pub log: Arc<MemoryLog>,
    pub state: Arc<state::MemoryBackend>,
    pub clock: Arc<SystemClock>,
    tokio: tokio::runtime::Runtime,
}

impl Disk {
    /// An empty one.
    pub fn new() -> Self {
        let clock = Arc::new(SystemClock::new());
        let tokio =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Self {
            log: Arc::new(MemoryLog::new(Arc::clone(&clock) as Arc<dyn Clock>)),
            state: Arc::new(state::MemoryBackend::new()),
            clock,
            tokio: tokio.expect("the system gives threads"),
        }
    }

    /// An engine over it, with `properties` and everything read from the beginning.
    pub fn start(&self, properties: &[(&str, &str)]) -> Node {
        let log: Arc<dyn Log> = self.log.clone();
        let clock: Arc<dyn Clock> = self.clock.clone();
        let registry = registry::Registry::open(Arc::clone(&log), Arc::clone(&clock));
        let schemas: Arc<dyn formats::SchemaStore> = Arc::new(registry.expect("readable schemas"));
        let connect = connect::Runtime::start(connect::Services {
            log: Arc::clone(&log),
            schemas: Arc::clone(&schemas),
            clock: Arc::clone(&clock),
            handle: self.tokio.handle().clone(),
            defaults: BTreeMap::new(),
        });
        let services = Services {
            log,
            clock,
            random: Arc::new(SystemRandom::new()),
            schemas,
            functions: Arc::new(functions::Registry::builtin()),
            state: self.state.clone(),
            connect: Arc::new(connect.expect("the connectors' topics are there")),
        };
        let mut config = Config { workers: 2, ..Config::default() };
        config.properties.insert("auto.offset.reset".to_owned(), "earliest".to_owned());
        for (name, value) in properties {
            config.properties.insert((*name).to_owned(), (*value).to_owned());
        }
        Node { engine: Engine::start(services, config).expect("the engine starts") }
    }
}

/// A running engine.
pub struct Node {
    pub engine: Arc<Engine>,
}

impl Node {
    /// Runs statements that must succeed.
    pub fn run(&self, text: &str) -> Vec<Answer> {
        let done = self.engine.execute(&Request::new(text));
        done.unwrap_or_else(|failure| panic!("{text}: {}", failure.message()))
    }

    /// Starts a SELECT that must succeed.
    pub fn query(&self, text: &str) -> QueryAnswer {
        let started = self.engine.query(&Request::new(text));
        started.unwrap_or_else(|failure| panic!("{text}: {}", failure.message()))
    }

    /// All rows of a query that ends by itself, as sorted text.
    pub fn rows(&self, text: &str) -> Vec<String> {
        let mut rows = all_rows(&mut self.query(text));
        rows.sort();
        rows
    }

    /// Waits until every persistent query has read all there is.
    pub fn settle(&self) {
        wait_until(|| self.engine.is_settled());
    }
}

impl Engine {
    fn is_settled(&self) -> bool {
        let world: &World = self.world();
        let log = &world.services.log;
        let metastore = world.metastore();
        let mut reads = Vec::new();
        for query in metastore.queries().filter(|query| !metastore.is_paused(&query.id)) {
            for node in query.plan.sub_topologies.iter().flat_map(|part| &part.nodes) {
                if let Operator::Read(read) = &node.operator {
                    reads.push((query.plan.application_id.clone(), read.topic.clone()));
                }
            }
        }
        reads.iter().all(|(group, topic)| {
            let partitions = log.topic(topic).map_or(0, |topic| topic.config.partitions);
            (0..partitions).all(|partition| {
                let at = TopicPartition::new(topic.as_str(), partition);
                let end = log.offsets(&at).expect("the partition exists").end;
                end.0 == 0 || log.position(group, &at).is_some_and(|position| position >= end)
            })
        })
    }
}

/// Looks until `holds`.
pub fn wait_until(holds: impl Fn() -> bool) {
    let pause = Duration::from_millis(2);
    for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
        if holds() {
            return;
        }
        std::thread::sleep(pause);
    }
    panic!("waited in vain");
}

/// Every row up to the end, as text.
pub fn all_rows(answer: &mut QueryAnswer) -> Vec<String> {
    let mut rows = Vec::new();
    loop {
        match answer.next(PATIENCE) {
            Next::Rows(more) => rows.extend(more.iter().map(row_text)),
            Next::End(_) => return rows,
            other => panic!("{other:?} after {rows:?}"),
        }
    }
}

/// `1, 'a', NULL`.
pub fn row_text(row: &Row) -> String {
    let values: Vec<String> = row.columns.iter().map(value_text).collect();
    format!("{}{}", if row.is_tombstone { "deleted: " } else { "" }, values.join(", "))
}

fn value_text(value: &types::Value) -> String {
    use types::Value;
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(value) => value.to_string(),
        Value::Bigint(value) => value.to_string(),
        Value::String(text) => format!("'{text}'"),
        other => format!("{other:?}"),
    }
}
