//! A worker thread: owns tasks, runs those that were woken in turn, answers pull queries in between.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use state::CacheBudget;

use super::handle::QueryHandle;
use super::inbox::{Command, Inbox};
use crate::task::{Step, Task, TaskSpec};
use crate::{Error, PullRequest, Result, Rows, Services};

/// The query a task belongs to.
pub(super) struct Owner {
    /// The query.
    pub handle: Arc<QueryHandle>,
    /// To be told of the error that stops the task.
    pub on_error: Arc<dyn Fn(Error) + Send + Sync>,
}

struct Running {
    task: Task,
    owner: Owner,
    is_queued: bool,
    /// Waits for the task's state to be restored.
    opening: Option<SyncSender<Result<()>>>,
}

struct Worker<'a> {
    services: &'a Services,
    tasks: BTreeMap<usize, Running>,
    /// Tasks to be run, in turn.
    queue: VecDeque<usize>,
    caches: &'a CacheBudget,
    /// The task that gave memory back last.
    relieved: usize,
}

/// Runs until the inbox is closed.
pub(super) fn run(inbox: &Inbox, services: &Services, caches: &CacheBudget) {
    let mut worker =
        Worker { services, tasks: BTreeMap::new(), queue: VecDeque::new(), caches, relieved: 0 };
    loop {
        let mail = inbox.take(worker.queue.is_empty());
        for command in mail.commands {
            worker.obey(command);
        }
        for task in mail.woken {
            worker.wake(task);
        }
        if mail.is_closed {
            return;
        }
        worker.run_next();
        worker.relieve_next();
    }
}

impl Worker<'_> {
    fn obey(&mut self, command: Command) {
        // An answer that nobody waits for any more is dropped.
        match command {
            Command::Open { task, spec, owner, reply } => {
                self.open(task, &spec, owner, reply);
            }
            Command::Close { task, is_orderly, reply } => {
                drop(reply.send(self.close(task, is_orderly)));
            }
            Command::Abandon { task } => drop(self.remove(task)),
            Command::Pull { task, request, reply } => drop(reply.send(self.pull(task, &request))),
        }
    }

    /// Opens a task; the answer comes when its state is restored, which happens in turn with the other
    /// tasks.
    fn open(
        &mut self,
        number: usize,
        spec: &TaskSpec,
        owner: Owner,
        reply: SyncSender<Result<()>>,
    ) {
        match guarded(|| spec.build(self.services)) {
            Ok(task) => {
                let opening = Some(reply);
                self.tasks.insert(number, Running { task, owner, is_queued: false, opening });
                self.wake(number);
            }
            Err(error) => drop(reply.send(Err(error))),
        }
    }

    /// Takes a task away; whoever waits for its opening is told.
    fn remove(&mut self, number: usize) -> Option<Running> {
        let mut running = self.tasks.remove(&number)?;
        if let Some(opening) = running.opening.take() {
            let id = running.owner.handle.query.id.clone();
            drop(opening.send(Err(Error::Stopped(id))));
        }
        Some(running)
    }

    fn close(&mut self, number: usize, is_orderly: bool) -> Result<()> {
        match self.remove(number) {
            Some(mut running) if is_orderly => guarded(|| running.task.checkpoint()),
            _ => Ok(()),
        }
    }

    fn pull(&mut self, number: usize, request: &PullRequest) -> Result<Rows> {
        let services = self.services;
        let running = self.tasks.get_mut(&number);
        let running =
            running.ok_or_else(|| Error::NotMaterialized("the table is not running".to_owned()))?;
        guarded(|| running.task.pull(request, services))
    }

    fn wake(&mut self, number: usize) {
        let Some(running) = self.tasks.get_mut(&number) else { return };
        running.task.wake_all();
        if !running.is_queued {
            running.is_queued = true;
            self.queue.push_back(number);
        }
    }

    /// Gives the next task in turn one batch.
    fn run_next(&mut self) {
        let Some(number) = self.queue.pop_front() else { return };
        let Some(running) = self.tasks.get_mut(&number) else { return };
        running.is_queued = false;
        if running.opening.is_some() {
            self.restore(number);
            return;
        }
        if running.owner.handle.is_paused() {
            return;
        }
        match guarded(|| running.task.step()) {
            Ok(Step::Progressed) => {
                running.is_queued = true;
                self.queue.push_back(number);
            }
            // A task that is idle or waits for its reader is woken when that changes.
            Ok(Step::Idle | Step::Blocked) => {}
            Err(error) => self.fail(number, error),
        }
    }

    /// Restores a piece of a task's state.
    fn restore(&mut self, number: usize) {
        let services = self.services;
        let Some(running) = self.tasks.get_mut(&number) else { return };
        let restored = guarded(|| running.task.restore_step(services));
        if let Ok(false) = restored {
            running.is_queued = true;
            self.queue.push_back(number);
            return;
        }
        if let Some(opening) = running.opening.take() {
            let answer = restored.as_ref().map(|_| ()).map_err(Error::clone);
            drop(opening.send(answer));
        }
        match restored {
            Ok(_) => self.wake(number),
            Err(_) => drop(self.tasks.remove(&number)),
        }
    }

    /// While caches take too much memory: has the next task in turn, which may be idle, give some back.
    fn relieve_next(&mut self) {
        if !self.caches.is_exceeded() {
            return;
        }
        let mut later = self.tasks.range_mut(self.relieved.saturating_add(1)..);
        let next = match later.next() {
            Some(next) => Some(next),
            None => self.tasks.iter_mut().next(),
        };
        let Some((number, running)) = next else { return };
        self.relieved = *number;
        if let Err(error) = guarded(|| running.task.relieve()) {
            self.fail(self.relieved, error);
        }
    }

    fn fail(&mut self, number: usize, error: Error) {
        if let Some(running) = self.tasks.remove(&number) {
            (running.owner.on_error)(error);
        }
    }
}

/// Runs `work`; a panic becomes an error, so that it stops one query and not the process. What the
/// work had in its hands is dropped by the caller then.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let message = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
            (Some(text), _) => (*text).to_owned(),
            (_, Some(text)) => text.clone(),
            _ => "panic without a message".to_owned(),
        };
        Err(Error::Panic(message))
    })
}
