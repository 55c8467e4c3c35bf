//! One look at every partition of a fetch: what is there now, within its limits.

use bytes::Bytes;
use commitlog::{Aborted, Fetched, Isolation, Log as _, PartitionOffsets};
use kafka_protocol::ResponseError;
use tokio::sync::OwnedSemaphorePermit;
use types::{Offset, TopicPartition};

use super::leader_epoch;
use super::plan::Limits;
use super::target::Target;
use crate::{Broker, error};

/// What was found of one partition.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) error: Option<ResponseError>,
    /// Its offsets, unless there is an error.
    pub(super) offsets: Option<PartitionOffsets>,
    /// Its aborted transactions, for readers that pass over them.
    pub(super) aborted: Option<Vec<Aborted>>,
    pub(super) batches: Vec<Bytes>,
}

/// What was found of all of them, in order.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) partitions: Vec<Seen>,
    /// Bytes of all batches.
    pub(super) bytes: usize,
    /// Whether anything cannot be read, which is told at once.
    pub(super) has_errors: bool,
    /// What the batches take of the memory for answers.
    pub(super) memory: Option<OwnedSemaphorePermit>,
}

/// Looks at `targets`. The first batch found is always taken, even beyond the limits, so that every
/// reader gets on.
pub(super) fn look(broker: &Broker, limits: &Limits, targets: &[Target]) -> Look {
    let partitions_bytes_max =
        targets.iter().fold(0_usize, |sum, target| sum.saturating_add(target.wanted.bytes_max));
    let reserved = broker.fetches.memory.reserve(limits.bytes_max.min(partitions_bytes_max));
    let mut reader = Reader { broker, isolation: limits.isolation, left: reserved.bytes, bytes: 0 };
    let partitions: Vec<Seen> = targets.iter().map(|target| reader.read(target)).collect();
    let bytes = reader.bytes;
    let has_errors = partitions.iter().any(|seen| seen.error.is_some());
    Look { partitions, bytes, has_errors, memory: reserved.shrink(bytes) }
}

struct Reader<'a> {
    broker: &'a Broker,
    isolation: Isolation,
    /// Bytes that may still be taken.
    left: usize,
    /// Bytes taken.
    bytes: usize,
}

impl Reader<'_> {
    fn read(&mut self, target: &Target) -> Seen {
        match self.try_read(target) {
            Ok(fetched) => self.take(fetched),
            Err(error) => Seen { error: Some(error), ..Seen::default() },
        }
    }

    fn try_read(&mut self, target: &Target) -> Result<Fetched, ResponseError> {
        let at = target.place.as_ref().map_err(|error| *error)?;
        leader_epoch::check(target.wanted.leader_epoch)?;
        let log = &self.broker.log;
        if self.left == 0 && self.bytes > 0 {
            let offsets = log.offsets(at).map_err(|error| error::code(&error))?;
            return Ok(Fetched { batches: Vec::new(), offsets, aborted: Vec::new() });
        }
        let bytes_max = target.wanted.bytes_max.min(self.left);
        let from = Offset(target.wanted.offset);
        let mut fetched =
            log.fetch(at, from, bytes_max, self.isolation).map_err(|error| refusal(at, &error))?;
        let first = fetched.batches.first().map_or(0, Bytes::len);
        if self.bytes > 0 && first > bytes_max {
            // Not the first batch of the answer, so it must keep to the limits.
            fetched.batches.clear();
            fetched.aborted.clear();
        }
        Ok(fetched)
    }

    fn take(&mut self, fetched: Fetched) -> Seen {
        let Fetched { batches, offsets, aborted } = fetched;
        let bytes: usize = batches.iter().map(Bytes::len).sum();
        self.bytes += bytes;
        self.left = self.left.saturating_sub(bytes);
        let aborted = (self.isolation == Isolation::ReadCommitted).then_some(aborted);
        Seen { error: None, offsets: Some(offsets), aborted, batches }
    }
}

fn refusal(at: &TopicPartition, error: &commitlog::Error) -> ResponseError {
    let code = error::code(error);
    if code == ResponseError::KafkaStorageError {
        tracing::warn!(partition = %at, %error, "cannot read");
    }
    code
}
