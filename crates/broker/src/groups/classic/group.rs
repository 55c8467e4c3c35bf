//! The state of a classic group, and what all its events share.

use std::collections::{BTreeMap, HashMap};
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::ResponseError;
use tokio::time::Instant;

use super::{Identity, JoinAnswer, Member, Refused, SyncAnswer};
use crate::groups::Now;

/// Number of a request that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Ticket(pub(crate) u64);

/// What has to be done.
#[derive(Clone, Debug)]
pub(crate) enum Effect {
    /// Answer a join.
    Joined(Ticket, JoinAnswer),
    /// Answer a sync.
    Synced(Ticket, SyncAnswer),
    /// Write the group to the log, and then call [`Group::stored`].
    Store,
}

/// The configured bounds of groups.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// `group.initial.rebalance.delay.ms`.
    pub(crate) initial_delay: Duration,
    /// `group.max.size`.
    pub(crate) members_max: usize,
}

/// Where the group stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It has no members.
    Empty,
    /// Members are asked to join anew.
    Preparing(Rebalance),
    /// A generation is there, but the leader has not assigned yet.
    Completing,
    /// Everybody has or can ask for an assignment.
    Stable,
}

impl State {
    /// Kafka's name of it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Preparing(_) => "PreparingRebalance",
            Self::Completing => "CompletingRebalance",
            Self::Stable => "Stable",
        }
    }
}

/// A rebalance under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rebalance {
    /// When it goes on without those who have not joined.
    pub(super) due: Instant,
    /// Set while the first members of an empty group gather.
    pub(super) gathering: Option<Gathering>,
}

/// The first rebalance of an empty group waits a little for more members; each newcomer prolongs it
/// until the rebalance timeout is used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gathering {
    /// By how much it may still be prolonged.
    pub(super) remaining: Duration,
    /// Whether someone came since it was prolonged last.
    pub(super) has_newcomer: bool,
}

/// One group.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(super) limits: Limits,
    pub(super) state: State,
    /// Wall clock time of the last change of state, in ms since 1970.
    pub(super) since_ms: i64,
    pub(super) generation: i32,
    /// What kind of group it is, `consumer` for instance; unset until somebody has joined.
    pub(super) protocol_type: Option<Arc<str>>,
    /// The protocol that won the votes of this generation.
    pub(super) protocol: Option<Arc<str>>,
    pub(super) leader: Option<Arc<str>>,
    pub(super) members: BTreeMap<Arc<str>, Member>,
    /// Ids that were given out and not used yet, with the moment they lapse.
    pub(super) pending: BTreeMap<Arc<str>, Instant>,
    /// Member ids by instance id.
    pub(super) statics: HashMap<Arc<str>, Arc<str>>,
    /// When members that have not asked for their assignment are given up.
    pub(super) sync_due: Option<Instant>,
    pub(super) effects: Vec<Effect>,
}

impl Group {
    /// A group without members.
    pub(crate) fn new(limits: Limits, now: Now) -> Self {
        Self {
            limits,
            state: State::Empty,
            since_ms: now.wall_ms,
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            pending: BTreeMap::new(),
            statics: HashMap::new(),
            sync_due: None,
            effects: Vec::new(),
        }
    }

    /// Where it stands.
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Wall clock time since when, in ms since 1970.
    pub(crate) fn since_ms(&self) -> i64 {
        self.since_ms
    }

    /// Whether it has neither members nor somebody about to become one.
    pub(crate) fn is_unused(&self) -> bool {
        self.state == State::Empty && self.pending.is_empty()
    }

    /// The number of its last generation.
    pub(crate) fn generation(&self) -> i32 {
        self.generation
    }

    /// What kind of group it is; empty when nobody has ever joined.
    pub(crate) fn protocol_type(&self) -> &str {
        self.protocol_type.as_deref().unwrap_or_default()
    }

    /// The protocol that won the votes of this generation.
    pub(crate) fn protocol(&self) -> Option<&Arc<str>> {
        self.protocol.as_ref()
    }

    /// Its members by id.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// Hands out what is to be done.
    pub(super) fn take_effects(&mut self) -> Vec<Effect> {
        mem::take(&mut self.effects)
    }

    pub(super) fn enter(&mut self, state: State, now: Now) {
        self.state = state;
        self.since_ms = now.wall_ms;
    }

    pub(super) fn is_leader(&self, member_id: &str) -> bool {
        self.leader.as_deref() == Some(member_id)
    }

    /// Fails unless the request comes from a member.
    pub(super) fn check_member(&self, who: Identity<'_>) -> Result<(), ResponseError> {
        if let Some(instance_id) = who.instance_id {
            let member_id = self.statics.get(instance_id).ok_or(ResponseError::UnknownMemberId)?;
            if **member_id != *who.member_id {
                return Err(ResponseError::FencedInstanceId);
            }
        }
        match self.members.contains_key(who.member_id) {
            true => Ok(()),
            false => Err(ResponseError::UnknownMemberId),
        }
    }

    pub(super) fn refuse_join(&mut self, ticket: Ticket, error: ResponseError, member_id: &str) {
        let refused = Refused { error, member_id: member_id.into() };
        self.effects.push(Effect::Joined(ticket, Err(refused)));
    }

    /// Answers whatever requests of `member` wait.
    pub(super) fn refuse_waiting(&mut self, member: &mut Member, error: ResponseError) {
        if let Some(ticket) = member.joining.take() {
            self.refuse_join(ticket, error, &member.id);
        }
        if let Some(ticket) = member.syncing.take() {
            self.effects.push(Effect::Synced(ticket, Err(error)));
        }
    }

    /// A member shows that it lives.
    ///
    /// # Errors
    /// `RebalanceInProgress` when it has to join anew, or what is wrong with the request.
    pub(crate) fn heartbeat(
        &mut self,
        who: Identity<'_>,
        generation: i32,
        now: Now,
    ) -> Result<(), ResponseError> {
        self.check_member(who)?;
        if generation != self.generation {
            return Err(ResponseError::IllegalGeneration);
        }
        if let Some(member) = self.members.get_mut(who.member_id) {
            member.touch(now.at);
        }
        match self.state {
            State::Empty => Err(ResponseError::UnknownMemberId),
            State::Preparing(_) => Err(ResponseError::RebalanceInProgress),
            State::Completing | State::Stable => Ok(()),
        }
    }
}
