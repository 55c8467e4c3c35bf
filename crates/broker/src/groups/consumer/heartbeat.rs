//! ConsumerGroupHeartbeat: how members join, say what changed, and learn their assignment.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::ResponseError;

use super::member::AWAY;
use super::{Assignor, ClassicMember, Group, Member, MemberState, Partitions, Pattern, Topics};
use crate::groups::Now;

/// What a member says. What is missing has not changed since it last said it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beat {
    pub(crate) member_id: Arc<str>,
    /// 0: it joins.
    pub(crate) epoch: i32,
    pub(crate) instance_id: Option<Arc<str>>,
    pub(crate) rack_id: Option<Arc<str>>,
    pub(crate) client_id: Arc<str>,
    pub(crate) client_host: Arc<str>,
    pub(crate) rebalance_timeout: Option<Duration>,
    pub(crate) topics: Option<BTreeSet<Arc<str>>>,
    /// `Some(None)`: no pattern any more.
    pub(crate) pattern: Option<Option<Pattern>>,
    pub(crate) assignor: Option<Assignor>,
    /// The partitions it works on.
    pub(crate) owned: Option<Partitions>,
    /// Set for members of the classic protocol, whose JoinGroup says all of this.
    pub(crate) classic: Option<ClassicMember>,
}

impl Beat {
    /// Whether it says everything there is to say, and so is told everything.
    fn is_full(&self) -> bool {
        let subscribes = self.topics.is_some() || self.pattern.is_some();
        self.rebalance_timeout.is_some() && subscribes && self.owned.is_some()
    }
}

/// What a member is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) epoch: i32,
    /// What it may work on, when that has changed or it does not know.
    pub(crate) assignment: Option<Partitions>,
}

/// Why a heartbeat failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) error: ResponseError,
    /// In words, for the client's log.
    pub(crate) message: String,
}

impl From<ResponseError> for Refusal {
    fn from(error: ResponseError) -> Self {
        Self { error, message: error.to_string() }
    }
}

impl Group {
    /// A member joins or shows that it lives.
    ///
    /// # Errors
    /// `UnknownMemberId`, `FencedMemberEpoch`, `FencedInstanceId`, `UnreleasedInstanceId` or
    /// `GroupMaxSizeReached`.
    pub(crate) fn heartbeat(
        &mut self,
        beat: &Beat,
        topics: &dyn Topics,
        now: Now,
    ) -> Result<Answer, Refusal> {
        self.find_or_admit(beat, now)?;
        let before = self.members.get(&beat.member_id).map(|member| member.assigned.clone());
        self.follow(beat, topics, now);
        let session_timeout = self.limits.session_timeout;
        let Some(member) = self.members.get_mut(&beat.member_id) else {
            return Err(ResponseError::UnknownMemberId.into());
        };
        member.touch(now.at, session_timeout);
        let is_told =
            beat.epoch == 0 || beat.is_full() || before.as_ref() != Some(&member.assigned);
        Ok(Answer { epoch: member.epoch, assignment: is_told.then(|| member.assigned.clone()) })
    }

    fn find_or_admit(&mut self, beat: &Beat, now: Now) -> Result<(), Refusal> {
        if let Some(instance_id) = &beat.instance_id
            && let Some(known) = self.statics.get(instance_id).cloned()
        {
            return self.come_back(beat, instance_id, &known, now);
        }
        if let Some(member) = self.members.get(&beat.member_id) {
            return match beat.epoch {
                0 => Ok(()),
                _ => check_epoch(member, beat),
            };
        }
        if beat.epoch != 0 {
            let message = format!("Member {} is not a member of the group.", beat.member_id);
            return Self::refuse(ResponseError::UnknownMemberId, message);
        }
        self.admit(&beat.member_id, beat.instance_id.as_ref(), now)
    }

    /// Lets somebody in who is not known yet, under member id `id`.
    pub(super) fn admit(
        &mut self,
        id: &Arc<str>,
        instance_id: Option<&Arc<str>>,
        now: Now,
    ) -> Result<(), Refusal> {
        if self.members.len() >= self.limits.members_max {
            let members_max = self.limits.members_max;
            let message = format!("The group has reached its maximum of {members_max} members.");
            return Self::refuse(ResponseError::GroupMaxSizeReached, message);
        }
        if let Some(instance_id) = instance_id {
            self.statics.insert(Arc::clone(instance_id), Arc::clone(id));
        }
        let member = Member::new(Arc::clone(id), now.at + self.limits.session_timeout);
        self.members.insert(Arc::clone(id), member);
        self.is_changed = true;
        Ok(())
    }

    /// A heartbeat with an instance id that is known under member id `known`.
    fn come_back(
        &mut self,
        beat: &Beat,
        instance_id: &Arc<str>,
        known: &Arc<str>,
        now: Now,
    ) -> Result<(), Refusal> {
        let Some(member) = self.members.get(known) else {
            return Err(ResponseError::UnknownMemberId.into());
        };
        if beat.epoch != 0 {
            if *known != beat.member_id {
                let message = format!("Instance id {instance_id} is used by another member.");
                return Self::refuse(ResponseError::FencedInstanceId, message);
            }
            return check_epoch(member, beat);
        }
        if *known == beat.member_id && member.epoch != AWAY {
            return Ok(());
        }
        // Members of the classic protocol cannot say that they will be back.
        if member.epoch != AWAY && member.classic.is_none() {
            let message = format!("Instance id {instance_id} is still used by member {known}.");
            return Self::refuse(ResponseError::UnreleasedInstanceId, message);
        }
        self.replace(known, &beat.member_id, instance_id, now);
        Ok(())
    }

    /// A static member is back under another id: it takes over what it had.
    pub(super) fn replace(&mut self, known: &str, id: &Arc<str>, instance_id: &Arc<str>, now: Now) {
        let Some(mut member) = self.members.remove(known) else { return };
        member.id = Arc::clone(id);
        member.epoch = 0;
        member.previous_epoch = 0;
        member.state = MemberState::Stable;
        member.expires = now.at + self.limits.session_timeout;
        self.members.insert(Arc::clone(id), member);
        self.statics.insert(Arc::clone(instance_id), Arc::clone(id));
        if let Some(target) = self.target.remove(known) {
            self.target.insert(Arc::clone(id), target);
        }
        self.is_changed = true;
    }
}

/// Fails unless the member knows the epoch it is in. It may be one behind when the answer that told
/// it was lost; then it cannot own anything that it was not given.
fn check_epoch(member: &Member, beat: &Beat) -> Result<(), Refusal> {
    let missed_answer = || {
        let owned = beat.owned.as_ref();
        beat.epoch == member.previous_epoch
            && owned.is_some_and(|owned| owned.is_within(&member.assigned))
    };
    if beat.epoch == member.epoch || (beat.epoch < member.epoch && missed_answer()) {
        return Ok(());
    }
    let message = format!(
        "The member is in epoch {}, not in {}; it has to abandon its partitions and join again.",
        member.epoch, beat.epoch
    );
    Group::refuse(ResponseError::FencedMemberEpoch, message)
}
