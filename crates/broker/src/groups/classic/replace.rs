//! A static member comes back without its member id, after a restart for instance: it takes the place
//! of who had its instance id, with that one's assignment.

use std::sync::Arc;

use kafka_protocol::ResponseError;

use super::{Effect, Group, Join, Joined, State, Ticket};
use crate::groups::Now;

impl Group {
    /// The member of `join` takes the place of member `replaced`.
    pub(super) fn replace(&mut self, replaced: &str, join: Join, ticket: Ticket, now: Now) {
        let Some(mut member) = self.members.remove(replaced) else { return };
        self.refuse_waiting(&mut member, ResponseError::FencedInstanceId);
        let id = Arc::clone(&join.new_id);
        let led_until_now = self.leader.clone().unwrap_or_default();
        if self.is_leader(replaced) {
            self.leader = Some(Arc::clone(&id));
        }
        if let Some(instance_id) = &join.instance_id {
            self.statics.insert(Arc::clone(instance_id), Arc::clone(&id));
        }
        member.id = Arc::clone(&id);
        member.client_id = Arc::clone(&join.client_id);
        member.client_host = Arc::clone(&join.client_host);
        member.is_new = false;
        member.touch(now.at);
        self.members.insert(Arc::clone(&id), member);
        let may_skip = join.may_skip_assignment;
        let join = Join { member_id: Arc::clone(&id), ..join };
        let before = self.protocol.clone();
        self.take_up(join, ticket);
        if self.state != State::Stable || self.elect_protocol() != before {
            return self.rebalance(now);
        }
        if let Some(member) = self.members.get_mut(&id) {
            member.joining = None;
        }
        let joined = self.joined_unnoticed(&id, led_until_now, may_skip);
        self.effects.push(Effect::Store);
        self.effects.push(Effect::Joined(ticket, Ok(joined)));
    }

    /// The answer to a member that replaces another without a rebalance. A leader that understands
    /// it is told not to assign; any other is told the former leader's id, so that it does not take
    /// itself for the leader: its assignment would reach nobody.
    fn joined_unnoticed(&self, id: &Arc<str>, led_until_now: Arc<str>, may_skip: bool) -> Joined {
        let joined = self.joined(id);
        match may_skip {
            true => Joined { skip_assignment: self.is_leader(id), ..joined },
            false => Joined { leader: led_until_now, members: Vec::new(), ..joined },
        }
    }
}
