//! Runs queries on worker threads, as their inputs grow.
//!
//! A task lives on one worker, which opens, steps and drops it; everybody else talks to the worker
//! through its inbox. A task runs when a partition it reads has grown ([`routes`]), one bounded batch
//! at a time in turn with the worker's other tasks, so that none starves; idle queries cost nothing.

mod handle;
mod inbox;
mod key_router;
mod routes;
mod worker;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use commitlog::Listener;
use types::{QueryId, Value};

use crate::running::{self, PreparedQuery};
use crate::shares::Shares;
use crate::task::TaskSpec;
use crate::{
    Error, KeySelection, PullRequest, QueryMetrics, QuerySpec, QueryState, QueryStatus, Result,
    Rows, Services, materialized,
};

use handle::{Placement, QueryHandle};
use inbox::{Command, Inbox};
use key_router::KeyRouter;
use routes::Routes;

/// Called with the query and its error when a query has stopped on one; must not block. The engine
/// restarts the query after a back-off ([`Runtime::restart`]).
pub type OnFailure = Arc<dyn Fn(&QueryId, &Error) + Send + Sync>;

/// Worker threads with the queries they run.
pub struct Runtime {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    services: Services,
    shares: Shares,
    inboxes: Vec<Arc<Inbox>>,
    routes: Arc<Routes>,
    queries: Mutex<BTreeMap<QueryId, Arc<QueryHandle>>>,
    next_worker: AtomicUsize,
    next_task: AtomicUsize,
    on_failure: Option<OnFailure>,
}

impl Runtime {
    /// Starts `workers` threads (at least one). Fails when the system gives no thread.
    pub fn start(
        services: Services,
        workers: usize,
        on_failure: Option<OnFailure>,
    ) -> Result<Self> {
        let inboxes: Vec<Arc<Inbox>> =
            (0..workers.max(1)).map(|_| Arc::new(Inbox::default())).collect();
        let routes = Arc::new(Routes::new(inboxes.clone()));
        let listener: Arc<dyn Listener> = Arc::clone(&routes) as Arc<dyn Listener>;
        services.log.subscribe(Arc::downgrade(&listener));
        let shares = Shares::default();
        let mut threads = Vec::new();
        for (number, inbox) in inboxes.iter().enumerate() {
            let (inbox, services) = (Arc::clone(inbox), services.clone());
            let caches = Arc::clone(&shares.caches);
            let run = move || worker::run(&inbox, &services, &caches);
            threads.push(spawn(format!("dataflow-{number}"), run)?);
        }
        let shared = Arc::new(Shared {
            services,
            shares,
            inboxes,
            routes,
            queries: Mutex::new(BTreeMap::new()),
            next_worker: AtomicUsize::new(0),
            next_task: AtomicUsize::new(0),
            on_failure,
        });
        Ok(Self { shared, threads: Mutex::new(threads) })
    }

    /// Limits the memory of all state caches together; 512 MiB unless told otherwise.
    pub fn set_caches_bytes_max(&self, bytes_max: usize) {
        self.shared.shares.caches.set_bytes_max(bytes_max);
    }

    /// Adds a query and runs it; returns when its state is restored. Fails when one of that id exists,
    /// when the plan can't run, or when its state can't be restored.
    pub fn create(&self, spec: QuerySpec) -> Result<()> {
        self.add(spec, false)
    }

    /// As [`Self::create`], but the query rests until [`Self::resume`].
    pub fn create_paused(&self, spec: QuerySpec) -> Result<()> {
        self.add(spec, true)
    }

    fn add(&self, spec: QuerySpec, is_paused: bool) -> Result<()> {
        if self.queries().contains_key(&spec.id) {
            return Err(Error::QueryExists(spec.id));
        }
        let query = running::prepare(spec, &self.shared.services, &self.shared.shares)?;
        let id = query.id.clone();
        let handle = Arc::new(self.place(query)?);
        handle.set_paused(is_paused);
        self.queries().insert(id.clone(), Arc::clone(&handle));
        let opened = self.open(&handle);
        if opened.is_err() {
            self.queries().remove(&id);
            self.close(&handle, false)?;
        }
        opened
    }

