//! How a query runs, from the properties it was made with.

use dataflow::{OffsetReset, QueryOptions};

use crate::properties::Properties;

/// The options that `properties` ask for.
pub fn query_options(properties: &Properties) -> QueryOptions {
    let is_earliest =
        properties.value("auto.offset.reset").is_some_and(|v| v.eq_ignore_ascii_case("earliest"));
    let buffering = properties.number("cache.max.bytes.buffering");
    QueryOptions {
        offset_reset: if is_earliest { OffsetReset::Earliest } else { OffsetReset::Latest },
        is_coalescing: buffering > 0,
        fails_on_invalid_timestamp: properties.is_on("ksql.timestamp.throw.on.invalid"),
        fails_on_deserialization_error: properties.is_on("ksql.fail.on.deserialization.error"),
        emit_final_interval_ms: properties
            .number("__emit.interval.ms.kstreams.windowed.aggregation__"),
        ..QueryOptions::default()
    }
}
