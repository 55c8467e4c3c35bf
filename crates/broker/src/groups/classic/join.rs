//! JoinGroup: how members come in and come back.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::ResponseError;

use super::{Effect, Group, Identity, Member, Protocol, State, Ticket};
use crate::groups::Now;

/// How long the join of a member that knows no id may wait: such members cannot send heartbeats, so
/// nothing else tells when they are gone. Apache Kafka waits as long.
const NEW_MEMBER_PATIENCE: Duration = Duration::from_secs(5 * 60);
/// Ids that are given out and not used yet, at most; more of them are somebody's mistake.
const PENDING_MAX: usize = 10_000;

/// A request to join.
#[derive(Clone, Debug)]
pub(crate) struct Join {
    /// Empty: a newcomer.
    pub(crate) member_id: Arc<str>,
    /// The id a newcomer gets.
    pub(crate) new_id: Arc<str>,
    /// Set for static members.
    pub(crate) instance_id: Option<Arc<str>>,
    pub(crate) client_id: Arc<str>,
    pub(crate) client_host: Arc<str>,
    pub(crate) session_timeout: Duration,
    pub(crate) rebalance_timeout: Duration,
    pub(crate) protocol_type: Arc<str>,
    pub(crate) protocols: Vec<Protocol>,
    /// Whether a newcomer is told its id first and has to come again with it (KIP-394), so that a
    /// client that gives up waiting does not leave members behind.
    pub(crate) needs_known_id: bool,
    /// Whether the client understands that it leads but has nothing to assign (KIP-814).
    pub(crate) may_skip_assignment: bool,
}

/// What a join is answered.
pub(crate) type JoinAnswer = Result<Joined, Refused>;

/// A member's place in a generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Joined {
    pub(crate) generation: i32,
    pub(crate) protocol_type: Option<Arc<str>>,
    pub(crate) protocol: Option<Arc<str>>,
    pub(crate) leader: Arc<str>,
    pub(crate) member_id: Arc<str>,
    /// Everybody, for the leader.
    pub(crate) members: Vec<JoinedMember>,
    /// The leader need not assign: nothing changes.
    pub(crate) skip_assignment: bool,
}

/// A member as the leader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JoinedMember {
    pub(crate) id: Arc<str>,
    pub(crate) instance_id: Option<Arc<str>>,
    pub(crate) metadata: Bytes,
}

/// A join that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) error: ResponseError,
    /// The id the client is to use, or used.
    pub(crate) member_id: Arc<str>,
}

impl Group {
    /// Somebody joins; `ticket` is answered at once or when the others have joined.
    pub(crate) fn join(&mut self, join: Join, ticket: Ticket, now: Now) -> Vec<Effect> {
        let member_id = Arc::clone(&join.member_id);
        if let Err(error) = self.try_join(join, ticket, now) {
            self.refuse_join(ticket, error, &member_id);
        }
        self.take_effects()
    }

    fn try_join(&mut self, join: Join, ticket: Ticket, now: Now) -> Result<(), ResponseError> {
        if !self.has_room_for(&join.member_id) {
            self.forget(&join.member_id, now);
            return Err(ResponseError::GroupMaxSizeReached);
        }
        if !self.supports(&join.protocol_type, &join.protocols) {
            return Err(ResponseError::InconsistentGroupProtocol);
        }
        if join.member_id.is_empty() {
            return self.welcome(join, ticket, now);
        }
        if self.pending.remove(&join.member_id).is_some() {
            self.admit(Arc::clone(&join.member_id), join, ticket, now);
            return Ok(());
        }
        let instance_id = join.instance_id.as_deref();
        self.check_member(Identity { member_id: &join.member_id, instance_id })?;
        self.rejoin(join, ticket, now)
    }

    /// While members gather, the first to join get the places.
    fn has_room_for(&self, member_id: &str) -> bool {
        let members_max = self.limits.members_max;
        let known = self.members.get(member_id);
        match self.state {
            State::Empty => members_max > 0,
            State::Preparing(_) => {
                let is_in = known.is_some_and(|member| member.joining.is_some());
                is_in || self.members.values().filter(|m| m.joining.is_some()).count() < members_max
            }
            State::Completing | State::Stable => {
                known.is_some() || self.members.len() < members_max
            }
        }
    }

