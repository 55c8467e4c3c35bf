//! Requests about topics, configurations and the node.

use kafka_protocol::messages::ApiKey;

use super::kind::{
    BOOLEAN, INT8, INT16, INT32, INT64, Request, STRING, UUID, array, field, optional, request,
    structure,
};

pub(super) const REQUESTS: &[Request] = &[
    request(
        ApiKey::Metadata,
        9,
        structure(&[
            field(
                "topics",
                array(&structure(&[field("topic_id", UUID).since(10), field("name", STRING)])),
            ),
            field("allow_auto_topic_creation", BOOLEAN).since(4),
            field("include_cluster_authorized_operations", BOOLEAN).since(8).until(10),
            field("include_topic_authorized_operations", BOOLEAN).since(8),
        ]),
    ),
    request(
        ApiKey::ApiVersions,
        3,
        structure(&[
            field("client_software_name", STRING).since(3),
            field("client_software_version", STRING).since(3),
        ]),
    ),
    request(
        ApiKey::CreateTopics,
        5,
        structure(&[
            field(
                "topics",
                array(&structure(&[
                    field("name", STRING),
                    field("num_partitions", INT32),
                    field("replication_factor", INT16),
                    field(
                        "assignments",
                        array(&structure(&[
                            field("partition_index", INT32),
                            field("broker_ids", array(&INT32)),
                        ])),
                    ),
                    field(
                        "configs",
                        array(&structure(&[field("name", STRING), field("value", STRING)])),
                    ),
                ])),
            ),
            field("timeout_ms", INT32),
            field("validate_only", BOOLEAN),
        ]),
    ),
    request(
        ApiKey::DeleteTopics,
        4,
        structure(&[
            field("topics", array(&structure(&[field("name", STRING), field("topic_id", UUID)])))
                .since(6),
            field("topic_names", array(&STRING)).until(5),
            field("timeout_ms", INT32),
        ]),
    ),
    request(
        ApiKey::DeleteRecords,
        2,
        structure(&[
            field(
                "topics",
                array(&structure(&[
                    field("name", STRING),
                    field(
                        "partitions",
                        array(&structure(&[
                            field("partition_index", INT32),
                            field("offset", INT64),
                        ])),
                    ),
                ])),
            ),
            field("timeout_ms", INT32),
        ]),
    ),
    request(
        ApiKey::DescribeConfigs,
        4,
        structure(&[
            field(
                "resources",
                array(&structure(&[
                    field("resource_type", INT8),
                    field("resource_name", STRING),
                    field("configuration_keys", array(&STRING)),
                ])),
            ),
            field("include_synonyms", BOOLEAN),
            field("include_documentation", BOOLEAN).since(3),
        ]),
    ),
    request(
        ApiKey::AlterConfigs,
        2,
        structure(&[
            field(
                "resources",
                array(&structure(&[
                    field("resource_type", INT8),
                    field("resource_name", STRING),
                    field(
                        "configs",
                        array(&structure(&[field("name", STRING), field("value", STRING)])),
                    ),
                ])),
            ),
            field("validate_only", BOOLEAN),
        ]),
    ),
    request(
        ApiKey::AlterReplicaLogDirs,
        2,
        structure(&[field(
            "dirs",
            array(&structure(&[
                field("path", STRING),
                field(
                    "topics",
                    array(&structure(&[field("name", STRING), field("partitions", array(&INT32))])),
                ),
            ])),
        )]),
    ),
    request(
        ApiKey::DescribeLogDirs,
        2,
        structure(&[field(
            "topics",
            array(&structure(&[field("topic", STRING), field("partitions", array(&INT32))])),
        )]),
    ),
    request(
        ApiKey::CreatePartitions,
        2,
        structure(&[
            field(
                "topics",
                array(&structure(&[
                    field("name", STRING),
                    field("count", INT32),
                    field("assignments", array(&structure(&[field("broker_ids", array(&INT32))]))),
                ])),
            ),
            field("timeout_ms", INT32),
            field("validate_only", BOOLEAN),
        ]),
    ),
    request(
        ApiKey::ElectLeaders,
        2,
        structure(&[
            field("election_type", INT8).since(1),
            field(
                "topic_partitions",
                array(&structure(&[field("topic", STRING), field("partitions", array(&INT32))])),
            ),
            field("timeout_ms", INT32),
        ]),
    ),
    request(
        ApiKey::IncrementalAlterConfigs,
        1,
        structure(&[
            field(
                "resources",
                array(&structure(&[
                    field("resource_type", INT8),
                    field("resource_name", STRING),
                    field(
                        "configs",
                        array(&structure(&[
                            field("name", STRING),
                            field("config_operation", INT8),
                            field("value", STRING),
                        ])),
                    ),
                ])),
            ),
            field("validate_only", BOOLEAN),
        ]),
    ),
    request(
        ApiKey::AlterPartitionReassignments,
        0,
        structure(&[
            field("timeout_ms", INT32),
            field("allow_replication_factor_change", BOOLEAN).since(1),
            field(
                "topics",
                array(&structure(&[
                    field("name", STRING),
                    field(
                        "partitions",
                        array(&structure(&[
                            field("partition_index", INT32),
                            field("replicas", array(&INT32)),
                        ])),
                    ),
                ])),
            ),
        ]),
    ),
    request(
        ApiKey::ListPartitionReassignments,
        0,
        structure(&[
            field("timeout_ms", INT32),
            field(
                "topics",
                array(&structure(&[
                    field("name", STRING),
                    field("partition_indexes", array(&INT32)),
                ])),
            ),
        ]),
    ),
    request(
        ApiKey::DescribeQuorum,
        0,
        structure(&[field(
            "topics",
            array(&structure(&[
                field("topic_name", STRING),
                field("partitions", array(&structure(&[field("partition_index", INT32)]))),
            ])),
        )]),
    ),
    request(
        ApiKey::UpdateFeatures,
        0,
        structure(&[
            field("timeout_ms", INT32),
            field(
                "feature_updates",
                array(&structure(&[
                    field("feature", STRING),
                    field("max_version_level", INT16),
                    field("allow_downgrade", BOOLEAN).until(0),
                    field("upgrade_type", INT8).since(1),
                ])),
            ),
            field("validate_only", BOOLEAN).since(1),
        ]),
    ),
    request(
        ApiKey::DescribeCluster,
        0,
        structure(&[
            field("include_cluster_authorized_operations", BOOLEAN),
            field("endpoint_type", INT8).since(1),
            field("include_fenced_brokers", BOOLEAN).since(2),
        ]),
    ),
    request(
        ApiKey::ListConfigResources,
        0,
        structure(&[field("resource_types", array(&INT8)).since(1)]),
    ),
    request(
        ApiKey::DescribeTopicPartitions,
        0,
        structure(&[
            field("topics", array(&structure(&[field("name", STRING)]))),
            field("response_partition_limit", INT32),
            field(
                "cursor",
                optional(&structure(&[
                    field("topic_name", STRING),
                    field("partition_index", INT32),
                ])),
            ),
        ]),
    ),
];
