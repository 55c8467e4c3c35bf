//! From admitted batches to the log: one commit for the whole request, or, when some of it is refused,
//! one for what is left.

use commitlog::{Append, Commit, CommitId, Committed, EmbeddedLog, Error, Log as _};
use records::Batch;
use types::TopicPartition;

use super::partition::{Partition, Progress, Refusal};
use super::validation::{self, Rules};

/// Commits that leave out one more partition each time, before every partition gets its own: so a
/// request full of bad batches costs no more than twice a good one of as many commits.
const WHOLE_COMMITS_MAX: usize = 4;

/// Appends batches of one request.
#[derive(Debug)]
pub(super) struct Appender<'a> {
    pub(super) log: &'a EmbeddedLog,
    /// The wall clock.
    pub(super) now_ms: i64,
    /// What stands first in each commit.
    pub(super) first: Vec<Append>,
}

impl Appender<'_> {
    /// Appends the admitted ones of `partitions`. Returns the commit to wait for when all of them are
    /// to be on stable storage; `None` when nothing was appended.
    pub(super) fn append(&self, partitions: &mut [Partition]) -> Option<CommitId> {
        for _ in 0..WHOLE_COMMITS_MAX {
            let mut admitted: Vec<_> = admitted(partitions).collect();
            if admitted.is_empty() {
                return None;
            }
            match self.commit(&admitted) {
                Ok(committed) => return Some(self.settle(&mut admitted, &committed)),
                Err(error) => self.refuse(&mut admitted, &error),
            }
        }
        let mut last = None;
        for partition in admitted(partitions) {
            let mut alone = [partition];
            match self.commit(&alone) {
                Ok(committed) => last = last.max(Some(self.settle(&mut alone, &committed))),
                Err(error) => self.refuse(&mut alone, &error),
            }
        }
        last
    }

    fn commit(&self, admitted: &[&mut Partition]) -> commitlog::Result<Committed> {
        let mut appends = self.first.clone();
        appends.extend(admitted.iter().filter_map(|partition| match &partition.progress {
            Progress::Admitted { at, batch } => {
                Some(Append { partition: at.clone(), batch: batch.bytes().clone() })
            }
            _ => None,
        }));
        self.log.commit(Commit { appends, ..Commit::default() })
    }

    fn settle(&self, admitted: &mut [&mut Partition], committed: &Committed) -> CommitId {
        let appended = committed.appended.iter().skip(self.first.len());
        for (partition, appended) in admitted.iter_mut().zip(appended) {
            if let Progress::Admitted { at, .. } = &partition.progress {
                let at = at.clone();
                partition.progress = Progress::Appended { at, appended: *appended };
            }
        }
        committed.id
    }

    /// Refuses the partitions that `error` is about; all of them when it is about none.
    fn refuse(&self, admitted: &mut [&mut Partition], error: &Error) {
        let culprit = culprit(error);
        let is_known = admitted.iter().any(|partition| partition.place() == culprit);
        for partition in admitted {
            let Progress::Admitted { at, batch } = &partition.progress else { continue };
            if !is_known || culprit == Some(at) {
                let explained = self.explain(at, batch, error);
                partition.refuse(explained.unwrap_or_else(|| Refusal::from(error)));
            }
        }
    }

    /// What the batch itself shows of why the log has refused it.
    fn explain(&self, at: &TopicPartition, batch: &Batch, error: &Error) -> Option<Refusal> {
        let is_about_content = matches!(
            error,
            Error::CorruptBatch { .. } | Error::KeyRequired { .. } | Error::InvalidTimestamp { .. }
        );
        let topic = self.log.topic(&at.topic).filter(|_| is_about_content)?;
        let rules = Rules { at, config: &topic.config, now_ms: self.now_ms };
        validation::explain(self.log, batch, &rules)
    }
}

fn admitted(partitions: &mut [Partition]) -> impl Iterator<Item = &mut Partition> {
    partitions.iter_mut().filter(|partition| partition.place().is_some())
}

fn culprit(error: &Error) -> Option<&TopicPartition> {
    match error {
        Error::UnknownPartition(partition)
        | Error::CorruptBatch { partition, .. }
        | Error::BatchTooLarge { partition, .. }
        | Error::OutOfOrderSequence { partition, .. }
        | Error::ProducerFenced { partition, .. }
        | Error::InvalidTransaction { partition, .. }
        | Error::KeyRequired { partition }
        | Error::InvalidTimestamp { partition, .. } => Some(partition),
        _ => None,
    }
}
