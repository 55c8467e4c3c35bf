//! The end of a query or sub-topology: encodes rows and puts them into record batches, partitioned by
//! the hash of their key bytes as Kafka's clients do. Rows without key go to the partition of the same
//! number as the task's (modulo their count), so that runs can be repeated.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BinaryArray, StructArray};
use arrow_buffer::NullBuffer;
use formats::{Encoder, windowed};
use records::{Builder, Compression, Header, partition_for_key};
use types::{TopicPartition, WindowKind};

use super::Operator;
use crate::chunk::Chunk;
use crate::context::Context;
use crate::timestamps::TimestampReader;
use crate::{Error, Result, envelope};

/// Record batches are closed at this size, well below `max.message.bytes` of any sensible topic.
const BATCH_BYTES_MAX: usize = 512 << 10;
/// What a record costs beyond key and value, at most (varints).
const RECORD_OVERHEAD_BYTES: usize = 32;

/// Writes to a topic.
pub(crate) struct WriteOp {
    /// Name of the plan node.
    pub node: String,
    /// The topic.
    pub topic: Arc<str>,
    /// Encoder of keys.
    pub key_encoder: Box<dyn Encoder>,
    /// Encoder of values.
    pub value_encoder: Box<dyn Encoder>,
    /// How keys carry windows.
    pub window: Option<WindowKind>,
    /// Column that supplies the timestamp.
    pub timestamp: Option<TimestampReader>,
    /// Whether old and new rows are written.
    pub changes: bool,
    /// Whether this is the sink, whose records are counted as the query's output.
    pub is_sink: bool,
    /// One per partition.
    pub partitions: Vec<PartitionBuilder>,
    /// Scratch for windowed keys.
    pub key_bytes: Vec<u8>,
    /// Scratch for envelopes.
    pub value_bytes: Vec<u8>,
    /// Records since the last commit.
    pub records: u64,
}

/// Record batches under construction for one partition.
#[derive(Default)]
pub(crate) struct PartitionBuilder {
    builder: Option<Builder>,
    bytes: usize,
    full: Vec<Builder>,
}

impl PartitionBuilder {
    fn append(
        &mut self,
        timestamp_ms: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header<'_>],
    ) {
        let size = key.map_or(0, <[u8]>::len) + value.map_or(0, <[u8]>::len);
        if self.bytes + size + RECORD_OVERHEAD_BYTES > BATCH_BYTES_MAX {
            self.close();
        }
        self.bytes += size + RECORD_OVERHEAD_BYTES;
        let builder = self.builder.get_or_insert_with(|| Builder::new(Compression::None));
        builder.append(timestamp_ms, key, value, headers);
    }

    fn close(&mut self) {
        self.full.extend(self.builder.take());
        self.bytes = 0;
    }
}

impl Operator for WriteOp {
    fn process(
        &mut self,
        _input: usize,
        chunk: Chunk,
        context: &mut Context<'_>,
    ) -> Result<Vec<Chunk>> {
        let keys = self.encode_keys(&chunk)?;
        let values = self.encode_values(chunk.rows(), &chunk.value, chunk.present.as_ref())?;
        let old_values = match (&chunk.old, self.changes) {
            (Some(old), true) => {
                Some(self.encode_values(chunk.rows(), &old.value, Some(&old.present))?)
            }
            _ => None,
        };
        let times = self.timestamps(&chunk, context)?;
        for row in 0..chunk.rows() {
            let timestamp_ms = match &times {
                None => chunk.timestamps.value(row),
                Some(times) if times.is_valid(row) => times.value(row),
                Some(_) if !chunk.has_value(row) => chunk.timestamps.value(row),
                Some(_) => continue,
            };
            self.write_row(row, timestamp_ms, &keys, &values, old_values.as_ref(), &chunk, context);
        }
        Ok(Vec::new())
    }

