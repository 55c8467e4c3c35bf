//! What the clients were told and saw, for the check at the end.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use types::TopicPartition;

/// How a client believes that its transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Committed,
    Aborted,
    /// The client was fenced off before it had an answer.
    Unknown,
}

/// What one producer was told of its values in a partition, in the order of sending: their offsets.
pub(super) type Acknowledged = Vec<(String, i64)>;

/// Everything that was told or seen.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// What was acknowledged, by partition and producer.
    pub(super) produced: BTreeMap<TopicPartition, BTreeMap<String, Acknowledged>>,
    /// Transactions: their values by partition, and how they ended.
    pub(super) transactions: Vec<(BTreeMap<TopicPartition, Vec<String>>, Ending)>,
    /// What readers saw at an offset.
    pub(super) seen: BTreeMap<(TopicPartition, i64), String>,
    /// What readers of committed records saw.
    pub(super) seen_committed: BTreeMap<(TopicPartition, i64), String>,
    /// The greatest offset that a group was told to be committed.
    pub(super) committed: BTreeMap<(String, TopicPartition), i64>,
    /// The last thing that made a client try again.
    pub(super) troubles: BTreeMap<String, String>,
}

/// The ledger, shared by all clients.
#[derive(Debug)]
pub(super) struct Ledger {
    started: Instant,
    told: Mutex<Told>,
    events: Mutex<Vec<String>>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { started: Instant::now(), told: Mutex::default(), events: Mutex::default() }
    }
}

impl Ledger {
    pub(super) fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether `producer` was acknowledged anything in `at`.
    pub(super) fn has_acknowledged(&self, at: &TopicPartition, producer: &str) -> bool {
        self.told().produced.get(at).is_some_and(|producers| producers.contains_key(producer))
    }

    /// Writes down `event` with the simulated time, by which two runs are compared.
    pub(super) fn note(&self, event: String) {
        let event = format!("{:?} {event}", self.started.elapsed());
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    /// Everything that happened, in order.
    pub(super) fn events(&self) -> Vec<String> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
