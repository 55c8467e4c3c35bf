//! What an engine stands on and how it is set up, passed in by the server or a test.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use commitlog::Log;
pub(crate) use dataflow::Surroundings;
use formats::SchemaStore;
use types::seams::{Clock, Random};

/// The parts below the engine. Cloning is cheap.
#[derive(Clone)]
pub struct Services {
    /// Where records come from and go to.
    pub log: Arc<dyn Log>,
    /// Wall clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness of ids and functions.
    pub random: Arc<dyn Random>,
    /// The schema registry.
    pub schemas: Arc<dyn SchemaStore>,
    /// The functions that statements may call.
    pub functions: Arc<functions::Registry>,
    /// Where tables are kept.
    pub state: Arc<dyn state::Backend>,
    /// The connectors.
    pub connect: Arc<connect::Runtime>,
}

/// How the engine runs.
#[derive(Clone, Debug)]
pub struct Config {
    /// The server's properties; those that are not the engine's are kept and ignored.
    pub properties: BTreeMap<String, String>,
    /// Worker threads that run queries; at least one.
    pub workers: usize,
    /// Memory for caches of state stores and groups of aggregations, over all queries.
    pub caches_bytes_max: usize,
}

/// Taken when a caller does not say otherwise: half of the server's default limit.
const CACHES_BYTES_DEFAULT: usize = 512 << 20;

impl Default for Config {
    /// No property set, one worker.
    fn default() -> Self {
        Self { properties: BTreeMap::new(), workers: 1, caches_bytes_max: CACHES_BYTES_DEFAULT }
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").field("log", &self.log).finish_non_exhaustive()
    }
}

impl Services {
    /// What queries stand on.
    pub(crate) fn for_dataflow(
        &self,
        processing_log: Arc<dyn dataflow::ProcessingLog>,
    ) -> dataflow::Services {
        dataflow::Services {
            log: Arc::clone(&self.log),
            schemas: Arc::clone(&self.schemas),
            functions: Arc::clone(&self.functions),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            processing_log,
            state: Arc::clone(&self.state),
        }
    }

    pub(crate) fn surroundings(&self) -> Surroundings {
        Surroundings::new(Arc::clone(&self.clock), Arc::clone(&self.random))
    }
}
