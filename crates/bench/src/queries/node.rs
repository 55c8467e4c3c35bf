//! What queries run in: the embedded log on disk with the input in it, and one worker thread.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use commitlog::{Append, Commit, Config, EmbeddedLog, Log, TopicConfig};
use dataflow::{CountingLog, OffsetReset, QueryOptions, QuerySpec, Runtime, Services};
use engine::definition::{StoreLookup, register_schemas};
use functions::Environment;
use sql::planned::{CreateAs, Planned};
use sql::{Catalog, Context, Properties};
use state::{FjallBackend, MemoryBackend};
use tempfile::TempDir;
use types::TopicPartition;
use types::seams::system::{SystemClock, SystemDirectory, SystemRandom};
use types::seams::{Clock, Random};

use super::input::Input;
use crate::cost::{Cost, measured, wait_until};
use crate::outcome::Result;

const STATE_CACHE_BYTES: u64 = 64 << 20;
const LOOK: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(120);

/// The log, the worker and the catalog.
pub struct Node {
    // Dropped in this order; the directory last.
    services: Services,
    log: Arc<EmbeddedLog>,
    catalog: Catalog,
    records: i64,
    /// Runs made; each has state of its own.
    runs: Cell<u32>,
    directory: TempDir,
}

#[derive(Debug)]
struct World;

impl Environment for World {
    fn now_ms(&self) -> i64 {
        SystemClock::new().now_ms()
    }

    fn random_u64(&self) -> u64 {
        SystemRandom::new().next_u64()
    }
}

impl Node {
    /// Fills the topic `orders` and declares the stream over it.
    pub fn start(input: &Input) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("tidemill-bench-").tempdir()?;
        let disk = Arc::new(SystemDirectory::new(directory.path().join("log"))?);
        let clock = Arc::new(SystemClock::new());
        let log = Arc::new(EmbeddedLog::open(disk, clock.clone(), Config::default())?);
        let services = Services {
            log: log.clone(),
            schemas: input.schemas.clone(),
            functions: Arc::new(functions::Registry::builtin()),
            clock,
            random: Arc::new(SystemRandom::new()),
            processing_log: Arc::new(CountingLog::default()),
            state: Arc::new(MemoryBackend::new()),
        };
        let records = input.records() as i64;
        let catalog = Catalog::default();
        let runs = Cell::new(0);
        let mut node = Self { services, log, catalog, records, runs, directory };
        node.fill(input)?;
        Ok(node)
    }

    fn fill(&mut self, input: &Input) -> Result<()> {
        self.log.create_topic("orders", &TopicConfig::default())?;
        for batch in input.batches() {
            let append = Append { partition: TopicPartition::new("orders", 0), batch };
            self.log.commit(Commit { appends: vec![append], ..Commit::default() })?;
        }
        self.log.flush()?;
        self.catalog.set_topic("orders", 1);
        let declare = format!(
            "CREATE STREAM orders (customer BIGINT KEY, id BIGINT, name STRING, amount DOUBLE, \
             city STRING) WITH (kafka_topic='orders', value_format='{}');",
            input.encoding.name()
        );
        match self.plan(&declare)? {
            Planned::CreateSource(create) => self.catalog.add_source(create.definition),
            other => return Err(format!("planned as {other:?}").into()),
        }
        Ok(())
    }

    fn plan(&self, statement: &str) -> Result<Planned> {
        let parsed = sql::parse_statement(statement).map_err(|error| error.to_string())?;
        let context = Context {
            catalog: &self.catalog,
            functions: &self.services.functions,
            properties: &Properties::new(),
            schemas: &StoreLookup::new(self.services.schemas.clone()),
            environment: &World,
            next_query_number: 0,
        };
        Ok(sql::plan(&parsed, &context).map_err(|error| error.to_string())?)
    }

    /// Runs a CREATE AS over all records, until its results are on stable storage, and forgets it.
    pub fn run(&self, statement: &str) -> Result<Cost> {
        let create = match self.plan(statement)? {
            Planned::CreateAs(create) => create,
            other => return Err(format!("planned as {other:?}").into()),
        };
        let sink = create.definition.topic.clone();
        let compact = create.topic.cleanup_policy.contains("compact");
        self.log.create_topic(&sink, &TopicConfig { compact, ..TopicConfig::default() })?;
        register_schemas(&create.definition, &*self.services.schemas)?;
        let (id, group) = (create.query.id.clone(), create.query.plan.application_id.clone());
        let runtime = self.runtime()?;
        let ((), cost) = measured(|| self.run_to_end(&runtime, *create))?;
        let problems = runtime.metrics(&id)?.problems;
        runtime.shut_down()?;
        self.log.delete_group(&group)?;
        let made = |name: &str| name != "orders" && !name.starts_with("__");
        for topic in self.log.topics().iter().filter(|topic| made(&topic.name)) {
            self.log.delete_topic(&topic.name)?;
        }
        if problems > 0 {
            return Err(format!("{problems} records could not be processed").into());
        }
        Ok(cost)
    }

    /// One worker over fresh state on disk, so that no run pays for what another left behind.
    fn runtime(&self) -> Result<Runtime> {
        self.runs.set(self.runs.get() + 1);
        let path = self.directory.path().join(format!("state{}", self.runs.get()));
        let state = Arc::new(FjallBackend::open(&path, STATE_CACHE_BYTES)?);
        Ok(Runtime::start(Services { state, ..self.services.clone() }, 1, None)?)
    }

    fn run_to_end(&self, runtime: &Runtime, create: CreateAs) -> Result<()> {
        let group = create.query.plan.application_id.clone();
        let options =
            QueryOptions { offset_reset: OffsetReset::Earliest, ..QueryOptions::default() };
        let plan = Arc::new(create.query.plan);
        runtime.create(QuerySpec { id: create.query.id, plan, options, rows: None })?;
        wait_until("the query has read everything", LOOK, PATIENCE, || self.is_done(&group))?;
        self.log.sync()?;
        Ok(())
    }

    /// Whether the group stands at the end of all it reads, the input among it.
    fn is_done(&self, group: &str) -> Result<bool> {
        let orders = TopicPartition::new("orders", 0);
        if self.log.position(group, &orders).is_none_or(|at| at.0 < self.records) {
            return Ok(false);
        }
        for (partition, at) in self.log.positions(group) {
            if at < self.log.offsets(&partition)?.end {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
