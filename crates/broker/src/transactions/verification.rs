//! Writing within a transaction: the check that a batch or a position belongs to an open transaction,
//! and the write itself, as one step that no end of the transaction can come between.
//!
//! Called by produce and by TxnOffsetCommit. A batch that got into a partition behind the end of its
//! transaction would hold up its readers for ever; here it is refused.

use commitlog::{Append, CommitId, Producer};
use kafka_protocol::ResponseError;
use types::TopicPartition;

use super::State;
use super::coordinator::{Coordinator, refusal};
use super::slots::Slot;
use super::transaction::{Transaction, TransactionVersion};

/// From this version of Produce on, clients know the error `TRANSACTION_ABORTABLE`.
const PRODUCE_ABORTABLE_VERSION_MIN: i16 = 11;
/// From this version of Produce on, writing to a partition takes it into the transaction.
const PRODUCE_IMPLIED_VERSION_MIN: i16 = 12;
/// The same for TxnOffsetCommit.
const OFFSETS_ABORTABLE_VERSION_MIN: i16 = 4;
/// The same for TxnOffsetCommit.
const OFFSETS_IMPLIED_VERSION_MIN: i16 = 5;

/// How partitions come into a transaction, by the version of the request that writes to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Membership {
    /// The client has to add them before; others are refused with this.
    Declared(ResponseError),
    /// By being written to (KIP-890).
    Implied,
}

impl Membership {
    /// That of a Produce request.
    pub(crate) fn of_produce(version: i16) -> Self {
        Self::of(version, PRODUCE_ABORTABLE_VERSION_MIN, PRODUCE_IMPLIED_VERSION_MIN)
    }

    /// That of a TxnOffsetCommit request.
    pub(crate) fn of_offset_commit(version: i16) -> Self {
        Self::of(version, OFFSETS_ABORTABLE_VERSION_MIN, OFFSETS_IMPLIED_VERSION_MIN)
    }

    fn of(version: i16, abortable_min: i16, implied_min: i16) -> Self {
        if version >= implied_min {
            Self::Implied
        } else if version >= abortable_min {
            Self::Declared(ResponseError::TransactionAbortable)
        } else {
            Self::Declared(ResponseError::InvalidTxnState)
        }
    }
}

/// What a client wants to write within its transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write<'a> {
    /// Which transaction.
    pub(crate) transactional_id: &'a str,
    /// Who writes, as the batches say.
    pub(crate) producer: Producer,
    /// Where to.
    pub(crate) partitions: &'a [TopicPartition],
    /// How these come into the transaction.
    pub(crate) membership: Membership,
}

/// What of a [`Write`] may be written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verified {
    /// Partitions that do not belong to the transaction; nothing may be written to them.
    pub(crate) refused: Vec<(TopicPartition, ResponseError)>,
    /// What must stand first in the commit that writes, and in each if there are several.
    pub(crate) appends: Vec<Append>,
}

impl Coordinator {
    /// Lets `commit` write what `write` wants. No transaction of the id begins or ends before it
    /// returns, so it must not wait for anything but the log; it returns the commit that holds the
    /// appends, or `None` when nothing was written, and that is what the call returns.
    ///
    /// # Errors
    /// `InvalidProducerIdMapping` and `InvalidProducerEpoch` when the producer does not own the id;
    /// `commit` is not called then.
    pub(crate) fn write_within(
        &self,
        write: &Write<'_>,
        commit: impl FnOnce(Verified) -> Option<CommitId>,
    ) -> Result<Option<CommitId>, ResponseError> {
        let written = self.slots.with_known(write.transactional_id, |slot, transaction| {
            transaction.check_owner(write.producer).map_err(|error| match error {
                // Producers know the older of the two codes here.
                ResponseError::ProducerFenced => ResponseError::InvalidProducerEpoch,
                error => error,
            })?;
            match write.membership {
                Membership::Declared(error) => {
                    let refused = outside(transaction, write.partitions, error);
                    Ok(commit(Verified { refused, appends: Vec::new() }))
                }
                Membership::Implied => self.write_implied(slot, transaction, write, commit),
            }
        });
        written.unwrap_or(Err(ResponseError::InvalidProducerIdMapping))
    }

    /// Which of `partitions` do not belong to the open transaction of `id`, each with `error`.
    ///
    /// # Errors
    /// `InvalidProducerIdMapping` and `ProducerFenced` when `producer` does not own `id`.
    pub(super) fn outside(
        &self,
        id: &str,
        producer: Producer,
        partitions: &[TopicPartition],
        error: ResponseError,
    ) -> Result<Vec<(TopicPartition, ResponseError)>, ResponseError> {
        let transaction = self.slots.find(id).ok_or(ResponseError::InvalidProducerIdMapping)?;
        transaction.check_owner(producer)?;
        Ok(outside(&transaction, partitions, error))
    }

    fn write_implied(
        &self,
        slot: &mut Slot,
        transaction: &Transaction,
        write: &Write<'_>,
        commit: impl FnOnce(Verified) -> Option<CommitId>,
    ) -> Result<Option<CommitId>, ResponseError> {
        let Write { producer, partitions, .. } = *write;
        let now_ms = self.clock.now_ms();
        let step = transaction.extended(producer, partitions, TransactionVersion::V2, now_ms)?;
        let Some(step) = step else { return Ok(commit(Verified::default())) };
        let record = self.record(&slot.id, Some(&step.next)).map_err(|error| refusal(&error))?;
        let appends = vec![record];
        let committed = commit(Verified { refused: Vec::new(), appends });
        if let Some(id) = committed {
            self.enter(slot, step.next, id);
        }
        Ok(committed)
    }
}

fn outside(
    transaction: &Transaction,
    partitions: &[TopicPartition],
    error: ResponseError,
) -> Vec<(TopicPartition, ResponseError)> {
    let is_open = transaction.state == State::Ongoing;
    let is_outside = |at: &&TopicPartition| !is_open || !transaction.partitions.contains(*at);
    partitions.iter().filter(is_outside).map(|at| (at.clone(), error)).collect()
}
