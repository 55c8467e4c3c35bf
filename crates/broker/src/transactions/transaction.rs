//! One transactional id as a state machine: what each request makes of it. Pure: nothing here reads
//! the clock, the log or the network, and nothing changes in place. A request yields a [`Step`] that
//! the coordinator commits, or an error of the protocol.
//!
//! Two versions of the protocol are spoken side by side. In the first one a producer keeps its epoch
//! until it is initialised anew. In the second one (KIP-890) every end of a transaction raises the
//! epoch, so that whatever is still on its way from the ended transaction is refused.

use std::collections::BTreeSet;

use commitlog::{Marker, Outcome, Producer};
use kafka_protocol::ResponseError;
use types::TopicPartition;

use super::State;

/// Stands for "none" in producer ids.
pub(crate) const NO_PRODUCER_ID: i64 = -1;
/// Stands for "none" in producer epochs.
pub(crate) const NO_EPOCH: i16 = -1;
/// From this epoch on a producer gets a new id instead of the next epoch; the one epoch above it is
/// kept for fencing it off.
const EPOCH_LAST: i16 = i16::MAX - 1;
/// The only coordinator there is never changes, so neither does its epoch.
const COORDINATOR_EPOCH: i32 = 0;

/// Which version of the transaction protocol a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransactionVersion {
    /// Epochs stay, partitions are declared before they are written.
    V1,
    /// Epochs rise at every end, writing to a partition declares it (KIP-890).
    V2,
}

/// What is known of a transactional id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Transaction {
    /// The producer that owns the id; its epoch is -1 before anyone was told.
    pub(crate) producer: Producer,
    /// The producer id before this one, or the same.
    pub(crate) previous_id: i64,
    /// In states of preparation: the producer id that comes after the end, or -1.
    pub(crate) next_id: i64,
    /// The owner's epoch before this one when the owner knows both, so that it may repeat a request
    /// whose answer it missed; -1 otherwise.
    pub(crate) last_epoch: i16,
    /// How long a transaction may stay open.
    pub(crate) timeout_ms: i32,
    /// Where it stands.
    pub(crate) state: State,
    /// What the open transaction writes to.
    pub(crate) partitions: BTreeSet<TopicPartition>,
    /// When the last transaction was begun, or -1.
    pub(crate) start_ms: i64,
    /// When this changed last.
    pub(crate) updated_ms: i64,
    /// How its owner ended or filled the last transaction.
    pub(crate) version: TransactionVersion,
}

/// A change to a transactional id, to be committed as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// What is known afterwards.
    pub(crate) next: Transaction,
    /// Ends of the open transaction in its partitions, when it ends by this step.
    pub(crate) markers: Vec<Marker>,
}

/// What a request makes of a transactional id; `None`: nothing, it holds already.
pub(crate) type StepResult = Result<Option<Step>, ResponseError>;

impl Transaction {
    /// An id that nobody owns yet, to be given to a producer with `producer_id`.
    pub(crate) fn new(producer_id: i64) -> Self {
        Self {
            producer: Producer { id: producer_id, epoch: NO_EPOCH },
            previous_id: NO_PRODUCER_ID,
            next_id: NO_PRODUCER_ID,
            last_epoch: NO_EPOCH,
            timeout_ms: 0,
            state: State::Empty,
            partitions: BTreeSet::new(),
            start_ms: -1,
            updated_ms: -1,
            version: TransactionVersion::V1,
        }
    }