    /// Lets a query rest: its tasks keep their state and take no more records.
    pub fn pause(&self, id: &QueryId) -> Result<()> {
        self.query(id)?.set_paused(true);
        Ok(())
    }

    /// Lets a paused query run again.
    pub fn resume(&self, id: &QueryId) -> Result<()> {
        let handle = self.query(id)?;
        handle.set_paused(false);
        self.wake(&handle);
        Ok(())
    }

    /// Ends a query in order and keeps its state, topics and positions, so that [`Self::create`] with
    /// the same plan goes on where it stopped.
    pub fn stop(&self, id: &QueryId) -> Result<()> {
        let handle = self.remove(id)?;
        let closed = self.close(&handle, true);
        handle.end_rows();
        closed
    }

    /// Ends a query and removes its state, internal topics and positions.
    pub fn delete(&self, id: &QueryId) -> Result<()> {
        let handle = self.remove(id)?;
        self.close(&handle, false)?;
        handle.end_rows();
        running::clean_up(&handle.query.plan, &self.shared.services)
    }

    /// Opens the tasks of a query again, usually after it has failed. What was not committed is
    /// processed once more.
    pub fn restart(&self, id: &QueryId) -> Result<()> {
        let handle = self.query(id)?;
        self.close(&handle, false)?;
        handle.set_running();
        self.open(&handle)
    }

    /// Whether a query runs, and if not why.
    pub fn status(&self, id: &QueryId) -> Result<QueryStatus> {
        Ok(self.query(id)?.status())
    }

    /// A query's counters.
    pub fn metrics(&self, id: &QueryId) -> Result<QueryMetrics> {
        Ok(self.query(id)?.query.counters.snapshot())
    }

    /// The queries there are.
    pub fn query_ids(&self) -> Vec<QueryId> {
        self.queries().keys().cloned().collect()
    }

    /// Reads a query's materialised table: one batch of rows per partition that was asked. Each sees
    /// whole commits. Fails when the query has no table, has stopped on an error, or is being restored.
    pub fn pull(&self, id: &QueryId, request: &PullRequest) -> Result<Vec<Rows>> {
        let handle = self.query(id)?;
        if let QueryStatus { state: QueryState::Error, error: Some(error) } = handle.status() {
            return Err(error);
        }
        let owner = materialized::owner(&handle.query.plan)
            .ok_or_else(|| Error::NotMaterialized(format!("{id} has no materialized table")))?;
        let owners: Vec<&Placement> =
            handle.placements.iter().filter(|placement| placement.sub_topology == owner).collect();
        match (&handle.router, &request.keys) {
            (Some(router), KeySelection::Lookup(keys)) => {
                self.look_up(router, &owners, keys, request)
            }
            _ => self.ask(owners.into_iter().map(|owner| (owner, request.clone()))),
        }
    }

    /// Asks the tasks that own the keys. Of a topic that others write, a key that is not where it should
    /// be is looked for elsewhere.
    fn look_up(
        &self,
        router: &KeyRouter,
        owners: &[&Placement],
        keys: &[Vec<Value>],
        request: &PullRequest,
    ) -> Result<Vec<Rows>> {
        let mut by_owner: BTreeMap<usize, Vec<Vec<Value>>> = BTreeMap::new();
        for key in keys {
            let partition = router.partition(key).and_then(|found| usize::try_from(found).ok());
            by_owner.entry(partition.unwrap_or(0)).or_default().push(key.clone());
        }
        let of_keys = |keys| PullRequest { keys: KeySelection::Lookup(keys), ..request.clone() };
        if router.is_exact {
            let asked = by_owner.into_iter().filter_map(|(owner, keys)| {
                owners.get(owner).map(|placement| (*placement, of_keys(keys)))
            });
            return self.ask(asked);
        }
        let first = match (keys, by_owner.keys().next()) {
            ([_], Some(owner)) => owners.get(*owner).copied(),
            _ => None,
        };
        if let Some(first) = first {
            let found = self.ask([(first, request.clone())])?;
            if found.iter().any(|rows| !rows.is_empty()) {
                return Ok(found);
            }
        }
        let is_first = |placement: &Placement| first.is_some_and(|it| it.task == placement.task);
        let others = owners.iter().filter(|placement| !is_first(placement));
        self.ask(others.map(|placement| (*placement, request.clone())))
    }

