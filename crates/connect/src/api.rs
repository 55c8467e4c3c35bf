//! The contract between a connector and the runtime.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use commitlog::{Log, Sequences};
use formats::SchemaStore;
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use types::seams::Clock;

use crate::config::{OptionDef, Settings, masked};
use crate::error::{Error, Result};
use crate::outbox::Outbox;
use crate::runtime::{Gauges, Positions};

/// A built-in connector class.
#[derive(Clone, Copy, Debug)]
pub struct Plugin {
    /// Its Kafka Connect class name.
    pub class: &'static str,
    /// Source or sink.
    pub kind: PluginKind,
    /// Its version.
    pub version: &'static str,
    /// Every option it understands.
    pub options: &'static [&'static [OptionDef]],
    /// Makes a connector of validated settings; fails on what only looks valid.
    pub open: fn(name: &str, settings: &Settings) -> Result<Box<dyn Source>>,
}

impl Plugin {
    /// `config`, of a connector of this class, as it may be shown: with `[hidden]` for secrets.
    pub fn masked_config(&self, config: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        masked(self.options, config)
    }
}

/// The direction of a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PluginKind {
    /// From outside into the log.
    Source,
    /// From the log to the outside.
    Sink,
}

/// Something of the outside that only one connector at a time can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The property that says what is claimed.
    pub property: &'static str,
    /// What is claimed.
    pub value: String,
    /// Where it is claimed.
    pub place: String,
}

/// Brings records into the log.
pub trait Source: Send + Sync {
    /// Looks whether the outside is as the connector needs it: reachable, permitted, configured.
    ///
    /// # Errors
    /// `Database` with a remedy for the user.
    fn check(&self) -> BoxFuture<'_, Result<()>>;

    /// What no other connector may have while this one runs.
    fn claim(&self) -> Option<Claim>;

    /// Makes ready for what is there now: topics and schemas, so that they exist before the first
    /// record. May be called any number of times, and left out.
    ///
    /// # Errors
    /// When the outside is lost, or the log or the registry refuses.
    fn prepare(
        &self,
        log: Arc<dyn Log>,
        schemas: Arc<dyn SchemaStore>,
    ) -> BoxFuture<'_, Result<()>>;

    /// Captures until there is nothing more to capture (`Ok`), it is stopped (`Stopped`) or fails.
    /// It starts where the positions in `context` say, and may be called again after any failure.
    ///
    /// Dropping this future in the middle is not allowed; stopping goes through the context.
    fn run<'a>(&'a mut self, context: &'a mut Context) -> BoxFuture<'a, Result<()>>;
}

/// What the runtime gives a running connector.
pub struct Context {
    /// The connector's name.
    pub name: Arc<str>,
    /// The log it writes to.
    pub log: Arc<dyn Log>,
    /// The registry its schemas go to.
    pub schemas: Arc<dyn SchemaStore>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// What DESCRIBE and the metrics show.
    pub gauges: Arc<Gauges>,
    pub(crate) positions: Arc<Positions>,
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) pending: Option<Pending>,
}

/// A commit on its way into the log.
pub(crate) struct Pending {
    task: JoinHandle<Result<()>>,
    moved: BTreeMap<String, Option<String>>,
    records: u64,
    bytes: u64,
}

impl Context {
    /// Whether the connector was told to stop.
    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits for `future` unless the connector is told to stop first. Belongs around every wait for
    /// the outside, and never around a commit.
    pub async fn or_stop<T>(&mut self, future: impl Future<Output = T>) -> Result<T> {
        let stopped = self.stop.wait_for(|stop| *stop);
        tokio::select! {
            biased;
            _ = stopped => Err(Error::Stopped),
            output = future => Ok(output),
        }
    }

    /// The committed position of source partition `partition` (the text of a JSON object).
    pub fn position(&self, partition: &str) -> Option<String> {
        self.positions.find(&self.name, partition)
    }

    /// All committed positions, by source partition.
    pub fn all_positions(&self) -> Vec<(String, String)> {
        self.positions.all(&self.name)
    }

    /// An empty outbox with a producer id of its own.
    ///
    /// # Errors
    /// When the log gives none.
    pub async fn outbox(&self) -> Result<Outbox> {
        let log = Arc::clone(&self.log);
        let producer_id = self.blocking(move || Ok(log.allocate_producer_id()?)).await?;
        Ok(Outbox::new(Sequences::new(producer_id)))
    }

    /// Commits what `outbox` holds, records and positions together, and leaves it empty.
    ///
    /// # Errors
    /// When the log refuses; nothing of the outbox is then visible.
    pub async fn commit(&mut self, outbox: &mut Outbox) -> Result<()> {
        self.commit_behind(outbox).await?;
        self.settle().await
    }

    /// Begins to commit what `outbox` holds and leaves it empty, so that the next records can be
    /// gathered meanwhile. Waits only for the commit begun before: one is on its way at a time,
    /// hence they keep their order. [`Context::settle`] waits for this one; the runtime does so, too,
    /// when a run ends, whatever its end.
    ///
    /// # Errors
    /// When the log refused the commit before; then this one is not begun.
    pub async fn commit_behind(&mut self, outbox: &mut Outbox) -> Result<()> {
        self.settle().await?;
        let Some((commit, moved, records)) = outbox.take(&self.name, self.clock.now_ms()) else {
            return Ok(());
        };
        let bytes = commit.appends.iter().map(|append| append.batch.len() as u64).sum();
        let log = Arc::clone(&self.log);
        let work = move || log.commit(commit).map(|_| ()).map_err(Error::from);
        let task = tokio::task::spawn_blocking(work);
        self.pending = Some(Pending { task, moved, records, bytes });
        Ok(())
    }

    /// Waits until the commit on its way, if any, is in the log.
    ///
    /// # Errors
    /// When the log refuses it.
    pub async fn settle(&mut self) -> Result<()> {
        let Some(pending) = self.pending.take() else { return Ok(()) };
        match pending.task.await {
            Ok(result) => result?,
            Err(error) => return Err(Error::Internal(error.to_string())),
        }
        self.positions.moved(&self.name, pending.moved);
        self.gauges.committed(pending.records, pending.bytes, self.clock.now_ms());
        Ok(())
    }

    /// Runs `work`, which may block, off the async threads.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => result,
            Err(error) => Err(Error::Internal(error.to_string())),
        }
    }
}
