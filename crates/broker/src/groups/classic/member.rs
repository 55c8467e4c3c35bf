//! One member of a classic group.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::Ticket;

/// A way of assigning partitions that a member understands, with what its assignor wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Protocol {
    pub(crate) name: Arc<str>,
    pub(crate) metadata: Bytes,
}

/// Who a request says it comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity<'a> {
    /// Empty: not known yet.
    pub(crate) member_id: &'a str,
    /// Set for static members (`group.instance.id`).
    pub(crate) instance_id: Option<&'a str>,
}

/// A member, from its first join until it leaves or its session ends.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) id: Arc<str>,
    pub(crate) instance_id: Option<Arc<str>>,
    pub(crate) client_id: Arc<str>,
    pub(crate) client_host: Arc<str>,
    pub(crate) session_timeout: Duration,
    pub(crate) rebalance_timeout: Duration,
    /// By the member's preference.
    pub(crate) protocols: Vec<Protocol>,
    /// What the leader gave it, as the leader wrote it.
    pub(crate) assignment: Bytes,
    /// Its join that waits for the others.
    pub(super) joining: Option<Ticket>,
    /// Its sync that waits for the leader.
    pub(super) syncing: Option<Ticket>,
    /// Whether it has not asked for its assignment in this generation yet.
    pub(super) must_sync: bool,
    /// Whether it has never been told its id by a completed join.
    pub(crate) is_new: bool,
    /// When its session ends, or for a new member its patience.
    pub(super) expires: Instant,
}

impl Member {
    /// What it said about `protocol`.
    pub(crate) fn metadata(&self, protocol: &str) -> Bytes {
        let said = self.protocols.iter().find(|known| &*known.name == protocol);
        said.map(|known| known.metadata.clone()).unwrap_or_default()
    }

    /// Whether it understands `protocol`.
    pub(super) fn understands(&self, protocol: &str) -> bool {
        self.protocols.iter().any(|known| &*known.name == protocol)
    }

    /// When it is given up, unless something arrives. Who waits for the group has no duty to send
    /// heartbeats; only new members, who may have gone without our noticing, do not wait for ever.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let waits = self.joining.is_some() || self.syncing.is_some();
        (self.is_new || !waits).then_some(self.expires)
    }

    /// Starts its session anew.
    pub(super) fn touch(&mut self, now: Instant) {
        self.expires = now + self.session_timeout;
    }
}
