//! INSERT INTO ... VALUES: one row as one record.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BinaryArray};
use arrow_buffer::NullBuffer;
use bytes::Bytes;
use commitlog::Append;
use formats::{Part, SchemaStore};
use sql::catalog::SourceDefinition;
use sql::planned::InsertValues;
use types::{Column, SerdeSpec, TopicPartition, Value, columns};

use crate::Result;

/// The record that an INSERT VALUES appends to its target's topic of `partitions` partitions.
///
/// # Errors
/// When the row can't be written in the target's formats.
pub fn record(
    insert: &InsertValues,
    target: &SourceDefinition,
    partitions: i32,
    now_ms: i64,
    schemas: &Arc<dyn SchemaStore>,
) -> Result<Append> {
    let key = payload(&target.key_serde, &insert.key, Part::Key, &target.topic, schemas)?;
    let value = payload(&target.value_serde, &insert.value, Part::Value, &target.topic, schemas)?;
    let timestamp_ms = insert.timestamp_ms.unwrap_or(now_ms);
    let mut batch = records::Builder::new(records::Compression::None);
    batch.append(timestamp_ms, key.as_deref(), value.as_deref(), &[]);
    let partition =
        key.as_deref().map_or(0, |key| records::partition_for_key(key, partitions.max(1)));
    Ok(Append {
        partition: TopicPartition::new(target.topic.as_str(), partition),
        batch: batch.build(),
    })
}

fn payload(
    serde: &SerdeSpec,
    row: &[(Column, Value)],
    part: Part,
    topic: &str,
    schemas: &Arc<dyn SchemaStore>,
) -> Result<Option<Bytes>> {
    if row.is_empty() {
        return Ok(None);
    }
    let described: Vec<Column> = row.iter().map(|(column, _)| column.clone()).collect();
    let arrays: Vec<ArrayRef> =
        row.iter().map(|(column, value)| columns::array_of(&column.ty, [value])).collect();
    let is_absent = part == Part::Key && row.iter().all(|(_, value)| value.is_null());
    let present = is_absent.then(|| NullBuffer::new_null(1));
    let mut encoder = formats::encoder(serde, &described, part, topic, schemas)?;
    let payloads: BinaryArray = encoder.encode(&arrays, present.as_ref())?;
    Ok((!payloads.is_null(0)).then(|| Bytes::copy_from_slice(payloads.value(0))))
}
