//! What the node says about itself.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_quorum_request::{PartitionData, TopicData};
use kafka_protocol::messages::update_features_request::FeatureUpdateKey;
use kafka_protocol::messages::{
    ApiVersionsRequest, BrokerId, DescribeQuorumRequest, UpdateFeaturesRequest,
};

use super::{text, topic_name};
use crate::tests::harness::Harness;

#[tokio::test(start_paused = true)]
async fn features_are_told_to_those_who_can_read_them() {
    let harness = Harness::new();
    let mut client = harness.client();
    let request = || {
        ApiVersionsRequest::default()
            .with_client_software_name(text("test"))
            .with_client_software_version(text("1.0"))
    };
    let old = client.ask(3, request()).await;
    assert!(old.supported_features.iter().all(|feature| feature.min_version > 0));
    let new = client.ask(4, request()).await;
    assert!(new.finalized_features_epoch >= 0);
    let level = |name: &str| {
        let mut found = new.finalized_features.iter();
        found.find(|feature| &*feature.name == name).map(|feature| feature.max_version_level)
    };
    assert_eq!((level("transaction.version"), level("group.version")), (Some(2), Some(1)));
    assert!(level("metadata.version").is_some());
    let nameless = client.ask(3, ApiVersionsRequest::default()).await;
    assert_eq!(nameless.error_code, ResponseError::InvalidRequest.code());
}

#[tokio::test(start_paused = true)]
async fn features_cannot_be_changed() {
    let harness = Harness::new();
    let mut client = harness.client();
    let request = |level| {
        let update = FeatureUpdateKey::default()
            .with_feature(text("transaction.version"))
            .with_max_version_level(level);
        UpdateFeaturesRequest::default().with_feature_updates(vec![update])
    };
    let invalid = ResponseError::InvalidUpdateVersion.code();
    assert_eq!(client.ask(2, request(2)).await.error_code, 0);
    assert_eq!(client.ask(2, request(1)).await.error_code, invalid);
    let older = client.ask(1, request(1)).await;
    assert_eq!((older.error_code, older.results[0].error_code), (0, invalid));
}

#[tokio::test(start_paused = true)]
async fn the_quorum_is_this_node() {
    let harness = Harness::new();
    let mut client = harness.client();
    let topic = |name, index| {
        let partition = PartitionData::default().with_partition_index(index);
        TopicData::default().with_topic_name(topic_name(name)).with_partitions(vec![partition])
    };
    let topics = vec![topic("__cluster_metadata", 0), topic("orders", 0)];
    for version in 0..=2 {
        let request = DescribeQuorumRequest::default().with_topics(topics.clone());
        let response = client.ask(version, request).await;
        let partition = &response.topics[0].partitions[0];
        assert_eq!((partition.error_code, partition.leader_id), (0, BrokerId(1)));
        assert_eq!(partition.current_voters[0].log_end_offset, partition.high_watermark);
        let unknown = response.topics[1].partitions[0].error_code;
        assert_eq!(unknown, ResponseError::UnknownTopicOrPartition.code());
    }
}