    fn drain(&mut self, batches: &mut Vec<(TopicPartition, Builder)>) -> u64 {
        for (partition, builder) in (0..).zip(&mut self.partitions) {
            builder.close();
            let at = |builder| (TopicPartition::new(Arc::clone(&self.topic), partition), builder);
            batches.extend(builder.full.drain(..).map(at));
        }
        let records = std::mem::take(&mut self.records);
        if self.is_sink { records } else { 0 }
    }
}

impl WriteOp {
    fn encode_keys(&mut self, chunk: &Chunk) -> Result<BinaryArray> {
        if chunk.key.is_empty() {
            return Ok(BinaryArray::new_null(chunk.rows()));
        }
        let encoded = self.key_encoder.encode(&chunk.key, chunk.key_present.as_ref());
        encoded.map_err(|source| self.failed("the key", source))
    }

    /// Encodes value columns of `rows` rows; their number is told by `present` when there are no columns.
    fn encode_values(
        &mut self,
        rows: usize,
        columns: &[ArrayRef],
        present: Option<&NullBuffer>,
    ) -> Result<BinaryArray> {
        let all = columns.is_empty().then(|| NullBuffer::new_valid(rows));
        let encoded = self.value_encoder.encode(columns, present.or(all.as_ref()));
        encoded.map_err(|source| self.failed("the value", source))
    }

    fn failed(&self, part: &str, source: formats::Error) -> Error {
        Error::Format { action: format!("write {part} of a row to topic {}", self.topic), source }
    }

    fn timestamps(
        &self,
        chunk: &Chunk,
        context: &Context<'_>,
    ) -> Result<Option<arrow_array::Int64Array>> {
        let Some(reader) = &self.timestamp else { return Ok(None) };
        reader.read(&self.node, chunk, |row| chunk.has_value(row), context).map(Some)
    }

    #[allow(clippy::too_many_arguments, reason = "one row of five columns")]
    fn write_row(
        &mut self,
        row: usize,
        timestamp_ms: i64,
        keys: &BinaryArray,
        values: &BinaryArray,
        old_values: Option<&BinaryArray>,
        chunk: &Chunk,
        context: &Context<'_>,
    ) {
        let mut key = payload(keys, row);
        let count = i32::try_from(self.partitions.len()).expect("partition counts are i32");
        let partition = match key {
            // Windowed keys lie where their inner key lies, as Kafka Streams' partitioner has it.
            Some(key) => partition_for_key(key, count),
            None => context.partition % count,
        };
        if let (Some(inner), Some(kind), Some(windows)) = (key, self.window, &chunk.windows) {
            let bounds = windowed::WindowBounds {
                start_ms: windows.start.value(row),
                end_ms: windows.end.value(row),
            };
            self.key_bytes.clear();
            self.key_bytes.extend_from_slice(inner);
            windowed::append(kind, bounds, &mut self.key_bytes);
            key = Some(&self.key_bytes);
        }
        let value = if self.changes {
            let old = old_values.and_then(|old| payload(old, row));
            envelope::write(payload(values, row), old, &mut self.value_bytes);
            Some(self.value_bytes.as_slice())
        } else {
            payload(values, row)
        };
        let index = usize::try_from(partition).expect("partitions are not negative");
        match &chunk.headers {
            None => self.partitions[index].append(timestamp_ms, key, value, &[]),
            Some(column) => {
                let entries = column.as_list::<i32>().value(row);
                let headers = headers(entries.as_struct());
                self.partitions[index].append(timestamp_ms, key, value, &headers);
            }
        }
        self.records += 1;
    }
}

fn payload(payloads: &BinaryArray, row: usize) -> Option<&[u8]> {
    payloads.is_valid(row).then(|| payloads.value(row))
}

/// The headers in the entries of one row.
fn headers(entries: &StructArray) -> Vec<Header<'_>> {
    let (keys, values) =
        (entries.column(0).as_string::<i32>(), entries.column(1).as_binary::<i32>());
    let value = |index: usize| values.is_valid(index).then(|| values.value(index));
    (0..entries.len()).map(|index| Header { key: keys.value(index), value: value(index) }).collect()
}
