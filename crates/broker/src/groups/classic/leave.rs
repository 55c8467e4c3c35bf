//! LeaveGroup, and whatever else takes a member out.

use std::mem;
use std::sync::Arc;

use kafka_protocol::ResponseError;

use super::{Effect, Group, Identity, State};
use crate::groups::Now;

/// What became of those who leave, in order, and what has to be done.
pub(crate) type Leaving = (Vec<Result<(), ResponseError>>, Vec<Effect>);

impl Group {
    /// Members leave, or are made to by an administrator who names their instance ids.
    pub(crate) fn leave(&mut self, leaving: &[Identity<'_>], now: Now) -> Leaving {
        let results = leaving.iter().map(|who| self.leave_one(*who, now)).collect();
        (results, self.take_effects())
    }

    fn leave_one(&mut self, who: Identity<'_>, now: Now) -> Result<(), ResponseError> {
        if self.pending.remove(who.member_id).is_some() {
            self.complete_if_all_joined(now);
            return Ok(());
        }
        let id = match who.instance_id {
            Some(instance_id) if who.member_id.is_empty() => {
                let id = self.statics.get(instance_id);
                id.map(Arc::clone).ok_or(ResponseError::UnknownMemberId)?
            }
            _ => {
                self.check_member(who)?;
                who.member_id.into()
            }
        };
        self.forget(&id, now);
        Ok(())
    }

    /// The group goes on as one of another protocol: whoever waits has to come again.
    pub(crate) fn dissolve(&mut self) -> Vec<Effect> {
        for mut member in mem::take(&mut self.members).into_values() {
            self.refuse_waiting(&mut member, ResponseError::RebalanceInProgress);
        }
        self.take_effects()
    }

    /// Takes a member out, if there is such a one, and lets the others go on.
    pub(super) fn forget(&mut self, id: &str, now: Now) {
        if self.take_out(id, ResponseError::UnknownMemberId) {
            match self.state {
                State::Empty => {}
                State::Preparing(_) => self.complete_if_all_joined(now),
                State::Completing | State::Stable => self.rebalance(now),
            }
        }
    }

    /// Takes a member out and answers what it waits for with `error`.
    pub(super) fn take_out(&mut self, id: &str, error: ResponseError) -> bool {
        let Some(mut member) = self.members.remove(id) else { return false };
        self.refuse_waiting(&mut member, error);
        if let Some(instance_id) = &member.instance_id {
            self.statics.remove(instance_id);
        }
        if self.is_leader(id) {
            self.leader = self.members.keys().next().cloned();
        }
        true
    }
}
