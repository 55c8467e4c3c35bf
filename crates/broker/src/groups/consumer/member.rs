//! One member of a consumer group.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{Assignor, Partitions, Pattern};

/// Epoch of a static member that has gone and may come back.
pub(super) const AWAY: i32 = -2;

/// How far a member is on the way to its target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum MemberState {
    /// It has what the target of its epoch gives it.
    #[default]
    Stable,
    /// It still has to let go of partitions.
    Unrevoked,
    /// Partitions it is to get are still with others.
    Unreleased,
}

/// A member.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) id: Arc<str>,
    pub(crate) instance_id: Option<Arc<str>>,
    pub(crate) rack_id: Option<Arc<str>>,
    pub(crate) client_id: Arc<str>,
    pub(crate) client_host: Arc<str>,
    /// How long it may take to let go of partitions.
    pub(crate) rebalance_timeout: Duration,
    /// Topics it names.
    pub(crate) topics: BTreeSet<Arc<str>>,
    /// Topics it describes.
    pub(crate) pattern: Option<Pattern>,
    /// Topics that match the pattern, as of its last heartbeat.
    pub(super) matching: BTreeSet<Arc<str>>,
    /// The assignor it would like.
    pub(crate) assignor: Option<Assignor>,
    pub(crate) epoch: i32,
    pub(crate) previous_epoch: i32,
    pub(crate) state: MemberState,
    /// What it may work on.
    pub(crate) assigned: Partitions,
    /// What it was asked to let go of and has not yet.
    pub(crate) revoking: Partitions,
    /// When its session ends.
    pub(super) expires: Instant,
    /// When it must have let go of what it is asked to.
    pub(super) revoke_by: Option<Instant>,
}

impl Member {
    /// Somebody of whom nothing but the id is known.
    pub(super) fn new(id: Arc<str>, expires: Instant) -> Self {
        Self {
            id,
            instance_id: None,
            rack_id: None,
            client_id: "".into(),
            client_host: "".into(),
            rebalance_timeout: Duration::ZERO,
            topics: BTreeSet::new(),
            pattern: None,
            matching: BTreeSet::new(),
            assignor: None,
            epoch: 0,
            previous_epoch: 0,
            state: MemberState::Stable,
            assigned: Partitions::default(),
            revoking: Partitions::default(),
            expires,
            revoke_by: None,
        }
    }

    /// Names of all topics it subscribes to.
    pub(super) fn subscription(&self) -> impl Iterator<Item = &Arc<str>> {
        self.topics.union(&self.matching)
    }

    /// Enters `epoch`; the one before is remembered, because the answer that tells it may be lost.
    pub(super) fn enter_epoch(&mut self, epoch: i32) {
        if self.epoch != epoch {
            self.previous_epoch = self.epoch;
            self.epoch = epoch;
        }
    }
}
