//! Topics of sources: made when a definition asks for them.

use commitlog::{Log, TopicConfig};
use sql::planned::TopicOptions;

use crate::{Error, Result};

/// The topic to make for `options`; `None` when it exists.
///
/// # Errors
/// When it is missing and can't be made, or exists in another shape than was asked for.
pub fn missing(
    options: &TopicOptions,
    partitions_of: impl Fn(&str) -> Option<i32>,
    log: &dyn Log,
) -> Result<Option<TopicConfig>> {
    let name = &options.name;
    if let Some(existing) = partitions_of(name) {
        return match options.partitions {
            Some(wanted) if wanted != existing => Err(Error::bad_statement(format!(
                "A Kafka topic with the name '{name}' already exists, with different \
                 partition/replica configuration than required. KSQL expects {wanted} partitions \
                 (topic has {existing})"
            ))),
            _ => Ok(None),
        };
    }
    let inherited = options.inherits_from.as_deref();
    let from = inherited.and_then(|topic| log.topic(topic)).map(|topic| topic.config);
    let partitions = options.partitions.or_else(|| inherited.and_then(partitions_of));
    let Some(partitions) = partitions else {
        return Err(Error::bad_statement(format!(
            "Topic '{name}' does not exist. If you want to create a new topic for the stream/table \
             please re-run the statement providing the required 'PARTITIONS' configuration in the \
             WITH clause (and optionally 'REPLICAS')."
        )));
    };
    let compact = options.cleanup_policy.contains("compact");
    let delete = options.cleanup_policy.contains("delete");
    let defaults = TopicConfig::default();
    let inherited_ms = from.map_or(defaults.retention_ms, |config| config.retention_ms);
    let retention_ms = match delete {
        true => options.retention_ms.map(Some).unwrap_or(inherited_ms).filter(|ms| *ms >= 0),
        false => defaults.retention_ms,
    };
    Ok(Some(TopicConfig { partitions, compact, delete, retention_ms, ..defaults }))
}
