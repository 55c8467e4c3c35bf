//! Options that every connector has, whatever its class.

use crate::config::{Kind, OptionDef};

/// What numbers without effect must be nevertheless.
const ANY_NUMBER: Kind = Kind::Integer { min: -1, max: i64::MAX };

/// Kafka Connect's own connector properties.
pub const WORKER_OPTIONS: &[OptionDef] = &[
    OptionDef::new("connector.class", Kind::Text, "the connector's class name").required(),
    OptionDef::new("name", Kind::Ignored, "the connector's name is given by the statement"),
    OptionDef::new("tasks.max", Kind::Integer { min: 1, max: 10_000 }, "upper bound of tasks")
        .default("1"),
    OptionDef::new("tasks.max.enforce", Kind::Ignored, "there is one task"),
    OptionDef::new("config.action.reload", Kind::Ignored, "there are no config providers"),
    OptionDef::new("exactly.once.support", Kind::Ignored, "always on"),
    OptionDef::new("transaction.boundary", Kind::Ignored, "commits carry their positions"),
    OptionDef::new("transaction.boundary.interval.ms", ANY_NUMBER, "commits have no timer"),
    OptionDef::new("offsets.storage.topic", Kind::Ignored, "positions are in connect-offsets"),
    OptionDef::new("producer.override.*", Kind::Ignored, "there is no producer"),
    OptionDef::new("errors.retry.timeout", ANY_NUMBER, "retries are not limited"),
    OptionDef::new("errors.retry.delay.max.ms", ANY_NUMBER, "waits grow with failures"),
    OptionDef::new("errors.*", Kind::Ignored, "errors are logged and shown by DESCRIBE CONNECTOR"),
];