    fn welcome(&mut self, join: Join, ticket: Ticket, now: Now) -> Result<(), ResponseError> {
        if let Some(instance_id) = &join.instance_id
            && let Some(replaced) = self.statics.get(instance_id).cloned()
        {
            self.replace(&replaced, join, ticket, now);
            return Ok(());
        }
        let id = Arc::clone(&join.new_id);
        if join.instance_id.is_some() || !join.needs_known_id {
            self.admit(id, join, ticket, now);
            return Ok(());
        }
        if self.pending.len() >= PENDING_MAX {
            return Err(ResponseError::GroupMaxSizeReached);
        }
        self.pending.insert(Arc::clone(&id), now.at + join.session_timeout);
        self.refuse_join(ticket, ResponseError::MemberIdRequired, &id);
        Ok(())
    }

    fn admit(&mut self, id: Arc<str>, join: Join, ticket: Ticket, now: Now) {
        if self.members.is_empty() {
            self.protocol_type = Some(join.protocol_type);
        }
        if let State::Preparing(rebalance) = &mut self.state
            && let Some(gathering) = &mut rebalance.gathering
        {
            gathering.has_newcomer = true;
        }
        if let Some(instance_id) = &join.instance_id {
            self.statics.insert(Arc::clone(instance_id), Arc::clone(&id));
        }
        self.leader.get_or_insert_with(|| Arc::clone(&id));
        let member = Member {
            id: Arc::clone(&id),
            instance_id: join.instance_id,
            client_id: join.client_id,
            client_host: join.client_host,
            session_timeout: join.session_timeout,
            rebalance_timeout: join.rebalance_timeout,
            protocols: join.protocols,
            assignment: Bytes::new(),
            joining: Some(ticket),
            syncing: None,
            must_sync: false,
            is_new: true,
            expires: now.at + NEW_MEMBER_PATIENCE,
        };
        self.members.insert(id, member);
        self.rebalance(now);
    }

    /// A member comes back: for a rebalance, because it changed its mind, or because it lost the
    /// answer to its last join.
    fn rejoin(&mut self, join: Join, ticket: Ticket, now: Now) -> Result<(), ResponseError> {
        let is_leader = self.is_leader(&join.member_id);
        let known = self.members.get(&join.member_id);
        let is_unchanged = known.is_some_and(|member| member.protocols == join.protocols);
        let answer_again = match self.state {
            State::Empty => return Err(ResponseError::UnknownMemberId),
            State::Preparing(_) => false,
            State::Completing => is_unchanged,
            // A leader that joins again wants to assign again.
            State::Stable => is_unchanged && !is_leader,
        };
        if answer_again {
            let joined = self.joined(&join.member_id);
            self.effects.push(Effect::Joined(ticket, Ok(joined)));
            return Ok(());
        }
        self.take_up(join, ticket);
        self.rebalance(now);
        Ok(())
    }

    /// The member of `join` waits for the others with what it says now.
    pub(super) fn take_up(&mut self, join: Join, ticket: Ticket) {
        let Some(member) = self.members.get_mut(&join.member_id) else { return };
        member.protocols = join.protocols;
        member.session_timeout = join.session_timeout;
        member.rebalance_timeout = join.rebalance_timeout;
        // The client has given up waiting for its earlier join.
        if let Some(earlier) = member.joining.replace(ticket) {
            self.refuse_join(earlier, ResponseError::RebalanceInProgress, &join.member_id);
        }
    }

    /// The place of member `member_id` in this generation.
    pub(super) fn joined(&self, member_id: &Arc<str>) -> Joined {
        let members = match self.is_leader(member_id) {
            true => self.seen_by_leader(),
            false => Vec::new(),
        };
        Joined {
            generation: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            leader: self.leader.clone().unwrap_or_default(),
            member_id: Arc::clone(member_id),
            members,
            skip_assignment: false,
        }
    }

    pub(super) fn seen_by_leader(&self) -> Vec<JoinedMember> {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let seen = |member: &Member| JoinedMember {
            id: Arc::clone(&member.id),
            instance_id: member.instance_id.clone(),
            metadata: member.metadata(protocol),
        };
        self.members.values().map(seen).collect()
    }
}
