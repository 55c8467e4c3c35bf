//! The lines of a running PRINT.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use commitlog::{Log, Visibility};
use formats::sniff::{Sniffer, record_line};
use types::{Offset, TopicPartition};

use super::watch::Watch;
use crate::{Error, Result, Wake};

/// Bytes read of a partition at once.
const READ_BYTES_MAX: usize = 1 << 20;

/// What a reader of PRINT gets next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextLines {
    /// Lines.
    Lines(Vec<String>),
    /// Nothing for now; more may come.
    Nothing,
    /// LIMIT is reached.
    End,
    /// The topic can't be read.
    Failed(String),
}

/// The answer to one PRINT.
#[derive(Debug)]
pub struct PrintAnswer {
    pub(super) log: Arc<dyn Log>,
    pub(super) watch: Arc<Watch>,
    /// Where each partition is read next.
    pub(super) positions: Vec<(TopicPartition, Offset)>,
    pub(super) key: Sniffer,
    pub(super) value: Sniffer,
    /// The formats last told.
    pub(super) told: Option<(String, String)>,
    /// Every how many records are shown.
    pub(super) every: u64,
    /// Records seen.
    pub(super) seen: u64,
    /// Records that LIMIT still allows.
    pub(super) left: Option<u64>,
}

impl PrintAnswer {
    /// The next lines, waiting for them up to `timeout`.
    pub fn next(&mut self, timeout: Duration) -> NextLines {
        self.watch.clear();
        match self.read() {
            Ok(lines) if !lines.is_empty() => return NextLines::Lines(lines),
            Ok(_) if self.left == Some(0) => return NextLines::End,
            Ok(_) => {}
            Err(error) => return NextLines::Failed(error.to_string()),
        }
        if timeout.is_zero() || !self.watch.wait(timeout) {
            return NextLines::Nothing;
        }
        self.next(Duration::ZERO)
    }

    /// The lines that are there now.
    pub fn try_next(&mut self) -> NextLines {
        self.next(Duration::ZERO)
    }

    /// Has `wake` called when there may be more after [`NextLines::Nothing`]; it is called from the
    /// log's threads and must not block.
    pub fn on_lines(&mut self, wake: Wake) {
        self.watch.on_growth(wake);
    }

    /// The lines of what every partition has, up to a bound each.
    fn read(&mut self) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        for index in 0..self.positions.len() {
            if self.left == Some(0) {
                break;
            }
            let (at, from) = self.positions[index].clone();
            let read = self.log.read(&at, from, READ_BYTES_MAX, Visibility::Durable)?;
            for slice in &read.batches {
                self.print(&at, slice, from, &mut lines)?;
            }
            self.positions[index].1 = read.next;
        }
        Ok(lines)
    }

    /// Adds the lines of the records from `from` on in a stretch of record batches.
    fn print(
        &mut self,
        at: &TopicPartition,
        slice: &Bytes,
        from: Offset,
        lines: &mut Vec<String>,
    ) -> Result<()> {
        let damaged = |error: records::Error| Error::Internal(format!("cannot read {at}: {error}"));
        for batch in records::Batches::unverified(slice) {
            let records = batch.map_err(damaged)?.records().map_err(damaged)?;
            let wanted = records.iter().filter(|record| record.offset >= from.0);
            let wanted: Vec<records::Record<'_>> = wanted.collect();
            for record in &wanted {
                self.key.observe(record.key);
                self.value.observe(record.value);
            }
            for record in &wanted {
                self.print_record(at.partition, record, lines);
            }
        }
        Ok(())
    }

    fn print_record(
        &mut self,
        partition: i32,
        record: &records::Record<'_>,
        lines: &mut Vec<String>,
    ) {
        let is_wanted = self.seen.is_multiple_of(self.every);
        self.seen += 1;
        if !is_wanted || self.left == Some(0) {
            return;
        }
        self.tell_formats(lines);
        let (key, value) = (self.key.show(record.key), self.value.show(record.value));
        lines.push(record_line(record.timestamp_ms, &key, &value, partition));
        self.left = self.left.map(|left| left - 1);
    }

    /// Tells the formats before the first record and when the guess has changed.
    fn tell_formats(&mut self, lines: &mut Vec<String>) {
        let now = (self.key.guess(), self.value.guess());
        if self.told.as_ref() == Some(&now) {
            return;
        }
        let was = self.told.as_ref();
        if was.is_none_or(|(key, _)| *key != now.0) {
            lines.push(format!("Key format: {}", now.0));
        }
        if was.is_none_or(|(_, value)| *value != now.1) {
            lines.push(format!("Value format: {}", now.1));
        }
        self.told = Some(now);
    }
}
