//! What queries stand on, passed in by the engine or a test.

use std::fmt;
use std::sync::Arc;

use commitlog::Log;
use formats::SchemaStore;
use functions::Environment;
use state::Backend;
use types::seams::{Clock, Random};

use crate::ProcessingLog;

/// Shared by all queries of a runtime. Cloning is cheap.
#[derive(Clone)]
pub struct Services {
    /// Where records come from and go to.
    pub log: Arc<dyn Log>,
    /// Schemas of formats that use the registry.
    pub schemas: Arc<dyn SchemaStore>,
    /// Functions by name.
    pub functions: Arc<functions::Registry>,
    /// Wall clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness of RANDOM() and UUID().
    pub random: Arc<dyn Random>,
    /// Where bad records are reported.
    pub processing_log: Arc<dyn ProcessingLog>,
    /// Where state is checkpointed.
    pub state: Arc<dyn Backend>,
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").field("log", &self.log).finish_non_exhaustive()
    }
}

/// Clock and randomness as functions see them.
#[derive(Debug)]
pub struct Surroundings {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Surroundings {
    /// What functions see of these two.
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random }
    }
}

impl Services {
    pub(crate) fn surroundings(&self) -> Surroundings {
        Surroundings::new(Arc::clone(&self.clock), Arc::clone(&self.random))
    }
}

impl Environment for Surroundings {
    fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    fn random_u64(&self) -> u64 {
        self.random.next_u64()
    }
}
