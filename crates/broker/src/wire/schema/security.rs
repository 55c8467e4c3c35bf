//! Requests about identity, permissions and quotas.

use kafka_protocol::messages::ApiKey;

use super::kind::{
    BOOLEAN, BYTES, FLOAT64, INT8, INT32, NEVER, Request, STRING, array, field, request, structure,
};

pub(super) const REQUESTS: &[Request] = &[
    request(ApiKey::SaslHandshake, NEVER, structure(&[field("mechanism", STRING)])),
    request(ApiKey::SaslAuthenticate, 2, structure(&[field("auth_bytes", BYTES)])),
    request(
        ApiKey::DescribeAcls,
        2,
        structure(&[
            field("resource_type_filter", INT8),
            field("resource_name_filter", STRING),
            field("pattern_type_filter", INT8),
            field("principal_filter", STRING),
            field("host_filter", STRING),
            field("operation", INT8),
            field("permission_type", INT8),
        ]),
    ),
    request(
        ApiKey::CreateAcls,
        2,
        structure(&[field(
            "creations",
            array(&structure(&[
                field("resource_type", INT8),
                field("resource_name", STRING),
                field("resource_pattern_type", INT8),
                field("principal", STRING),
                field("host", STRING),
                field("operation", INT8),
                field("permission_type", INT8),
            ])),
        )]),
    ),
    request(
        ApiKey::DeleteAcls,
        2,
        structure(&[field(
            "filters",
            array(&structure(&[
                field("resource_type_filter", INT8),
                field("resource_name_filter", STRING),
                field("pattern_type_filter", INT8),
                field("principal_filter", STRING),
                field("host_filter", STRING),
                field("operation", INT8),
                field("permission_type", INT8),
            ])),
        )]),
    ),
    request(
        ApiKey::DescribeUserScramCredentials,
        0,
        structure(&[field("users", array(&structure(&[field("name", STRING)])))]),
    ),
    request(
        ApiKey::AlterUserScramCredentials,
        0,
        structure(&[
            field(
                "deletions",
                array(&structure(&[field("name", STRING), field("mechanism", INT8)])),
            ),
            field(
                "upsertions",
                array(&structure(&[
                    field("name", STRING),
                    field("mechanism", INT8),
                    field("iterations", INT32),
                    field("salt", BYTES),
                    field("salted_password", BYTES),
                ])),
            ),
        ]),
    ),
    request(
        ApiKey::DescribeClientQuotas,
        1,
        structure(&[
            field(
                "components",
                array(&structure(&[
                    field("entity_type", STRING),
                    field("match_type", INT8),
                    field("match", STRING),
                ])),
            ),
            field("strict", BOOLEAN),
        ]),
    ),
    request(
        ApiKey::AlterClientQuotas,
        1,
        structure(&[
            field(
                "entries",
                array(&structure(&[
                    field(
                        "entity",
                        array(&structure(&[
                            field("entity_type", STRING),
                            field("entity_name", STRING),
                        ])),
                    ),
                    field(
                        "ops",
                        array(&structure(&[
                            field("key", STRING),
                            field("value", FLOAT64),
                            field("remove", BOOLEAN),
                        ])),
                    ),
                ])),
            ),
            field("validate_only", BOOLEAN),
        ]),
    ),
];
