//! The running persistent queries: the runtime, and the thread that tries failed ones again.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use dataflow::{
    CountingLog, OnFailure, ProblemKind, ProcessingLog, QueryMetrics, QuerySpec, QueryState,
    Report, Runtime,
};
use types::QueryId;
use types::seams::Clock;

use super::troubles::{Policy, Troubles};
use crate::catalog::PersistentQuery;
use crate::definition::query_options;
use crate::processing_log::TopicProcessingLog;
use crate::properties::Properties;
use crate::{Config, Error, Result, Services};

/// Longest sleep of the supervising thread, so that it sees the end of the engine.
const SLEEP_MAX: Duration = Duration::from_secs(60);

/// The persistent queries of an engine.
#[derive(Debug)]
pub struct PersistentQueries {
    /// The runtime, which also runs push queries and answers pull queries.
    runtime: Arc<Runtime>,
    watch: Arc<Watch>,
    properties: Properties,
}

/// What the runtime's callback and the supervising thread share.
#[derive(Debug)]
struct Watch {
    clock: Arc<dyn Clock>,
    processing_log: Arc<dyn ProcessingLog>,
    inner: Mutex<Watched>,
    changed: Condvar,
}

#[derive(Debug)]
struct Watched {
    troubles: Troubles,
    /// Queries that the runtime refused to create; they are created when they are due.
    refused: Vec<(Arc<PersistentQuery>, bool)>,
    has_ended: bool,
}

impl PersistentQueries {
    /// A runtime as `config` wants it, and no queries.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        services: &Services,
        properties: &Properties,
        config: &Config,
        processing_log: Option<Arc<TopicProcessingLog>>,
    ) -> Result<Self> {
        let processing_log: Arc<dyn ProcessingLog> = match processing_log {
            Some(log) => log,
            None => Arc::new(CountingLog::default()),
        };
        let watch = Arc::new(Watch::new(services, properties, Arc::clone(&processing_log)));
        let runtime_services = services.for_dataflow(processing_log);
        let told = Arc::clone(&watch);
        let on_failure: OnFailure =
            Arc::new(move |id: &QueryId, error: &dataflow::Error| told.failed(id, error));
        let runtime = Runtime::start(runtime_services, config.workers, Some(on_failure))?;
        runtime.set_caches_bytes_max(config.caches_bytes_max);
        let runtime = Arc::new(runtime);
        let (watching, watched) = (Arc::clone(&watch), Arc::downgrade(&runtime));
        let retried = properties.clone();
        crate::thread::spawn("query-supervisor", move || {
            supervise(&watching, &watched, &retried);
        })
        .map_err(|error| Error::Internal(format!("no thread for the supervisor: {error}")))?;
        Ok(Self { runtime, watch, properties: properties.clone() })
    }

    /// What the queries stand on.
    pub fn runtime_services(&self, services: &Services) -> dataflow::Services {
        services.for_dataflow(Arc::clone(&self.watch.processing_log))
    }

    /// The runtime.
    pub fn runtime(&self) -> &Arc<Runtime> {
        &self.runtime
    }

    /// Starts a query that was just defined.
    ///
    /// # Errors
    /// When it can't run; it is then tried again later, as a failed query.
    pub fn create(&self, query: &Arc<PersistentQuery>, is_paused: bool) -> Result<()> {
        let created = create(&self.runtime, query, is_paused, &self.properties);
        if let Err(error) = &created {
            self.watch.refused(query, is_paused, error);
        }
        created.map_err(Error::from)
    }

    /// Starts a query that was defined before a restart. Failures are noted, and tried again.
    pub fn revive(&self, query: &Arc<PersistentQuery>, is_paused: bool) {
        if let Err(error) = self.create(query, is_paused) {
            tracing::error!(query = %query.id, %error, "cannot start query");
        }
    }

    /// Puts another plan in the place of a query of the same id, which goes on at its positions.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub fn replace(&self, query: &Arc<PersistentQuery>, is_paused: bool) -> Result<()> {
        self.watch.forget(&query.id);
        known(self.runtime.stop(&query.id))?;
        self.create(query, is_paused)
    }

    /// Ends a query and removes its state, internal topics and positions.
    ///
    /// # Errors
    /// When the log or the state refuses.
    pub fn delete(&self, id: &QueryId) -> Result<()> {
        self.watch.forget(id);
        known(self.runtime.delete(id))
    }

    /// Lets a query rest.
    ///
    /// # Errors
    /// When the runtime is shut down.
    pub fn pause(&self, id: &QueryId) -> Result<()> {
        self.watch.set_paused(id, true);
        known(self.runtime.pause(id))
    }

    /// Lets a query run again.
    ///
    /// # Errors
    /// When the runtime is shut down.
    pub fn resume(&self, id: &QueryId) -> Result<()> {
        self.watch.set_paused(id, false);
        known(self.runtime.resume(id))
    }

    /// Whether a query runs.
    pub fn state(&self, id: &QueryId) -> QueryState {
        self.runtime.status(id).map_or(QueryState::Error, |status| status.state)
    }

    /// A query's counters.
    pub fn counts(&self, id: &QueryId) -> QueryMetrics {
        self.runtime.metrics(id).unwrap_or_default()
    }

    /// Errors a query met, oldest first.
    pub fn errors(&self, id: &QueryId) -> Vec<String> {
        self.watch.lock().troubles.errors(id)
    }

    /// Ends all queries in order; they go on with the next start.
    pub fn shut_down(&self) {
        self.watch.lock().has_ended = true;
        self.watch.changed.notify_all();
        if let Err(error) = self.runtime.shut_down() {
            tracing::warn!(%error, "queries did not stop in order");
        }
    }
}

