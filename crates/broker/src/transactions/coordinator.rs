//! The coordinator: every transactional id, and the one way in which it changes.
//!
//! A change is one commit of the log: the record of `__transaction_state` together with whatever it is
//! about, markers or the batches of a client. So a transaction ends in all its partitions at once, and
//! nothing has to be carried on after a crash. The lock of an id is held during the commit, which puts
//! everything that concerns it in one order. Nobody is told before the commit is on stable storage.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use commitlog::{
    Append, Commit, CommitId, EmbeddedLog, Error as LogError, Log as _, Outcome, Producer,
};
use kafka_protocol::ResponseError;
use types::TopicPartition;
use types::seams::Clock;

use super::deadlines::Deadlines;
use super::settings::Settings;
use super::slots::{Slot, Slots};
use super::topic;
use super::transaction::{Step, Transaction, TransactionVersion};
use crate::Config;
use crate::replay::{self, Replay};

/// Every transactional id.
pub(crate) struct Coordinator {
    pub(super) log: Arc<EmbeddedLog>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) settings: Settings,
    pub(super) deadlines: Deadlines,
    pub(super) slots: Slots,
}

/// What a request has come to: who owns the id now, and the commit that must be on stable storage
/// before anybody may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) producer: Producer,
    pub(crate) commit: CommitId,
}

impl Coordinator {
    /// Takes up the transactions that `log` knows, and ends those that nobody else can.
    ///
    /// # Errors
    /// `Log` when they cannot be read.
    pub(crate) fn open(
        log: &Arc<EmbeddedLog>,
        clock: &Arc<dyn Clock>,
        config: &Config,
    ) -> crate::Result<Self> {
        let coordinator = Self::load(log, clock, config)?;
        coordinator.carry_out_decisions()?;
        coordinator.abort_strays()?;
        Ok(coordinator)
    }

