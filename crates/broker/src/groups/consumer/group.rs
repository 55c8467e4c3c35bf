//! The state of a consumer group, and what all its events share.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::ResponseError;

use super::pattern::Matches;
use super::{Assignor, Member, MemberState, Partitions, Refusal};
use crate::groups::Now;

/// The configured bounds of groups.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// `group.consumer.session.timeout.ms`.
    pub(crate) session_timeout: Duration,
    /// `group.consumer.max.size`.
    pub(crate) members_max: usize,
    /// The assignor that is used when nobody asks for another, the first of
    /// `group.consumer.assignors`.
    pub(crate) assignor: Assignor,
    /// `group.consumer.regex.refresh.interval.ms`.
    pub(crate) pattern_refresh: Duration,
}

/// A topic as far as assigning it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Topic {
    pub(crate) id: u128,
    pub(crate) partitions: i32,
}

/// The topics there are, as far as the client that asks may know of them.
pub(crate) trait Topics {
    /// The topic called `name`.
    fn find(&self, name: &str) -> Option<Topic>;

    /// Names of all topics that the client may know of.
    fn names(&self) -> Vec<Arc<str>>;

    /// A number that becomes another when there are other names.
    fn version(&self) -> u64;

    /// The name of the topic with this id.
    fn name(&self, id: u128) -> Option<Arc<str>>;
}

/// Where the group stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It has no members.
    Empty,
    /// Its target is older than the group.
    Assigning,
    /// Not every member has reached its target.
    Reconciling,
    /// Everybody has what the target says.
    Stable,
}

impl State {
    /// Kafka's name of it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Assigning => "Assigning",
            Self::Reconciling => "Reconciling",
            Self::Stable => "Stable",
        }
    }
}

/// One group.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(super) limits: Limits,
    pub(super) epoch: i32,
    pub(super) members: BTreeMap<Arc<str>, Member>,
    /// Member ids by instance id.
    pub(super) statics: HashMap<Arc<str>, Arc<str>>,
    /// Names of the topics that members subscribe to, until that changes.
    pub(super) wanted: Option<BTreeSet<Arc<str>>>,
    /// Those of them that exist; unset until somebody looks, which a restart makes necessary.
    pub(super) subscribed: Option<BTreeMap<Arc<str>, Topic>>,
    /// What the patterns of members match.
    pub(super) matches: Matches,
    /// The group epoch that the target was made for.
    pub(super) target_epoch: i32,
    pub(super) target: BTreeMap<Arc<str>, Partitions>,
    /// Whether there is something that the log does not hold.
    pub(super) is_changed: bool,
}

impl Group {
    /// A group without members.
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            epoch: 0,
            members: BTreeMap::new(),
            statics: HashMap::new(),
            wanted: None,
            subscribed: None,
            matches: Matches::default(),
            target_epoch: 0,
            target: BTreeMap::new(),
            is_changed: false,
        }
    }

    /// The bounds are others from now on.
    pub(crate) fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Where it stands.
    pub(crate) fn state(&self) -> State {
        let has_arrived = |member: &Member| {
            member.state == MemberState::Stable && member.epoch == self.target_epoch
        };
        if self.members.is_empty() {
            State::Empty
        } else if self.epoch > self.target_epoch {
            State::Assigning
        } else if self.members.values().all(has_arrived) {
            State::Stable
        } else {
            State::Reconciling
        }
    }

    /// The group epoch.
    pub(crate) fn epoch(&self) -> i32 {
        self.epoch
    }

    /// The epoch of the target assignment.
    pub(crate) fn target_epoch(&self) -> i32 {
        self.target_epoch
    }

    /// What `member_id` is to have.
    pub(crate) fn target(&self, member_id: &str) -> Option<&Partitions> {
        self.target.get(member_id)
    }

    /// Its members by id.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// Whether there is something that the log does not hold.
    pub(crate) fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// The log holds the group as it is now.
    pub(crate) fn stored(&mut self) {
        self.is_changed = false;
    }

    /// Names of the topics that members subscribe to, some perhaps more than once.
    pub(crate) fn subscription(&self) -> impl Iterator<Item = &Arc<str>> {
        self.members.values().flat_map(Member::subscription)
    }

    /// Something changed that the target has to follow.
    pub(super) fn advance(&mut self) {
        self.epoch = self.epoch.wrapping_add(1).max(1);
        self.is_changed = true;
    }

    /// Fails unless `member_id` may commit offsets in `epoch`. Outside of transactions members of the
    /// consumer protocol use a version of the request that `knows_epochs`. Such a member may be one
    /// epoch behind while the answer that tells it the next is on its way; then it commits only for what
    /// it has kept, as `has_kept` says of the partitions it works on now.
    ///
    /// # Errors
    /// `UnknownMemberId`, `StaleMemberEpoch`, `IllegalGeneration` or `UnsupportedVersion`.
    pub(crate) fn check_commit(
        &mut self,
        member_id: &str,
        epoch: i32,
        knows_epochs: bool,
        has_kept: impl FnOnce(&Partitions) -> bool,
        now: Now,
    ) -> Result<(), ResponseError> {
        if epoch < 0 && self.members.is_empty() {
            // A consumer without group membership, or an administrator.
            return Ok(());
        }
        let session_timeout = self.limits.session_timeout;
        let member = self.members.get_mut(member_id).ok_or(ResponseError::UnknownMemberId)?;
        if !knows_epochs && member.classic.is_none() {
            return Err(ResponseError::UnsupportedVersion);
        }
        if !member.is_just_behind(epoch) || !has_kept(&member.assigned) {
            member.check_epoch(epoch)?;
        }
        member.touch(now.at, session_timeout);
        Ok(())
    }

    /// The same for a commit within a transaction, whose producer may not say which member it is.
    ///
    /// # Errors
    /// `UnknownMemberId`, `StaleMemberEpoch` or `IllegalGeneration`.
    pub(crate) fn check_transactional_commit(
        &self,
        member_id: &str,
        epoch: i32,
    ) -> Result<(), ResponseError> {
        match epoch < 0 && member_id.is_empty() {
            true => Ok(()),
            false => self.check_epoch(member_id, epoch),
        }
    }

    /// Fails unless `member_id` is a member in `epoch`; who says neither may see offsets as well.
    ///
    /// # Errors
    /// `UnknownMemberId`, `StaleMemberEpoch` or `IllegalGeneration`.
    pub(crate) fn check_fetch(&self, member_id: &str, epoch: i32) -> Result<(), ResponseError> {
        match epoch < 0 && (member_id.is_empty() || self.members.is_empty()) {
            true => Ok(()),
            false => self.check_epoch(member_id, epoch),
        }
    }

    fn check_epoch(&self, member_id: &str, epoch: i32) -> Result<(), ResponseError> {
        let member = self.members.get(member_id).ok_or(ResponseError::UnknownMemberId)?;
        member.check_epoch(epoch)
    }

    /// A refusal in words.
    pub(super) fn refuse<T>(error: ResponseError, message: String) -> Result<T, Refusal> {
        Err(Refusal { error, message })
    }
}
