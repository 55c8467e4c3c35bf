//! Topics come, are told of, and go.

use commitlog::{Log as _, TopicConfig};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
use kafka_protocol::messages::create_topics_request::CreatableReplicaAssignment;
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{
    BrokerId, CreatePartitionsRequest, CreateTopicsRequest, DeleteTopicsRequest,
    DescribeClusterRequest, MetadataRequest,
};
use testkit::disk::Crash;
use uuid::Uuid;

use super::{create, topic_name, wanted, with_config};
use crate::Config;
use crate::tests::harness::Harness;

fn named(names: &[&str]) -> Option<Vec<MetadataRequestTopic>> {
    let topic = |name: &&str| MetadataRequestTopic::default().with_name(Some(topic_name(name)));
    Some(names.iter().map(topic).collect())
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_a_client_names_is_created_with_the_brokers_defaults() {
    let mut config = Config::default();
    config.properties.insert("num.partitions".to_owned(), "3".to_owned());
    let harness = Harness::with_config(config);
    let mut client = harness.client();
    let request = MetadataRequest::default().with_topics(named(&["orders"]));
    let response = client.ask(13, request).await;
    assert_eq!(response.topics[0].error_code, 0);
    assert_eq!(response.topics[0].partitions.len(), 3);
    assert_ne!(response.topics[0].topic_id, Uuid::nil());
    let partition = &response.topics[0].partitions[2];
    assert_eq!((partition.partition_index, partition.leader_id), (2, BrokerId(1)));
    assert_eq!(partition.isr_nodes, [BrokerId(1)]);
    assert_eq!(&*response.brokers[0].host, "broker.test");
    assert_eq!(response.cluster_id.map(|id| id.len()), Some(22));
}

#[tokio::test(start_paused = true)]
async fn every_version_of_metadata_answers() {
    let harness = Harness::new();
    let mut client = harness.client();
    for version in 0..=13 {
        let mut request = MetadataRequest::default().with_topics(named(&["orders"]));
        if version > 4 {
            request.include_topic_authorized_operations = version >= 8;
        }
        let response = client.ask(version, request).await;
        assert_eq!(response.topics.len(), 1, "version {version}");
        assert_eq!(response.topics[0].error_code, 0, "version {version}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_list_means_all_topics_and_since_version_1_an_empty_one_means_none() {
    let harness = Harness::new();
    let mut client = harness.client();
    create(&mut client, vec![wanted("orders")]).await;
    let all = ["__consumer_offsets", "orders"];
    let empty = || MetadataRequest::default().with_topics(Some(Vec::new()));
    for (version, request, expected) in [
        (0, empty(), &all[..]),
        (1, empty(), &[]),
        (1, MetadataRequest::default().with_topics(None), &all),
        (13, MetadataRequest::default().with_topics(None), &all),
    ] {
        let response = client.ask(version, request).await;
        let names: Vec<String> =
            response.topics.iter().filter_map(|t| Some(t.name.as_ref()?.to_string())).collect();
        assert_eq!(names, expected, "version {version}");
        if let Some(internal) = response.topics.first() {
            assert_eq!(internal.is_internal, version > 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_topic_is_found_by_its_id() {
    let harness = Harness::new();
    let mut client = harness.client();
    let created = create(&mut client, vec![wanted("orders")]).await;
    let ask = |id| {
        let topic = MetadataRequestTopic::default().with_topic_id(id).with_name(None);
        MetadataRequest::default().with_topics(Some(vec![topic]))
    };
    let found = client.ask(12, ask(created[0].topic_id)).await.topics;
    assert_eq!(found[0].name.as_ref().map(|name| name.to_string()).as_deref(), Some("orders"));
    let topic = MetadataRequestTopic::default().with_topic_id(created[0].topic_id);
    let named_empty = topic.with_name(Some(topic_name("")));
    let request = MetadataRequest::default().with_topics(Some(vec![named_empty]));
    assert_eq!(client.ask(13, request).await.topics[0].error_code, 0);
    let unknown = client.ask(12, ask(Uuid::from_u128(7))).await.topics;
    assert_eq!(unknown[0].error_code, ResponseError::UnknownTopicId.code());
    assert_eq!((unknown[0].topic_id, &unknown[0].name), (Uuid::from_u128(7), &None));
}

#[tokio::test(start_paused = true)]
async fn what_others_do_in_the_log_shows_at_once() {
    let harness = Harness::new();
    let mut client = harness.client();
    let log = &harness.broker.log;
    log.create_topic("results", &TopicConfig::with_partitions(2)).expect("a new topic");
    let ask = || {
        let request = MetadataRequest::default().with_topics(named(&["results"]));
        request.with_allow_auto_topic_creation(false)
    };
    assert_eq!(client.ask(9, ask()).await.topics[0].partitions.len(), 2);
    log.delete_topic("results").expect("the topic is there");
    let gone = client.ask(9, ask()).await.topics;
    assert_eq!(gone[0].error_code, ResponseError::UnknownTopicOrPartition.code());
}

#[tokio::test(start_paused = true)]
async fn topics_are_not_created_where_that_is_not_wanted() {
    let mut config = Config::default();
    config.properties.insert("auto.create.topics.enable".to_owned(), "false".to_owned());
    let harness = Harness::with_config(config);
    let mut client = harness.client();
    let request = MetadataRequest::default().with_topics(named(&["orders", "no/topic"]));
    let topics = client.ask(12, request).await.topics;
    assert_eq!(topics[0].error_code, ResponseError::UnknownTopicOrPartition.code());
    assert_eq!(topics[1].error_code, ResponseError::InvalidTopicException.code());
    assert!(harness.broker.log.topic("orders").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_created_topic_is_described_and_outlives_a_crash() {
    let mut harness = Harness::new();
    let mut client = harness.client();
    let topic = with_config(wanted("orders").with_num_partitions(2), "retention.ms", "60000");
    let topic = with_config(topic, "min.insync.replicas", "1");
    let created = create(&mut client, vec![topic]).await;
    assert_eq!((created[0].error_code, &created[0].error_message), (0, &None));
    assert_eq!((created[0].num_partitions, created[0].replication_factor), (2, 1));
    let configs = created[0].configs.as_ref().expect("configurations since version 5");
    let entry = |name: &str| {
        let entry = configs.iter().find(|entry| &*entry.name == name).expect("every entry");
        (
            entry.value.as_ref().map(|value| value.to_string()).unwrap_or_default(),
            entry.config_source,
        )
    };
    assert_eq!(entry("retention.ms"), ("60000".to_owned(), 1));
    assert_eq!(entry("min.insync.replicas"), ("1".to_owned(), 1));
    assert_eq!(entry("segment.bytes"), ("1073741824".to_owned(), 5));

    let id = created[0].topic_id;
    harness.crash(Crash::LoseUnsynced);
    let mut client = harness.client();
    let request = MetadataRequest::default().with_topics(named(&["orders"]));
    let topics = client.ask(13, request).await.topics;
    assert_eq!((topics[0].topic_id, topics[0].partitions.len()), (id, 2));
    let kept = harness.broker.log.topic("orders").expect("the topic is there");
    assert_eq!(kept.config.retention_ms, Some(60_000));
}

#[tokio::test(start_paused = true)]
async fn topics_that_cannot_be_are_refused_one_by_one() {
    let harness = Harness::new();
    let mut client = harness.client();
    create(&mut client, vec![wanted("a.b")]).await;
    let on = |broker: i32| {
        let assignment =
            CreatableReplicaAssignment::default().with_broker_ids(vec![BrokerId(broker)]);
        vec![assignment]
    };
    let cases = [
        (wanted("a.b"), ResponseError::TopicAlreadyExists),
        (wanted("a_b"), ResponseError::InvalidTopicException),
        (wanted("no/topic"), ResponseError::InvalidTopicException),
        (wanted("__cluster_metadata"), ResponseError::InvalidRequest),
        (wanted("none").with_num_partitions(0), ResponseError::InvalidPartitions),
        (wanted("safe").with_replication_factor(3), ResponseError::InvalidReplicationFactor),
        (wanted("zero").with_replication_factor(0), ResponseError::InvalidReplicationFactor),
        (wanted("afar").with_assignments(on(7)), ResponseError::InvalidReplicaAssignment),
        (
            wanted("both").with_assignments(on(1)).with_num_partitions(1),
            ResponseError::InvalidRequest,
        ),
        (with_config(wanted("odd"), "no.such.entry", "1"), ResponseError::InvalidConfig),
        (with_config(wanted("bad"), "retention.ms", "soon"), ResponseError::InvalidConfig),
        (with_config(wanted("far"), "remote.storage.enable", "true"), ResponseError::InvalidConfig),
    ];
    let (topics, expected): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    let results = create(&mut client, topics).await;
    for (result, expected) in results.iter().zip(expected) {
        assert_eq!(result.error_code, expected.code(), "{result:?}");
        assert!(result.error_message.is_some(), "{result:?}");
    }
    let remedy = results[5].error_message.as_ref().expect("a message");
    assert!(remedy.contains("external Kafka cluster"), "{remedy}");
    let twice = create(&mut client, vec![wanted("twice"), wanted("twice")]).await;
    assert_eq!(twice.len(), 1);
    assert_eq!(twice[0].error_code, ResponseError::InvalidRequest.code());
    let own = create(&mut client, vec![wanted("own").with_assignments(on(1))]).await;
    assert_eq!((own[0].error_code, own[0].num_partitions), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn validation_creates_nothing() {
    let harness = Harness::new();
    let mut client = harness.client();
    let request = CreateTopicsRequest::default()
        .with_topics(vec![wanted("orders").with_num_partitions(4)])
        .with_validate_only(true);
    let results = client.ask(5, request).await.topics;
    assert_eq!((results[0].error_code, results[0].num_partitions), (0, 4));
    assert!(harness.broker.log.topic("orders").is_none());
}

#[tokio::test(start_paused = true)]
async fn every_version_creates_and_deletes() {
    let harness = Harness::new();
    let mut client = harness.client();
    for version in 2..=7 {
        let topic = wanted("orders").with_num_partitions(1).with_replication_factor(1);
        let request = CreateTopicsRequest::default().with_topics(vec![topic]);
        let created = client.ask(version, request.clone()).await.topics;
        assert_eq!(created[0].error_code, 0, "version {version}");
        let exists = client.ask(version, request).await.topics;
        assert_ne!(exists[0].error_code, 0, "version {version}");
        let request = match version - 1 {
            6 => DeleteTopicsRequest::default().with_topics(vec![
                DeleteTopicState::default().with_name(Some(topic_name("orders"))),
            ]),
            _ => DeleteTopicsRequest::default().with_topic_names(vec![topic_name("orders")]),
        };
        let deleted = client.ask(version - 1, request).await.responses;
        assert_eq!(deleted[0].error_code, 0, "version {version}");
    }
}

#[tokio::test(start_paused = true)]
async fn topics_are_deleted_by_name_and_by_id() {
    let harness = Harness::new();
    let mut client = harness.client();
    let created = create(&mut client, vec![wanted("one"), wanted("two"), wanted("three")]).await;
    let names = vec![topic_name("one"), topic_name("none")];
    let response = client.ask(5, DeleteTopicsRequest::default().with_topic_names(names)).await;
    let codes: Vec<i16> = response.responses.iter().map(|result| result.error_code).collect();
    assert_eq!(codes, [0, ResponseError::UnknownTopicOrPartition.code()]);

    let by_id = |id| DeleteTopicState::default().with_name(None).with_topic_id(id);
    let by_name = |name| DeleteTopicState::default().with_name(Some(topic_name(name)));
    let topics = vec![
        by_id(created[1].topic_id),
        by_id(created[0].topic_id),
        by_name("three").with_topic_id(created[2].topic_id),
        by_name("__consumer_offsets"),
    ];
    let response = client.ask(6, DeleteTopicsRequest::default().with_topics(topics)).await;
    let codes: Vec<i16> = response.responses.iter().map(|result| result.error_code).collect();
    let expected = [
        0,
        ResponseError::UnknownTopicId.code(),
        ResponseError::InvalidRequest.code(),
        ResponseError::InvalidRequest.code(),
    ];
    assert_eq!(codes, expected);
    assert_eq!(response.responses[0].name.as_ref().map(|n| n.to_string()).as_deref(), Some("two"));
    let left: Vec<String> =
        harness.broker.log.topics().iter().map(|topic| topic.name.to_string()).collect();
    assert_eq!(left, ["__consumer_offsets", "three"]);
}

#[tokio::test(start_paused = true)]
async fn however_many_topics_a_request_is_about_one_sync_does() {
    let mut harness = Harness::new();
    let mut client = harness.client();
    let names: Vec<String> = (0..20).map(|number| format!("topic.{number}")).collect();
    let syncs = |harness: &Harness, before: u64| harness.disk.syncs() - before;

    let before = harness.disk.syncs();
    let created = create(&mut client, names.iter().map(|name| wanted(name)).collect()).await;
    assert!(created.iter().all(|result| result.error_code == 0));
    assert_eq!((created.len(), syncs(&harness, before)), (20, 1));
    harness.crash(Crash::LoseUnsynced);
    let mut client = harness.client();

    let before = harness.disk.syncs();
    let grow = |name: &String| {
        CreatePartitionsTopic::default()
            .with_name(topic_name(name))
            .with_count(3)
            .with_assignments(None)
    };
    let request = CreatePartitionsRequest::default().with_topics(names.iter().map(grow).collect());
    let grown = client.ask(3, request).await.results;
    assert!(grown.iter().all(|result| result.error_code == 0));
    assert_eq!((grown.len(), syncs(&harness, before)), (20, 1));
    harness.crash(Crash::LoseUnsynced);
    let mut client = harness.client();
    assert!(names.iter().all(|name| {
        harness.broker.log.topic(name).is_some_and(|topic| topic.config.partitions == 3)
    }));

    let before = harness.disk.syncs();
    let named = names.iter().map(|name| topic_name(name)).collect();
    let deleted = client.ask(5, DeleteTopicsRequest::default().with_topic_names(named)).await;
    assert!(deleted.responses.iter().all(|result| result.error_code == 0));
    assert_eq!((deleted.responses.len(), syncs(&harness, before)), (20, 1));
    harness.crash(Crash::LoseUnsynced);
    assert_eq!(harness.broker.log.topics().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_reach_stable_storage_is_not_told_as_done() {
    let harness = Harness::new();
    let mut client = harness.client();
    harness.disk.fail_syncs(1);
    let created = create(&mut client, vec![wanted("one"), wanted("two"), wanted(".")]).await;
    let codes: Vec<i16> = created.iter().map(|result| result.error_code).collect();
    let storage = ResponseError::KafkaStorageError.code();
    assert_eq!(codes, [storage, storage, ResponseError::InvalidTopicException.code()]);
}

#[tokio::test(start_paused = true)]
async fn the_cluster_is_one_node() {
    let harness = Harness::new();
    let mut client = harness.client();
    let request =
        DescribeClusterRequest::default().with_include_cluster_authorized_operations(true);
    let response = client.ask(1, request).await;
    assert_eq!((response.error_code, response.controller_id), (0, BrokerId(1)));
    assert_eq!((response.brokers.len(), response.brokers[0].port), (1, 9092));
    assert_ne!(response.cluster_authorized_operations, i32::MIN);
    let controllers = DescribeClusterRequest::default().with_endpoint_type(2);
    let refused = client.ask(1, controllers).await;
    assert_eq!(refused.error_code, ResponseError::MismatchedEndpointType.code());
}
