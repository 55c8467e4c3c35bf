//! What a batch must be before the log takes it: what Kafka's brokers check of every batch that comes
//! from a client. Pure: a batch and the rules of its topic in, the batch to append or a refusal out.

use bytes::Bytes;
use commitlog::{EmbeddedLog, TimestampType, TopicConfig};
use kafka_protocol::ResponseError;
use records::{Batch, Compression, NO_TIMESTAMP_MS, Record, Records};
use types::TopicPartition;

use super::partition::{RecordRefusal, Refusal};

/// The first version of Produce whose clients may send Zstandard (KIP-110).
const ZSTD_VERSION_MIN: i16 = 7;
/// Where every format of Kafka's keeps the number of the format.
const MAGIC_AT: usize = 16;
/// The format that is taken.
const MAGIC: u8 = 2;
/// Records that a refusal names at most.
const RECORD_REFUSALS_MAX: usize = 100;

/// What a batch is held against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules<'a> {
    /// Where the batch is to go.
    pub(super) at: &'a TopicPartition,
    /// How that topic is kept.
    pub(super) config: &'a TopicConfig,
    /// The wall clock.
    pub(super) now_ms: i64,
}

/// The batch to append for what a client `sent` in `version`. The log looks into the records when it
/// takes them, so this does not. Fails with the refusal that Kafka would give.
pub(super) fn validate(
    sent: Option<&Bytes>,
    version: i16,
    rules: &Rules<'_>,
) -> Result<Batch, Refusal> {
    let batch = single_batch(sent, version)?;
    check_size(batch.len(), rules)?;
    // A header that makes no sense may be one that was damaged on its way.
    check_header(&batch).map_err(|refusal| check_sum(&batch).err().unwrap_or(refusal))?;
    Ok(batch)
}

/// What exactly is wrong with a validated `batch` that `log` has refused; `None` when it is nothing
/// that the batch itself shows.
pub(super) fn explain(log: &EmbeddedLog, batch: &Batch, rules: &Rules<'_>) -> Option<Refusal> {
    check_content(log, batch, rules).err()
}

/// Checks all that lies behind the header.
fn check_content(log: &EmbeddedLog, batch: &Batch, rules: &Rules<'_>) -> Result<(), Refusal> {
    check_sum(batch)?;
    let checked = log.look_into(batch, |records| check_records(records, rules));
    checked.map_err(|error| unreadable(&error))?
}

fn check_sum(batch: &Batch) -> Result<(), Refusal> {
    let corrupt =
        |error: records::Error| Refusal::because(ResponseError::CorruptMessage, error.to_string());
    batch.verify().map_err(corrupt)
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::because(ResponseError::InvalidRecord, message)
}

/// The one batch that `sent` must be.
fn single_batch(sent: Option<&Bytes>, version: i16) -> Result<Batch, Refusal> {
    let sent = sent.filter(|bytes| bytes.len() > MAGIC_AT);
    let sent = sent.ok_or_else(|| invalid("there is no record batch for the partition"))?;
    if sent[MAGIC_AT] != MAGIC {
        return Err(invalid(format!(
            "the record batch has magic {}, only {MAGIC} is taken",
            sent[MAGIC_AT]
        )));
    }
    let batch = Batch::parse_unverified(sent).map_err(|error| invalid(error.to_string()))?;
    if batch.len() != sent.len() {
        return Err(invalid("there must be exactly one record batch for each partition"));
    }
    if batch.compression() == Compression::Zstd && version < ZSTD_VERSION_MIN {
        return Err(Refusal::because(
            ResponseError::UnsupportedCompressionType,
            format!("zstd needs version {ZSTD_VERSION_MIN} of Produce"),
        ));
    }
    Ok(batch)
}

