//! Requests that write and read records, and that ask where they are.

use kafka_protocol::messages::ApiKey;

use super::kind::{
    BYTES, INT8, INT16, INT32, INT64, Request, STRING, UUID, array, field, request, structure,
};

pub(super) const REQUESTS: &[Request] = &[
    request(
        ApiKey::Produce,
        9,
        structure(&[
            field("transactional_id", STRING),
            field("acks", INT16),
            field("timeout_ms", INT32),
            field(
                "topic_data",
                array(&structure(&[
                    field("name", STRING).until(12),
                    field("topic_id", UUID).since(13),
                    field(
                        "partition_data",
                        array(&structure(&[field("index", INT32), field("records", BYTES)])),
                    ),
                ])),
            ),
        ]),
    ),
    request(
        ApiKey::Fetch,
        12,
        structure(&[
            field("replica_id", INT32).until(14),
            field("max_wait_ms", INT32),
            field("min_bytes", INT32),
            field("max_bytes", INT32),
            field("isolation_level", INT8),
            field("session_id", INT32).since(7),
            field("session_epoch", INT32).since(7),
            field(
                "topics",
                array(&structure(&[
                    field("topic", STRING).until(12),
                    field("topic_id", UUID).since(13),
                    field(
                        "partitions",
                        array(&structure(&[
                            field("partition", INT32),
                            field("current_leader_epoch", INT32).since(9),
                            field("fetch_offset", INT64),
                            field("last_fetched_epoch", INT32).since(12),
                            field("log_start_offset", INT64).since(5),
                            field("partition_max_bytes", INT32),
                            field("replica_directory_id", UUID).tag(0).since(17),
                            // What a replica knows (KIP-1166); there are none, so it is passed over.
                            field("high_watermark", INT64).tag(1).since(18),
                        ])),
                    ),
                ])),
            ),
            field(
                "forgotten_topics_data",
                array(&structure(&[
                    field("topic", STRING).until(12),
                    field("topic_id", UUID).since(13),
                    field("partitions", array(&INT32)),
                ])),
            )
            .since(7),
            field("rack_id", STRING).since(11),
            field("cluster_id", STRING).tag(0),
            field(
                "replica_state",
                structure(&[
                    field("replica_id", INT32).since(15),
                    field("replica_epoch", INT64).since(15),
                ]),
            )
            .tag(1)
            .since(15),
        ]),
    ),
    request(
        ApiKey::ListOffsets,
        6,
        structure(&[
            field("replica_id", INT32),
            field("isolation_level", INT8).since(2),
            field(
                "topics",
                array(&structure(&[
                    field("name", STRING),
                    field(
                        "partitions",
                        array(&structure(&[
                            field("partition_index", INT32),
                            field("current_leader_epoch", INT32).since(4),
                            field("timestamp", INT64),
                        ])),
                    ),
                ])),
            ),
            field("timeout_ms", INT32).since(10),
        ]),
    ),
    request(
        ApiKey::OffsetForLeaderEpoch,
        4,
        structure(&[
            field("replica_id", INT32).since(3),
            field(
                "topics",
                array(&structure(&[
                    field("topic", STRING),
                    field(
                        "partitions",
                        array(&structure(&[
                            field("partition", INT32),
                            field("current_leader_epoch", INT32),
                            field("leader_epoch", INT32),
                        ])),
                    ),
                ])),
            ),
        ]),
    ),
];
