//! Feeds a group with events and remembers what was answered.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use tokio::time::Instant;

use crate::groups::Now;
use crate::groups::classic::*;

/// What the members of these tests say: ten seconds of session, a minute to join anew.
pub(super) const SESSION: Duration = Duration::from_secs(10);
pub(super) const REBALANCE: Duration = Duration::from_secs(60);
pub(super) const DELAY: Duration = Duration::from_secs(3);

/// A group, its time, and the answers.
pub(super) struct Driver {
    pub(super) group: Group,
    pub(super) now: Now,
    pub(super) joins: HashMap<Ticket, JoinAnswer>,
    pub(super) syncs: HashMap<Ticket, SyncAnswer>,
    /// How often the group was stored.
    pub(super) stored: usize,
    /// What storing comes to.
    pub(super) log: Result<(), ResponseError>,
    tickets: u64,
}

impl Driver {
    pub(super) fn new() -> Self {
        Self::with_limits(Limits { initial_delay: DELAY, members_max: 100 })
    }

    pub(super) fn with_limits(limits: Limits) -> Self {
        let now = Now { at: Instant::now(), wall_ms: 1_000 };
        Self {
            group: Group::new(limits, now),
            now,
            joins: HashMap::new(),
            syncs: HashMap::new(),
            stored: 0,
            log: Ok(()),
            tickets: 0,
        }
    }

    fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    pub(super) fn apply(&mut self, effects: Vec<Effect>) {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Joined(ticket, answer) => {
                    assert!(self.joins.insert(ticket, answer).is_none(), "answered twice");
                }
                Effect::Synced(ticket, answer) => {
                    assert!(self.syncs.insert(ticket, answer).is_none(), "answered twice");
                }
                Effect::Store => {
                    self.stored += 1;
                    effects.extend(self.group.stored(self.log, self.now));
                }
            }
        }
    }

    pub(super) fn join(&mut self, join: Join) -> Ticket {
        let ticket = self.ticket();
        let effects = self.group.join(join, ticket, self.now);
        self.apply(effects);
        ticket
    }

    /// Lets time pass, in steps from deadline to deadline as the runtime would.
    pub(super) fn pass(&mut self, time: Duration) {
        let end = self.now.at + time;
        while let Some(due) = self.group.deadline().filter(|due| *due <= end) {
            self.now.at = due.max(self.now.at);
            let effects = self.group.expire(self.now);
            self.apply(effects);
        }
        self.now.at = end;
    }

    /// Lets the first members of the group gather.
    pub(super) fn gather(&mut self) {
        self.pass(DELAY * 2);
    }

    /// The place that the join of `ticket` got.
    pub(super) fn joined(&self, ticket: Ticket) -> &Joined {
        match self.joins.get(&ticket) {
            Some(Ok(joined)) => joined,
            other => panic!("{ticket:?} has not joined: {other:?}"),
        }
    }

    /// Why the join of `ticket` failed.
    pub(super) fn join_error(&self, ticket: Ticket) -> ResponseError {
        match self.joins.get(&ticket) {
            Some(Err(refused)) => refused.error,
            other => panic!("{ticket:?} has not failed: {other:?}"),
        }
    }

    pub(super) fn waits(&self, ticket: Ticket) -> bool {
        !self.joins.contains_key(&ticket) && !self.syncs.contains_key(&ticket)
    }

    /// `id` asks for its assignment; `assignments` are those it gives as the leader.
    pub(super) fn sync(&mut self, id: &str, assignments: &[(&str, &'static str)]) -> Ticket {
        let generation = self.group.generation;
        self.sync_in(id, generation, assignments)
    }

    pub(super) fn sync_in(
        &mut self,
        id: &str,
        generation: i32,
        assignments: &[(&str, &'static str)],
    ) -> Ticket {
        let given =
            |(id, text): &(&str, &'static str)| ((*id).into(), Bytes::from_static(text.as_bytes()));
        let sync = Sync {
            member_id: id.into(),
            instance_id: None,
            generation,
            protocol_type: Some("consumer".into()),
            protocol: self.group.protocol.clone(),
            assignments: assignments.iter().map(given).collect(),
        };
        let ticket = self.ticket();
        let effects = self.group.sync(sync, ticket, self.now);
        self.apply(effects);
        ticket
    }

    pub(super) fn assignment(&self, ticket: Ticket) -> &[u8] {
        match self.syncs.get(&ticket) {
            Some(Ok(synced)) => &synced.assignment,
            other => panic!("{ticket:?} has no assignment: {other:?}"),
        }
    }

    pub(super) fn sync_error(&self, ticket: Ticket) -> ResponseError {
        match self.syncs.get(&ticket) {
            Some(Err(error)) => *error,
            other => panic!("{ticket:?} has not failed: {other:?}"),
        }
    }

    pub(super) fn heartbeat(&mut self, id: &str) -> Result<(), ResponseError> {
        let generation = self.group.generation;
        self.group.heartbeat(Identity { member_id: id, instance_id: None }, generation, self.now)
    }

    pub(super) fn leave(&mut self, id: &str) -> Result<(), ResponseError> {
        let who = Identity { member_id: id, instance_id: None };
        let (results, effects) = self.group.leave(&[who], self.now);
        self.apply(effects);
        results[0]
    }

    /// A stable group of `ids`; the first one leads.
    pub(super) fn stable(ids: &[&str]) -> Self {
        let mut driver = Self::new();
        let tickets: Vec<Ticket> = ids.iter().map(|id| driver.join(newcomer(id))).collect();
        driver.gather();
        let assignments: Vec<(&str, &'static str)> = ids.iter().map(|id| (*id, "some")).collect();
        let leader = driver.joined(tickets[0]).leader.to_string();
        for id in ids.iter().filter(|id| ***id != *leader) {
            driver.sync(id, &[]);
        }
        driver.sync(&leader, &assignments);
        assert_eq!(*driver.group.state(), State::Stable);
        driver
    }
}

/// A join of somebody who needs no second request and gets `id`.
pub(super) fn newcomer(id: &str) -> Join {
    Join {
        member_id: "".into(),
        new_id: id.into(),
        instance_id: None,
        client_id: "client".into(),
        client_host: "/127.0.0.1".into(),
        session_timeout: SESSION,
        rebalance_timeout: REBALANCE,
        protocol_type: "consumer".into(),
        protocols: protocols(&["range"]),
        needs_known_id: false,
        may_skip_assignment: true,
    }
}

/// A join of member `id`.
pub(super) fn member(id: &str) -> Join {
    Join { member_id: id.into(), new_id: "unused".into(), ..newcomer(id) }
}

/// A join of somebody with an instance id, who gets `id`.
pub(super) fn instance(instance_id: &str, id: &str) -> Join {
    Join { instance_id: Some(instance_id.into()), ..newcomer(id) }
}

pub(super) fn protocols(names: &[&str]) -> Vec<Protocol> {
    let protocol = |name: &&str| Protocol { name: (*name).into(), metadata: Bytes::new() };
    names.iter().map(protocol).collect()
}
