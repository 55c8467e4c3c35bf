//! The push queries that run. Each ends when its reader goes, when somebody closes it, or with the
//! engine, or breaks off when a topic it reads goes; whoever removes its entry here ends it in the runtime, so that it happens once.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use dataflow::Runtime;
use types::QueryId;

use crate::entity::{QueryKind, QueryListing};
use crate::{Error, ErrorCode, Result};

/// Queries that may wait to be ended after their reader went.
const ENDINGS_MAX: usize = 1_024;

/// The push queries of an engine.
#[derive(Clone, Debug)]
pub struct PushQueries {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    runtime: Arc<Runtime>,
    queries: Mutex<BTreeMap<String, Push>>,
    queries_max: usize,
    endings: SyncSender<QueryId>,
}

/// A push query that runs.
#[derive(Debug)]
struct Push {
    listing: QueryListing,
    reads: Vec<Reading>,
    broken_off: Arc<OnceLock<String>>,
}

/// A source that a push query reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its name.
    pub source: String,
    /// Its topic.
    pub topic: String,
}

impl PushQueries {
    /// None yet, and at most `queries_max` at a time.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(runtime: &Arc<Runtime>, queries_max: usize) -> Result<Self> {
        let (endings, ended) = sync_channel(ENDINGS_MAX);
        let ending_runtime = Arc::clone(runtime);
        crate::thread::spawn("push-query-ender", move || end_all(&ending_runtime, &ended))
            .map_err(|error| Error::Internal(format!("no thread for push queries: {error}")))?;
        let (runtime, queries) = (Arc::clone(runtime), Mutex::default());
        Ok(Self { shared: Arc::new(Shared { runtime, queries, queries_max, endings }) })
    }

    fn queries(&self) -> MutexGuard<'_, BTreeMap<String, Push>> {
        self.shared.queries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes up a query that is about to start. What is given back holds the reason once the query
    /// was broken off.
    ///
    /// # Errors
    /// When too many run.
    pub fn add(
        &self,
        id: &QueryId,
        statement: &str,
        reads: Vec<Reading>,
    ) -> Result<Arc<OnceLock<String>>> {
        let mut queries = self.queries();
        if queries.len() >= self.shared.queries_max {
            return Err(Error::Refused {
                code: ErrorCode::MaxPushQueries,
                message: format!(
                    "Maximum number of push queries exceeded: {}. End some, or raise \
                     ksql.max.push.queries.",
                    self.shared.queries_max
                ),
            });
        }
        let listing = QueryListing {
            id: id.to_string(),
            statement: statement.to_owned(),
            sinks: Vec::new(),
            sink_topics: Vec::new(),
            kind: QueryKind::Push,
            state: "RUNNING".to_owned(),
        };
        let broken_off = Arc::default();
        let push = Push { listing, reads, broken_off: Arc::clone(&broken_off) };
        queries.insert(id.to_string(), push);
        Ok(broken_off)
    }

    /// Breaks off the queries that read `topic`, which is about to go with its source: they would wait
    /// for ever.
    pub fn break_off(&self, topic: &str) {
        let hit: Vec<String> = {
            let queries = self.queries();
            let reads = |push: &Push| push.reads.iter().find(|read| read.topic == topic).cloned();
            let hit = queries.iter().filter_map(|(id, push)| Some((id, push, reads(push)?)));
            hit.map(|(id, push, read)| {
                push.broken_off.get_or_init(|| {
                    format!("The source {} was dropped and its topic deleted", read.source)
                });
                id.clone()
            })
            .collect()
        };
        for id in hit {
            self.close(&id);
        }
    }

    /// The full id of a running push query; unquoted names come in upper case, so case is ignored.
    pub fn find(&self, id: &str) -> Option<String> {
        self.queries().keys().find(|known| known.eq_ignore_ascii_case(id)).cloned()
    }

    /// Ends a query and tells whether it ran.
    pub fn close(&self, id: &str) -> bool {
        if self.queries().remove(id).is_none() {
            return false;
        }
        end(&self.shared.runtime, &QueryId::new(id));
        true
    }

    /// Forgets a query that never started.
    pub fn forget(&self, id: &QueryId) {
        self.queries().remove(id.as_str());
    }

    /// Ends a query whose reader has gone, without waiting for it: readers go on threads that must
    /// not block.
    pub fn leave(&self, id: &QueryId) {
        if self.queries().remove(id.as_str()).is_none() {
            return;
        }
        match self.shared.endings.try_send(id.clone()) {
            Ok(()) => {}
            Err(TrySendError::Full(id) | TrySendError::Disconnected(id)) => {
                end(&self.shared.runtime, &id);
            }
        }
    }

    /// Ends all.
    pub fn close_all(&self) {
        let ids: Vec<String> = self.queries().keys().cloned().collect();
        for id in ids {
            self.close(&id);
        }
    }

    /// Number of queries.
    pub fn len(&self) -> usize {
        self.queries().len()
    }

    /// The queries as lists show them.
    pub fn listings(&self) -> Vec<QueryListing> {
        self.queries().values().map(|push| push.listing.clone()).collect()
    }
}

fn end_all(runtime: &Runtime, ended: &Receiver<QueryId>) {
    while let Ok(id) = ended.recv() {
        end(runtime, &id);
    }
}

fn end(runtime: &Runtime, id: &QueryId) {
    match runtime.delete(id) {
        Ok(()) | Err(dataflow::Error::UnknownQuery(_) | dataflow::Error::ShutDown) => {}
        Err(error) => tracing::warn!(query = %id, %error, "push query did not end in order"),
    }
}
