//! Reconciliation: one member's next step from what it has to what it is to have.

use std::sync::Arc;

use super::{Group, Member, MemberState, Partitions};
use crate::groups::Now;

impl Group {
    /// Lets `member_id`, which says that it works on `owned`, take its next step.
    pub(super) fn reconcile(&mut self, member_id: &Arc<str>, owned: Option<&Partitions>, now: Now) {
        let Some(member) = self.members.get(member_id) else { return };
        let still_owns =
            |partitions: &Partitions| owned.is_none_or(|owned| owned.overlaps(partitions));
        let is_due = match member.state {
            MemberState::Stable => member.epoch != self.target_epoch,
            MemberState::Unrevoked => !still_owns(&member.revoking),
            MemberState::Unreleased => true,
        };
        if !is_due {
            return;
        }
        let next = self.next_step(member, still_owns, now);
        let is_other = next.epoch != member.epoch
            || next.state != member.state
            || next.assigned != member.assigned
            || next.revoking != member.revoking;
        self.is_changed |= is_other;
        self.members.insert(Arc::clone(member_id), next);
    }

    fn next_step(
        &self,
        member: &Member,
        still_owns: impl Fn(&Partitions) -> bool,
        now: Now,
    ) -> Member {
        let nothing = Partitions::default();
        let target = self.target.get(&member.id).unwrap_or(&nothing);
        let kept = member.assigned.common(target);
        let lost = member.assigned.without(&kept);
        let mut next = member.clone();
        if !lost.is_empty() && still_owns(&lost) {
            next.assigned = kept;
            next.revoking = lost;
            next.state = MemberState::Unrevoked;
            next.act_by = Some(now.at + member.rebalance_timeout);
            return next;
        }
        let missing = target.without(&kept);
        let free = self.free_for(member, &missing);
        next.state = match free == missing {
            true => MemberState::Stable,
            false => MemberState::Unreleased,
        };
        next.assigned = kept;
        next.assigned.extend(free.iter());
        next.revoking = Partitions::default();
        next.act_by = None;
        next.enter_epoch(self.target_epoch);
        next
    }

    /// Those of `wanted` that nobody but `member` has.
    pub(super) fn free_for(&self, member: &Member, wanted: &Partitions) -> Partitions {
        if wanted.is_empty() {
            return Partitions::default();
        }
        let others = || self.members.values().filter(|other| other.id != member.id);
        wanted.filtered(|topic, partition| {
            !others().any(|other| {
                other.assigned.contains(topic, partition)
                    || other.revoking.contains(topic, partition)
            })
        })
    }
}
