//! From admitted batches to the log: one commit for the whole request, or, when some of it is refused,
//! one for what is left.

use bytes::Bytes;
use commitlog::{Append, Commit, CommitId, Committed, EmbeddedLog, Error, Log as _};
use types::TopicPartition;

use super::partition::{Partition, Progress, Refusal};
use super::validation::{self, Rules};

/// Commits that leave out one more partition each time, before every partition gets its own: so a
/// request full of bad batches costs no more than twice a good one of as many commits.
const WHOLE_COMMITS_MAX: usize = 4;

/// Appends the admitted ones of `partitions`. Returns the commit to wait for when all of them are to
/// be on stable storage; `None` when nothing was appended. `now_ms` is the wall clock.
pub(super) fn append(
    log: &EmbeddedLog,
    now_ms: i64,
    partitions: &mut [Partition],
) -> Option<CommitId> {
    let refuse = |admitted: &mut [&mut Partition], error: &Error| {
        refuse(admitted, error, |at, batch| explain(log, now_ms, at, batch));
    };
    for _ in 0..WHOLE_COMMITS_MAX {
        let mut admitted: Vec<_> = admitted(partitions).collect();
        if admitted.is_empty() {
            return None;
        }
        match commit(log, &admitted) {
            Ok(committed) => return Some(settle(&mut admitted, &committed)),
            Err(error) => refuse(&mut admitted, &error),
        }
    }
    let mut last = None;
    for partition in admitted(partitions) {
        let mut alone = [partition];
        match commit(log, &alone) {
            Ok(committed) => last = last.max(Some(settle(&mut alone, &committed))),
            Err(error) => refuse(&mut alone, &error),
        }
    }
    last
}

fn admitted(partitions: &mut [Partition]) -> impl Iterator<Item = &mut Partition> {
    let is_admitted =
        |partition: &&mut Partition| matches!(partition.progress, Progress::Admitted { .. });
    partitions.iter_mut().filter(is_admitted)
}

fn commit(log: &EmbeddedLog, admitted: &[&mut Partition]) -> commitlog::Result<Committed> {
    let append = |partition: &&mut Partition| match &partition.progress {
        Progress::Admitted { at, batch } => {
            Some(Append { partition: at.clone(), batch: batch.clone() })
        }
        _ => None,
    };
    let appends = admitted.iter().filter_map(append).collect();
    log.commit(Commit { appends, ..Commit::default() })
}

fn settle(admitted: &mut [&mut Partition], committed: &Committed) -> CommitId {
    for (partition, appended) in admitted.iter_mut().zip(&committed.appended) {
        if let Progress::Admitted { at, .. } = &partition.progress {
            let at = at.clone();
            partition.progress = Progress::Appended { at, appended: *appended };
        }
    }
    committed.id
}

/// Refuses the partitions that `error` is about; all of them when it is about none.
fn refuse(
    admitted: &mut [&mut Partition],
    error: &Error,
    explain: impl Fn(&TopicPartition, &Bytes) -> Option<Refusal>,
) {
    let culprit = culprit(error);
    for partition in admitted {
        let Progress::Admitted { at, batch } = &partition.progress else { continue };
        if culprit.is_none_or(|culprit| culprit == at) {
            let explained = if is_about_content(error) { explain(at, batch) } else { None };
            partition.refuse(explained.unwrap_or_else(|| Refusal::from(error)));
        }
    }
}

fn explain(log: &EmbeddedLog, now_ms: i64, at: &TopicPartition, batch: &Bytes) -> Option<Refusal> {
    let topic = log.topic(&at.topic)?;
    validation::explain(batch, &Rules { version: i16::MAX, at, config: &topic.config, now_ms })
}

/// Whether more can be said by looking into the batch.
fn is_about_content(error: &Error) -> bool {
    matches!(
        error,
        Error::CorruptBatch { .. } | Error::KeyRequired { .. } | Error::InvalidTimestamp { .. }
    )
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
