//! What happens because nothing happens: sessions end, rebalances stop waiting.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use tokio::time::Instant;

use super::{Effect, Group, Member, State};
use crate::groups::Now;

impl Group {
    /// When [`Self::expire`] has something to do next.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let sessions = self.members.values().filter_map(Member::deadline).min();
        let pending = self.pending.values().min().copied();
        let rebalance = match &self.state {
            State::Preparing(rebalance) => Some(rebalance.due),
            _ => None,
        };
        [sessions, pending, rebalance, self.sync_due].into_iter().flatten().min()
    }

    /// Gives up whoever's time is up.
    pub(crate) fn expire(&mut self, now: Now) -> Vec<Effect> {
        self.pending.retain(|_, lapses| *lapses > now.at);
        let is_gone = |member: &&Member| member.deadline().is_some_and(|due| due <= now.at);
        let gone: Vec<Arc<str>> =
            self.members.values().filter(is_gone).map(|member| Arc::clone(&member.id)).collect();
        for id in gone {
            self.forget(&id, now);
        }
        self.expire_syncs(now);
        self.complete_if_all_joined(now);
        if matches!(&self.state, State::Preparing(rebalance) if rebalance.due <= now.at) {
            self.rebalance_due(now);
        }
        self.take_effects()
    }

    /// Gives up members that have joined but not asked for their assignment in time.
    fn expire_syncs(&mut self, now: Now) {
        if self.sync_due.is_none_or(|due| due > now.at) {
            return;
        }
        self.sync_due = None;
        let late = self.members.values().filter(|member| member.must_sync);
        let late: Vec<Arc<str>> = late.map(|member| Arc::clone(&member.id)).collect();
        if late.is_empty() {
            return;
        }
        for id in late {
            self.take_out(&id, ResponseError::UnknownMemberId);
        }
        self.rebalance(now);
    }
}
