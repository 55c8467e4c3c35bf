//! What all connections share.

use std::fmt;
use std::sync::{Arc, Weak};

use commitlog::{CommitId, EmbeddedLog, Listener, Log as _, Visibility};
use tokio::sync::Semaphore;
use types::TopicPartition;
use types::seams::{Clock, Random};

use crate::arrivals::Arrivals;
use crate::config::{Config, Settings};
use crate::durability::Durability;
use crate::metrics::{Metrics, Reading};
use crate::security::Security;
use crate::{Result, fetch, groups, topics, transactions};

/// Bytes of request memory that one permit stands for.
pub(crate) const MEMORY_PERMIT_BYTES: usize = 1024;

/// What a broker is built from.
#[derive(Clone, Debug)]
pub struct Services {
    /// Where everything is kept.
    pub log: Arc<EmbeddedLog>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness, for ids of members and sessions.
    pub random: Arc<dyn Random>,
}

/// The broker.
pub struct Broker {
    pub(crate) log: Arc<EmbeddedLog>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) config: Config,
    pub(crate) settings: Settings,
    pub(crate) node: topics::Node,
    pub(crate) durability: Durability,
    pub(crate) arrivals: Arrivals,
    pub(crate) fetches: fetch::Fetches,
    pub(crate) groups: groups::Coordinator,
    pub(crate) transactions: transactions::Coordinator,
    pub(crate) security: Security,
    pub(crate) metrics: Metrics,
    /// Memory for requests that are read but not answered yet, in [`MEMORY_PERMIT_BYTES`].
    pub(crate) request_memory: Arc<Semaphore>,
}

impl Broker {
    /// Opens the broker over `services.log`, taking up groups and transactions as the log has them.
    ///
    /// # Errors
    /// `Log` when the log cannot be read.
    pub fn open(services: Services, config: Config) -> Result<Arc<Self>> {
        let Services { log, clock, random } = services;
        // The largest request must fit, if only alone.
        let requests_bytes_max = config.requests_bytes_max.max(config.request_bytes_max);
        let permits = requests_bytes_max.div_ceil(MEMORY_PERMIT_BYTES) + 1;
        let settings = Settings::open(&log, &*clock, &config)?;
        let broker = Arc::new(Self {
            node: topics::Node::of(&log),
            durability: Durability::of(&log),
            arrivals: Arrivals::default(),
            fetches: fetch::Fetches::default(),
            groups: groups::Coordinator::open(&log, &settings)?,
            transactions: transactions::Coordinator::open(&log, &clock, &config)?,
            security: Security::open(&log, &clock, &config)?,
            metrics: Metrics::default(),
            request_memory: Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS))),
            settings,
            log,
            clock,
            random,
            config,
        });
        let weak = Arc::downgrade(&broker);
        let listener: Weak<dyn Listener> = weak;
        broker.log.subscribe(listener);
        // What became durable before the subscription is not told again.
        broker.durability.reached(broker.log.durable_commit());
        Ok(broker)
    }

    /// The broker's counters.
    pub fn metrics(&self) -> Vec<Reading> {
        self.metrics.snapshot()
    }

    /// Runs what happens without a request: sessions that expire, transactions that time out. Ends
    /// when the future is dropped.
    pub async fn run(self: Arc<Self>) {
        tokio::join!(groups::expire(Arc::clone(&self)), transactions::expire(Arc::clone(&self)),);
    }
}

impl Listener for Broker {
    fn grown(&self, partitions: &[TopicPartition], visibility: Visibility) {
        if visibility == Visibility::Durable {
            self.arrivals.grown(partitions);
        }
    }

    fn durable(&self, commit: CommitId) {
        self.durability.reached(commit);
    }

    fn poisoned(&self, reason: &str) {
        self.durability.lost(reason);
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broker").field("config", &self.config).finish_non_exhaustive()
    }
}