fn check_size(bytes: usize, rules: &Rules<'_>) -> Result<(), Refusal> {
    let bytes_max = rules.config.message_bytes_max;
    if bytes > bytes_max as usize {
        return Err(Refusal::because(
            ResponseError::MessageTooLarge,
            format!(
                "the record batch of {bytes} bytes for {} exceeds max.message.bytes={bytes_max}",
                rules.at
            ),
        ));
    }
    Ok(())
}

fn check_header(batch: &Batch) -> Result<(), Refusal> {
    if batch.base_offset() != 0 {
        return Err(invalid(format!(
            "a batch to append has base offset 0, not {}",
            batch.base_offset()
        )));
    }
    if batch.is_empty() {
        return Err(invalid("the record batch is empty"));
    }
    if batch.last_offset_delta() != batch.record_count() - 1 {
        return Err(invalid(format!(
            "the record batch has {} records but offsets for {}",
            batch.record_count(),
            i64::from(batch.last_offset_delta()) + 1
        )));
    }
    if batch.is_control() {
        return Err(invalid("clients may not write control records"));
    }
    if batch.producer_id() >= 0 && batch.base_sequence() < 0 {
        return Err(invalid(format!(
            "the record batch of producer {} has sequence number {}",
            batch.producer_id(),
            batch.base_sequence()
        )));
    }
    if batch.is_append_time() {
        return Err(Refusal::because(
            ResponseError::InvalidTimestamp,
            "producers may not set the timestamp type LogAppendTime",
        ));
    }
    Ok(())
}

/// A producer whose batch unpacks to too much is told to make smaller ones, which it understands.
fn unreadable(error: &records::Error) -> Refusal {
    let code = match error {
        records::Error::UnpackedTooLarge { .. } => ResponseError::MessageTooLarge,
        _ => ResponseError::InvalidRecord,
    };
    Refusal::because(code, error.to_string())
}

fn check_records(records: &Records, rules: &Rules<'_>) -> Result<(), Refusal> {
    let mut refused = Vec::new();
    let mut code = ResponseError::InvalidRecord;
    for (record, index) in records.iter().zip(0..) {
        let Err(refusal) = check_record(&record, rules) else { continue };
        code = refusal.code;
        refused.extend(refusal.message.map(|message| RecordRefusal { index, message }));
        if refused.len() == RECORD_REFUSALS_MAX {
            break;
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    let message = match code {
        ResponseError::InvalidTimestamp => "records have timestamps that are out of range",
        _ => "records are refused by their topic",
    };
    let message = format!("{} of {} {message}", refused.len(), records.len());
    Err(Refusal { code, message: Some(message), records: refused })
}

fn check_record(record: &Record<'_>, rules: &Rules<'_>) -> Result<(), Refusal> {
    if rules.config.compact && record.key.is_none() {
        return Err(invalid(format!(
            "a record without key for the compacted topic of {}",
            rules.at
        )));
    }
    check_timestamp(record.timestamp_ms, rules)
}

fn check_timestamp(timestamp_ms: i64, rules: &Rules<'_>) -> Result<(), Refusal> {
    let Rules { config, now_ms, .. } = rules;
    let is_judged = config.message_timestamp_type == TimestampType::CreateTime
        && timestamp_ms != NO_TIMESTAMP_MS;
    let earliest_ms = config.message_timestamp_before_max_ms.map(|max| now_ms.saturating_sub(max));
    let latest_ms = config.message_timestamp_after_max_ms.map(|max| now_ms.saturating_add(max));
    let is_too_early = earliest_ms.is_some_and(|earliest_ms| timestamp_ms < earliest_ms);
    let is_too_late = latest_ms.is_some_and(|latest_ms| timestamp_ms > latest_ms);
    if is_judged && (is_too_early || is_too_late) {
        return Err(Refusal::because(
            ResponseError::InvalidTimestamp,
            format!(
                "timestamp {timestamp_ms} is out of the range {} to {}",
                earliest_ms.unwrap_or(i64::MIN),
                latest_ms.unwrap_or(i64::MAX)
            ),
        ));
    }
    Ok(())
}
