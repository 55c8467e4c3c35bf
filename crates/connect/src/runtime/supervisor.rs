//! One task per connector: runs its source, tries again after failures that may pass, and keeps its
//! failures, panics too, from everything else.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::backoff::Backoff;
use super::manager::Services;
use super::positions::Positions;
use super::status::{Gauges, State};
use crate::api::{Context, Plugin};
use crate::config::Settings;
use crate::error::{Error, Result};

/// What the user wants of a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// To run; a greater number is a fresh start after a restart by the user.
    Running(u64),
    /// To rest.
    Paused,
    /// To end.
    Gone,
}

/// What a supervisor needs to know of its connector.
pub struct Supervised {
    pub name: Arc<str>,
    pub plugin: &'static Plugin,
    pub settings: Settings,
    pub services: Arc<Services>,
    pub positions: Arc<Positions>,
    pub gauges: Arc<Gauges>,
}

/// Supervises until the target is `Gone`.
pub async fn supervise(connector: Supervised, mut target: watch::Receiver<Target>) {
    let mut backoff = Backoff::new();
    loop {
        let wanted = *target.borrow_and_update();
        match wanted {
            Target::Gone => return,
            Target::Paused => {
                connector.gauges.set_status(State::Paused, None);
                backoff.reset();
                if target.changed().await.is_err() {
                    return;
                }
            }
            Target::Running(_) => connector.attempt(&mut target, &mut backoff).await,
        }
    }
}

impl Supervised {
    /// One attempt, and the wait that follows it.
    async fn attempt(&self, target: &mut watch::Receiver<Target>, backoff: &mut Backoff) {
        self.gauges.set_status(State::Running, None);
        let before = self.gauges.records_total();
        let result = self.run_once(target).await;
        if self.gauges.records_total() > before {
            backoff.reset();
        }
        match result {
            Err(Error::Stopped) => {}
            // Done for good; only a restart, a pause or a drop changes anything.
            Ok(()) => wait_for_change(target).await,
            Err(error) if error.is_retryable() => self.wait(&error, target, backoff).await,
            Err(error) => {
                tracing::error!(connector = %self.name, %error, "connector failed");
                self.gauges.set_status(State::Failed, Some(error.to_string()));
                wait_for_change(target).await;
                backoff.reset();
            }
        }
    }

    async fn wait(
        &self,
        error: &Error,
        target: &mut watch::Receiver<Target>,
        backoff: &mut Backoff,
    ) {
        let wait = backoff.wait();
        tracing::warn!(connector = %self.name, %error, ?wait, "connector will try again");
        let trace = format!("{error}; next attempt within {} s", wait.as_secs_f32().ceil());
        self.gauges.set_status(State::Restarting, Some(trace));
        self.gauges.restarted();
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = wait_for_change(target) => {}
        }
    }

    /// Runs the source in a task of its own, so that a panic ends there. When the target changes the
    /// source is told to stop and waited for: it may be in the middle of a commit.
    async fn run_once(&self, target: &mut watch::Receiver<Target>) -> Result<()> {
        let (stop, stopped) = watch::channel(false);
        let mut source = (self.plugin.open)(&self.name, &self.settings)?;
        let mut context = Context {
            name: Arc::clone(&self.name),
            log: Arc::clone(&self.services.log),
            schemas: Arc::clone(&self.services.schemas),
            clock: Arc::clone(&self.services.clock),
            gauges: Arc::clone(&self.gauges),
            positions: Arc::clone(&self.positions),
            stop: stopped,
            pending: None,
        };
        let mut running = Handle::current().spawn(async move {
            let result = source.run(&mut context).await;
            // The next run reads the positions, so no commit may still be on its way.
            let settled = context.settle().await;
            result.and(settled)
        });
        let joined = tokio::select! {
            joined = &mut running => joined,
            () = wait_for_change(target) => {
                stop.send_replace(true);
                running.await
            }
        };
        joined.unwrap_or_else(|error| Err(Error::Internal(error.to_string())))
    }
}

/// Waits until the target changes; a vanished runtime is a change, too.
async fn wait_for_change(target: &mut watch::Receiver<Target>) {
    if target.changed().await.is_err() {
        // The runtime is gone without a word, which happens only when the process ends.
        std::future::pending::<()>().await;
    }
    // The loop in `supervise` must see it as well.
    target.mark_changed();
}