    fn ask<'a>(
        &self,
        requests: impl IntoIterator<Item = (&'a Placement, PullRequest)>,
    ) -> Result<Vec<Rows>> {
        let mut answers = Vec::new();
        for (placement, request) in requests {
            let (reply, answer) = sync_channel(1);
            let (task, request) = (placement.task, Box::new(request));
            self.post(placement, Command::Pull { task, request, reply })?;
            answers.push(answer);
        }
        answers.iter().map(receive).collect()
    }

    /// Ends all queries in order and the threads. Calls after it fail with [`Error::ShutDown`].
    pub fn shut_down(&self) -> Result<()> {
        let mut first_error = Ok(());
        for id in self.query_ids() {
            let stopped = self.stop(&id);
            first_error = first_error.and(stopped);
        }
        self.shared.inboxes.iter().for_each(|inbox| inbox.close());
        let threads = std::mem::take(&mut *lock(&self.threads));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a dataflow worker had panicked");
            }
        }
        first_error
    }

    fn queries(&self) -> MutexGuard<'_, BTreeMap<QueryId, Arc<QueryHandle>>> {
        lock(&self.shared.queries)
    }

    fn query(&self, id: &QueryId) -> Result<Arc<QueryHandle>> {
        self.queries().get(id).cloned().ok_or_else(|| Error::UnknownQuery(id.clone()))
    }

    fn remove(&self, id: &QueryId) -> Result<Arc<QueryHandle>> {
        self.queries().remove(id).ok_or_else(|| Error::UnknownQuery(id.clone()))
    }

    /// Spreads a query's tasks over the workers, round robin.
    fn place(&self, query: PreparedQuery) -> Result<QueryHandle> {
        let shared = &self.shared;
        let place = |spec: &TaskSpec| Placement {
            worker: shared.next_worker.fetch_add(1, Ordering::Relaxed) % shared.inboxes.len(),
            task: shared.next_task.fetch_add(1, Ordering::Relaxed),
            sub_topology: spec.sub_topology,
        };
        let placements = query.tasks.iter().map(place).collect();
        let owner = materialized::owner(&query.plan);
        let tasks = query.tasks.iter().filter(|task| Some(task.sub_topology) == owner).count();
        let tasks = i32::try_from(tasks).expect("tasks are counted by partitions");
        let router = KeyRouter::try_new(&query.plan, tasks, &shared.services)?;
        Ok(QueryHandle::new(query, placements, router))
    }

    fn open(&self, handle: &Arc<QueryHandle>) -> Result<()> {
        let mut answers = Vec::new();
        for (spec, placement) in handle.query.tasks.iter().zip(&handle.placements) {
            let partitions = spec.partitions(&self.shared.services);
            let partitions = partitions.into_iter().map(|(_, partition)| partition).collect();
            self.shared.routes.add(placement.worker, placement.task, partitions);
            let (reply, answer) = sync_channel(1);
            let command = Command::Open {
                task: placement.task,
                spec: Box::new(spec.clone()),
                owner: self.owner(handle),
                reply,
            };
            self.post(placement, command)?;
            answers.push(answer);
        }
        self.listen_to_reader(handle);
        // All answers are awaited, so that no task is still being opened after a failure.
        let opened: Vec<Result<()>> = answers.iter().map(receive).collect();
        // Tasks that are stopped because another has failed meanwhile are no failure to open: that one
        // was told to whoever listens for failures.
        let has_failed = handle.status().error.is_some();
        let opened = opened.into_iter().map(|opened| match opened {
            Err(Error::Stopped(_)) if has_failed => Ok(()),
            other => other,
        });
        opened.collect()
    }

    /// Runs tasks that wait for their reader when it has taken rows.
    fn listen_to_reader(&self, handle: &Arc<QueryHandle>) {
        let Some(rows) = &handle.query.rows else { return };
        let (shared, handle) = (Arc::downgrade(&self.shared), Arc::downgrade(handle));
        rows.on_space(Arc::new(move || {
            if let (Some(shared), Some(handle)) = (shared.upgrade(), handle.upgrade()) {
                shared.wake(&handle);
            }
        }));
    }

    fn close(&self, handle: &QueryHandle, is_orderly: bool) -> Result<()> {
        let mut answers = Vec::new();
        for placement in &handle.placements {
            self.shared.routes.remove(placement.task);
            let (reply, answer) = sync_channel(1);
            self.post(placement, Command::Close { task: placement.task, is_orderly, reply })?;
            answers.push(answer);
        }
        let closed: Vec<Result<()>> = answers.iter().map(receive).collect();
        closed.into_iter().collect()
    }

    fn post(&self, placement: &Placement, command: Command) -> Result<()> {
        self.shared.inboxes[placement.worker].post(command)
    }

    fn wake(&self, handle: &QueryHandle) {
        self.shared.wake(handle);
    }

    fn owner(&self, handle: &Arc<QueryHandle>) -> worker::Owner {
        let shared = Arc::downgrade(&self.shared);
        let failing = Arc::downgrade(handle);
        let on_error = Arc::new(move |error: Error| {
            if let (Some(shared), Some(handle)) = (shared.upgrade(), failing.upgrade()) {
                shared.fail(&handle, error);
            }
        });
        worker::Owner { handle: Arc::clone(handle), on_error }
    }
}

