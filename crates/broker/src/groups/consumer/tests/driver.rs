//! Members that follow the protocol, and topics for them.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::ResponseError;
use tokio::time::Instant;

use crate::groups::Now;
use crate::groups::consumer::*;

pub(super) const SESSION: Duration = Duration::from_secs(45);
pub(super) const REFRESH: Duration = Duration::from_secs(600);
pub(super) const REBALANCE: Duration = Duration::from_secs(20);

/// Topics by name.
#[derive(Default)]
pub(super) struct TopicMap {
    names: BTreeMap<Arc<str>, Topic>,
    version: u64,
    /// How often all names were asked for.
    pub(super) listed: Cell<usize>,
}

impl Topics for TopicMap {
    fn find(&self, name: &str) -> Option<Topic> {
        self.names.get(name).copied()
    }

    fn names(&self) -> Vec<Arc<str>> {
        self.listed.set(self.listed.get() + 1);
        self.names.keys().cloned().collect()
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn name(&self, id: u128) -> Option<Arc<str>> {
        let known = self.names.iter().find(|(_, topic)| topic.id == id);
        known.map(|(name, _)| Arc::clone(name))
    }
}

/// A group, its topics and its time.
pub(super) struct Driver {
    pub(super) group: Group,
    pub(super) topics: TopicMap,
    pub(super) now: Now,
}

impl Driver {
    /// An empty group, and a topic `t` of `partitions` partitions.
    pub(super) fn new(partitions: i32) -> Self {
        let limits = Limits {
            session_timeout: SESSION,
            members_max: 100,
            assignor: Assignor::Uniform,
            pattern_refresh: REFRESH,
        };
        let mut driver = Self {
            group: Group::new(limits),
            topics: TopicMap::default(),
            now: Now { at: Instant::now(), wall_ms: 0 },
        };
        driver.add_topic("t", 1, partitions);
        driver
    }

    pub(super) fn add_topic(&mut self, name: &str, id: u128, partitions: i32) {
        self.topics.names.insert(name.into(), Topic { id, partitions });
        self.topics.version += 1;
    }

    pub(super) fn beat(&mut self, beat: &Beat) -> Result<Answer, ResponseError> {
        let answer = self.group.heartbeat(beat, &self.topics, self.now);
        answer.map_err(|refusal| refusal.error)
    }

    pub(super) fn pass(&mut self, time: Duration) {
        let end = self.now.at + time;
        while let Some(due) = self.group.deadline().filter(|due| *due <= end) {
            self.now.at = due;
            self.group.expire(self.now);
        }
        self.now.at = end;
    }

    /// A member that joins and subscribes to `t`.
    pub(super) fn client(&mut self, id: &str) -> Client {
        let mut client = Client::new(id);
        let answer = self.beat(&client.join()).expect("the group takes it");
        client.follow(answer);
        client
    }

    /// Lets `clients` send heartbeats until nothing changes any more.
    pub(super) fn settle(&mut self, clients: &mut [&mut Client]) {
        for _ in 0..10 {
            for client in clients.iter_mut() {
                let answer = self.beat(&client.beat()).expect("its heartbeat is in order");
                client.follow(answer);
            }
        }
        assert_eq!(self.group.state(), State::Stable);
    }
}

/// A well-behaved member.
pub(super) struct Client {
    pub(super) id: Arc<str>,
    pub(super) epoch: i32,
    pub(super) owned: Partitions,
    /// It missed an answer, so it says everything next time.
    pub(super) is_unsure: bool,
}

impl Client {
    /// One that has not joined yet.
    pub(super) fn new(id: &str) -> Self {
        Self { id: id.into(), epoch: 0, owned: Partitions::default(), is_unsure: false }
    }

    pub(super) fn join(&self) -> Beat {
        Beat {
            member_id: Arc::clone(&self.id),
            rebalance_timeout: Some(REBALANCE),
            topics: Some(["t".into()].into()),
            owned: Some(Partitions::default()),
            ..Beat::default()
        }
    }

    pub(super) fn beat(&self) -> Beat {
        Beat {
            member_id: Arc::clone(&self.id),
            epoch: self.epoch,
            owned: Some(self.owned.clone()),
            ..Beat::default()
        }
    }

    /// Does at once what it is told.
    pub(super) fn follow(&mut self, answer: Answer) {
        self.is_unsure = false;
        self.epoch = answer.epoch;
        if let Some(assignment) = answer.assignment {
            self.owned = assignment;
        }
    }
}

/// Partitions `numbers` of topic `t`.
pub(super) fn of_t(numbers: &[i32]) -> Partitions {
    numbers.iter().map(|number| (1, *number)).collect()
}
