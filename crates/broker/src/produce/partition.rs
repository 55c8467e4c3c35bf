//! One partition of a produce request, and what becomes of it.

use bytes::Bytes;
use commitlog::{Appended, Producer};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::ProduceRequest;
use records::Batch;
use types::TopicPartition;

/// Why a partition's batch is not appended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) code: ResponseError,
    /// In words, for the producer's log.
    pub(super) message: Option<String>,
    /// The records that are to blame, by their place in the batch.
    pub(super) records: Vec<RecordRefusal>,
}

/// What is wrong with one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RecordRefusal {
    pub(super) index: i32,
    pub(super) message: String,
}

impl Refusal {
    /// A refusal that its code explains.
    pub(super) fn of(code: ResponseError) -> Self {
        Self { code, message: None, records: Vec::new() }
    }

    /// A refusal explained in words.
    pub(super) fn because(code: ResponseError, message: impl Into<String>) -> Self {
        Self { code, message: Some(message.into()), records: Vec::new() }
    }
}

impl From<&commitlog::Error> for Refusal {
    fn from(error: &commitlog::Error) -> Self {
        Self::because(crate::error::code(error), error.to_string())
    }
}

/// How far a partition has come.
#[derive(Clone, Debug)]
pub(super) enum Progress {
    /// As it came from the client.
    Received(Option<Bytes>),
    /// Checked, and ready for the log.
    Admitted {
        at: TopicPartition,
        batch: Batch,
    },
    /// In the log.
    Appended {
        at: TopicPartition,
        appended: Appended,
    },
    Refused(Refusal),
}

/// One partition of a request.
#[derive(Clone, Debug)]
pub(super) struct Partition {
    /// The place of its topic in the request.
    pub(super) topic: usize,
    /// Its number.
    pub(super) index: i32,
    pub(super) progress: Progress,
}

impl Partition {
    /// Refuses it for `refusal`.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.progress = Progress::Refused(refusal);
    }

    /// Where it goes, if it is admitted.
    pub(super) fn place(&self) -> Option<&TopicPartition> {
        match &self.progress {
            Progress::Admitted { at, .. } => Some(at),
            _ => None,
        }
    }

    /// Whose transaction its batch is part of, if it is admitted and part of one.
    pub(super) fn producer(&self) -> Option<Producer> {
        match &self.progress {
            Progress::Admitted { batch, .. } if batch.is_transactional() => {
                Some(Producer { id: batch.producer_id(), epoch: batch.producer_epoch() })
            }
            _ => None,
        }
    }

    /// Why it was refused, if it was.
    pub(super) fn refusal(&self) -> Option<&Refusal> {
        match &self.progress {
            Progress::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

/// Takes the batches out of `request`, leaving its topics.
pub(super) fn take(request: &mut ProduceRequest) -> Vec<Partition> {
    let mut partitions = Vec::new();
    for (topic, data) in request.topic_data.iter_mut().enumerate() {
        let received = std::mem::take(&mut data.partition_data);
        partitions.extend(received.into_iter().map(|partition| Partition {
            topic,
            index: partition.index,
            progress: Progress::Received(partition.records),
        }));
    }
    partitions
}
