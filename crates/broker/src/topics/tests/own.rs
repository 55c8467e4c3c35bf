//! Nothing that a client asks for makes the broker forget what it must remember.

use bytes::Bytes;
use commitlog::{Log as _, TopicConfig};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::alter_configs_request::AlterConfigsResource;
use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
use kafka_protocol::messages::delete_records_request::{
    DeleteRecordsPartition, DeleteRecordsTopic,
};
use kafka_protocol::messages::{
    AlterConfigsRequest, CreatePartitionsRequest, DeleteRecordsRequest, DeleteTopicsRequest,
};

use super::configs::{APPEND, BROKER, DELETE, SET, TOPIC, alter};
use super::{create, text, topic_name, wanted, with_config};
use crate::Config;
use crate::tests::batches::{batch, produce};
use crate::tests::harness::{Client, Harness};

const OFFSETS: &str = "__consumer_offsets";
const TRANSACTIONS: &str = "__transaction_state";
const CONFIGS: &str = "__tidemill_configs";

/// A broker whose clients have set something, so that it has a topic for that.
async fn configured(config: Config) -> (Harness, Client) {
    let harness = Harness::with_config(config);
    let mut client = harness.client();
    assert_eq!(alter(&mut client, BROKER, "", &[("log.retention.ms", SET, "1000")]).await, 0);
    (harness, client)
}

fn is_only_compacted(harness: &Harness, name: &str) -> bool {
    let config = harness.broker.log.topic(name).expect(name).config;
    config.compact && !config.delete
}

#[tokio::test(start_paused = true)]
async fn they_can_be_tuned_but_not_made_to_forget() {
    let (harness, mut client) = configured(Config::default()).await;
    let denied = ResponseError::PolicyViolation.code();
    let changes = [
        ("cleanup.policy", SET, "delete"),
        ("cleanup.policy", SET, "compact,delete"),
        ("cleanup.policy", APPEND, "delete"),
        ("cleanup.policy", DELETE, ""),
    ];
    for name in [OFFSETS, CONFIGS] {
        for change in changes {
            assert_eq!(alter(&mut client, TOPIC, name, &[change]).await, denied, "{change:?}");
        }
        let replaced = AlterConfigsResource::default()
            .with_resource_type(TOPIC)
            .with_resource_name(text(name));
        let request = AlterConfigsRequest::default().with_resources(vec![replaced]);
        let response = client.ask(2, request).await.responses.remove(0);
        assert_eq!(response.error_code, denied);
        assert!(response.error_message.is_some_and(|message| message.contains(name)));
        assert!(is_only_compacted(&harness, name));
    }
    let tuned = [("segment.bytes", SET, "1048576")];
    assert_eq!(alter(&mut client, TOPIC, OFFSETS, &tuned).await, 0);
    assert_eq!(alter(&mut client, TOPIC, CONFIGS, &tuned).await, denied);
    let config = harness.broker.log.topic(OFFSETS).expect("the topic").config;
    assert_eq!(config.segment_bytes_max, 1 << 20);
    assert!(is_only_compacted(&harness, OFFSETS));
}

#[tokio::test(start_paused = true)]
async fn what_the_process_has_made_does_not_follow_the_brokers_cleanup_policy() {
    let mut config = Config::default();
    config.properties.insert("log.cleanup.policy".to_owned(), "compact".to_owned());
    let (harness, mut client) = configured(config).await;
    create(&mut client, vec![wanted("follows")]).await;
    assert!(is_only_compacted(&harness, "follows"));
    let changelog = TopicConfig::with_partitions(1).compacted();
    harness.create_topic("changelog", &changelog).expect("a new topic");
    let change = [("log.cleanup.policy", SET, "delete")];
    assert_eq!(alter(&mut client, BROKER, "", &change).await, 0);
    assert!(!is_only_compacted(&harness, "follows"));
    for name in [OFFSETS, CONFIGS, "changelog"] {
        assert!(is_only_compacted(&harness, name), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn they_are_neither_grown_nor_shortened_nor_written_nor_deleted() {
    let (harness, mut client) = configured(Config::default()).await;
    let description = |name| harness.broker.log.topic(name).expect(name);
    for name in [OFFSETS, CONFIGS] {
        let before = description(name);
        let topic = CreatePartitionsTopic::default()
            .with_name(topic_name(name))
            .with_count(99)
            .with_assignments(None);
        let request = CreatePartitionsRequest::default().with_topics(vec![topic]);
        let grown = client.ask(3, request).await.results.remove(0);
        assert_eq!(grown.error_code, ResponseError::InvalidRequest.code());
        assert!(grown.error_message.is_some_and(|message| message.contains(name)));

        let partition = DeleteRecordsPartition::default().with_offset(-1);
        let topic = DeleteRecordsTopic::default()
            .with_name(topic_name(name))
            .with_partitions(vec![partition]);
        let request = DeleteRecordsRequest::default().with_topics(vec![topic]);
        let shortened = client.ask(2, request).await.topics.remove(0).partitions.remove(0);
        assert_eq!(shortened.error_code, ResponseError::InvalidTopicException.code());

        let written: Bytes = batch(&["v"]);
        let written = produce(&mut client, name, 0, written).await;
        assert_eq!(written.error_code, ResponseError::InvalidTopicException.code());

        let names = vec![topic_name(name)];
        let request = DeleteTopicsRequest::default().with_topic_names(names);
        let deleted = client.ask(5, request).await.responses.remove(0);
        assert_eq!(deleted.error_code, ResponseError::InvalidRequest.code());
        assert_eq!(description(name), before);
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_makes_one_beforehand_makes_it_as_it_must_be() {
    let harness = Harness::new();
    let mut client = harness.client();
    let plain = create(&mut client, vec![wanted(TRANSACTIONS)]).await.remove(0);
    assert_eq!(plain.error_code, ResponseError::PolicyViolation.code());
    let sealed = create(&mut client, vec![wanted(CONFIGS)]).await.remove(0);
    assert_eq!(sealed.error_code, ResponseError::InvalidRequest.code());
    let compacted = with_config(wanted(TRANSACTIONS), "cleanup.policy", "compact");
    assert_eq!(create(&mut client, vec![compacted]).await[0].error_code, 0);
    assert!(is_only_compacted(&harness, TRANSACTIONS));
}
