//! What others want of a worker. Wake-ups are a set, so they are bounded by the number of tasks;
//! every command but `Abandon` has somebody waiting for its answer, which bounds the queue.

use std::collections::{BTreeSet, VecDeque};
use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, PoisonError};

use super::worker::Owner;
use crate::task::TaskSpec;
use crate::{Error, PullRequest, Result, Rows};

/// A request to a worker.
pub(super) enum Command {
    /// Open a task and run it.
    Open { task: usize, spec: Box<TaskSpec>, owner: Owner, reply: SyncSender<Result<()>> },
    /// Drop a task; in order means that its stores are checkpointed before.
    Close { task: usize, is_orderly: bool, reply: SyncSender<Result<()>> },
    /// Drop a task whose query has failed.
    Abandon { task: usize },
    /// Read a task's materialised table.
    Pull { task: usize, request: Box<PullRequest>, reply: SyncSender<Result<Rows>> },
}

/// Commands and wake-ups for one worker.
#[derive(Default)]
pub(super) struct Inbox {
    inner: Mutex<Inner>,
    arrived: Condvar,
}

#[derive(Default)]
struct Inner {
    commands: VecDeque<Command>,
    woken: BTreeSet<usize>,
    is_closed: bool,
}

/// What a worker takes from its inbox.
pub(super) struct Mail {
    pub commands: VecDeque<Command>,
    pub woken: BTreeSet<usize>,
    /// No more mail will come.
    pub is_closed: bool,
}

impl Inbox {
    /// Adds a command. Fails when the worker has ended.
    pub fn post(&self, command: Command) -> Result<()> {
        let mut inner = super::lock(&self.inner);
        if inner.is_closed {
            return Err(Error::ShutDown);
        }
        inner.commands.push_back(command);
        self.arrived.notify_one();
        Ok(())
    }

    /// Has a task dropped without waiting for it.
    pub fn abandon(&self, task: usize) {
        // A worker that has ended has dropped its tasks.
        drop(self.post(Command::Abandon { task }));
    }

    /// Has a task run.
    pub fn wake(&self, task: usize) {
        let mut inner = super::lock(&self.inner);
        if inner.woken.insert(task) {
            self.arrived.notify_one();
        }
    }

    /// Ends the worker after its present mail.
    pub fn close(&self) {
        super::lock(&self.inner).is_closed = true;
        self.arrived.notify_one();
    }

    /// Takes what has come; waits for something when `may_wait`.
    pub fn take(&self, may_wait: bool) -> Mail {
        let mut inner = super::lock(&self.inner);
        while may_wait && inner.commands.is_empty() && inner.woken.is_empty() && !inner.is_closed {
            inner = self.arrived.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
        Mail {
            commands: std::mem::take(&mut inner.commands),
            woken: std::mem::take(&mut inner.woken),
            is_closed: inner.is_closed,
        }
    }
}
