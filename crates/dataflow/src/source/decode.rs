//! Records to rows: keys, values, headers, windows and timestamps of one Read node.
//!
//! Dropped and reported are records whose key or value can't be decoded or whose timestamp is invalid,
//! and, for tables, records without key (spec sections 2.7, 4.1).

use arrow_array::{Array, ArrayRef, Int64Array};
use arrow_buffer::NullBuffer;
use formats::{Decoder, Failure, Part, windowed};
use plan::physical::Read;
use records::{Record, Records};
use types::{Format, Header, Offset, SourceKind, TopicPartition, WindowKind};

use super::header_columns;
use crate::chunk::{Chunk, Old, kept_rows};
use crate::context::{Context, Undecodable};
use crate::timestamps::TimestampReader;
use crate::{Error, Result, Services, Windows, envelope};

/// Decodes the records of one Read node.
pub(crate) struct RowDecoder {
    node: String,
    kind: SourceKind,
    key: Box<dyn Decoder>,
    has_key: bool,
    value: Box<dyn Decoder>,
    window: Option<WindowKind>,
    headers: Vec<Header>,
    changes: bool,
    /// Whether others than this engine write the topic.
    is_external: bool,
    timestamp: Option<TimestampReader>,
}

/// Rows decoded from a stretch of a partition. Cloning shares the columns.
#[derive(Clone, Debug)]
pub(crate) struct Decoded {
    /// The rows kept.
    pub chunk: Chunk,
    /// Offset of each.
    pub offsets: Int64Array,
    /// The offset after the last record.
    pub end: Offset,
    /// Number of records, dropped ones included.
    pub records: u64,
}

impl Decoded {
    /// Whether no record was dropped.
    pub fn is_complete(&self) -> bool {
        self.offsets.len() as u64 == self.records
    }
}

impl RowDecoder {
    /// A decoder for `node`, which must be a Read node. Fails when a format refuses the columns.
    pub fn try_new(node: &plan::physical::Node, read: &Read, services: &Services) -> Result<Self> {
        let layout = &node.layout;
        let values = layout.value.len().checked_sub(read.headers.len());
        let values = values.ok_or_else(|| Error::Plan(format!("{}: headers", node.name)))?;
        let schemas = &services.schemas;
        let failed =
            |source| Error::Format { action: format!("read topic {}", read.topic), source };
        let key = formats::decoder(&read.key_serde, &layout.key, Part::Key, &read.topic, schemas)
            .map_err(failed)?;
        let columns = &layout.value[..values];
        let value = formats::decoder(&read.value_serde, columns, Part::Value, &read.topic, schemas)
            .map_err(failed)?;
        let timestamp = match &read.timestamp {
            Some(column) => {
                Some(TimestampReader::try_new(&node.name, column, &services.functions)?)
            }
            None => None,
        };
        Ok(Self {
            node: node.name.clone(),
            kind: layout.kind,
            key,
            has_key: read.key_serde.format != Format::None,
            value,
            window: read.window,
            headers: read.headers.clone(),
            changes: read.changes,
            is_external: read.source.is_some(),
            timestamp,
        })
    }

    /// Decodes the records of `batches` from offset `from` on.
    pub fn decode(
        &mut self,
        at: &TopicPartition,
        batches: &[Records],
        from: Offset,
        context: &Context<'_>,
    ) -> Result<Decoded> {
        let records: Vec<Record<'_>> =
            batches.iter().flatten().filter(|record| record.offset >= from.0).collect();
        let end = records.last().map_or(from, |record| Offset(record.offset + 1));
        let mut keep = vec![true; records.len()];
        let (key, windows) = self.keys(at, &records, &mut keep, context)?;
        let value = self.values(at, &records, &mut keep, context)?;
        let key_present: NullBuffer = records.iter().map(|record| record.key.is_some()).collect();
        let chunk = Chunk {
            key,
            key_present: (key_present.null_count() > 0).then_some(key_present),
            value: value.new,
            present: value.present,
            old: value.old,
            timestamps: records.iter().map(|r| r.timestamp_ms).collect::<Vec<i64>>().into(),
            windows,
            partition: at.partition,
            offsets: Some(records.iter().map(|record| record.offset).collect::<Vec<i64>>().into()),
            headers: header_columns::passed_on(&records),
        };
        let chunk = self.stamp(at, chunk, &mut keep, context)?;
        if self.kind == SourceKind::Table {
            drop_keyless(&records, &mut keep);
        }
        let kept = kept_rows(records.len(), |row| keep[row]);
        let chunk = if kept.len() == records.len() { chunk } else { chunk.take(&kept)? };
        let offsets = kept.values().iter().map(|row| records[*row as usize].offset);
        let offsets = offsets.collect::<Vec<i64>>().into();
        Ok(Decoded { chunk, offsets, end, records: records.len() as u64 })
    }

