//! A transactional application for tests: what a producer library does, one call per request.

use std::collections::HashMap;

use bytes::Bytes;
use commitlog::{Log as _, Producer, TopicConfig};
use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, EndTxnRequest, GroupId,
    InitProducerIdRequest, TransactionalId, TxnOffsetCommitRequest,
};
use kafka_protocol::protocol::StrBytes;
use records::{Batches, Builder, Compression, ControlKind};

use crate::tests::batches::{fetch_request, fill, produce_request, topic_name};
use crate::tests::harness::{Client, Harness};

/// How long transactions of the application may take.
pub(super) const TIMEOUT_MS: i32 = 60_000;
/// The topic it writes to.
pub(super) const TOPIC: &str = "t";

/// Which version of the protocol the application speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaks {
    /// Partitions are added first, epochs stay.
    Version1,
    /// Writing adds partitions, epochs rise at every end (KIP-890).
    Version2,
}

pub(super) use Speaks::{Version1, Version2};

/// A harness with the topic.
pub(super) fn harness() -> Harness {
    let harness = Harness::new();
    let created = harness.broker.log.create_topic(TOPIC, &TopicConfig::with_partitions(3));
    created.expect("a new topic");
    harness
}

/// One instance of the application.
pub(super) struct Application {
    client: Client,
    id: TransactionalId,
    speaks: Speaks,
    pub(super) producer: Producer,
    sequences: HashMap<i32, i32>,
}

impl Application {
    /// Connects, without asking for anything.
    pub(super) fn connect(harness: &Harness, id: &str, speaks: Speaks) -> Self {
        Self {
            client: harness.client(),
            id: TransactionalId(StrBytes::from_string(id.to_owned())),
            speaks,
            producer: Producer { id: -1, epoch: -1 },
            sequences: HashMap::new(),
        }
    }

    /// Connects and takes over the transactional id.
    pub(super) async fn start(harness: &Harness, id: &str, speaks: Speaks) -> Self {
        let mut application = Self::connect(harness, id, speaks);
        assert_eq!(application.initialise(Producer { id: -1, epoch: -1 }).await, 0);
        application
    }

    /// Connects to another broker over the same disk, going on as before.
    pub(super) fn reconnect(&mut self, harness: &Harness) {
        self.client = harness.client();
    }

    fn become_producer(&mut self, producer: Producer) {
        if self.producer != producer {
            self.producer = producer;
            self.sequences.clear();
        }
    }

    /// Asks for a producer id, believing to be `expected`; the answer's error code.
    pub(super) async fn initialise(&mut self, expected: Producer) -> i16 {
        let request = InitProducerIdRequest::default()
            .with_transactional_id(Some(self.id.clone()))
            .with_transaction_timeout_ms(TIMEOUT_MS)
            .with_producer_id(expected.id.into())
            .with_producer_epoch(expected.epoch);
        let response = self.client.ask(5, request).await;
        if response.error_code == 0 {
            let Producer { id, epoch } =
                Producer { id: response.producer_id.0, epoch: response.producer_epoch };
            self.become_producer(Producer { id, epoch });
        }
        response.error_code
    }

    /// Adds a partition to the transaction, as version 1 has to; the answer's error code.
    pub(super) async fn add(&mut self, partition: i32) -> i16 {
        let topic = AddPartitionsToTxnTopic::default()
            .with_name(topic_name(TOPIC))
            .with_partitions(vec![partition]);
        let request = AddPartitionsToTxnRequest::default()
            .with_v3_and_below_transactional_id(self.id.clone())
            .with_v3_and_below_producer_id(self.producer.id.into())
            .with_v3_and_below_producer_epoch(self.producer.epoch)
            .with_v3_and_below_topics(vec![topic]);
        let response = self.client.ask(3, request).await;
        response.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code
    }

    /// Writes one record without adding its partition; the answer's error code.
    pub(super) async fn write(&mut self, partition: i32, value: &str) -> i16 {
        let sequence = self.sequences.entry(partition).or_default();
        let builder = Builder::new(Compression::None)
            .producer(self.producer.id, self.producer.epoch, *sequence)
            .transactional();
        let batch = fill(builder, &[value]);
        let request = produce_request(TOPIC, -1, &[(partition, batch)])
            .with_transactional_id(Some(self.id.clone()));
        let version = match self.speaks {
            Version1 => 9,
            Version2 => 12,
        };
        let response = self.client.ask(version, request).await;
        let code = response.responses[0].partition_responses[0].error_code;
        if code == 0 {
            *sequence += 1;
        }
        code
    }

