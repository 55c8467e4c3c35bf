//! Heartbeat and LeaveGroup.

use std::sync::Arc;

use kafka_protocol::ResponseError;

use crate::groups::Now;
use crate::groups::classic::Identity;
use crate::groups::consumer::{Group, Member, MemberState, Partitions, Topics};

impl Group {
    /// A member of the classic protocol shows that it lives.
    ///
    /// # Errors
    /// `RebalanceInProgress` when it has to join anew, or what is wrong with the request.
    pub(crate) fn heartbeat_classic(
        &mut self,
        who: Identity<'_>,
        generation: i32,
        topics: &dyn Topics,
        now: Now,
    ) -> Result<(), ResponseError> {
        let session_timeout = self.limits.session_timeout;
        let member = self.classic_member(who)?;
        member.check_epoch(generation)?;
        member.touch(now.at, session_timeout);
        // Nobody else looks when no member speaks the consumer protocol any more.
        self.follow_topics(topics, now);
        if !self.has_something_for(who.member_id) {
            return Ok(());
        }
        self.classic_member(who)?.must_join(now);
        Err(ResponseError::RebalanceInProgress)
    }

    /// Whether a member gets further by joining anew.
    fn has_something_for(&self, member_id: &str) -> bool {
        let Some(member) = self.members.get(member_id) else { return false };
        match member.state {
            _ if member.epoch < self.epoch => true,
            MemberState::Stable => false,
            MemberState::Unrevoked => true,
            MemberState::Unreleased => {
                let nothing = Partitions::default();
                let target = self.target.get(member_id).unwrap_or(&nothing);
                let missing = target.without(&member.assigned);
                self.free_for(member, &missing) == missing
            }
        }
    }

    /// Members of the classic protocol leave, or are made to by an administrator who names their
    /// instance ids.
    pub(crate) fn leave_classic(
        &mut self,
        leaving: &[Identity<'_>],
    ) -> Vec<Result<(), ResponseError>> {
        leaving.iter().map(|who| self.leave_one_classic(*who)).collect()
    }

    fn leave_one_classic(&mut self, who: Identity<'_>) -> Result<(), ResponseError> {
        let named = who.instance_id.filter(|_| who.member_id.is_empty());
        let id = match named {
            Some(instance_id) => self.statics.get(instance_id).cloned(),
            None => Some(who.member_id.into()),
        };
        let id: Arc<str> = id.ok_or(ResponseError::UnknownMemberId)?;
        self.classic_member(Identity { member_id: &id, ..who })?;
        self.take_out(&id);
        Ok(())
    }
}

impl Member {
    /// It is told to join anew, and has to within its rebalance timeout.
    pub(super) fn must_join(&mut self, now: Now) {
        self.act_by.get_or_insert(now.at + self.rebalance_timeout);
    }
}