fn create(
    runtime: &Runtime,
    query: &PersistentQuery,
    is_paused: bool,
    server: &Properties,
) -> dataflow::Result<()> {
    // Overrides were checked when the query was made; what no longer exists is left out.
    let properties = server.with_session(&query.properties).unwrap_or_else(|_| server.clone());
    let spec = QuerySpec {
        id: query.id.clone(),
        plan: Arc::new(query.plan.clone()),
        options: query_options(&properties),
        rows: None,
    };
    if is_paused { runtime.create_paused(spec) } else { runtime.create(spec) }
}

/// A query unknown to the runtime is one it refused to create: there is nothing to end.
fn known(done: dataflow::Result<()>) -> Result<()> {
    match done {
        Err(dataflow::Error::UnknownQuery(_)) => Ok(()),
        other => other.map_err(Error::from),
    }
}

impl Watch {
    fn new(
        services: &Services,
        properties: &Properties,
        processing_log: Arc<dyn ProcessingLog>,
    ) -> Self {
        let millis = |name: &str| {
            Duration::from_millis(u64::try_from(properties.number(name)).unwrap_or_default())
        };
        let policy = Policy {
            backoff_min: millis("ksql.query.retry.backoff.initial.ms"),
            backoff_max: millis("ksql.query.retry.backoff.max.ms"),
            errors_max: usize::try_from(properties.number("ksql.query.error.max.queue.size"))
                .unwrap_or(usize::MAX),
        };
        let troubles = Troubles::new(policy);
        Self {
            clock: Arc::clone(&services.clock),
            processing_log,
            inner: Mutex::new(Watched { troubles, refused: Vec::new(), has_ended: false }),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Watched> {
        // Every change leaves the notes whole, so a poisoned lock holds good data.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Called by workers when a query has stopped on an error; must be quick.
    fn failed(&self, id: &QueryId, error: &dataflow::Error) {
        let message = error.to_string();
        self.processing_log.report(&Report {
            kind: ProblemKind::Thread,
            query: id,
            node: "thread",
            message: &message,
            partition: None,
            offset: None,
            target: None,
            payload: None,
        });
        self.lock().troubles.failed(id, message, self.clock.monotonic());
        self.changed.notify_all();
    }

    fn refused(&self, query: &Arc<PersistentQuery>, is_paused: bool, error: &dataflow::Error) {
        let mut inner = self.lock();
        inner.refused.retain(|(known, _)| known.id != query.id);
        inner.refused.push((Arc::clone(query), is_paused));
        inner.troubles.failed(&query.id, error.to_string(), self.clock.monotonic());
        self.changed.notify_all();
    }

    /// Whether a query rests when it is created at last.
    fn set_paused(&self, id: &QueryId, is_paused: bool) {
        let mut inner = self.lock();
        if let Some((_, paused)) = inner.refused.iter_mut().find(|(query, _)| query.id == *id) {
            *paused = is_paused;
        }
    }

    fn forget(&self, id: &QueryId) {
        let mut inner = self.lock();
        inner.refused.retain(|(known, _)| known.id != *id);
        inner.troubles.forget(id);
    }

    /// Waits for queries that are due; `None` when the engine ends.
    fn wait(&self) -> Option<Vec<QueryId>> {
        let mut inner = self.lock();
        loop {
            if inner.has_ended {
                return None;
            }
            let now = self.clock.monotonic();
            let due = inner.troubles.take_due(now);
            if !due.is_empty() {
                return Some(due);
            }
            let next = inner.troubles.next_due();
            let sleep = next.map_or(SLEEP_MAX, |due| due.saturating_sub(now)).min(SLEEP_MAX);
            let waited = self.changed.wait_timeout(inner, sleep);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn take_refused(&self, id: &QueryId) -> Option<(Arc<PersistentQuery>, bool)> {
        let mut inner = self.lock();
        let index = inner.refused.iter().position(|(query, _)| query.id == *id)?;
        Some(inner.refused.swap_remove(index))
    }
}

/// Tries failed queries again when they are due, until the engine ends.
fn supervise(watch: &Watch, runtime: &Weak<Runtime>, properties: &Properties) {
    while let Some(due) = watch.wait() {
        let Some(runtime) = runtime.upgrade() else { return };
        for id in due {
            match watch.take_refused(&id) {
                Some((query, is_paused)) => {
                    if let Err(error) = create(&runtime, &query, is_paused, properties) {
                        watch.refused(&query, is_paused, &error);
                    }
                }
                None => retry(watch, &runtime, &id),
            }
        }
    }
}

fn retry(watch: &Watch, runtime: &Runtime, id: &QueryId) {
    match runtime.restart(id) {
        Ok(()) => tracing::info!(query = %id, "query restarted"),
        Err(dataflow::Error::UnknownQuery(_)) => watch.forget(id),
        Err(error) => watch.failed(id, &error),
    }
}