    /// Writes one record as a library would; it must be taken.
    pub(super) async fn send(&mut self, partition: i32, value: &str) {
        if self.speaks == Version1 {
            assert_eq!(self.add(partition).await, 0);
        }
        assert_eq!(self.write(partition, value).await, 0);
    }

    /// Announces positions of `group`, as version 1 has to; the answer's error code.
    pub(super) async fn add_offsets(&mut self, group: &str) -> i16 {
        let request = AddOffsetsToTxnRequest::default()
            .with_transactional_id(self.id.clone())
            .with_producer_id(self.producer.id.into())
            .with_producer_epoch(self.producer.epoch)
            .with_group_id(group_id(group));
        self.client.ask(3, request).await.error_code
    }

    /// Moves the position of `group` in a partition of the topic without announcing it; the answer's
    /// error code.
    pub(super) async fn move_position(&mut self, group: &str, partition: i32, offset: i64) -> i16 {
        let partition = TxnOffsetCommitRequestPartition::default()
            .with_partition_index(partition)
            .with_committed_offset(offset);
        let topic = TxnOffsetCommitRequestTopic::default()
            .with_name(topic_name(TOPIC))
            .with_partitions(vec![partition]);
        let request = TxnOffsetCommitRequest::default()
            .with_transactional_id(self.id.clone())
            .with_group_id(group_id(group))
            .with_producer_id(self.producer.id.into())
            .with_producer_epoch(self.producer.epoch)
            .with_generation_id(-1)
            .with_topics(vec![topic]);
        let version = match self.speaks {
            Version1 => 3,
            Version2 => 5,
        };
        let response = self.client.ask(version, request).await;
        response.topics[0].partitions[0].error_code
    }

    /// Ends the transaction; the answer's error code.
    pub(super) async fn end(&mut self, committed: bool) -> i16 {
        let request = EndTxnRequest::default()
            .with_transactional_id(self.id.clone())
            .with_producer_id(self.producer.id.into())
            .with_producer_epoch(self.producer.epoch)
            .with_committed(committed);
        let version = match self.speaks {
            Version1 => 3,
            Version2 => 5,
        };
        let response = self.client.ask(version, request).await;
        if response.error_code == 0 && self.speaks == Version2 {
            let (id, epoch) = (response.producer_id.0, response.producer_epoch);
            self.become_producer(Producer { id, epoch });
        }
        response.error_code
    }
}

fn group_id(group: &str) -> GroupId {
    GroupId(StrBytes::from_string(group.to_owned()))
}

/// The values that a reader of everything finds in a partition.
pub(super) async fn uncommitted(harness: &Harness, partition: i32) -> Vec<String> {
    read(harness, partition, 0).await.0
}

/// The values that a reader of committed transactions finds, and where it stands at the end: below the
/// high watermark when it has to wait for an open transaction.
pub(super) async fn committed(harness: &Harness, partition: i32) -> (Vec<String>, bool) {
    read(harness, partition, 1).await
}

/// Reads like a client: passes over control records, and from where an aborted transaction begins over
/// the records of its producer up to its marker.
async fn read(harness: &Harness, partition: i32, isolation: i8) -> (Vec<String>, bool) {
    let mut client = harness.client();
    let request = fetch_request(TOPIC, &[(partition, 0)]).with_isolation_level(isolation);
    let response = client.ask(12, request).await;
    let fetched = &response.responses[0].partitions[0];
    assert_eq!(fetched.error_code, 0);
    let mut aborted: Vec<(i64, i64)> = fetched
        .aborted_transactions
        .iter()
        .flatten()
        .map(|aborted| (aborted.first_offset, aborted.producer_id.0))
        .collect();
    let mut passing: Vec<i64> = Vec::new();
    let mut values = Vec::new();
    for batch in Batches::new(fetched.records.as_ref().unwrap_or(&Bytes::new())) {
        let batch = batch.expect("a sound batch");
        let producer_id = batch.producer_id();
        aborted.retain(|(first, id)| {
            let begins = *first <= batch.last_offset();
            if begins {
                passing.push(*id);
            }
            !begins
        });
        let records = batch.records().expect("sound records");
        if batch.is_control() {
            let kind = records.iter().next().and_then(|record| ControlKind::of(&record));
            if kind == Some(ControlKind::Abort) {
                passing.retain(|id| *id != producer_id);
            }
            continue;
        }
        if batch.is_transactional() && passing.contains(&producer_id) {
            continue;
        }
        let text = |value: &[u8]| String::from_utf8(value.to_vec()).expect("text");
        values.extend(records.iter().filter_map(|record| record.value.map(text)));
    }
    (values, fetched.last_stable_offset < fetched.high_watermark)
}
