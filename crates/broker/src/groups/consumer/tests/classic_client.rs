//! A well-behaved consumer of the classic protocol, by the eager or the cooperative way.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::{BufMut as _, Bytes, BytesMut};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::consumer_protocol_subscription::TopicPartition;
use kafka_protocol::messages::{ConsumerProtocolSubscription, TopicName};
use kafka_protocol::protocol::{Encodable as _, StrBytes};

use super::driver::*;
use crate::groups::classic::{Identity, Join, Protocol, Sync};
use crate::groups::consumer::*;
use crate::groups::embedded;

/// How it gets from one assignment to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It lets go of everything before it joins anew.
    Eager,
    /// It lets go of what it loses afterwards, and joins once more.
    Cooperative,
}

/// The consumer.
pub(super) struct ClassicClient {
    pub(super) id: Arc<str>,
    way: Way,
    pub(super) generation: i32,
    pub(super) owned: Partitions,
    must_join: bool,
}

impl ClassicClient {
    /// One that has not joined yet.
    pub(super) fn new(id: &str, way: Way) -> Self {
        let owned = Partitions::default();
        Self { id: id.into(), way, generation: -1, owned, must_join: true }
    }

    /// Its next request, and what follows from the answer.
    pub(super) fn step(&mut self, driver: &mut Driver) {
        let done = match self.must_join {
            true => self.join(driver).and_then(|()| self.sync(driver)),
            false => self.heartbeat(driver),
        };
        match done {
            Ok(()) => {}
            Err(ResponseError::RebalanceInProgress) => self.must_join = true,
            // It was given up, and begins anew.
            Err(_) => *self = Self::new(&self.id, self.way),
        }
    }

    pub(super) fn join_request(&self) -> Join {
        Join {
            member_id: Arc::clone(&self.id),
            new_id: "unused".into(),
            instance_id: None,
            client_id: "client".into(),
            client_host: "/127.0.0.1".into(),
            session_timeout: SESSION / 2,
            rebalance_timeout: REBALANCE,
            protocol_type: "consumer".into(),
            protocols: vec![Protocol { name: "range".into(), metadata: self.metadata() }],
            needs_known_id: true,
            may_skip_assignment: true,
        }
    }

    fn metadata(&self) -> Bytes {
        let topic = || StrBytes::from_static_str("t");
        let owned = TopicPartition::default()
            .with_topic(TopicName(topic()))
            .with_partitions(self.owned.iter().map(|(_, number)| number).collect());
        let said = ConsumerProtocolSubscription::default()
            .with_topics(vec![topic()])
            .with_owned_partitions(vec![owned]);
        let mut bytes = BytesMut::new();
        bytes.put_i16(1);
        said.encode(&mut bytes, 1).unwrap();
        bytes.freeze()
    }

    pub(super) fn join(&mut self, driver: &mut Driver) -> Result<(), ResponseError> {
        if self.way == Way::Eager {
            self.owned = Partitions::default();
        }
        let join = self.join_request();
        let joined = driver.group.join_classic(&join, &driver.topics, driver.now);
        self.generation = joined.map_err(|refused| refused.error)?.generation;
        Ok(())
    }

    pub(super) fn sync(&mut self, driver: &mut Driver) -> Result<(), ResponseError> {
        let sync = Sync {
            member_id: Arc::clone(&self.id),
            instance_id: None,
            generation: self.generation,
            protocol_type: Some("consumer".into()),
            protocol: Some("range".into()),
            assignments: HashMap::new(),
        };
        let synced = driver.group.sync_classic(&sync, &driver.topics, driver.now)?;
        let given = embedded::read_assignment(&synced.assignment).expect("an assignment");
        let given = Partitions::of_named(&given.partitions, &driver.topics);
        self.must_join = !self.owned.is_within(&given);
        self.owned = given;
        Ok(())
    }

    pub(super) fn heartbeat(&self, driver: &mut Driver) -> Result<(), ResponseError> {
        let who = Identity { member_id: &self.id, instance_id: None };
        driver.group.heartbeat_classic(who, self.generation, &driver.topics, driver.now)
    }
}