    fn keys(
        &mut self,
        at: &TopicPartition,
        records: &[Record<'_>],
        keep: &mut [bool],
        context: &Context<'_>,
    ) -> Result<(Vec<ArrayRef>, Option<Windows>)> {
        let mut payloads: Vec<Option<&[u8]>> = records.iter().map(|record| record.key).collect();
        let windows = self.window.map(|kind| strip_windows(kind, &mut payloads, keep));
        if !self.has_key {
            payloads.fill(None);
        }
        let decoded = self.key.decode(&payloads);
        let failed = Failed { node: &self.node, at, target: "key", payloads: &payloads };
        failed.report(&decoded.failures, records, keep, context)?;
        Ok((decoded.columns, windows))
    }

    fn values(
        &mut self,
        at: &TopicPartition,
        records: &[Record<'_>],
        keep: &mut [bool],
        context: &Context<'_>,
    ) -> Result<Values> {
        let payloads: Vec<Option<&[u8]>> = records.iter().map(|record| record.value).collect();
        if self.changes {
            return self.changes(at, records, &payloads, keep, context);
        }
        let decoded = self.value.decode(&payloads);
        let failed = Failed { node: &self.node, at, target: "value", payloads: &payloads };
        failed.report(&decoded.failures, records, keep, context)?;
        let mut new = decoded.columns;
        new.extend(self.headers.iter().map(|header| header_columns::column(header, records)));
        Ok(Values { new, present: presence(&payloads), old: None })
    }

    /// Values of a repartition topic with old and new rows.
    fn changes(
        &mut self,
        at: &TopicPartition,
        records: &[Record<'_>],
        payloads: &[Option<&[u8]>],
        keep: &mut [bool],
        context: &Context<'_>,
    ) -> Result<Values> {
        let changes: Vec<Option<envelope::Change<'_>>> =
            payloads.iter().map(|payload| payload.and_then(envelope::split)).collect();
        for (keep, change) in keep.iter_mut().zip(&changes) {
            *keep &= change.is_some();
        }
        let changes: Vec<envelope::Change<'_>> =
            changes.into_iter().map(Option::unwrap_or_default).collect();
        let new: Vec<Option<&[u8]>> = changes.iter().map(|change| change.0).collect();
        let old: Vec<Option<&[u8]>> = changes.iter().map(|change| change.1).collect();
        let (decoded_new, decoded_old) = (self.value.decode(&new), self.value.decode(&old));
        let failed = Failed { node: &self.node, at, target: "value", payloads: &new };
        failed.report(&decoded_new.failures, records, keep, context)?;
        let failed = Failed { node: &self.node, at, target: "value", payloads: &old };
        failed.report(&decoded_old.failures, records, keep, context)?;
        let old_present = old.iter().map(Option::is_some).collect();
        Ok(Values {
            new: decoded_new.columns,
            present: presence(&new),
            old: Some(Old { value: decoded_old.columns, present: old_present }),
        })
    }

    /// Gives rows the timestamps of their column.
    fn stamp(
        &self,
        at: &TopicPartition,
        chunk: Chunk,
        keep: &mut [bool],
        context: &Context<'_>,
    ) -> Result<Chunk> {
        let Some(reader) = &self.timestamp else {
            self.check_times(at, &chunk, keep)?;
            return Ok(chunk);
        };
        // A tombstone has no timestamp column; it keeps the record's own timestamp.
        let matters = |row: usize| keep[row] && chunk.has_value(row);
        let times = reader.read(&self.node, &chunk, matters, context)?;
        let mut stamped = Vec::with_capacity(chunk.rows());
        for (row, keep) in keep.iter_mut().enumerate() {
            let is_usable = times.is_valid(row);
            *keep &= is_usable || !chunk.has_value(row);
            stamped.push(if is_usable { times.value(row) } else { chunk.timestamps.value(row) });
        }
        Ok(Chunk { timestamps: Int64Array::from(stamped), ..chunk })
    }
}

impl RowDecoder {
    /// Fails when a record of an external topic has a negative timestamp: without a TIMESTAMP column that
    /// stops the query, as Kafka Streams' default extractor does (spec section 4.1).
    fn check_times(&self, at: &TopicPartition, chunk: &Chunk, keep: &[bool]) -> Result<()> {
        let times = chunk.timestamps.values();
        let mut rows = times.iter().zip(keep).zip(0..);
        let invalid = rows.find(|((time, keep), _)| **time < 0 && **keep);
        let (Some(((time, _), row)), true) = (invalid, self.is_external) else { return Ok(()) };
        let offset = chunk.offsets.as_ref().map_or(0, |offsets| offsets.value(row));
        Err(Error::Data(format!(
            "{}: the record at {at} offset {offset} has an invalid (negative) timestamp, {time}; declare \
             the source with a TIMESTAMP column, or write the topic with valid timestamps",
            self.node
        )))
    }
}

struct Values {
    new: Vec<ArrayRef>,
    present: Option<NullBuffer>,
    old: Option<Old>,
}

fn presence(payloads: &[Option<&[u8]>]) -> Option<NullBuffer> {
    let present: NullBuffer = payloads.iter().map(Option::is_some).collect();
    (present.null_count() > 0).then_some(present)
}

fn drop_keyless(records: &[Record<'_>], keep: &mut [bool]) {
    for (keep, record) in keep.iter_mut().zip(records) {
        *keep &= record.key.is_some();
    }
}

/// Cuts the windows off the keys; a key too short for one drops its record.
fn strip_windows(kind: WindowKind, keys: &mut [Option<&[u8]>], keep: &mut [bool]) -> Windows {
    let (mut starts, mut ends) = (Vec::with_capacity(keys.len()), Vec::with_capacity(keys.len()));
    for (key, keep) in keys.iter_mut().zip(keep) {
        let split = key.and_then(|key| windowed::split(kind, key));
        *keep &= split.is_some() || key.is_none();
        *key = split.map(|(inner, _)| inner);
        starts.push(split.map_or(0, |(_, bounds)| bounds.start_ms));
        ends.push(split.map_or(0, |(_, bounds)| bounds.end_ms));
    }
    Windows { start: starts.into(), end: ends.into() }
}

/// Payloads of one part, to report those that failed.
struct Failed<'a> {
    node: &'a str,
    at: &'a TopicPartition,
    target: &'static str,
    payloads: &'a [Option<&'a [u8]>],
}

impl Failed<'_> {
    fn report(
        &self,
        failures: &[Failure],
        records: &[Record<'_>],
        keep: &mut [bool],
        context: &Context<'_>,
    ) -> Result<()> {
        for Failure { row, message } in failures {
            keep[*row] = false;
            let offset = records[*row].offset;
            let part = Undecodable { target: self.target, payload: self.payloads[*row], message };
            context.reporter.undecodable(self.node, self.at, offset, &part);
            if context.options.fails_on_deserialization_error {
                let at = format!("{} offset {offset}", self.at);
                let target = self.target;
                return Err(Error::Data(format!("cannot decode the {target} of {at}: {message}")));
            }
        }
        Ok(())
    }
}
