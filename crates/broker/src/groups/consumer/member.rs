//! One member of a consumer group.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::ResponseError;
use tokio::time::Instant;

use super::pattern::Matching;
use super::{Assignor, Partitions, Pattern};
use crate::groups::classic::Protocol;

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

/// What belongs to a member only when it speaks the classic protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClassicMember {
    pub(crate) session_timeout: Duration,
    /// By the member's preference. The coordinator assigns, so what is said with the first serves as
    /// its subscription, and the others say whom the member could be with in a classic group.
    pub(crate) protocols: Vec<Protocol>,
}

impl ClassicMember {
    /// Whether it understands `protocol`.
    pub(crate) fn understands(&self, protocol: &str) -> bool {
        self.protocols.iter().any(|known| &*known.name == protocol)
    }
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
    /// Topics that match the pattern.
    pub(super) matching: Matching,
    /// The assignor it would like.
    pub(crate) assignor: Option<Assignor>,
    pub(crate) epoch: i32,
    pub(crate) previous_epoch: i32,
    pub(crate) state: MemberState,
    /// What it may work on.
    pub(crate) assigned: Partitions,
    /// What it was asked to let go of and has not yet.
    pub(crate) revoking: Partitions,
    /// Set for a member of the classic protocol.
    pub(crate) classic: Option<ClassicMember>,
    /// When its session ends.
    pub(super) expires: Instant,
    /// When it must have done what it is asked to: to let go of partitions or, by the classic protocol,
    /// to join anew or to ask for its assignment.
    pub(super) act_by: Option<Instant>,
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
            matching: Matching::default(),
            assignor: None,
            epoch: 0,
            previous_epoch: 0,
            state: MemberState::Stable,
            assigned: Partitions::default(),
            revoking: Partitions::default(),
            classic: None,
            expires,
            act_by: None,
        }
    }

    /// Names of all topics it subscribes to.
    pub(super) fn subscription(&self) -> impl Iterator<Item = &Arc<str>> {
        self.topics.union(&self.matching)
    }

    /// Starts its session anew; `session_timeout` is the group's.
    pub(super) fn touch(&mut self, now: Instant, session_timeout: Duration) {
        let own = self.classic.as_ref().map(|classic| classic.session_timeout);
        self.expires = now + own.unwrap_or(session_timeout);
    }

    /// Fails unless `epoch` is that of the member.
    ///
    /// # Errors
    /// `StaleMemberEpoch`, or `IllegalGeneration` as members of the classic protocol call it.
    pub(super) fn check_epoch(&self, epoch: i32) -> Result<(), ResponseError> {
        match (self.epoch == epoch, &self.classic) {
            (true, _) => Ok(()),
            (false, None) => Err(ResponseError::StaleMemberEpoch),
            (false, Some(_)) => Err(ResponseError::IllegalGeneration),
        }
    }

    /// Whether `epoch` is the one before the member's, which only a member of the classic protocol leaves
    /// by a request of its own.
    pub(super) fn is_just_behind(&self, epoch: i32) -> bool {
        self.classic.is_none() && epoch > 0 && epoch == self.previous_epoch && epoch < self.epoch
    }

    /// Enters `epoch`; the one before is remembered, because the answer that tells it may be lost.
    pub(super) fn enter_epoch(&mut self, epoch: i32) {
        if self.epoch != epoch {
            self.previous_epoch = self.epoch;
            self.epoch = epoch;
        }
    }
}
