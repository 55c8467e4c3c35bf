//! Requests about producers and transactions.

use kafka_protocol::messages::ApiKey;

use super::kind::{
    BOOLEAN, INT16, INT32, INT64, Request, STRING, array, field, request, structure,
};

pub(super) const REQUESTS: &[Request] = &[
    request(
        ApiKey::InitProducerId,
        2,
        structure(&[
            field("transactional_id", STRING),
            field("transaction_timeout_ms", INT32),
            field("producer_id", INT64).since(3),
            field("producer_epoch", INT16).since(3),
        ]),
    ),
    request(
        ApiKey::AddPartitionsToTxn,
        3,
        structure(&[
            field(
                "transactions",
                array(&structure(&[
                    field("transactional_id", STRING),
                    field("producer_id", INT64),
                    field("producer_epoch", INT16),
                    field("verify_only", BOOLEAN),
                    field(
                        "topics",
                        array(&structure(&[
                            field("name", STRING),
                            field("partitions", array(&INT32)),
                        ])),
                    ),
                ])),
            )
            .since(4),
            field("v3_and_below_transactional_id", STRING).until(3),
            field("v3_and_below_producer_id", INT64).until(3),
            field("v3_and_below_producer_epoch", INT16).until(3),
            field(
                "v3_and_below_topics",
                array(&structure(&[field("name", STRING), field("partitions", array(&INT32))])),
            )
            .until(3),
        ]),
    ),
    request(
        ApiKey::AddOffsetsToTxn,
        3,
        structure(&[
            field("transactional_id", STRING),
            field("producer_id", INT64),
            field("producer_epoch", INT16),
            field("group_id", STRING),
        ]),
    ),
    request(
        ApiKey::TxnOffsetCommit,
        3,
        structure(&[
            field("transactional_id", STRING),
            field("group_id", STRING),
            field("producer_id", INT64),
            field("producer_epoch", INT16),
            field("generation_id", INT32).since(3),
            field("member_id", STRING).since(3),
            field("group_instance_id", STRING).since(3),
            field(
                "topics",
                array(&structure(&[
                    field("name", STRING),
                    field(
                        "partitions",
                        array(&structure(&[
                            field("partition_index", INT32),
                            field("committed_offset", INT64),
                            field("committed_leader_epoch", INT32).since(2),
                            field("committed_metadata", STRING),
                        ])),
                    ),
                ])),
            ),
        ]),
    ),
    request(
        ApiKey::EndTxn,
        3,
        structure(&[
            field("transactional_id", STRING),
            field("producer_id", INT64),
            field("producer_epoch", INT16),
            field("committed", BOOLEAN),
        ]),
    ),
    request(
        ApiKey::WriteTxnMarkers,
        0,
        structure(&[field(
            "markers",
            array(&structure(&[
                field("producer_id", INT64),
                field("producer_epoch", INT16),
                field("transaction_result", BOOLEAN),
                field(
                    "topics",
                    array(&structure(&[
                        field("name", STRING),
                        field("partition_indexes", array(&INT32)),
                    ])),
                ),
                field("coordinator_epoch", INT32),
            ])),
        )]),
    ),
    request(
        ApiKey::DescribeProducers,
        0,
        structure(&[field(
            "topics",
            array(&structure(&[field("name", STRING), field("partition_indexes", array(&INT32))])),
        )]),
    ),
    request(
        ApiKey::DescribeTransactions,
        0,
        structure(&[field("transactional_ids", array(&STRING))]),
    ),
    request(
        ApiKey::ListTransactions,
        0,
        structure(&[
            field("state_filters", array(&STRING)),
            field("producer_id_filters", array(&INT64)),
            field("duration_filter", INT64).since(1),
            field("transactional_id_pattern", STRING).since(2),
        ]),
    ),
];
