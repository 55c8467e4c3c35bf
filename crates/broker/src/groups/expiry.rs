//! What happens to groups because time passes: sessions end, rebalances stop waiting, and offsets of
//! groups that nobody uses are forgotten.

use std::sync::Arc;

use commitlog::{EmbeddedLog, Log as _};
use kafka_protocol::ResponseError;
use tokio::time::{Instant, sleep};
use types::TopicPartition;

use super::coordinator::{Unknown, with_group};
use super::entry::{Entry, Kind};
use super::{Now, classic, settings};
use crate::Broker;
use crate::on_disk::on_disk;

/// Expires sessions of members and offsets of groups, for ever.
pub(crate) async fn expire(broker: Arc<Broker>) {
    tokio::join!(expire_members(&broker), expire_offsets(&broker));
}

async fn expire_members(broker: &Broker) {
    loop {
        let (due, name) = broker.groups.deadlines.next().await;
        let expired = on_disk(|| {
            with_group(broker, &name, Unknown::Refuse, |entry, now| {
                expire_group(broker, entry, due, now);
            })
        });
        match expired {
            // A group that is gone has nobody left to expire.
            Ok(()) | Err(ResponseError::GroupIdNotFound) => {}
            Err(error) => tracing::warn!(group = %name, %error, "cannot expire members"),
        }
    }
}

fn expire_group(broker: &Broker, entry: &mut Entry, due: Instant, now: Now) {
    if entry.scheduled != Some(due) {
        // The deadline was put off, or an earlier one has come up since.
        return;
    }
    entry.scheduled = None;
    match &mut entry.kind {
        Kind::Classic(group) => {
            let effects = group.expire(now);
            entry.apply(broker, effects, now);
        }
        Kind::Consumer(group) => {
            group.expire(now);
            if let Err(error) = entry.conclude(broker, now) {
                // The next heartbeat stores it.
                tracing::warn!(group = %entry.name, %error, "cannot store who has gone");
            }
        }
    }
}

async fn expire_offsets(broker: &Broker) {
    loop {
        sleep(settings::retention_check_interval(&broker.settings)).await;
        for name in broker.groups.names() {
            let expired = on_disk(|| {
                with_group(broker, &name, Unknown::Refuse, |entry, now| {
                    expire_offsets_of(broker, entry, now)
                })
            });
            match expired {
                Ok(Ok(())) | Err(ResponseError::GroupIdNotFound) => {}
                Ok(Err(error)) => tracing::warn!(group = %name, %error, "cannot expire offsets"),
                Err(error) => tracing::warn!(group = %name, %error, "cannot expire offsets"),
            }
        }
    }
}

fn expire_offsets_of(broker: &Broker, entry: &mut Entry, now: Now) -> commitlog::Result<()> {
    let retention_ms = settings::offsets_retention_ms(&broker.settings);
    let before_ms = now.wall_ms.saturating_sub(retention_ms);
    // Groups that the log holds nothing of but offsets are queries' and connectors'.
    if !entry.held.is_empty() {
        let expired = expired_offsets(&broker.log, entry, before_ms);
        if !expired.is_empty() {
            tracing::info!(group = %entry.name, offsets = expired.len(), "forgetting old offsets");
            broker.log.delete_positions(&entry.name, &expired)?;
        }
    }
    let is_in_use = !broker.log.pending_offsets(&entry.name).is_empty()
        || !broker.log.positions(&entry.name).is_empty();
    if entry.kind.is_unused() && !is_in_use {
        entry.erase(broker, now)?;
        entry.is_removed = true;
    }
    Ok(())
}

/// The offsets that nobody has moved since `before_ms`, in a group without members since then or in
/// topics that its members do not subscribe to.
fn expired_offsets(log: &EmbeddedLog, entry: &Entry, before_ms: i64) -> Vec<TopicPartition> {
    let pending = log.pending_offsets(&entry.name);
    let is_old = |at: &TopicPartition, committed_ms: i64| {
        committed_ms <= before_ms && !pending.contains(at) && !entry.needs(&at.topic, before_ms)
    };
    let offsets = log.group_offsets(&entry.name).into_iter();
    offsets.filter(|(at, known)| is_old(at, known.committed_ms)).map(|(at, _)| at).collect()
}

impl Entry {
    /// Whether offsets in `topic` are kept however old they are.
    fn needs(&self, topic: &str, before_ms: i64) -> bool {
        match &self.kind {
            Kind::Classic(group) => match group.state() {
                classic::State::Empty => group.since_ms() > before_ms,
                _ => group.subscription().is_none_or(|topics| topics.contains(topic)),
            },
            Kind::Consumer(group) => group.subscription().any(|name| **name == *topic),
        }
    }
}
