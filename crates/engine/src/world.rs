//! What all parts of the engine share: definitions, running queries, the log and the properties.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::catalog::{Command, CommandTopic, Metastore};
use crate::definition::StoreLookup;
use crate::info::QueryCounters;
use crate::persistent::PersistentQueries;
use crate::processing_log::TopicProcessingLog;
use crate::properties::Properties;
use crate::pull::PlanCache;
use crate::push::PushQueries;
use crate::{CommandStatus, Config, Error, ErrorCode, Health, Info, Metrics, Result, Services};
use crate::{persistent, processing_log, statements};

/// Statuses of commands that are remembered.
const STATUSES_MAX: usize = 10_000;

/// The engine's shared state. Cheap to read: readers take a snapshot of the definitions and never wait
/// for a definition that is being carried out.
#[derive(Debug)]
pub(crate) struct World {
    /// The parts below.
    pub services: Services,
    /// The server's properties.
    pub properties: Properties,
    /// The persistent queries.
    pub queries: PersistentQueries,
    /// The push queries.
    pub pushes: PushQueries,
    /// Plans of pull queries asked before.
    pub plans: PlanCache,
    /// Pull queries answered.
    pub pull_count: AtomicU64,
    metastore: RwLock<Arc<Metastore>>,
    version: AtomicU64,
    commands: CommandTopic,
    definitions: Mutex<()>,
    statuses: Mutex<BTreeMap<String, CommandStatus>>,
    processing_log: Option<Arc<TopicProcessingLog>>,
    is_shut_down: AtomicBool,
}

impl World {
    /// Opens the log's definitions and starts what they say.
    pub fn open(services: Services, config: Config) -> Result<Arc<Self>> {
        let properties = Properties::for_server(config.properties.clone())?;
        let service_id = properties.value("ksql.service.id").unwrap_or_default().to_owned();
        let commands =
            CommandTopic::open(Arc::clone(&services.log), &service_id, &*services.random)?;
        let mut metastore = Metastore::default();
        for entry in commands.read()? {
            metastore.apply(&entry.command);
        }
        persistent::remove_orphans(&services, &service_id, &metastore)?;
        let processing_log = processing_log::open(&services, &properties)?;
        let queries =
            PersistentQueries::start(&services, &properties, &config, processing_log.clone())?;
        let pushes_max = usize::try_from(properties.number("ksql.max.push.queries"));
        let world = Arc::new(Self {
            pushes: PushQueries::start(queries.runtime(), pushes_max.unwrap_or_default())?,
            services,
            properties,
            queries,
            plans: PlanCache::default(),
            pull_count: AtomicU64::new(0),
            metastore: RwLock::new(Arc::new(metastore)),
            version: AtomicU64::new(0),
            commands,
            definitions: Mutex::new(()),
            statuses: Mutex::default(),
            processing_log,
            is_shut_down: AtomicBool::new(false),
        });
        world.start_queries();
        world.define_processing_log()?;
        Ok(world)
    }

    fn start_queries(&self) {
        let metastore = self.metastore();
        for query in metastore.queries() {
            self.queries.revive(query, metastore.is_paused(&query.id));
        }
    }

    fn define_processing_log(self: &Arc<Self>) -> Result<()> {
        let name = self.properties.value("ksql.logging.processing.stream.name").unwrap_or_default();
        let is_wanted = self.properties.is_on("ksql.logging.processing.stream.auto.create");
        if self.processing_log.is_none() || !is_wanted {
            return Ok(());
        }
        if self.metastore().catalog().source(name).is_some() {
            return Ok(());
        }
        let text = processing_log::stream_statement(&self.properties);
        let defined = statements::execute(self, &crate::Request::new(text));
        defined.map(drop).map_err(|failure| *failure.error)
    }

    /// Stops all queries; later requests are refused.
    pub fn shut_down(&self) {
        if self.is_shut_down.swap(true, Ordering::AcqRel) {
            return;
        }
        self.pushes.close_all();
        self.queries.shut_down();
    }

    /// Refuses when the engine is shut down.
    pub fn check_open(&self) -> Result<()> {
        if !self.is_shut_down.load(Ordering::Acquire) {
            return Ok(());
        }
        let message = "The server is shutting down".to_owned();
        Err(Error::Refused { code: ErrorCode::ShuttingDown, message })
    }

    /// The definitions as they are now.
    pub fn metastore(&self) -> Arc<Metastore> {
        Arc::clone(&self.metastore.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The definitions with the topics there are now, for planning.
    pub fn metastore_with_topics(&self) -> Metastore {
        let mut metastore = (*self.metastore()).clone();
        for topic in self.services.log.topics() {
            metastore.set_topic(&topic.name, topic.config.partitions);
        }
        metastore
    }

    /// Number of definitions carried out since the start; what was planned under another number
    /// must be planned again.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Held while a definition is planned and carried out, so that they happen one by one.
    pub fn define(&self) -> MutexGuard<'_, ()> {
        self.definitions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number that the id of a query made by the next command ends in (spec section 7.2).
    pub fn next_query_number(&self) -> Result<u64> {
        let next = self.commands.next_offset()?.0;
        Ok(u64::try_from(next).unwrap_or_default() + 1)
    }

    /// Makes a command durable and carries it out in the definitions. The caller holds
    /// [`Self::define`]; it starts or ends queries itself.
    pub fn append(&self, statement: &str, command: &Command) -> Result<i64> {
        let offset = self.commands.append(statement, command, self.services.clock.now_ms())?;
        let mut metastore = self.metastore.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut metastore).apply(command);
        drop(metastore);
        self.version.fetch_add(1, Ordering::AcqRel);
        Ok(offset.0)
    }

    /// Remembers how a command went.
    pub fn note_status(&self, status: &CommandStatus) {
        let mut statuses = self.statuses.lock().unwrap_or_else(PoisonError::into_inner);
        if statuses.len() >= STATUSES_MAX {
            statuses.pop_first();
        }
        statuses.insert(status.command_id.clone(), status.clone());
    }

    /// How commands went.
    pub fn command_statuses(&self) -> BTreeMap<String, CommandStatus> {
        self.statuses.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What planning asks about schemas.
    pub fn schema_lookup(&self) -> StoreLookup {
        StoreLookup::new(Arc::clone(&self.services.schemas))
    }

    /// Version and ids.
    pub fn info(&self) -> Info {
        Info {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            cluster_id: self.commands.cluster_id(),
            service_id: self.properties.value("ksql.service.id").unwrap_or_default().to_owned(),
        }
    }

    /// Which parts work.
    pub fn health(&self) -> Health {
        let is_open = self.check_open().is_ok();
        let log = self.commands.next_offset().is_ok();
        Health { metastore: is_open, log, command_runner: is_open && log }
    }

    /// Counters.
    pub fn metrics(&self) -> Metrics {
        let counted = self.processing_log.as_ref().map(|log| log.counts());
        let (problems_reported, problems_dropped) = counted.unwrap_or_default();
        let metastore = self.metastore();
        let counters = metastore.queries().map(|query| {
            let state = self.queries.state(&query.id);
            let counts = self.queries.counts(&query.id);
            (query.id.clone(), QueryCounters { state, counts })
        });
        Metrics {
            queries: counters.collect(),
            push_queries: self.pushes.len(),
            pull_queries: self.pull_count.load(Ordering::Relaxed),
            problems_reported,
            problems_dropped,
        }
    }
}
