//! Rebalances: from the first reason for one to the next generation.

use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::ResponseError;

use super::group::{Gathering, Rebalance};
use super::{Effect, Group, Member, State};
use crate::groups::Now;

impl Group {
    /// The longest time a member takes to join anew.
    pub(super) fn rebalance_timeout(&self) -> Duration {
        let timeouts = self.members.values().map(|member| member.rebalance_timeout);
        timeouts.max().unwrap_or_default()
    }

    /// Something changed: begins a rebalance, or goes on with the one that is under way.
    pub(super) fn rebalance(&mut self, now: Now) {
        if !matches!(self.state, State::Preparing(_)) {
            self.prepare(now);
        }
        self.complete_if_all_joined(now);
    }

    fn prepare(&mut self, now: Now) {
        if self.state == State::Completing {
            self.drop_assignments(ResponseError::RebalanceInProgress);
        }
        let timeout = self.rebalance_timeout();
        let delay = self.limits.initial_delay;
        let gathers = self.state == State::Empty && !delay.is_zero();
        let rebalance = match gathers {
            true => {
                let remaining = timeout.saturating_sub(delay);
                let gathering = Gathering { remaining, has_newcomer: false };
                Rebalance { due: now.at + delay, gathering: Some(gathering) }
            }
            false => Rebalance { due: now.at + timeout, gathering: None },
        };
        self.sync_due = None;
        self.enter(State::Preparing(rebalance), now);
    }

    /// Refuses all syncs that wait for an assignment that will not come.
    pub(super) fn drop_assignments(&mut self, error: ResponseError) {
        for member in self.members.values_mut() {
            member.assignment = bytes::Bytes::new();
            if let Some(ticket) = member.syncing.take() {
                self.effects.push(Effect::Synced(ticket, Err(error)));
            }
        }
    }

    /// Ends the rebalance when nobody has to be waited for.
    pub(super) fn complete_if_all_joined(&mut self, now: Now) {
        let State::Preparing(rebalance) = &self.state else { return };
        let all_joined =
            self.pending.is_empty() && self.members.values().all(|member| member.joining.is_some());
        if rebalance.gathering.is_none() && all_joined {
            self.complete(now);
        }
    }

    /// The time of the rebalance is up: prolongs it for newcomers of an empty group, or ends it.
    pub(super) fn rebalance_due(&mut self, now: Now) {
        let delay = self.limits.initial_delay;
        if let State::Preparing(rebalance) = &mut self.state
            && let Some(gathering) = &mut rebalance.gathering
            && gathering.has_newcomer
            && !gathering.remaining.is_zero()
        {
            let prolonged = delay.min(gathering.remaining);
            gathering.has_newcomer = false;
            gathering.remaining -= prolonged;
            rebalance.due = now.at + prolonged;
            return;
        }
        self.complete(now);
    }

    /// Ends the rebalance with those who have joined. Static members keep their places.
    fn complete(&mut self, now: Now) {
        let is_gone = |member: &&Member| member.joining.is_none() && member.instance_id.is_none();
        let gone: Vec<Arc<str>> =
            self.members.values().filter(is_gone).map(|member| Arc::clone(&member.id)).collect();
        for id in gone {
            self.take_out(&id, ResponseError::UnknownMemberId);
        }
        if !self.members.is_empty() && !self.elect_leader() {
            // Only static members are left and none of them has joined.
            let due = now.at + self.rebalance_timeout();
            self.enter(State::Preparing(Rebalance { due, gathering: None }), now);
            return;
        }
        self.generation = self.generation.wrapping_add(1).max(1);
        if self.members.is_empty() {
            self.protocol = None;
            self.leader = None;
            self.enter(State::Empty, now);
            self.effects.push(Effect::Store);
            return;
        }
        self.protocol = self.elect_protocol();
        self.enter(State::Completing, now);
        self.sync_due = Some(now.at + self.rebalance_timeout());
        self.answer_joins(now);
    }

    /// Keeps the leader if it has joined, or takes another that has; false when nobody has.
    fn elect_leader(&mut self) -> bool {
        let has_joined =
            |id: &Arc<str>| self.members.get(id).is_some_and(|member| member.joining.is_some());
        if !self.leader.as_ref().is_some_and(has_joined) {
            let mut candidates = self.members.values().filter(|member| member.joining.is_some());
            let Some(leader) = candidates.next().map(|member| Arc::clone(&member.id)) else {
                return false;
            };
            self.leader = Some(leader);
        }
        true
    }

    fn answer_joins(&mut self, now: Now) {
        let ids: Vec<Arc<str>> = self.members.keys().cloned().collect();
        for id in ids {
            let joined = self.joined(&id);
            let Some(member) = self.members.get_mut(&id) else { continue };
            member.touch(now.at);
            member.is_new = false;
            member.must_sync = true;
            if let Some(ticket) = member.joining.take() {
                self.effects.push(Effect::Joined(ticket, Ok(joined)));
            }
        }
    }
}