    /// Whether the next rise of the epoch needs a new producer id instead.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.producer.epoch >= EPOCH_LAST
    }

    /// When the open transaction is to be aborted.
    pub(crate) fn timeout_at_ms(&self) -> Option<i64> {
        let at_ms = self.start_ms.saturating_add(i64::from(self.timeout_ms));
        (self.state == State::Ongoing).then_some(at_ms)
    }

    /// Gives the id to a producer: its epoch rises, which fences off whoever had it, and an open
    /// transaction is aborted. `expected` is the producer that the client believes to be (KIP-360);
    /// `fresh_id` is there when [`Self::is_exhausted`].
    pub(crate) fn initialised(
        &self,
        expected: Option<Producer>,
        timeout_ms: i32,
        fresh_id: Option<i64>,
        now_ms: i64,
    ) -> StepResult {
        let is_new = self.producer.epoch == NO_EPOCH;
        if let Some(expected) = expected.filter(|_| !is_new) {
            if self.repeats_initialisation(expected) {
                return Ok(None);
            }
            if expected != self.producer {
                return Err(ResponseError::ProducerFenced);
            }
        }
        let next = Self {
            producer: self.raised(fresh_id),
            previous_id: self.producer.id,
            next_id: NO_PRODUCER_ID,
            last_epoch: expected.map_or(NO_EPOCH, |_| self.producer.epoch),
            timeout_ms,
            state: State::Empty,
            partitions: BTreeSet::new(),
            start_ms: -1,
            updated_ms: now_ms,
            version: self.version,
        };
        let markers = match self.state {
            State::Ongoing => self.markers(self.fencing(), Outcome::Abort),
            _ => Vec::new(),
        };
        Ok(Some(Step { next, markers }))
    }

    /// Whether `expected` is the producer from before the last initialisation, asked for by itself,
    /// which has missed the answer. Once a transaction is open somebody did get it.
    fn repeats_initialisation(&self, expected: Producer) -> bool {
        let was = match expected.id {
            id if id == self.producer.id => true,
            id => id == self.previous_id && expected.epoch >= EPOCH_LAST,
        };
        was && self.last_epoch != NO_EPOCH
            && expected.epoch == self.last_epoch
            && self.state != State::Ongoing
    }

    /// Takes `partitions` into the open transaction, and begins one if there is none.
    pub(crate) fn extended(
        &self,
        producer: Producer,
        partitions: &[TopicPartition],
        version: TransactionVersion,
        now_ms: i64,
    ) -> StepResult {
        self.check_owner(producer)?;
        let is_open = self.state == State::Ongoing;
        if is_open && partitions.iter().all(|at| self.partitions.contains(at)) {
            return Ok(None);
        }
        let mut next = self.clone();
        next.partitions.extend(partitions.iter().cloned());
        next.state = State::Ongoing;
        next.start_ms = if is_open { self.start_ms } else { now_ms };
        next.updated_ms = now_ms;
        next.version = version;
        Ok(Some(Step { next, markers: Vec::new() }))
    }

    /// Ends the transaction as its producer wants. `fresh_id` is there when [`Self::is_exhausted`].
    pub(crate) fn ended(
        &self,
        producer: Producer,
        outcome: Outcome,
        version: TransactionVersion,
        fresh_id: Option<i64>,
        now_ms: i64,
    ) -> StepResult {
        let has_ended_so = match outcome {
            Outcome::Commit => State::CompleteCommit,
            Outcome::Abort => State::CompleteAbort,
        } == self.state;
        if version == TransactionVersion::V2 && self.repeats_end(producer) {
            return if has_ended_so { Ok(None) } else { Err(ResponseError::InvalidTxnState) };
        }
        self.check_owner(producer)?;
        match (self.state, version, outcome) {
            (State::Ongoing, TransactionVersion::V1, _) => {
                Ok(Some(self.complete(outcome, self.producer, self.producer, version, now_ms)))
            }
            // An abort without a transaction still raises the epoch: the client does not know whether
            // any of its batches has begun one.
            (State::Ongoing, TransactionVersion::V2, _)
            | (_, TransactionVersion::V2, Outcome::Abort) => {
                let next = self.raised(fresh_id);
                let mut step = self.complete(outcome, self.fencing(), next, version, now_ms);
                step.next.last_epoch = self.producer.epoch;
                Ok(Some(step))
            }
            _ if has_ended_so && version == TransactionVersion::V1 => Ok(None),
            _ => Err(ResponseError::InvalidTxnState),
        }
    }

    /// Whether `producer` has ended its transaction with the step that led here, and missed the answer
    /// that told it the new epoch.
    fn repeats_end(&self, producer: Producer) -> bool {
        if !self.state.is_complete() || self.version != TransactionVersion::V2 {
            return false;
        }
        let Producer { id, epoch } = self.producer;
        let same_id = producer.id == id && i32::from(producer.epoch) + 1 == i32::from(epoch);
        let id_before =
            producer.id == self.previous_id && producer.epoch == EPOCH_LAST && epoch == 0;
        same_id || id_before
    }

    /// Aborts the open transaction, which has taken too long, and fences off its producer. One that
    /// speaks version 2 may still abort it by itself and so learns the new epoch.
    pub(crate) fn timed_out(&self, fresh_id: Option<i64>, now_ms: i64) -> Step {
        let (fencing, next) = (self.fencing(), self.raised(fresh_id));
        self.complete(Outcome::Abort, fencing, next, TransactionVersion::V2, now_ms)
    }

    /// Carries out a decision that another broker has written down without its end; `None` when there
    /// is none.
    pub(crate) fn carried_out(&self, now_ms: i64) -> Option<Step> {
        let outcome = match self.state {
            State::PrepareCommit => Outcome::Commit,
            State::PrepareAbort => Outcome::Abort,
            _ => return None,
        };
        let next = match self.next_id {
            NO_PRODUCER_ID => self.producer,
            id => Producer { id, epoch: 0 },
        };
        Some(self.complete(outcome, self.producer, next, self.version, now_ms))
    }

    /// Fails unless `producer` owns the id.
    pub(crate) fn check_owner(&self, producer: Producer) -> Result<(), ResponseError> {
        if producer.id != self.producer.id {
            return Err(ResponseError::InvalidProducerIdMapping);
        }
        if producer.epoch != self.producer.epoch {
            return Err(ResponseError::ProducerFenced);
        }
        Ok(())
    }

    fn complete(
        &self,
        outcome: Outcome,
        marking: Producer,
        producer: Producer,
        version: TransactionVersion,
        now_ms: i64,
    ) -> Step {
        let next = Self {
            producer,
            previous_id: self.producer.id,
            next_id: NO_PRODUCER_ID,
            last_epoch: if producer == self.producer { self.last_epoch } else { NO_EPOCH },
            timeout_ms: self.timeout_ms,
            state: match outcome {
                Outcome::Commit => State::CompleteCommit,
                Outcome::Abort => State::CompleteAbort,
            },
            partitions: BTreeSet::new(),
            start_ms: if self.partitions.is_empty() { now_ms } else { self.start_ms },
            updated_ms: now_ms,
            version,
        };
        Step { next, markers: self.markers(marking, outcome) }
    }

    fn markers(&self, producer: Producer, outcome: Outcome) -> Vec<Marker> {
        let marker = |partition: &TopicPartition| Marker {
            partition: partition.clone(),
            producer,
            outcome,
            coordinator_epoch: COORDINATOR_EPOCH,
        };
        self.partitions.iter().map(marker).collect()
    }

    /// The producer at the epoch above, in whose name markers fence off the present one.
    fn fencing(&self) -> Producer {
        Producer { id: self.producer.id, epoch: self.producer.epoch.saturating_add(1) }
    }

    /// The next owner: one epoch on, or a new id when there is none.
    fn raised(&self, fresh_id: Option<i64>) -> Producer {
        match fresh_id {
            Some(id) if self.is_exhausted() => Producer { id, epoch: 0 },
            _ => self.fencing(),
        }
    }
}