    /// Takes up the transactions that `log` knows, as they are.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) fn load(
        log: &Arc<EmbeddedLog>,
        clock: &Arc<dyn Clock>,
        config: &Config,
    ) -> crate::Result<Self> {
        let coordinator = Self {
            log: Arc::clone(log),
            clock: Arc::clone(clock),
            settings: Settings::of(config),
            deadlines: Deadlines::default(),
            slots: Slots::default(),
        };
        let replay = Replay { log, skips: config.flag(replay::SKIP) };
        for (id, transaction) in topic::load(&replay)? {
            coordinator.slots.with(&id, |slot| {
                slot.transaction = Some(Arc::new(transaction));
                coordinator.schedule(slot);
            });
        }
        Ok(coordinator)
    }

    /// The longest timeout a client may ask for.
    pub(super) fn timeout_max_ms(&self) -> i64 {
        self.settings.timeout_max_ms
    }

    /// Gives transactional `id` to a producer.
    ///
    /// # Errors
    /// `ProducerFenced` when `expected` is not its owner, `CoordinatorNotAvailable` when the log fails.
    pub(crate) fn initialise(
        &self,
        id: &str,
        expected: Option<Producer>,
        timeout_ms: i32,
    ) -> Result<Done, ResponseError> {
        self.slots.with(id, |slot| {
            let transaction = match &slot.transaction {
                Some(transaction) => Arc::clone(transaction),
                None => Arc::new(Transaction::new(self.new_producer_id()?)),
            };
            let fresh_id = self.id_after(&transaction).map_err(|error| refusal(&error))?;
            let now_ms = self.clock.now_ms();
            self.take(slot, transaction.initialised(expected, timeout_ms, fresh_id, now_ms)?)
        })
    }

    /// Takes `partitions` into the open transaction of `id`, beginning one if there is none.
    ///
    /// # Errors
    /// `InvalidProducerIdMapping` and `ProducerFenced` when `producer` does not own `id`,
    /// `CoordinatorNotAvailable` when the log fails.
    pub(crate) fn extend(
        &self,
        id: &str,
        producer: Producer,
        partitions: &[TopicPartition],
    ) -> Result<Done, ResponseError> {
        let extended = self.slots.with_known(id, |slot, transaction| {
            let version = TransactionVersion::V1;
            let now_ms = self.clock.now_ms();
            self.take(slot, transaction.extended(producer, partitions, version, now_ms)?)
        });
        extended.unwrap_or(Err(ResponseError::InvalidProducerIdMapping))
    }

    /// Ends the open transaction of `id` in all its partitions.
    ///
    /// # Errors
    /// As [`Self::extend`], and `InvalidTxnState` when there is nothing that could end so.
    pub(crate) fn end(
        &self,
        id: &str,
        producer: Producer,
        outcome: Outcome,
        version: TransactionVersion,
    ) -> Result<Done, ResponseError> {
        let ended = self.slots.with_known(id, |slot, transaction| {
            let fresh_id = self.id_after(transaction).map_err(|error| refusal(&error))?;
            let now_ms = self.clock.now_ms();
            self.take(slot, transaction.ended(producer, outcome, version, fresh_id, now_ms)?)
        });
        ended.unwrap_or(Err(ResponseError::InvalidProducerIdMapping))
    }

    /// A producer id that nobody has had.
    ///
    /// # Errors
    /// `CoordinatorNotAvailable` when the log fails.
    pub(crate) fn new_producer_id(&self) -> Result<i64, ResponseError> {
        self.log.allocate_producer_id().map_err(|error| refusal(&error))
    }

    /// A producer id to go on with, when the epochs of the present one are used up.
    pub(super) fn id_after(&self, transaction: &Transaction) -> commitlog::Result<Option<i64>> {
        transaction.is_exhausted().then(|| self.log.allocate_producer_id()).transpose()
    }

    fn take(&self, slot: &mut Slot, step: Option<Step>) -> Result<Done, ResponseError> {
        if let Some(step) = step {
            self.commit(slot, step).map_err(|error| refusal(&error))?;
        }
        let owner = slot.transaction.as_ref().map(|transaction| transaction.producer);
        let producer = owner.ok_or(ResponseError::InvalidProducerIdMapping)?;
        Ok(Done { producer, commit: slot.commit })
    }

    /// Makes `step` the state of `slot`, with its markers, as one commit.
    pub(super) fn commit(&self, slot: &mut Slot, step: Step) -> commitlog::Result<()> {
        let append = self.record(&slot.id, Some(&step.next))?;
        let mut commit =
            Commit { appends: vec![append], markers: step.markers, ..Commit::default() };
        let committed = loop {
            match self.log.commit(commit.clone()) {
                Err(LogError::UnknownPartition(at)) => self.drop_gone(&mut commit, at)?,
                Err(error) => drop_marker(&mut commit, error)?,
                Ok(committed) => break committed,
            }
        };
        self.enter(slot, step.next, committed.id);
        Ok(())
    }

    /// Takes the markers of all partitions that are gone out of `commit`. `at` is one of them, unless it
    /// has nothing to do with markers: then that is the failure.
    fn drop_gone(&self, commit: &mut Commit, at: TopicPartition) -> commitlog::Result<()> {
        let mut topics: BTreeMap<Arc<str>, i32> = BTreeMap::new();
        let mut is_gone = |at: &TopicPartition| {
            let known = topics.entry(Arc::clone(&at.topic)).or_insert_with(|| {
                self.log.topic(&at.topic).map_or(0, |topic| topic.config.partitions)
            });
            !(0..*known).contains(&at.partition)
        };
        let before = commit.markers.len();
        // The one that was found counts as gone even if another of its name is there by now.
        commit.markers.retain(|marker| marker.partition != at && !is_gone(&marker.partition));
        match before - commit.markers.len() {
            0 => Err(LogError::UnknownPartition(at)),
            gone => {
                tracing::info!(partition = %at, gone, "transaction ends without deleted partitions");
                Ok(())
            }
        }
    }

    /// The append that writes `transaction` down as the state of `id`, or forgets it. The topic for it is
    /// created when it is needed first.
    pub(super) fn record(
        &self,
        id: &str,
        transaction: Option<&Transaction>,
    ) -> commitlog::Result<Append> {
        topic::ensure(&self.log, &self.settings)?;
        let at = topic::partition_of(&self.log, &self.settings, id);
        Ok(topic::append(at, id, transaction, self.clock.now_ms()))
    }

    /// Notes that `commit` has made `next` the state of `slot`.
    pub(super) fn enter(&self, slot: &mut Slot, next: Transaction, commit: CommitId) {
        slot.transaction = Some(Arc::new(next));
        slot.commit = commit;
        self.schedule(slot);
    }

    /// Forgets the id of `slot`.
    pub(super) fn forget(&self, slot: &mut Slot) -> commitlog::Result<()> {
        let append = self.record(&slot.id, None)?;
        self.log.commit(Commit { appends: vec![append], ..Commit::default() })?;
        self.slots.forget(slot);
        Ok(())
    }
}

/// Takes the marker that `error` is about out of `commit`: its partition has been given to a later epoch
/// by an administrator. Fails with what has nothing to do with markers.
fn drop_marker(commit: &mut Commit, error: LogError) -> commitlog::Result<()> {
    let at = match &error {
        LogError::ProducerFenced { partition: at, .. }
        | LogError::InvalidTransaction { partition: at, .. } => at,
        _ => return Err(error),
    };
    let before = commit.markers.len();
    commit.markers.retain(|marker| marker.partition != *at);
    if commit.markers.len() == before {
        return Err(error);
    }
    tracing::info!(partition = %at, %error, "transaction ends without this partition");
    Ok(())
}

/// What a client is told when the log fails: to come back, as after any failure of a coordinator.
pub(super) fn refusal(error: &LogError) -> ResponseError {
    // Of its disk the log tells by itself, once for all who are refused.
    if !error.is_retryable() && !matches!(error, LogError::Poisoned(_)) {
        tracing::error!(%error, "cannot write the state of a transaction");
    }
    ResponseError::CoordinatorNotAvailable
}

impl fmt::Debug for Coordinator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coordinator").field("settings", &self.settings).finish_non_exhaustive()
    }
}
