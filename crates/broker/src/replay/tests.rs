//! What is damaged on disk stops a start, unless the user gives it up.

use commitlog::{Append, Commit, TopicConfig};
use kafka_protocol::messages::InitProducerIdRequest;
use kafka_protocol::protocol::StrBytes;
use records::{Builder, Compression};

use super::*;
use crate::tests::harness::Harness;
use crate::{Broker, Config, Services};

const GROUPS: &str = "__consumer_offsets";
const TRANSACTIONS: &str = "__transaction_state";
const CONFIGS: &str = "__tidemill_configs";

/// Appends a record with `key` to partition 0 of `topic`, and moves it to a segment.
fn put(harness: &Harness, topic: &str, key: &[u8], value: &[u8]) {
    let mut builder = Builder::new(Compression::None);
    builder.append(1, Some(key), Some(value), &[]);
    let append = Append { partition: TopicPartition::new(topic, 0), batch: builder.build() };
    let log = &harness.broker.log;
    log.commit(Commit { appends: vec![append], ..Commit::default() }).unwrap();
    log.flush().unwrap();
}

/// Damages the last batch of partition 0 of `topic`.
fn damage(harness: &Harness, topic: &str) {
    let path = format!("{topic}-0/00000000000000000000.log");
    let bytes = harness.disk.contents(&path).unwrap().len();
    harness.disk.flip_bit(&path, bytes * 8 - 3).unwrap();
}

/// Opens another broker over the same log.
fn open(harness: &Harness, skips: bool) -> Result<()> {
    let broker = &harness.broker;
    let services = Services {
        log: broker.log.clone(),
        clock: broker.clock.clone(),
        random: broker.random.clone(),
    };
    let mut config = Config::default();
    config.properties.insert(SKIP.to_owned(), skips.to_string());
    Broker::open(services, config).map(|_| ())
}

#[tokio::test(start_paused = true)]
async fn a_damaged_batch_stops_the_start_unless_it_is_given_up() {
    for topic in [GROUPS, TRANSACTIONS, CONFIGS] {
        let harness = Harness::new();
        if topic != GROUPS {
            let config = TopicConfig::with_partitions(1).compacted();
            harness.create_topic(topic, &config).unwrap();
        }
        let (key, value): (&[u8], &[u8]) = match topic {
            CONFIGS => (br#"{"resource":"group","name":"g"}"#, br#"{"a":"b"}"#),
            _ => (&[0, 7, 0, 1, b'g'], b"something"),
        };
        put(&harness, topic, key, value);
        put(&harness, topic, key, value);
        open(&harness, false).unwrap();
        damage(&harness, topic);
        let error = open(&harness, false).unwrap_err();
        assert!(matches!(error, Error::Unreadable { offset: 1, .. }), "{error}");
        let message = error.to_string();
        let place = format!("{topic}-0");
        for part in [place.as_str(), "offset 1", "backup", "kafka.tidemill.unreadable"] {
            assert!(message.contains(part), "{message}");
        }
        open(&harness, true).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_stands_before_the_damage_and_in_the_next_segment_is_read() {
    let harness = Harness::new();
    let topic = "__tidemill_test";
    let config =
        TopicConfig { segment_bytes_max: 1024, ..TopicConfig::with_partitions(1).compacted() };
    harness.create_topic(topic, &config).unwrap();
    put(&harness, topic, b"a", b"v");
    put(&harness, topic, b"b", &[b'v'; 800]);
    put(&harness, topic, b"c", &[b'v'; 800]);
    damage(&harness, topic);
    let mut seen = Vec::new();
    let replay = Replay { log: &harness.broker.log, skips: true };
    let read = replay.topic(topic, |_, record| {
        seen.push((record.offset, record.key.map(<[u8]>::to_vec)));
        Ok(())
    });
    read.unwrap();
    assert_eq!(seen, [(0, Some(b"a".to_vec())), (2, Some(b"c".to_vec()))]);
    assert!(Replay { skips: false, ..replay }.topic(topic, |_, _| Ok(())).is_err());
    assert!(replay.topic("nowhere", |_, _| Err("never asked")).is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_configuration_that_is_none_is_not_taken_for_a_deletion() {
    let harness = Harness::new();
    harness.create_topic(CONFIGS, &TopicConfig::with_partitions(1).compacted()).unwrap();
    put(&harness, CONFIGS, br#"{"resource":"broker","name":""}"#, br#"{"log.retention.ms":7}"#);
    let error = open(&harness, false).unwrap_err();
    assert!(error.to_string().contains("its value is none of a configuration"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn records_that_clients_may_write_keep_nobody_from_starting() {
    let harness = Harness::new();
    let mut client = harness.client();
    let request = InitProducerIdRequest::default()
        .with_transactional_id(Some(StrBytes::from_static_str("id").into()))
        .with_transaction_timeout_ms(1000);
    assert_eq!(client.ask(4, request).await.error_code, 0);
    for topic in [GROUPS, TRANSACTIONS] {
        put(&harness, topic, b"no key of ours", b"v");
        put(&harness, topic, &[0, 0, 0, 1, b'i'], b"no value");
    }
    open(&harness, false).unwrap();
}
