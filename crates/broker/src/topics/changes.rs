//! The changes of topics that one request asks for: each topic once, one after the other, and one wait
//! for stable storage for all of them.

use std::hash::Hash;

use commitlog::{CommitId, Log as _};

use super::refusal::{Refusal, once_each};
use crate::Broker;
use crate::on_disk::on_disk;

/// A topic's change that is not known to be on stable storage yet.
pub(super) struct Changed<T> {
    /// What the client is told of it afterwards.
    pub(super) told: T,
    /// The commit that made it; none when it was only to be checked.
    pub(super) commit: Option<CommitId>,
}

/// Makes a `change` of each of `topics`, which are told apart by `key`. All that come back as done are on
/// stable storage. Waits for the disk.
pub(super) fn make_each<'a, W, K: Eq + Hash, T>(
    broker: &Broker,
    topics: &'a [W],
    key: impl Fn(&W) -> K,
    mut change: impl FnMut(&W) -> Result<Changed<T>, Refusal>,
) -> Vec<(&'a W, Result<T, Refusal>)> {
    let mut last = None;
    let mut made = Vec::with_capacity(topics.len());
    for (topic, is_once) in once_each(topics, key) {
        let changed = is_once.and_then(|()| on_disk(|| change(topic)));
        last = last.max(changed.as_ref().ok().and_then(|changed| changed.commit));
        made.push((topic, changed.map(|changed| changed.told)));
    }
    let waited = last.map_or(Ok(()), |last| on_disk(|| broker.log.wait_durable(last)));
    if let Err(error) = waited {
        let refusal = Refusal::from(error);
        made.iter_mut().filter(|(_, done)| done.is_ok()).for_each(|(_, done)| {
            *done = Err(refusal.clone());
        });
    }
    made
}
