//! SyncGroup: the leader hands in everybody's assignment, and everybody gets its own.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::ResponseError;

use super::{Effect, Group, Identity, State, Ticket};
use crate::groups::Now;

/// A request for an assignment.
#[derive(Clone, Debug)]
pub(crate) struct Sync {
    pub(crate) member_id: Arc<str>,
    pub(crate) instance_id: Option<Arc<str>>,
    pub(crate) generation: i32,
    /// What the member thinks the group uses, if it says.
    pub(crate) protocol_type: Option<Arc<str>>,
    pub(crate) protocol: Option<Arc<str>>,
    /// From the leader: assignments by member.
    pub(crate) assignments: HashMap<Arc<str>, Bytes>,
}

/// What a sync is answered.
pub(crate) type SyncAnswer = Result<Synced, ResponseError>;

/// A member's assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Synced {
    pub(crate) protocol_type: Option<Arc<str>>,
    pub(crate) protocol: Option<Arc<str>>,
    pub(crate) assignment: Bytes,
}

impl Group {
    /// A member wants its assignment; `ticket` is answered when the leader's are stored.
    pub(crate) fn sync(&mut self, sync: Sync, ticket: Ticket, now: Now) -> Vec<Effect> {
        if let Err(error) = self.try_sync(sync, ticket, now) {
            self.effects.push(Effect::Synced(ticket, Err(error)));
        }
        self.take_effects()
    }

    fn try_sync(&mut self, sync: Sync, ticket: Ticket, now: Now) -> Result<(), ResponseError> {
        let instance_id = sync.instance_id.as_deref();
        self.check_member(Identity { member_id: &sync.member_id, instance_id })?;
        if sync.generation != self.generation {
            return Err(ResponseError::IllegalGeneration);
        }
        match self.state {
            State::Empty => Err(ResponseError::UnknownMemberId),
            // Whatever it says: while the group was one of the consumer protocol, each member was told a
            // protocol of its own, and clients take the other error for the end.
            State::Preparing(_) => Err(ResponseError::RebalanceInProgress),
            _ if self.is_of_another_protocol(&sync) => {
                Err(ResponseError::InconsistentGroupProtocol)
            }
            State::Completing => {
                self.await_assignment(sync, ticket);
                Ok(())
            }
            State::Stable => {
                self.answer_sync(&sync.member_id, ticket, now);
                Ok(())
            }
        }
    }

    fn is_of_another_protocol(&self, sync: &Sync) -> bool {
        let differs =
            |said: &Option<Arc<str>>, known: &Option<Arc<str>>| said.is_some() && said != known;
        differs(&sync.protocol_type, &self.protocol_type) || differs(&sync.protocol, &self.protocol)
    }

    fn await_assignment(&mut self, sync: Sync, ticket: Ticket) {
        let Some(member) = self.members.get_mut(&sync.member_id) else { return };
        member.must_sync = false;
        if let Some(earlier) = member.syncing.replace(ticket) {
            let error = Err(ResponseError::RebalanceInProgress);
            self.effects.push(Effect::Synced(earlier, error));
        }
        if !self.is_leader(&sync.member_id) {
            return;
        }
        let mut assignments = sync.assignments;
        for member in self.members.values_mut() {
            // Who is not mentioned gets nothing.
            member.assignment = assignments.remove(&member.id).unwrap_or_default();
        }
        self.effects.push(Effect::Store);
    }

    fn answer_sync(&mut self, member_id: &str, ticket: Ticket, now: Now) {
        let Some(member) = self.members.get_mut(member_id) else { return };
        member.must_sync = false;
        member.touch(now.at);
        let synced = Synced {
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            assignment: member.assignment.clone(),
        };
        self.effects.push(Effect::Synced(ticket, Ok(synced)));
    }

    /// [`Effect::Store`] was carried out, or not: then nobody gets an assignment that a restart
    /// would not know of, and the group tries again.
    pub(crate) fn stored(&mut self, result: Result<(), ResponseError>, now: Now) -> Vec<Effect> {
        if self.state == State::Completing {
            match result {
                Ok(()) => self.hand_out_assignments(now),
                Err(error) => {
                    self.drop_assignments(error);
                    self.rebalance(now);
                }
            }
        }
        self.take_effects()
    }

    fn hand_out_assignments(&mut self, now: Now) {
        self.enter(State::Stable, now);
        let waiting: Vec<(Arc<str>, Ticket)> = self
            .members
            .values_mut()
            .filter_map(|member| Some((Arc::clone(&member.id), member.syncing.take()?)))
            .collect();
        for (id, ticket) in waiting {
            self.answer_sync(&id, ticket, now);
        }
    }
}
