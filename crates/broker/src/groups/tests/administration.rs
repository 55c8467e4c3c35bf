//! Groups are listed, described and deleted.

use commitlog::{Commit, Log as _, Position};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_delete_request::{
    OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, DeleteGroupsRequest, DescribeGroupsRequest,
    FindCoordinatorRequest, GroupId, LeaveGroupRequest, ListGroupsRequest, OffsetDeleteRequest,
};
use types::{Offset, TopicPartition};

use super::member::*;
use crate::tests::harness::Client;

async fn listed(client: &mut Client, request: ListGroupsRequest) -> Vec<[String; 3]> {
    let response = client.ask(5, request).await;
    let group = |group: kafka_protocol::messages::list_groups_response::ListedGroup| {
        [group.group_id.0, group.group_state, group.group_type].map(|text| text.to_string())
    };
    response.groups.into_iter().map(group).collect()
}

#[tokio::test(start_paused = true)]
async fn groups_are_listed_by_state_and_type() {
    let harness = harness();
    let mut client = harness.client();
    only_member(&mut client).await;
    let positions = vec![Position::new("query", TopicPartition::new(TOPIC, 0), Offset(3))];
    harness.broker.log.commit(Commit { positions, ..Commit::default() }).unwrap();
    let other = consumer_join("m").with_group_id(GroupId(text("new")));
    assert_eq!(client.ask(1, other).await.error_code, 0);
    let all = listed(&mut client, ListGroupsRequest::default()).await;
    let stable = [GROUP, "Stable", "classic"];
    let new = ["new", "Stable", "consumer"];
    assert_eq!(all, [stable, new, ["query", "Empty", "classic"]]);
    let states = ListGroupsRequest::default().with_states_filter(vec![text("stable")]);
    assert_eq!(listed(&mut client, states.clone()).await, [stable, new]);
    let types = states.with_types_filter(vec![text("Consumer")]);
    assert_eq!(listed(&mut client, types).await, [new]);
}

#[tokio::test(start_paused = true)]
async fn groups_are_described() {
    let harness = harness();
    let mut client = harness.client();
    let joined = only_member(&mut client).await;
    let unknown = GroupId(text("unknown"));
    let request = DescribeGroupsRequest::default()
        .with_groups(vec![group_id(), unknown.clone()])
        .with_include_authorized_operations(true);
    let response = client.ask(6, request.clone()).await;
    let known = &response.groups[0];
    assert_eq!((&*known.group_state, &*known.protocol_data), ("Stable", "range"));
    assert_eq!(known.members[0].member_id, joined.member_id);
    assert_eq!((&*known.members[0].client_host, known.members.len()), ("/127.0.0.1", 1));
    assert_eq!(&known.members[0].member_assignment[..], b"all");
    assert_eq!(known.authorized_operations, 0b1101_0100_1000);
    let error = response.groups[1].error_code;
    assert_eq!(error, ResponseError::GroupIdNotFound.code());
    let response = client.ask(5, request).await;
    let unknown = &response.groups[1];
    assert_eq!((unknown.error_code, &*unknown.group_state), (0, "Dead"));
}

#[tokio::test(start_paused = true)]
async fn groups_of_the_consumer_protocol_are_described() {
    let harness = harness();
    let mut client = harness.client();
    client.ask(1, consumer_join("m")).await;
    let request = ConsumerGroupDescribeRequest::default()
        .with_group_ids(vec![group_id(), GroupId(text("unknown"))]);
    let response = client.ask(1, request).await;
    let group = &response.groups[0];
    assert_eq!((&*group.group_state, &*group.assignor_name), ("Stable", "uniform"));
    assert_eq!((group.group_epoch, group.assignment_epoch), (1, 1));
    let topic = &group.members[0].assignment.topic_partitions[0];
    assert_eq!((&**topic.topic_name, &topic.partitions[..]), (TOPIC, &[0, 1, 2][..]));
    let error = response.groups[1].error_code;
    assert_eq!(error, ResponseError::GroupIdNotFound.code());
}

#[tokio::test(start_paused = true)]
async fn only_groups_without_members_are_deleted() {
    let harness = harness();
    let mut client = harness.client();
    let joined = only_member(&mut client).await;
    let request = DeleteGroupsRequest::default()
        .with_groups_names(vec![group_id(), GroupId(text("unknown"))]);
    let response = client.ask(2, request.clone()).await;
    let codes: Vec<i16> = response.results.iter().map(|result| result.error_code).collect();
    let unknown = ResponseError::GroupIdNotFound.code();
    assert_eq!(codes, [ResponseError::NonEmptyGroup.code(), unknown]);
    let leave = LeaveGroupRequest::default().with_group_id(group_id());
    let leave = leave.with_member_id(joined.member_id.clone());
    assert_eq!(client.ask(2, leave).await.error_code, 0);
    assert_eq!(commit(&mut client, commit_request(1)).await, 0);
    assert_eq!(client.ask(2, request).await.results[0].error_code, 0);
    assert_eq!(fetch(&mut client).await.0, -1);
    assert!(listed(&mut client, ListGroupsRequest::default()).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn offsets_are_deleted_unless_somebody_needs_them() {
    let harness = harness();
    let mut client = harness.client();
    assert_eq!(commit(&mut client, commit_request(1)).await, 0);
    let partition = |index| OffsetDeleteRequestPartition::default().with_partition_index(index);
    let topic = OffsetDeleteRequestTopic::default()
        .with_name(topic_name())
        .with_partitions(vec![partition(0), partition(9)]);
    let request = OffsetDeleteRequest::default().with_group_id(group_id()).with_topics(vec![topic]);
    only_member(&mut client).await;
    let response = client.ask(0, request.clone()).await;
    let subscribed = response.topics[0].partitions[0].error_code;
    assert_eq!(subscribed, ResponseError::GroupSubscribedToTopic.code());
    tokio::time::sleep(std::time::Duration::from_secs(11)).await;
    let response = client.ask(0, request).await;
    let codes: Vec<i16> = response.topics[0].partitions.iter().map(|it| it.error_code).collect();
    assert_eq!(codes, [0, ResponseError::UnknownTopicOrPartition.code()]);
    assert_eq!(fetch(&mut client).await.0, -1);
}

#[tokio::test(start_paused = true)]
async fn the_coordinator_is_this_node() {
    let harness = harness();
    let mut client = harness.client();
    let request = FindCoordinatorRequest::default().with_key(text(GROUP));
    let response = client.ask(3, request).await;
    assert_eq!((&*response.host, response.port, *response.node_id), ("broker.test", 9092, 1));
    let keys = vec![text("a"), text("b")];
    for (key_type, code) in [(0, 0), (1, 0), (2, ResponseError::InvalidRequest.code())] {
        let request = FindCoordinatorRequest::default()
            .with_key_type(key_type)
            .with_coordinator_keys(keys.clone());
        let response = client.ask(6, request).await;
        let codes: Vec<i16> = response.coordinators.iter().map(|it| it.error_code).collect();
        assert_eq!(codes, [code, code]);
    }
}