impl Shared {
    fn wake(&self, handle: &QueryHandle) {
        for placement in &handle.placements {
            self.inboxes[placement.worker].wake(placement.task);
        }
    }

    /// Stops a query whose task has failed: the other tasks are dropped too. Called on a worker, so
    /// it waits for nobody.
    fn fail(&self, handle: &QueryHandle, error: Error) {
        if !handle.set_failed(&error) {
            return;
        }
        tracing::error!(query = %handle.query.id, %error, "query stopped");
        for placement in &handle.placements {
            self.routes.remove(placement.task);
            self.inboxes[placement.worker].abandon(placement.task);
        }
        if let Some(on_failure) = &self.on_failure {
            on_failure(&handle.query.id, &error);
        }
    }
}

fn receive<T>(answer: &Receiver<Result<T>>) -> Result<T> {
    answer.recv().map_err(|_| Error::ShutDown)?
}

/// Locks data that every holder leaves whole, even if it panics.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a worker thread; the only place where this crate does.
fn spawn(name: String, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    let thread = std::thread::Builder::new().name(name).spawn(run);
    thread.map_err(|error| Error::Plan(format!("no thread for a dataflow worker: {error}")))
}

impl Drop for Runtime {
    /// Ends the threads. Without [`Runtime::shut_down`] before, nothing is checkpointed: what is left on
    /// disk is what a crash leaves.
    fn drop(&mut self) {
        self.shared.inboxes.iter().for_each(|inbox| inbox.close());
        let here = std::thread::current().id();
        for thread in std::mem::take(&mut *lock(&self.threads)) {
            // The last owner may be a callback on a worker, which can't wait for itself.
            if thread.thread().id() != here && thread.join().is_err() {
                tracing::error!("a dataflow worker had panicked");
            }
        }
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").field("queries", &self.query_ids()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod disk_tests;
#[cfg(test)]
mod sharing_tests;
#[cfg(test)]
mod tests;
