//! The processing log: what could not be processed, as a topic with a stream over it (spec section
//! 2.7).
//!
//! Worker threads hand reports over a bounded queue to one thread that writes them; when the queue is
//! full reports are dropped and counted, so that bad data never slows good data down.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use commitlog::{Append, Commit, Log, TopicConfig};
use dataflow::{ProblemKind, ProcessingLog, Report};
use serde_json::{Value, json};
use types::TopicPartition;
use types::seams::Clock;

use crate::properties::Properties;
use crate::{Error, Result, Services};

/// Reports that may wait to be written.
const QUEUE_REPORTS_MAX: usize = 10_000;
/// Reports written in one commit at most.
const COMMIT_REPORTS_MAX: usize = 1_000;

/// Writes reports to the processing-log topic.
#[derive(Debug)]
pub struct TopicProcessingLog {
    queue: SyncSender<Value>,
    clock: Arc<dyn Clock>,
    includes_rows: bool,
    dropped: AtomicU64,
    written: AtomicU64,
}

/// The columns of the stream over the processing log.
const STREAM_COLUMNS: &str = "logger STRING, level STRING, time BIGINT, message STRUCT<type INT, \
    deserializationError STRUCT<target STRING, errorMessage STRING, recordB64 STRING, \
    cause ARRAY<STRING>, `topic` STRING>, \
    recordProcessingError STRUCT<errorMessage STRING, record STRING, cause ARRAY<STRING>>, \
    productionError STRUCT<errorMessage STRING>, \
    serializationError STRUCT<target STRING, errorMessage STRING, record STRING, \
    cause ARRAY<STRING>, `topic` STRING>, \
    kafkaStreamsThreadError STRUCT<errorMessage STRING, threadName STRING, cause ARRAY<STRING>>>";

/// The processing log that the properties ask for: its topic exists afterwards.
///
/// # Errors
/// When the log refuses, or the system gives no thread.
pub fn open(
    services: &Services,
    properties: &Properties,
) -> Result<Option<Arc<TopicProcessingLog>>> {
    if !properties.is_on("ksql.logging.processing.topic.auto.create") {
        return Ok(None);
    }
    let topic = topic_name(properties);
    let partitions = properties.number("ksql.logging.processing.topic.partitions");
    let config = TopicConfig::with_partitions(i32::try_from(partitions).unwrap_or(1));
    match services.log.create_topic(&topic, &config) {
        Ok(()) | Err(commitlog::Error::TopicExists(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let includes_rows = properties.is_on("ksql.logging.processing.rows.include");
    let (log, clock) = (Arc::clone(&services.log), Arc::clone(&services.clock));
    TopicProcessingLog::start(log, clock, &topic, includes_rows)
        .map(Some)
        .map_err(|error| Error::Internal(format!("no thread for the processing log: {error}")))
}

/// The statement that makes the stream over the processing log.
pub fn stream_statement(properties: &Properties) -> String {
    let name = properties.value("ksql.logging.processing.stream.name").unwrap_or_default();
    let (name, topic) = (sql::format::quoted_identifier(name), topic_name(properties));
    format!(
        "CREATE STREAM {name} ({STREAM_COLUMNS}) WITH (KAFKA_TOPIC='{topic}', VALUE_FORMAT='JSON');"
    )
}

fn topic_name(properties: &Properties) -> String {
    let service_id = properties.value("ksql.service.id").unwrap_or_default();
    let given = properties.value("ksql.logging.processing.topic.name");
    given.map_or_else(|| format!("{service_id}ksql_processing_log"), str::to_owned)
}

impl TopicProcessingLog {
    /// Starts the writing thread; it ends when the last handle is dropped. `topic` must exist.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        log: Arc<dyn Log>,
        clock: Arc<dyn Clock>,
        topic: &str,
        includes_rows: bool,
    ) -> std::io::Result<Arc<Self>> {
        let (queue, reports) = sync_channel(QUEUE_REPORTS_MAX);
        let partition = TopicPartition::new(topic, 0);
        let writing_clock = Arc::clone(&clock);
        crate::thread::spawn("processing-log", move || {
            write_reports(&*log, &*writing_clock, &partition, &reports);
        })?;
        let (dropped, written) = (AtomicU64::new(0), AtomicU64::new(0));
        Ok(Arc::new(Self { queue, clock, includes_rows, dropped, written }))
    }

    /// Reports taken, and reports dropped because the queue was full.
    pub fn counts(&self) -> (u64, u64) {
        (self.written.load(Ordering::Relaxed), self.dropped.load(Ordering::Relaxed))
    }
}

impl ProcessingLog for TopicProcessingLog {
    fn report(&self, report: &Report<'_>) {
        let entry = entry(report, self.clock.now_ms(), self.includes_rows);
        let counter = match self.queue.try_send(entry) {
            Ok(()) => &self.written,
            Err(_) => &self.dropped,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// Writes what arrives until nobody can report any more; takes all that waits as one commit.
fn write_reports(
    log: &dyn Log,
    clock: &dyn Clock,
    partition: &TopicPartition,
    reports: &Receiver<Value>,
) {
    while let Ok(first) = reports.recv() {
        let mut batch = records::Builder::new(records::Compression::None);
        let waiting = std::iter::once(first).chain(reports.try_iter().take(COMMIT_REPORTS_MAX));
        for report in waiting {
            batch.append(clock.now_ms(), None, Some(report.to_string().as_bytes()), &[]);
        }
        let append = Append { partition: partition.clone(), batch: batch.build() };
        if let Err(error) = log.commit(Commit { appends: vec![append], ..Commit::default() }) {
            tracing::warn!(%error, %partition, "cannot write the processing log");
        }
    }
}

fn entry(report: &Report<'_>, now_ms: i64, includes_rows: bool) -> Value {
    let payload = report.payload.filter(|_| includes_rows).map(|bytes| STANDARD.encode(bytes));
    let topic = report.partition.map(|partition| partition.topic.to_string());
    let message = match report.kind {
        ProblemKind::Deserialization => json!({
            "type": 0,
            "deserializationError": {
                "target": report.target, "errorMessage": report.message, "recordB64": payload,
                "cause": [], "topic": topic,
            }
        }),
        ProblemKind::RecordProcessing => json!({
            "type": 1,
            "recordProcessingError":
                { "errorMessage": report.message, "record": null, "cause": [] }
        }),
        ProblemKind::Production => json!({
            "type": 2, "productionError": { "errorMessage": report.message }
        }),
        ProblemKind::Serialization => json!({
            "type": 3,
            "serializationError": {
                "target": report.target, "errorMessage": report.message, "record": null,
                "cause": [], "topic": topic,
            }
        }),
        ProblemKind::Thread => json!({
            "type": 4,
            "kafkaStreamsThreadError":
                { "errorMessage": report.message, "threadName": report.node, "cause": [] }
        }),
    };
    let logger = format!("processing.{}.{}", report.query, report.node);
    json!({ "level": "ERROR", "logger": logger, "time": now_ms, "message": message })
}
