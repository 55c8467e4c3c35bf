//! Requests about groups and their positions.

use kafka_protocol::messages::ApiKey;

use super::kind::{
    BOOLEAN, BYTES, INT8, INT32, INT64, Kind, NEVER, Request, STRING, UUID, array, field, request,
    structure,
};

pub(super) const REQUESTS: &[Request] = &[
    request(
        ApiKey::OffsetCommit,
        8,
        structure(&[
            field("group_id", STRING),
            field("generation_id_or_member_epoch", INT32),
            field("member_id", STRING),
            field("group_instance_id", STRING).since(7),
            field("retention_time_ms", INT64).until(4),
            field(
                "topics",
                array(&structure(&[
                    field("name", STRING),
                    field(
                        "partitions",
                        array(&structure(&[
                            field("partition_index", INT32),
                            field("committed_offset", INT64),
                            field("committed_leader_epoch", INT32).since(6),
                            field("committed_metadata", STRING),
                        ])),
                    ),
                ])),
            ),
        ]),
    ),
    request(
        ApiKey::OffsetFetch,
        6,
        structure(&[
            field("group_id", STRING).until(7),
            field(
                "topics",
                array(&structure(&[
                    field("name", STRING),
                    field("partition_indexes", array(&INT32)),
                ])),
            )
            .until(7),
            field(
                "groups",
                array(&structure(&[
                    field("group_id", STRING),
                    field("member_id", STRING).since(9),
                    field("member_epoch", INT32).since(9),
                    field(
                        "topics",
                        array(&structure(&[
                            field("name", STRING),
                            field("partition_indexes", array(&INT32)),
                        ])),
                    ),
                ])),
            )
            .since(8),
            field("require_stable", BOOLEAN).since(7),
        ]),
    ),
    request(
        ApiKey::OffsetDelete,
        NEVER,
        structure(&[
            field("group_id", STRING),
            field(
                "topics",
                array(&structure(&[
                    field("name", STRING),
                    field("partitions", array(&structure(&[field("partition_index", INT32)]))),
                ])),
            ),
        ]),
    ),
    request(
        ApiKey::FindCoordinator,
        3,
        structure(&[
            field("key", STRING).until(3),
            field("key_type", INT8).since(1),
            field("coordinator_keys", array(&STRING)).since(4),
        ]),
    ),
    request(
        ApiKey::JoinGroup,
        6,
        structure(&[
            field("group_id", STRING),
            field("session_timeout_ms", INT32),
            field("rebalance_timeout_ms", INT32).since(1),
            field("member_id", STRING),
            field("group_instance_id", STRING).since(5),
            field("protocol_type", STRING),
            field(
                "protocols",
                array(&structure(&[field("name", STRING), field("metadata", BYTES)])),
            ),
            field("reason", STRING).since(8),
        ]),
    ),
    request(
        ApiKey::SyncGroup,
        4,
        structure(&[
            field("group_id", STRING),
            field("generation_id", INT32),
            field("member_id", STRING),
            field("group_instance_id", STRING).since(3),
            field("protocol_type", STRING).since(5),
            field("protocol_name", STRING).since(5),
            field(
                "assignments",
                array(&structure(&[field("member_id", STRING), field("assignment", BYTES)])),
            ),
        ]),
    ),
    request(
        ApiKey::Heartbeat,
        4,
        structure(&[
            field("group_id", STRING),
            field("generation_id", INT32),
            field("member_id", STRING),
            field("group_instance_id", STRING).since(3),
        ]),
    ),
    request(
        ApiKey::LeaveGroup,
        4,
        structure(&[
            field("group_id", STRING),
            field("member_id", STRING).until(2),
            field(
                "members",
                array(&structure(&[
                    field("member_id", STRING),
                    field("group_instance_id", STRING),
                    field("reason", STRING).since(5),
                ])),
            )
            .since(3),
        ]),
    ),
    request(
        ApiKey::DescribeGroups,
        5,
        structure(&[
            field("groups", array(&STRING)),
            field("include_authorized_operations", BOOLEAN).since(3),
        ]),
    ),
    request(
        ApiKey::ListGroups,
        3,
        structure(&[
            field("states_filter", array(&STRING)).since(4),
            field("types_filter", array(&STRING)).since(5),
        ]),
    ),
    request(ApiKey::DeleteGroups, 2, structure(&[field("groups_names", array(&STRING))])),
    request(
        ApiKey::ConsumerGroupHeartbeat,
        0,
        structure(&[
            field("group_id", STRING),
            field("member_id", STRING),
            field("member_epoch", INT32),
            field("instance_id", STRING),
            field("rack_id", STRING),
            field("rebalance_timeout_ms", INT32),
            field("subscribed_topic_names", array(&STRING)),
            field("subscribed_topic_regex", STRING).since(1),
            field("server_assignor", STRING),
            field(
                "topic_partitions",
                array(&structure(&[field("topic_id", UUID), field("partitions", array(&INT32))])),
            ),
        ]),
    ),
    request(
        ApiKey::ConsumerGroupDescribe,
        0,
        structure(&[
            field("group_ids", array(&STRING)),
            field("include_authorized_operations", BOOLEAN),
        ]),
    ),
];

/// Partitions of topics, as consumers name them to each other.
const OF_TOPICS: Kind =
    array(&structure(&[field("topic", STRING), field("partitions", array(&INT32))]));

/// What the leader of consumers gives one of them.
pub(super) const ASSIGNMENT: Kind =
    structure(&[field("assigned_partitions", OF_TOPICS), field("user_data", BYTES)]);

/// What a consumer says of itself when it joins a group.
pub(super) const SUBSCRIPTION: Kind = structure(&[
    field("topics", array(&STRING)),
    field("user_data", BYTES),
    field("owned_partitions", OF_TOPICS).since(1),
    field("generation_id", INT32).since(2),
    field("rack_id", STRING).since(3),
]);
