//! Every version of every request is answered in its own form.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopic,
};
use kafka_protocol::messages::*;

use super::member::*;

#[tokio::test(start_paused = true)]
async fn the_classic_protocol() {
    for version in 0..=9 {
        let harness = harness();
        let mut client = harness.client();
        let in_version = |request: JoinGroupRequest| match version {
            0 => request.with_rebalance_timeout_ms(-1),
            _ => request,
        };
        let mut joined = client.ask(version, in_version(join_request(""))).await;
        if version >= 4 {
            assert_eq!(joined.error_code, ResponseError::MemberIdRequired.code());
            joined = client.ask(version, in_version(join_request(&joined.member_id))).await;
        }
        assert_eq!((joined.error_code, joined.generation_id), (0, 1));
        assert_eq!(joined.protocol_name.as_deref(), Some("range"));
        let sync_version = version.min(5);
        let mut sync = sync_request(&joined, &[]);
        if sync_version == 5 && version < 7 {
            sync = sync.with_protocol_type(Some(text("consumer")));
        }
        assert_eq!(client.ask(sync_version, sync).await.error_code, 0);
        let beat = client.ask(version.min(4), heartbeat_request(&joined)).await;
        assert_eq!(beat.error_code, 0);
        let leave = LeaveGroupRequest::default().with_group_id(group_id());
        let leave = match version {
            0..=2 => leave.with_member_id(joined.member_id.clone()),
            _ => {
                let id = joined.member_id.clone();
                leave.with_members(vec![MemberIdentity::default().with_member_id(id)])
            }
        };
        assert_eq!(client.ask(version.min(5), leave).await.error_code, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn commits_and_fetches() {
    let harness = harness();
    let mut client = harness.client();
    for version in 2..=9 {
        let offset = i64::from(version);
        let response = client.ask(version, commit_request(offset)).await;
        assert_eq!(response.topics[0].partitions[0].error_code, 0);
        assert_eq!(fetch(&mut client).await.0, offset);
    }
    for version in 1..=7 {
        let topic = OffsetFetchRequestTopic::default().with_name(topic_name());
        let topic = topic.with_partition_indexes(vec![0, 1]);
        let request = OffsetFetchRequest::default().with_group_id(group_id());
        let response = client.ask(version, request.with_topics(Some(vec![topic]))).await;
        let found = &response.topics[0].partitions;
        assert_eq!((found[0].committed_offset, found[1].committed_offset), (9, -1));
    }
    let group = OffsetFetchRequestGroup::default().with_group_id(group_id()).with_topics(None);
    let response = client.ask(8, OffsetFetchRequest::default().with_groups(vec![group])).await;
    assert_eq!(response.groups[0].topics[0].partitions[0].committed_offset, 9);
}

#[tokio::test(start_paused = true)]
async fn administration() {
    let harness = harness();
    let mut client = harness.client();
    commit(&mut client, commit_request(1)).await;
    for version in 0..=6 {
        let request = DescribeGroupsRequest::default().with_groups(vec![group_id()]);
        let response = client.ask(version, request).await;
        assert_eq!(&*response.groups[0].group_state, "Empty");
    }
    for version in 0..=5 {
        let response = client.ask(version, ListGroupsRequest::default()).await;
        assert_eq!(response.groups.len(), 1);
    }
    for version in 0..=6 {
        let request = match version {
            0..=3 => FindCoordinatorRequest::default().with_key(text(GROUP)),
            _ => FindCoordinatorRequest::default().with_coordinator_keys(vec![text(GROUP)]),
        };
        let response = client.ask(version, request).await;
        let port = match version {
            0..=3 => response.port,
            _ => response.coordinators[0].port,
        };
        assert_eq!(port, 9092);
    }
    for version in 0..=2 {
        commit(&mut client, commit_request(1)).await;
        let request = DeleteGroupsRequest::default().with_groups_names(vec![group_id()]);
        assert_eq!(client.ask(version, request).await.results[0].error_code, 0);
    }
}
